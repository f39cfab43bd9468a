"""Tables with a column for each month become lines with a date; sums in them are not counted again."""

import datetime
import itertools

import pytest

import crmkit as ck
from crmkit.book.formats.wide import wide_layout
from tests.book.sources import totals
from tests.book.workbooks import put, workbook

MONTHS = [f"2024-{month:02}-01" for month in (1, 2, 3)]


def days(headers, **options):
    return [f"{day}" for day in wide_layout(headers, name="sales", **options).periods.values()]


@pytest.mark.parametrize(
    "headers",
    [
        ["Jan 2024", "Feb 2024", "Mar 2024"],
        ["янв.24", "фев.24", "мар.24"],
        ["Январь 2024 г.", "Февраль 2024 г.", "Март 2024 г."],
        ["2024-01", "2024-02", "2024-03"],
        ["2024-01-01", "2024-02-01", "2024-03-01 00:00:00"],
        ["01.2024", "02.2024", "03.2024"],
        ["1/2024", "2/2024", "3/2024"],
        ["Jan-24", "Feb-24", "Mar-24"],
        ["2024 янв", "2024 фев", "2024 мар"],
        ["01.01.2024", "01.02.2024", "01.03.2024"],
        ["Mär 2024", "Jan 2024", "Feb 2024"],
        ["Amount Jan 2024", "Amount Feb 2024", "Amount Mar 2024"],
        ["Сумма 2024-01", "Сумма 2024-02", "Сумма 2024-03"],
        ["Jan 2024 Sales", "Feb 2024 Sales", "Mar 2024 Sales"],
    ],
)
def test_months_are_known_in_many_forms(headers):
    assert sorted(days(["Client", *headers])) == MONTHS


def test_days_in_headers_are_days():
    assert days(["Client", "13.01.2024", "14.01.2024"]) == ["2024-01-13", "2024-01-14"]


@pytest.mark.parametrize(
    "headers",
    [
        ["Client", "Date", "Amount 2024", "Discount 2024"],
        ["Date", "Client", "Jan 2024", "Feb 2024"],
        ["Client", "Store 01", "Store 02", "Store 03"],
        ["Client", "2023", "2024"],
        ["Client", "Phone 1", "Phone 2", "May"],
        ["Client", "Jan 2024"],
    ],
)
def test_other_tables_are_left_alone(headers):
    assert wide_layout(headers, name="sales") is None


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        (["Client", "Jan", "Feb", "Mar"], "'Jan' are of no month that can be dated"),
        (["Client", "Jan 2024", "Feb 2024", "Q1 2024"], "'Q1 2024' are of no month"),
        (["Client", "Jan 2024", "Feb 2024", "2024"], "'2024' are of no month"),
        (["Client", "Jan 2024", "01.2024"], "of the same month"),
        (["Client", "Qty Jan 2024", "Qty Feb 2024"], "'Qty Jan 2024' are of months and hold"),
        (["Client", "Sales Jan 2024", "Qty Jan 2024"], "are of months and hold more"),
        (["Client", "01/02/2024", "02/02/2024"], "date_order"),
    ],
)
def test_months_that_cannot_be_dated_are_refused(headers, message):
    with pytest.raises(ck.BookError, match=message):
        wide_layout(headers, name="sales")


def test_the_order_of_day_and_month_can_be_said():
    headers = ["Client", "01/02/2024", "02/02/2024"]
    assert days(headers, order="day first") == ["2024-02-01", "2024-02-02"]
    assert days(headers, order="month first") == ["2024-01-02", "2024-02-02"]


WIDE = """Клиент;Город;янв.24;фев.24;мар.24;Итого
Ромашка;Тест;100,50;;200;300,50
Вектор;Проба;-;7;;7
Итого;;100,50;7;200;307,50
"""


def test_a_table_of_months_is_read_as_lines_and_its_sums_are_not_counted(write):
    book = ck.open_book(write("sales.csv", WIDE), with_names=True)
    ledger = book.table("ledger")
    assert totals(book) == {"Вектор": 7.0, "Ромашка": 300.5}
    assert ledger["date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-01-01", "2024-03-01", "2024-02-01"]
    found = book.notes[book.notes["kind"] == "unpivoted"].iloc[0]
    assert found["rows"] == 3
    assert found["amount"] == 307.5
    assert found["changed"]
    assert len(book.set_aside) == 1


