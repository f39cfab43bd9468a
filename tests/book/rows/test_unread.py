import pytest

import crmkit as ck
from tests.book.sources import totals

BAD = "client,date,amount\nA,2024-01-05,5\nB,soon,6\nC,later,x\n,2024-01-08,7\nA,2024-03-01,9\n"


def noted(book):
    return book.notes.set_index("kind")


def test_a_file_with_bad_rows_is_refused_on_wish_with_the_count_of_rows_and_not_of_cells(write):
    with pytest.raises(ck.BookError) as error:
        ck.open_book(write("ledger.csv", BAD), on_bad_row="refuse")
    assert str(error.value) == (
        "ledger.csv, column 'date', row 3: 'soon' is not a date, such as 2025-06-30, or a date with a time. "
        "Such rows in all: 2. Correct the cells, or pass --on-bad-row set-aside (crmkit.toml, [reading]: "
        'on_bad_row = "set_aside"; Python: on_bad_row="set_aside").'
    )


def test_rows_that_cannot_be_read_are_set_aside_with_their_cells(write):
    book = ck.open_book(write("ledger.csv", BAD))
    assert totals(book) == {"A": 14}
    assert book.set_aside.drop(columns="reason").fillna("").to_dict("records") == [
        {"table": "ledger", "file": "ledger.csv", "row": 3, "date": "soon", "client_id": "B", "amount": "6"},
        {"table": "ledger", "file": "ledger.csv", "row": 4, "date": "later", "client_id": "C", "amount": "x"},
    ]
    assert book.set_aside["reason"].str.split(":").str[0].tolist() == ["date", "date"]
    note = noted(book).loc["set_aside"]
    assert (note["column"], note["rows"], note["amount"], note["example"]) == ("date", 2, 6, "soon")


def test_a_table_of_which_most_rows_cannot_be_read_is_refused(write):
    path = write("ledger.csv", "client,date,amount\nA,soon,5\nB,later,6\nC,2024-01-05,1\n")
    with pytest.raises(ck.BookError, match=r"row 2: 'soon' is not a date.* Rows that cannot be read: 2 of 3"):
        ck.open_book(path)


def test_most_rows_are_counted_over_all_files_of_a_table(write):
    write("ledger_1.csv", "client,date,amount\nA,soon,5\nB,later,6\nC,2024-01-05,1\n")
    rows = "".join(f"D,2024-01-{day:02},1\n" for day in range(1, 9))
    folder = write("ledger_2.csv", f"client,date,amount\n{rows}").parent
    book = ck.open_book(folder)
    assert totals(book) == {"C": 1, "D": 8}
    assert book.set_aside["file"].tolist() == ["ledger_1.csv"] * 2


def test_blank_rows_are_counted_and_repeated_headers_set_aside(write):
    path = write(
        "ledger.csv", "Client,Date,Amount\nA,2024-01-05,5\n , ,\nclient,date,amount\nB,2024-01-06,6\n"
    )
    book = ck.open_book(path)
    assert totals(book) == {"A": 5, "B": 6}
    assert noted(book)["rows"].to_dict() == {"blank_rows": 1, "repeated_header": 1}
    assert book.set_aside["row"].tolist() == [4]
    parts = book.reconciliation().set_index("part")["rows"]
    assert parts["read"] == parts.drop("read").sum() == 4


def test_a_repeated_header_is_found_in_a_table_of_texts_alone(write):
    path = write("clients.csv", "client_id,district\nA,North\nclient_id,district\nB,South\n")
    assert ck.open_book(path).table("clients")["client_id"].tolist() == ["A", "B"]


@pytest.mark.parametrize(
    "label", ["Итого", "ИТОГО:", "Всего по отчёту", "Total", "Grand total", "Sub-total", "ООО Ромашка Итог"]
)
def test_totals_are_set_aside_and_checked(write, label):
    rows = "A,2024-01-05,5\nB,2024-01-06,6\n"
    book = ck.open_book(write("ledger.csv", f"client,date,amount\n{rows}{label},,11\n"))
    assert totals(book) == {"A": 5, "B": 6}
    note = noted(book).loc["totals"]
    assert (note["rows"], note["amount"]) == (1, 11)
    assert "1 of 1 agree" in note["action"]
    assert book.set_aside["reason"].tolist() == ["a row of totals"]


def test_subtotals_are_checked_against_their_own_rows(write):
    rows = "A,2024-01-05,5\nA,2024-01-06,7\nA Итого,,12\nB,2024-01-06,6\nB Итого,,6\nОбщий итог,,19\n"
    note = noted(ck.open_book(write("ledger.csv", f"client,date,amount\n{rows}"))).loc["totals"]
    assert note["rows"] == 3
    assert "2 of 3 agree" in note["action"]


def test_a_client_called_total_stays(write):
    rows = "Total Energies,2024-01-05,5\nTotal,2024-01-06,6\nTotal,2024-02-06,8\nB,2024-03-06,100\n"
    book = ck.open_book(write("ledger.csv", f"client,date,amount\n{rows}"), with_names=True)
    assert totals(book) == {"B": 100, "Total": 14, "Total Energies": 5}


def test_an_address_in_the_wrong_column_is_not_shown_where_names_are_not(write):
    rows = "".join(f"C{day},2024-01-{day:02},5\n" for day in range(1, 9))
    content = f"client,date,amount\n{rows}C9,anna@example.org,Anna Example\n"
    path = write("ledger.csv", content)
    shown = ck.open_book(path, with_names=False)
    assert "example" not in shown.set_aside.to_csv().lower()
    assert "example.org" not in shown.notes.to_csv()
    assert ck.open_book(path, with_names=True).set_aside["date"].tolist() == ["anna@example.org"]
    with pytest.raises(ck.BookError) as error:
        ck.open_book(path, on_bad_row="refuse")
    assert "anna" not in str(error.value)


def test_a_table_of_blank_rows_has_no_rows(write):
    with pytest.raises(ck.BookError, match="the file has headers but no rows"):
        ck.open_book(write("ledger.csv", "client,date,amount\n , ,\n , ,\n"))


def test_reasons_speak_the_books_language(write):
    settings = ck.Settings.from_dict({"company": {"language": "ru"}})
    book = ck.open_book(write("ledger.csv", BAD), config=settings)
    assert book.set_aside["reason"].str.contains("[а-я]").all()


def test_totals_with_a_date_are_set_aside(write):
    rows = "A,2024-01-05,5\nB,2024-01-05,6\nИтого,2024-01-05,11\n"
    rows += "A,2024-01-06,7\nB,2024-01-06,2\nTotal,2024-01-06,9\n"
    book = ck.open_book(write("ledger.csv", f"client,date,amount\n{rows}"))
    assert totals(book) == {"A": 12, "B": 8}
    note = noted(book).loc["totals"]
    assert (note["rows"], note["amount"]) == (2, 20)
    assert "2 of 2 agree" in note["action"]


def test_a_client_called_total_that_agrees_with_no_sum_is_noted_and_stays(write):
    rows = "Total,2024-01-05,5\nA,2024-01-05,6\nTotal,2024-02-05,12\nA,2024-01-07,6\n"
    book = ck.open_book(write("ledger.csv", f"client,date,amount\n{rows}"), with_names=True)
    assert totals(book) == {"A": 12, "Total": 17}
    assert noted(book).loc["doubtful_totals", "rows"] == 2
