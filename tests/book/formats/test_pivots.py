"""Reports made from a list of operations are not taken for the list."""

import datetime

import pytest

import crmkit as ck
from tests.book.sources import totals
from tests.book.workbooks import put, workbook

ENGLISH = """Sum of Amount,Column Labels,,
Row Labels,Jan 2024,Feb 2024,Grand Total
Testville,10,20,30
Probeton,1,,1
Grand Total,11,20,31
"""
RUSSIAN = """Сумма по полю Сумма;Месяц;;
Клиент;янв;фев;Общий итог
Ромашка;10;20;30
Общий итог;10;20;30
"""
NESTED = """Client,Date,Sum of Amount
A,2024-01-15,10
A Total,,10
Grand Total,,10
"""


@pytest.mark.parametrize(("content", "sign"), [(ENGLISH, "Row Labels"), (RUSSIAN, "Общий итог")])
def test_a_pivot_table_is_refused_with_what_shows_that_it_is_one(write, content, sign):
    with pytest.raises(ck.BookError, match="report and not a list") as error:
        ck.open_book(write("sales.csv", content))
    assert sign in str(error.value)
    assert "column" in str(error.value)


def test_a_list_with_the_sums_of_a_report_beside_its_lines_is_read_without_them(write):
    assert totals(ck.open_book(write("sales.csv", NESTED), mapping={"amount": "Sum of Amount"})) == {
        "A": 10.0
    }


def test_a_pivot_table_on_another_sheet_does_not_spoil_the_list(tmp_path):
    def fill(book, sheet, day):
        put(sheet, [["Client", "Date", "Amount"], ["A", datetime.date(2024, 1, 5), 10]], day=day)
        rows = [line.split(",") for line in ENGLISH.split("\n")]
        put(book.add_worksheet("Sales by month"), rows, day=day)

    book = ck.open_book(workbook(tmp_path / "sales.xlsx", fill))
    assert totals(book) == {"A": 10.0}
    assert "Sales by month" in book.notes.set_index("kind").loc["file_not_used", "action"]
