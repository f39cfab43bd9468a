"""A file that alone could be read two ways is read as the others are, and that is said."""

import pytest

import crmkit as ck
from tests.book.sources import totals

OPEN = "date;client;amount\n2024-01-05;A;1,500\n2024-01-06;B;2,250\n"
SURE = "date;client;amount\n2024-02-05;A;1,5\n2024-02-06;B;7,25\n"


def noted(book):
    notes = book.notes.set_index("kind")
    return notes.loc["settled_by_other_files"] if "settled_by_other_files" in notes.index else None


def test_numbers_that_fit_two_readings_in_one_file_are_noted(write):
    write("jan.csv", OPEN)
    book = ck.open_book(write("feb.csv", SURE).parent)
    assert totals(book) == {"A": 3, "B": 9.5}
    note = noted(book)
    assert (note["column"], note["rows"], bool(note["changed"])) == ("amount", 2, True)
    assert "jan.csv" in note["action"]
    assert "feb.csv" not in note["action"]


def test_such_a_file_is_refused_by_a_strict_reading_and_alone(write):
    path = write("jan.csv", OPEN)
    with pytest.raises(ck.BookError, match="can be read as"):
        ck.open_book(path)
    with pytest.raises(ck.BookError, match=r"jan\.csv"):
        ck.open_book(write("feb.csv", SURE).parent, strict=True)


def test_dates_that_fit_two_orders_in_one_file_are_noted(write):
    write("jan.csv", "date,client,amount\n01/05/2024,A,5\n03/04/2024,B,6\n")
    folder = write("feb.csv", "date,client,amount\n13/05/2024,A,5\n03/06/2024,B,6\n").parent
    note = noted(ck.open_book(folder))
    assert (note["column"], note["rows"]) == ("date", 2)
    assert "jan.csv" in note["action"]
    assert noted(ck.open_book(folder, date_order="day first")) is None


def test_files_that_say_how_they_are_written_are_not_noted(write):
    write("jan.csv", SURE.replace("2024-02", "2024-01"))
    assert noted(ck.open_book(write("feb.csv", SURE).parent)) is None
