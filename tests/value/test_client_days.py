import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.value.client_days import client_days


def some(seed=0, rows=400):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "client_id": [f"C{n:02d}" for n in rng.integers(0, 30, rows)],
            "date": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 365, rows), unit="D"),
            "amount": rng.normal(50, 60, rows).round(2),
            "product_id": rng.choice(["P1", "P2", "P3"], rows),
            "quantity": rng.integers(1, 4, rows),
        }
    )


@pytest.mark.parametrize("own_cost", [True, False])
def test_margins_of_a_window_are_those_of_the_client_summary(own_cost):
    ledger = some()
    products = pd.DataFrame({"product_id": ["P1", "P2"], "unit_cost": [5.0, 7.5]})
    if own_cost:
        ledger["cost"] = np.where(np.arange(len(ledger)) % 3 == 0, np.nan, 11.0)
    book = ck.open_book({"ledger": ledger, "products": products})
    days = client_days(book)
    window = ("2024-03-01", "2024-05-30")
    summary = book.client_summary(window)
    starts = pd.Series(pd.Timestamp(window[0]), index=summary.index)
    assert days.measure == "margin"
    assert days.money(summary["client_id"], starts, 91) == pytest.approx(summary["margin"].fillna(0))
    assert days.bought(summary["client_id"], starts, 91) == pytest.approx(summary["purchase_days"])


def test_without_costs_net_revenue_counts_and_strangers_have_left_nothing():
    ledger = some().drop(columns=["product_id", "quantity"])
    days = client_days(ck.open_book({"ledger": ledger}))
    who = pd.Series(["C00", "stranger"])
    starts = pd.Series(pd.Timestamp("2024-01-01"), index=who.index)
    assert days.measure == "amount"
    own = ledger.loc[ledger["client_id"] == "C00", "amount"].sum()
    assert days.money(who, starts, 366) == pytest.approx([own, 0.0])


def test_a_ledger_without_amounts_is_refused():
    with pytest.raises(ck.BookError, match="without amounts"):
        client_days(ck.open_book({"ledger": some()[["client_id", "date"]]}))
