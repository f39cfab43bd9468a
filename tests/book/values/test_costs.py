"""Costs of one piece are multiplied where the header says so, and noted where only the numbers do."""

import pandas as pd
import pytest

import crmkit as ck


def opened(header, costs, quantity=(1, 4)):
    frame = pd.DataFrame(
        {"client": "C", "date": "2024-01-05", "quantity": quantity, "price": 10.0, header: costs}
    )
    return ck.open_book({"ledger": frame})


@pytest.mark.parametrize("header", ["Unit cost", "Cost price", "Закупочная цена", "Себестоимость единицы"])
def test_a_cost_of_one_piece_counts_for_each_piece(header):
    book = opened(header, [6.0, 7.0])
    assert book.table("ledger")["cost"].tolist() == [6, 28]
    note = book.notes.set_index("kind").loc["cost_per_piece"]
    assert (note["rows"], bool(note["changed"])) == (2, True)


def test_a_cost_of_a_piece_that_came_back_has_the_sign_of_its_line():
    book = opened("Unit cost", [6.0, 7.0], quantity=(5, -2))
    assert book.client_summary()["margin"].tolist() == [50 - 20 - (30 - 14)]


def test_costs_that_do_not_grow_with_the_quantity_are_noted_and_stay():
    book = opened("cost", [6.0] * 40, quantity=[1, 3] * 20)
    assert book.table("ledger")["cost"].tolist() == [6.0] * 40
    assert book.notes.set_index("kind").loc["cost_maybe_per_piece", "rows"] == 20


def test_costs_of_lines_are_not_noted():
    assert not opened("cost", [6.0, 18.0] * 20, quantity=[1, 3] * 20).notes["kind"].str.contains("cost").any()


def test_files_of_which_one_has_costs_of_a_piece_are_refused(write):
    write("ledger_1.csv", "client,date,quantity,price,cost\nA,2024-01-05,2,10,12\n")
    path = write("ledger_2.csv", "client,date,quantity,price,unit cost\nA,2024-01-06,2,10,6\n")
    with pytest.raises(ck.BookError, match="costs are those of one piece"):
        ck.open_book(path.parent)
