"""Discounts without a sign: percents where the amounts show it, else money with a note."""

import pandas as pd

import crmkit as ck


def opened(discounts, **columns):
    frame = pd.DataFrame(
        {
            "client": "C",
            "date": "2024-01-05",
            "quantity": 2,
            "price": [100.0, 60.0, 30.0],
            "discount": discounts,
            **columns,
        }
    )
    book = ck.open_book({"ledger": frame})
    return book, book.notes.set_index("kind")


def test_discounts_that_the_amounts_show_to_be_percents_become_money():
    book, notes = opened([10, 20, 0], amount=[180.0, 96.0, 60.0])
    assert book.table("ledger")["discount"].tolist() == [20, 24, 0]
    assert notes.loc["discount_percent", "rows"] == 2
    assert "amount_differs" not in notes.index


def test_discounts_that_the_amounts_show_to_be_money_stay():
    book, notes = opened([10, 20, 0], amount=[190.0, 100.0, 60.0])
    assert book.table("ledger")["discount"].tolist() == [10, 20, 0]
    assert "discount_percent" not in notes.index


def test_whole_discounts_up_to_a_hundred_are_money_with_a_note_of_what_percents_would_be():
    book, notes = opened([10, 20, 100])
    assert book.client_summary()["amount"].tolist() == [190 + 100 - 40]
    note = notes.loc["discount_maybe_percent"]
    assert (note["rows"], note["amount"]) == (3, 130)
    assert "percents they would be 104" in note["action"]
    assert "1 are above" in note["action"]


def test_discounts_above_a_hundred_or_with_cents_are_money():
    assert "discount_maybe_percent" not in opened([10, 20, 150])[1].index
    assert "discount_maybe_percent" not in opened([10, 20.5, 15])[1].index
