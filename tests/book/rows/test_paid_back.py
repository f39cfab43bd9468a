"""Returns with a plus get a minus where they can only be returns; the rest is noted with its money."""

import math

import pandas as pd
import pytest

import crmkit as ck
from tests.book.sources import totals

KINDS = {"returns_turned", "returns_by_type", "refunds_not_used"}
LEDGER = """\
order;date;client;amount;{header}
1;2024-01-05;C1;100;{first}
2;2024-01-06;C1;{amount};{second}
3;2024-02-06;C2;50;{first}
4;2024-02-07;C2;30;{first}
"""


def _book(write, header, first, second, amount=40):
    content = LEDGER.format(header=header, first=first, second=second, amount=amount)
    return ck.open_book(write("orders.csv", content))


@pytest.mark.parametrize(
    ("header", "sale", "word"),
    [
        ("Type", "Sale", "Return"),
        ("Transaction Type", "Payment", "Refund"),
        ("Вид операции", "Продажа", "Возврат"),
        ("Document type", "Invoice", "Credit Note"),
        ("Хозяйственная операция", "Реализация", "Возврат товаров от клиента"),
        ("Is refund", "0", "1"),
    ],
)
def test_a_positive_amount_called_a_return_gets_a_minus(write, header, sale, word):
    book = _book(write, header, sale, word)
    assert totals(book) == {"C1": 60, "C2": 80}
    note = book.notes.set_index("kind").loc["returns_turned"]
    assert (note["rows"], note["amount"], bool(note["changed"])) == (1, -80, True)
    assert header in note["action"]
    parts = book.reconciliation().set_index("part")["amount"]
    assert parts["read"] == parts.drop("read").sum() == 140


def test_quantity_and_cost_of_a_return_get_a_minus_too(write):
    content = "date,client,quantity,price,cost,type\n2024-01-05,C1,2,50,30,sale\n"
    content += "2024-01-06,C1,1,50,15,return\nsoon,C1,1,50,15,sale\n"
    book = ck.open_book(write("orders.csv", content))
    lines = book.table("ledger")
    assert lines["quantity"].tolist() == [2, -1]
    assert lines["cost"].tolist() == [30, -15]
    assert totals(book) == {"C1": 50}
    parts = book.reconciliation().set_index("part")["amount"]
    assert parts["read"] == parts.drop("read").sum() == 100


def test_returns_stay_as_they_stand_on_wish(write):
    content = LEDGER.format(header="Type", first="Sale", second="Return", amount=40)
    settings = ck.Settings.from_dict({"reading": {"returns": "keep"}})
    book = ck.open_book(write("orders.csv", content), config=settings)
    assert totals(book) == {"C1": 140, "C2": 80}
    assert "returns_by_type" in set(book.notes["kind"])


@pytest.mark.parametrize("header", ["D/C", "Дт/Кт", "Direction"])
def test_sides_of_an_account_without_signs_are_refused(write, header):
    first, second = {"Direction": ("in", "out"), "Дт/Кт": ("Дт", "Кт")}.get(header, ("D", "C"))
    with pytest.raises(ck.BookError, match=r"on which side of an account.*\(3 rows on one, 1 on the other\)"):
        _book(write, header, first, second)
    assert totals(_book(write, header, first, second, -40)) == {"C1": 60, "C2": 80}


@pytest.mark.parametrize(
    ("header", "sale", "word"),
    [
        ("Type", "Sale", "Refunded"),
        ("Возврат", "нет", "да"),
        ("Refund", "0", "1"),
    ],
)
def test_a_sale_that_may_have_been_paid_back_is_noted_and_stays(write, header, sale, word):
    book = _book(write, header, sale, word)
    assert totals(book) == {"C1": 140, "C2": 80}
    note = book.notes.set_index("kind").loc["returns_by_type"]
    assert (note["rows"], note["amount"], bool(note["changed"])) == (1, 40, False)
    assert header in note["action"]


@pytest.mark.parametrize(
    ("header", "sale", "word", "amount"),
    [
        ("Type", "Sale", "Return", -40),
        ("Type", "New client", "Returning client", 40),
        ("Type", "First visit", "Return visit", 40),
        ("Возврат", "0", "0.00", 40),
        ("Refund", "", "-", 40),
    ],
)
def test_nothing_is_noted_where_no_positive_row_is_a_return(write, header, sale, word, amount):
    assert not KINDS & set(_book(write, header, sale, word, amount).notes["kind"])


@pytest.mark.parametrize(
    "header", ["Amount Refunded", "Refund", "Refunded Amount", "Возврат", "Сумма возврата"]
)
def test_refunds_in_a_column_that_is_not_used_are_noted_with_their_sum(write, header):
    book = _book(write, header, "0", "12,50")
    assert totals(book) == {"C1": 140, "C2": 80}
    notes = book.notes.set_index("kind")
    assert notes.loc["refunds_not_used", ["rows", "amount"]].tolist() == [1, 12.5]
    assert "returns_by_type" not in notes.index


def test_refunds_that_can_be_read_two_ways_are_noted_without_a_sum(write):
    note = _book(write, "Refund", "0", "1,500").notes.set_index("kind").loc["refunds_not_used"]
    assert note["rows"] == 1
    assert math.isnan(note["amount"])


def test_a_frame_with_numbers_is_read_as_a_file_is():
    ledger = pd.DataFrame(
        {
            "date": pd.to_datetime(["2024-01-05", "2024-01-06", "2024-02-06"]),
            "client_id": ["C1", "C1", "C2"],
            "amount": [100.0, 40.0, 50.0],
            "Refund": [0.0, 12.5, None],
            "is_refund": [False, False, True],
        }
    )
    notes = ck.open_book({"ledger": ledger}).notes.set_index("kind")
    assert notes.loc["refunds_not_used", ["rows", "amount"]].tolist() == [1, 12.5]
    assert notes.loc["returns_turned", ["rows", "amount"]].tolist() == [1, -100]


@pytest.mark.parametrize(
    ("sale", "other"), [("Invoice", "Payment"), ("Реализация 1", "Оплата 2"), ("Sale", "Quote")]
)
def test_payments_and_quotes_beside_sales_are_refused(write, sale, other):
    with pytest.raises(ck.BookError, match=r"calls some rows sales and 1 rows something else"):
        _book(write, "Type", sale, other)
    assert totals(_book(write, "Type", other, other)) == {"C1": 140, "C2": 80}