def test_a_cell_that_is_no_amount_is_named_by_its_row_in_the_file(write):
    path = write("sales.csv", WIDE.replace(";7;;7", ";seven;;7"))
    book = ck.open_book(path, on_bad_row="set_aside", with_names=True)
    bad = book.set_aside[book.set_aside["reason"].str.startswith("amount")]
    assert bad["row"].tolist() == [3]
    assert totals(book) == {"Ромашка": 300.5}


def test_months_under_their_year_are_read_from_a_sheet(tmp_path):
    def fill(book, sheet, day):
        sheet.merge_range(0, 0, 1, 0, "Client")
        sheet.merge_range(0, 1, 0, 2, 2023)
        sheet.merge_range(0, 3, 0, 4, 2024)
        put(
            sheet,
            [[None, "Nov", "Dec", "Jan", "Feb"], ["A", 1, 2, 3, 4], ["B", None, 5, None, 6]],
            day=day,
            row=1,
        )

    book = ck.open_book(workbook(tmp_path / "sales.xlsx", fill))
    assert totals(book) == {"A": 10.0, "B": 11.0}
    assert book.table("ledger")["date"].min() == datetime.datetime(2023, 11, 1)


def test_dates_as_headers_of_a_sheet_are_months(tmp_path):
    heads = ["Client", *[datetime.date(2024, month, 1) for month in (1, 2)], "Total"]

    def fill(book, sheet, day):
        put(sheet, [heads, ["A", 1.5, None, 1.5], ["B", 2, 3, 5], ["Grand Total", 3.5, 3, 6.5]], day=day)

    assert totals(ck.open_book(workbook(tmp_path / "sales.xlsx", fill))) == {"A": 1.5, "B": 5.0}


def test_the_order_of_columns_does_not_change_what_is_read(write):
    lines = [line.split(";") for line in WIDE.split()]
    found = set()
    for order in itertools.islice(itertools.permutations(range(1, 6)), 0, 120, 40):
        text = "\n".join(";".join([line[0], *(line[at] for at in order)]) for line in lines)
        found.add(tuple(totals(ck.open_book(write("sales.csv", text), with_names=True)).items()))
    assert found == {(("Вектор", 7.0), ("Ромашка", 300.5))}


def test_a_sheet_of_monthly_sums_beside_the_list_of_sales_is_not_counted_again(tmp_path):
    def fill(book, sheet, day):
        put(sheet, [["Client", "Date", "Amount"], ["A", datetime.date(2024, 1, 5), 10]], day=day)
        put(book.add_worksheet("By month"), [["Client", "Jan 2024", "Feb 2024"], ["A", 10, None]], day=day)

    book = ck.open_book(workbook(tmp_path / "sales.xlsx", fill))
    assert totals(book) == {"A": 10.0}
    assert "By month" in book.notes.set_index("kind").loc["months_not_used", "action"]


def test_sheets_of_months_for_two_years_are_one_ledger(tmp_path):
    def fill(book, sheet, day):
        put(sheet, [["Client", "Jan 2023", "Feb 2023"], ["A", 1, 2]], day=day)
        put(book.add_worksheet("Next"), [["Client", "Jan 2024", "Feb 2024"], ["A", 3, None]], day=day)

    assert totals(ck.open_book(workbook(tmp_path / "sales.xlsx", fill))) == {"A": 6.0}


def test_a_table_of_months_may_be_named_after_its_clients(write):
    assert totals(ck.open_book(write("clients.csv", "Client,Jan 2024,Feb 2024\nA,1,2\nB,,3\n"))) == {
        "A": 3.0,
        "B": 3.0,
    }


def test_hidden_rows_of_months_are_noted_with_the_money_of_all_their_months(tmp_path):
    def fill(book, sheet, day):
        put(sheet, [["Client", "Jan 2024", "Feb 2024"], ["A", 1, 2], ["B", 3, 4]], day=day)
        sheet.set_row(2, None, None, {"hidden": True})

    notes = ck.open_book(workbook(tmp_path / "sales.xlsx", fill)).notes.set_index("kind")
    assert notes.loc["hidden_rows", ["rows", "amount"]].tolist() == [2, 7]
