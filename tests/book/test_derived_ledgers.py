"""Deals and appointments open a book by themselves."""

import pandas as pd
import pytest

import crmkit as ck

DEALS = """\
deal id,owner,client,stage,created,close date,deal value
D1,Ann Test,Alpha Ltd,Won,2024-01-05,2024-02-01,500
D2,Ann Test,Alpha Ltd,Closed Won,2024-01-09,2024-03-01,250.50
D3,Bob Test,Beta Ltd,Lost,2024-01-11,2024-02-11,0
D4,Bob Test,Beta Ltd,Negotiation,2024-02-20,,
D5,Bob Test,,Prospecting,,,
"""

APPOINTMENTS = """\
appointment id,patient id,scheduled day,appointment day,{header}
1,P1,2024-01-02,2024-01-10,{no}
2,P1,2024-01-03,2024-02-11,{yes}
3,P2,2024-01-05,2024-01-12,{no}
"""


def test_won_deals_are_sales_and_lost_ones_are_no_purchases(write):
    book = ck.open_book(write("pipeline.csv", DEALS))
    assert book.tables == ("ledger", "deals")
    assert book.table("deals")["status"].tolist() == ["won", "won", "lost", "open", "open"]
    summary = book.client_summary()
    assert summary["client_id"].tolist() == ["Alpha Ltd"]
    assert summary["amount"].tolist() == [750.5]
    note = book.notes.set_index("kind").loc["ledger_from_deals"]
    assert (note["rows"], note["amount"]) == (2, 750.5)
    parts = book.reconciliation().set_index("part")
    assert parts.loc["read", "rows"] == 2


def test_deals_that_were_mapped_as_a_ledger_are_still_deals(write):
    mapping = {"client_id": "client", "date": "close date", "amount": "deal value"}
    book = ck.open_book(write("pipeline.csv", DEALS), mapping=mapping)
    assert book.client_summary()["client_id"].tolist() == ["Alpha Ltd"]
    assert book.client_summary()["purchase_days"].tolist() == [2]


def test_a_ledger_beside_the_deals_is_the_ledger(write):
    write("deals.csv", DEALS)
    folder = write("ledger.csv", "date,client_id,amount\n2024-01-01,A,10\n2024-01-02,B,20\n").parent
    book = ck.open_book(folder)
    assert book.client_summary()["client_id"].tolist() == ["A", "B"]
    assert "ledger_from_deals" not in set(book.notes["kind"])


@pytest.mark.parametrize(
    ("header", "yes", "no"), [("No-show", "Yes", "No"), ("Неявка", "да", "нет"), ("no show", "1", "0")]
)
def test_no_show_yes_means_that_the_client_did_not_come(write, header, yes, no):
    content = APPOINTMENTS.format(header=header, yes=yes, no=no)
    book = ck.open_book(write("appointments.csv", content))
    assert book.table("contacts")["status"].tolist() == ["kept", "no_show", "kept"]
    summary = book.client_summary()
    assert summary["purchase_days"].tolist() == [1, 1]
    assert book.as_of == pd.Timestamp("2024-01-12")
    assert {"status_from_absence", "ledger_from_contacts", "no_amount"} <= set(book.notes["kind"])
    assert book.notes.set_index("kind").loc["status_from_absence", "changed"]


def test_orders_with_a_status_are_not_taken_for_contacts(write):
    content = "order id,date,customer,amount,status\n1,2024-01-01,A,10,paid\n2,2024-01-05,B,20,paid\n"
    assert ck.open_book(write("export.csv", content)).tables == ("ledger",)


def test_a_won_deal_counts_on_the_day_on_which_it_closed(write):
    content = (
        "deal id,owner,client,stage,amount,expected close,close date,status\n"
        "1,Ann Test,Alpha Ltd,s,100,2024-02-01,2024-02-20,won\n"
        "2,Ann Test,Beta Ltd,s,900,2024-02-01,,won\n"
    )
    ledger = ck.open_book(write("deals.csv", content)).table("ledger")
    assert ledger["date"].tolist() == [pd.Timestamp("2024-02-20"), pd.Timestamp("2024-02-01")]
