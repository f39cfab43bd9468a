"""Orders that a status column calls cancelled are no sales."""

import pytest

import crmkit as ck
from tests.book.sources import totals

ORDERS = """\
order,date,client,amount,{header}
1,2024-01-05,C1,100,{paid}
2,2024-01-06,C1,900,{cancelled}
3,2024-02-06,C2,50,{paid}
4,2024-02-07,C2,30,{paid}
"""


@pytest.mark.parametrize(
    ("header", "paid", "cancelled"),
    [
        ("Status", "completed", "Cancelled"),
        ("Статус заказа", "Выполнен", "Отменён"),
        ("Payment status", "paid", "VOIDED"),
        ("Financial Status", "paid", "refunded"),
        ("Cancelled at", "", "2024-01-07 10:00"),
        ("Отменён", "нет", "да"),
        ("Stage", "WON", "LOST"),
        ("Стадия сделки", "Сделка успешна", "Сделка провалена"),
        ("Статус визита", "Клиент пришел", "Клиент не пришёл"),
        ("Appointment status", "came", "No-show"),
        ("status_name", "completed", "trash"),
        ("Статус", "Проведён", "СТОРНО"),
        ("Пометка удаления", "0", "1"),
    ],
)
def test_a_cancelled_order_is_set_aside_with_its_money(write, header, paid, cancelled):
    content = ORDERS.format(header=header, paid=paid, cancelled=cancelled)
    book = ck.open_book(write("orders.csv", content))
    assert totals(book) == {"C1": 100, "C2": 80}
    note = book.notes.set_index("kind").loc["cancelled_orders"]
    assert (note["rows"], note["amount"], bool(note["changed"])) == (1, 900, True)
    assert book.set_aside["row"].tolist() == [3]
    parts = book.reconciliation().set_index("part")
    assert parts.loc["read", "amount"] == 1080
    assert parts.loc["set_aside", "amount"] == 900


def test_cancelled_orders_can_be_kept(write):
    path = write("orders.csv", ORDERS.format(header="Status", paid="ok", cancelled="cancelled"))
    settings = ck.Settings.from_dict({"reading": {"cancelled_orders": "keep"}})
    book = ck.open_book(path, config=settings)
    assert totals(book) == {"C1": 1000, "C2": 80}
    assert book.notes.set_index("kind").loc["open_orders", "amount"] == 900


def test_refunds_with_lines_of_their_own_do_not_count_twice(write):
    content = ORDERS.format(header="Status", paid="paid", cancelled="refunded")
    book = ck.open_book(write("orders.csv", content + "5,2024-01-08,C1,-900,paid\n"))
    assert totals(book) == {"C1": 100, "C2": 80}
    assert "cancelled_orders" not in set(book.notes["kind"])
    assert book.notes.set_index("kind").loc["open_orders", ["rows", "amount"]].tolist() == [1, 900]


def test_an_order_that_one_column_calls_open_and_another_paid_back_is_paid_back(write):
    content = "date,client,amount,Payment status,Order status\n"
    content += "2024-01-05,C1,100,paid,shipped\n2024-01-06,C2,900,pending,refunded\n"
    book = ck.open_book(write("orders.csv", content))
    assert totals(book) == {"C1": 100}
    assert book.notes.set_index("kind").loc["cancelled_orders", "amount"] == 900


def test_unpaid_orders_are_noted_and_stay(write):
    path = write("orders.csv", ORDERS.format(header="Status", paid="paid", cancelled="pending"))
    book = ck.open_book(path)
    assert totals(book) == {"C1": 1000, "C2": 80}
    assert book.notes.set_index("kind").loc["open_orders", ["rows", "amount"]].tolist() == [1, 900]


@pytest.mark.parametrize(("header", "paid", "not_paid"), [("Paid", "Yes", "No"), ("Оплачено", "да", "нет")])
def test_a_flag_of_payment_that_says_no_is_noted(write, header, paid, not_paid):
    book = ck.open_book(write("orders.csv", ORDERS.format(header=header, paid=paid, cancelled=not_paid)))
    assert totals(book) == {"C1": 1000, "C2": 80}
    assert book.notes.set_index("kind").loc["open_orders", ["rows", "amount"]].tolist() == [1, 900]


def test_another_column_called_status_changes_nothing(write):
    path = write("orders.csv", ORDERS.format(header="Status", paid="gold", cancelled="silver"))
    book = ck.open_book(path)
    assert totals(book) == {"C1": 1000, "C2": 80}
    assert not {"open_orders", "cancelled_orders"} & set(book.notes["kind"])


def test_a_line_with_a_minus_that_cancels_a_sale_stays(write):
    content = (
        "date,client,amount,status\n2024-01-05,A,10,paid\n2024-01-06,A,-10,cancelled\n2024-01-06,B,20,paid\n"
    )
    book = ck.open_book(write("orders.csv", content))
    assert totals(book) == {"A": 0, "B": 20}
    assert "cancelled_orders" not in set(book.notes["kind"])
