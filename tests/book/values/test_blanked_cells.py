"""Cells of columns that a row is of use without, and that cannot be read, become blank with a note."""

import pytest

import crmkit as ck
from tests.book.sources import totals

SALES = "client,date,amount,cost\nA,2024-01-05,5,2\nB,2024-01-06,6,cheap\nC,2024-01-07,7,3\n"


def test_a_cost_that_cannot_be_read_does_not_lose_the_sale(write):
    book = ck.open_book(write("ledger.csv", SALES))
    assert totals(book) == {"A": 5, "B": 6, "C": 7}
    note = book.notes.set_index("kind").loc["cells_blanked"]
    assert (note["column"], note["rows"], note["example"], bool(note["changed"])) == (
        "cost",
        1,
        "cheap",
        True,
    )
    assert book.table("ledger")["cost"].isna().tolist() == [False, True, False]
    assert book.set_aside.empty


def test_a_birthday_that_is_no_day_does_not_lose_the_client_and_is_not_shown(write):
    path = write("clients.csv", "client_id,birthday\nA,1980-02-31\nB,1981-03-01\nC,1982-04-02\n")
    book = ck.open_book(path)
    assert book.table("clients")["client_id"].tolist() == ["A", "B", "C"]
    note = book.notes.set_index("kind").loc["cells_blanked"]
    assert (note["rows"], note["example"]) == (1, "")


@pytest.mark.parametrize("wish", [{"on_bad_row": "refuse"}, {"strict": True}])
def test_such_cells_are_refused_on_wish(write, wish):
    with pytest.raises(ck.BookError, match="cost"):
        ck.open_book(write("ledger.csv", SALES), **wish)


def test_a_column_of_which_most_cells_cannot_be_read_is_refused(write):
    path = write("ledger.csv", SALES.replace(",2\n", ",low\n"))
    with pytest.raises(ck.BookError, match="column 'cost'"):
        ck.open_book(path)


def test_a_price_that_counts_the_money_is_not_blanked(write):
    rows = "client,date,quantity,price\nA,2024-01-05,5,2\nB,2024-01-06,6,cheap\nC,2024-01-07,7,3\n"
    book = ck.open_book(write("ledger.csv", rows))
    assert totals(book) == {"A": 10, "C": 21}
    assert len(book.set_aside) == 1
