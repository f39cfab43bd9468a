"""A total repeated on every line of its document is refused, or counted once on wish."""

import pytest

import crmkit as ck
from tests.book.sources import totals

HEADER = "date,order id,client,product,amount\n"


def lines(amounts, *, documents=12, bad=False):
    rows = [
        f"2024-01-{order + 1:02},{order},C{order % 3},P{line},{amounts(order, line)}\n"
        for order in range(documents)
        for line in range(3)
    ]
    return HEADER + "".join(rows) + ("soon,99,C1,P1,7\n" if bad else "")


def repeated(order, line):
    return 100 + order


def test_totals_repeated_on_each_line_are_refused_with_the_money_at_stake(write):
    at_stake = 2 * sum(100 + order for order in range(12))
    with pytest.raises(ck.BookError, match=rf"12 of 12 documents.*{at_stake}.*document_totals"):
        ck.open_book(write("orders.csv", lines(repeated)))


def test_totals_count_once_a_document_on_wish(write):
    settings = ck.Settings.from_dict({"reading": {"document_totals": "once"}})
    book = ck.open_book(write("orders.csv", lines(repeated, bad=True)), config=settings)
    expected = sum(100 + order for order in range(12))
    assert sum(totals(book).values()) == expected
    note = book.notes.set_index("kind").loc["document_totals"]
    assert (note["rows"], note["amount"]) == (24, -2 * expected)
    parts = book.reconciliation().set_index("part")["amount"]
    assert parts["read"] == parts.drop("read").sum() == expected + 7


def test_amounts_that_are_those_of_lines_count_on_wish(write):
    settings = ck.Settings.from_dict({"reading": {"document_totals": "lines"}})
    book = ck.open_book(write("orders.csv", lines(repeated)), config=settings)
    assert sum(totals(book).values()) == 3 * sum(100 + order for order in range(12))


@pytest.mark.parametrize(
    "amounts",
    [lambda order, line: 100 + order + line, lambda order, line: 100, lambda order, line: 100 + order % 2],
    ids=["lines differ", "one price", "two prices"],
)
def test_amounts_that_may_be_those_of_lines_are_read(write, amounts):
    book = ck.open_book(write("orders.csv", lines(amounts)))
    assert sum(totals(book).values()) == sum(amounts(order, line) for order in range(12) for line in range(3))


def test_a_few_documents_may_be_alike_by_chance_and_are_noted(write):
    book = ck.open_book(write("orders.csv", lines(repeated, documents=9)))
    assert sum(totals(book).values()) == 3 * sum(100 + order for order in range(9))
    note = book.notes.set_index("kind").loc["possible_document_totals"]
    assert (note["rows"], note["amount"]) == (27, 2 * sum(100 + order for order in range(9)))


def test_one_document_that_differs_does_not_hide_the_others(write):
    with pytest.raises(ck.BookError, match="in 11 of 12 documents"):
        ck.open_book(
            write("orders.csv", lines(lambda order, line: 100 + order + (line if order == 5 else 0)))
        )


def test_documents_of_one_line_are_no_question(write):
    book = ck.open_book(write("orders.csv", HEADER + "2024-01-05,1,A,P1,5\n2024-01-06,2,B,P1,6\n"))
    assert totals(book) == {"A": 5, "B": 6}
