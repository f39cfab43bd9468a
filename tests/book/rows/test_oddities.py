import pandas as pd
import pytest

import crmkit as ck


def opened(rows, columns="client date amount", **tables):
    frame = pd.DataFrame(rows, columns=columns.split())
    return ck.open_book({"ledger": frame, **tables}, with_names=True)


def noted(book):
    return book.notes.set_index("kind")


def sales(amounts):
    return [(f"C{at % 7}", f"2024-01-{at % 28 + 1:02}", amount) for at, amount in enumerate(amounts)]


@pytest.mark.parametrize(
    "amounts",
    [
        [142.0, 194.0, 112.0, 179.0, 675_000.0],
        [10.0] * 200 + [50_000.0],
        [float(amount) for amount in range(1, 300)] + [9_000_000.0],
    ],
)
def test_a_giant_line_is_named_with_its_share_and_the_total_without_it(amounts):
    book = opened(sales(amounts))
    note = noted(book).loc["outlier"]
    assert (note["rows"], note["amount"]) == (1, amounts[-1])
    assert f"{amounts[-1]:,.2f}" in note["action"]
    assert f"{sum(amounts[:-1]):,.2f}" in note["action"]
    assert book.client_summary()["amount"].sum() == pytest.approx(sum(amounts))


@pytest.mark.parametrize(
    "amounts",
    [
        [1200.0, 350.5, 980.0, 75.0, 4300.0, 410.0, 61.0, 1500.0, 900.0, 100.0],
        [38.7, 38.7, 40.0, 40.0],
        [5.0, 5_000_000.0],
        [10.0] * 50 + [150.0],
        [10.0**power for power in range(-2, 6)],
    ],
)
def test_ordinary_spread_is_no_outlier(amounts):
    assert "outlier" not in noted(opened(sales(amounts))).index


def test_lines_of_tests_are_noted_and_those_of_testing_firms_are_not():
    rows = [
        ("test", "2024-01-01", "A1", 5.0),
        ("C1", "2024-01-02", "TEST001", 6.0),
        ("тестовый клиент", "2024-01-03", "B", 1.0),
    ]
    rows += [
        ("Testo AG", "2024-01-04", "Tester 5", 8.0),
        ("Test Equipment Ltd", "2024-01-05", "Contest", 9.0),
    ]
    book = opened(rows, "client date product amount")
    assert noted(book).loc["test_rows", ["rows", "amount"]].tolist() == [3, 12.0]


def test_clients_who_returned_more_than_they_bought_are_noted():
    rows = [("A", "2024-01-01", -27.5), ("B", "2024-01-01", 10.0), ("B", "2024-01-02", -10.0)]
    note = noted(opened(rows)).loc["returns_without_sale"]
    assert (note["rows"], note["amount"]) == (1, -27.5)


COLUMNS = "client date quantity price amount"


def priced(factor, *, wrong=0):
    rows = [
        (f"C{at}", f"2024-01-{at + 1:02}", at + 1, 9.99, round((at + 1) * 9.99 * factor, 2))
        for at in range(20)
    ]
    return [(*row[:4], row[4] + 5 * (at < wrong)) for at, row in enumerate(rows)]


def test_amounts_that_are_quantity_times_price_call_for_no_note():
    assert noted(opened(priced(1.0), COLUMNS)).empty


def test_amounts_that_differ_are_noted_with_the_difference():
    note = noted(opened(priced(1.0, wrong=3), COLUMNS)).loc["amount_differs"]
    assert (note["rows"], note["amount"]) == (3, pytest.approx(15.0))


def test_amounts_with_a_tax_are_told_from_amounts_that_differ():
    note = noted(opened(priced(1.2, wrong=1), COLUMNS)).loc["amount_with_tax"]
    assert note["rows"] == 19
    assert "1.2 times" in note["action"]


def test_a_discount_may_be_in_the_price_already():
    rows = [("A", "2024-01-01", 2, 10.0, 1.0, 19.0), ("B", "2024-01-02", 2, 10.0, 1.0, 20.0)]
    assert "amount_differs" not in noted(opened(rows, "client date quantity price discount amount")).index


def test_contacts_planned_before_they_were_made_are_listed_by_row(write):
    header = "contact_id,client_id,kind,created_at,planned_at,status"
    rows = "1,A,call,2024-01-05 10:00,2024-01-05,kept\n2,A,call,2024-01-06,2024-01-05,kept\n"
    note = noted(ck.open_book(write("contacts.csv", f"{header}\n{rows}"))).loc["impossible_order"]
    assert (note["table"], note["column"], note["rows"], note["example"]) == (
        "contacts",
        "planned_at",
        1,
        "3",
    )


def test_deals_closed_before_they_were_made_are_listed(write):
    header = "deal_id,owner,stage,amount,created_at,closed_at,expected_close,status"
    rows = "D1,M,offer,5,2024-03-02,2024-03-01,2024-06-01,won\nD2,M,offer,5,2024-03-02,,2024-06-01,open\n"
    notes = ck.open_book(write("deals.csv", f"{header}\n{rows}")).notes
    wrong = notes[notes["kind"] == "impossible_order"]
    assert wrong[["table", "column", "example"]].to_numpy().tolist() == [["deals", "closed_at", "2"]]


def test_a_total_of_the_document_on_each_of_its_lines_is_noted_with_the_money_counted_again():
    rows = [
        ("A", "2024-01-05", "1", 1, 30.0, 100.0),
        ("A", "2024-01-05", "1", 2, 35.0, 100.0),
        ("B", "2024-01-16", "2", 1, 30.0, 30.0),
        ("B", "2024-01-17", "3", 1, 20.0, 20.0),
        ("B", "2024-01-17", "3", 2, 10.0, 20.0),
    ]
    columns = "client date document_id quantity price amount"
    note = noted(opened(rows, columns)).loc["repeated_total"]
    assert (note["rows"], note["amount"], note["changed"]) == (2, 100.0, False)
    taxed = [("A", "2024-01-05", "1", 1, 10.0, 12.0), ("A", "2024-01-05", "1", 1, 10.0, 12.0), *rows[2:]]
    assert "repeated_total" not in noted(opened(taxed, columns)).index


def test_an_amount_of_another_sign_than_quantity_times_price_is_noted():
    rows = [("A", "2024-01-05", 2, 50.0, 100.0), ("A", "2024-01-06", -2, 50.0, 100.0)]
    note = noted(opened(rows, "client date quantity price amount")).loc["amount_sign_differs"]
    assert (note["rows"], note["amount"]) == (1, 100.0)


def test_credit_notes_without_a_minus_are_noted(write):
    rows = "".join(f"2024-01-{day:02},A,INV-{day},100\n" for day in range(1, 9)) + "2024-01-09,A,CN-9,30\n"
    book = ck.open_book(write("ledger.csv", "date,client,invoice no,amount\n" + rows))
    note = book.notes.set_index("kind").loc["credit_notes"]
    assert (note["rows"], note["amount"], note["example"]) == (1, 30, "CN-9")
    rows = rows.replace(",30", ",-30")
    signed = ck.open_book(write("ledger.csv", "date,client,invoice no,amount\n" + rows))
    assert "credit_notes" not in set(signed.notes["kind"])
