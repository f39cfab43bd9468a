"""Real ledgers, found through CRMKIT_TEST_DATA."""

import pandas as pd
import pytest

import crmkit as ck


@pytest.fixture(scope="module")
def online_retail(shared_data):
    return ck.open_book(shared_data / "online_retail.csv.gz")


def test_every_line_of_online_retail_is_accounted_for(online_retail):
    parts = online_retail.reconciliation().set_index("part")
    assert parts.loc["read", "rows"] == 541_909
    nobody = parts.loc[["without_client", "adjustments"]].sum()
    assert nobody["rows"] == 135_080
    assert parts.loc["set_aside", "rows"] == 0
    # Sum of Quantity times UnitPrice over all lines, and over those without CustomerID.
    assert parts.loc["read", "amount"] == pytest.approx(9_747_747.934, abs=0.01)
    assert nobody["amount"] == pytest.approx(1_447_682.12, abs=0.01)
    assert parts["rows"].iloc[1:].sum() == parts.loc["read", "rows"]
    assert parts["amount"].iloc[1:].sum() == pytest.approx(parts.loc["read", "amount"])


def test_the_notes_on_online_retail_say_what_a_reader_must_know(online_retail):
    notes = online_retail.notes.set_index("kind")
    assert notes.loc["without_client", "rows"] == 135_080
    assert notes.loc["without_client", "amount"] == pytest.approx(1_447_682.12, abs=0.01)
    assert notes.loc["float_ids", "rows"] == 406_829
    # 5,268 of these are alike in all columns of the file; two differ in the description, which is not used.
    assert notes.loc["duplicates", "rows"] == 5_270


def test_clients_of_online_retail_who_cancelled_everything_are_worth_nothing(online_retail):
    summary = online_retail.client_summary().set_index("client_id")
    assert len(summary) == 4_372
    giant = summary.loc["16446"]
    assert giant["returned"] == pytest.approx(-168_469.60)
    assert giant["amount"] == pytest.approx(2.90)
    assert giant["purchase_days"] == 1
    assert summary.loc["12346", "amount"] == 0
    assert summary.loc["12346", "purchase_days"] == 0


def test_the_last_month_of_online_retail_is_known_to_be_partial(online_retail):
    assert online_retail.as_of == pd.Timestamp("2011-12-09")
    assert online_retail.is_partial("MS")
    assert online_retail.last_complete("MS") == pd.Timestamp("2011-11-01")
    assert online_retail.panel()["ds"].max() == pd.Timestamp("2011-11-01")
    whole = online_retail.panel(partial=True)["y"].sum()
    parts = online_retail.reconciliation().set_index("part")["amount"]
    # Bad debts, fees of a marketplace and bank charges are no sales.
    assert parts["adjustments"] == pytest.approx(-239_923.20, abs=0.01)
    assert whole == pytest.approx(parts["read"] - parts["adjustments"])


@pytest.mark.parametrize(
    ("name", "clients", "amount", "as_of", "example"),
    [
        ("apparel_transactions.csv", 600, 124_356.90, "2010-12-20", "1"),
        ("grocery_elog.csv", 1_525, 0.0, "2007-12-30", "1"),
        ("cdnow_master_transactions.csv", 23_570, 2_500_315.63, "1998-06-30", "00001"),
        ("cdnow_sample_transactions.csv", 2_357, 244_091.94, "1998-06-30", "00004"),
        ("completejourney_transactions.parquet", 2_469, 4_596_039.58, "2018-01-01", "1"),
    ],
)
def test_other_ledgers_open_by_themselves(shared_data, name, clients, amount, as_of, example):
    book = ck.open_book(shared_data / name)
    summary = book.client_summary()
    assert len(summary) == clients
    assert summary["amount"].sum() == pytest.approx(amount, abs=0.01)
    assert book.as_of == pd.Timestamp(as_of)
    assert summary["client_id"].iloc[0] == example


def test_the_duplicates_of_cdnow_are_noted_and_kept(shared_data):
    book = ck.open_book(shared_data / "cdnow_master_transactions.csv")
    assert book.notes.set_index("kind").loc["duplicates", "rows"] == 255
    assert len(book.table("ledger")) == 69_659


def test_households_and_products_join_their_ledger(shared_data):
    names = ["transactions.parquet", "demographics.csv.gz", "products.parquet"]
    book = ck.open_book([shared_data / f"completejourney_{name}" for name in names])
    assert book.tables == ("ledger", "clients", "products")
    by_category = book.panel(by="category", freq="MS")
    total = book.panel()
    pd.testing.assert_series_equal(
        by_category.groupby("ds")["y"].sum(), total.set_index("ds")["y"], check_names=False
    )
