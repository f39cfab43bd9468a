import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.book.summary import COLUMNS


def summarise(frame, window=None, **tables):
    return ck.open_book({"ledger": frame, **tables}).client_summary(window).set_index("client_id")


def test_lines_net_against_the_client_and_a_day_counts_when_it_nets_above_zero(ledger):
    book = ck.open_book({"ledger": ledger}, as_of="2024-02-29")
    summary = book.client_summary().set_index("client_id")
    assert list(summary.reset_index().columns) == list(COLUMNS)
    a = summary.loc["A"]
    assert (a["purchase_days"], a["lines"], a["documents"]) == (3, 4, 3)
    assert (a["amount"], a["sold"], a["returned"]) == (140, 180, -40)
    assert (a["first_date"], a["last_date"]) == (pd.Timestamp("2024-01-10"), pd.Timestamp("2024-02-09"))
    assert (a["recency_days"], a["tenure_days"]) == (20, 50)
    assert a["gap_mean_days"] == 15
    assert a["gap_std_days"] == pytest.approx(np.std([10, 20], ddof=1))


def test_a_client_who_cancelled_everything_stays_with_no_purchase_day(ledger):
    c = summarise(ledger).loc["C"]
    assert (c["purchase_days"], c["amount"], c["sold"], c["returned"]) == (0, 0, 500, -500)
    assert c["first_date"] == c["last_date"] == pd.Timestamp("2024-01-15")


def test_lines_without_a_client_are_of_no_client(ledger):
    assert summarise(ledger).index.tolist() == ["A", "B", "C"]


def test_gaps_of_one_or_two_purchases_are_unknown_as_far_as_they_must_be(ledger):
    summary = summarise(
        pd.concat([ledger, pd.DataFrame({"date": ["2024-02-11"], "client_id": ["B"], "amount": [1.0]})])
    )
    assert summary.loc["B", "gap_mean_days"] == 10
    assert np.isnan(summary.loc["B", "gap_std_days"])
    assert np.isnan(summary.loc["C", "gap_mean_days"])


def test_a_window_of_days_counts_both_ends(ledger):
    book = ck.open_book({"ledger": ledger})
    inside = book.client_summary(("2024-01-20", "2024-02-09")).set_index("client_id")
    assert inside["lines"].to_dict() == {"A": 2, "B": 1}
    assert inside.loc["A", "recency_days"] == 0


def test_a_window_of_months_ends_with_as_of(ledger):
    book = ck.open_book({"ledger": ledger}, as_of="2024-02-29")
    assert book.client_summary(1)["client_id"].tolist() == ["A", "B"]
    assert book.client_summary(1).equals(book.client_summary(("2024-02-01", "2024-02-29")))
    assert book.client_summary(2)["lines"].tolist() == [4, 1, 2]


@pytest.mark.parametrize("window", [0, -3, "2024", ("2024-01-01",), ("x", "y"), True])
def test_what_is_no_window_is_refused(ledger, window):
    with pytest.raises(ck.BookError, match=r"window: .* is neither a number of months nor two days"):
        ck.open_book({"ledger": ledger}).client_summary(window)


def test_a_window_that_ends_before_it_starts_is_refused(ledger):
    with pytest.raises(ck.BookError, match="2024-02-01 is after 2024-01-01"):
        ck.open_book({"ledger": ledger}).client_summary(("2024-02-01", "2024-01-01"))


def test_lines_after_as_of_do_not_count_and_are_noted(ledger):
    book = ck.open_book({"ledger": ledger}, as_of="2024-01-31")
    assert book.client_summary()["client_id"].tolist() == ["A", "C"]
    note = book.notes.set_index("kind").loc["after_as_of"]
    assert (note["rows"], note["amount"]) == (3, 120)
    assert "2024-01-31" in note["action"]


def test_an_as_of_before_everything_is_refused(ledger):
    with pytest.raises(ck.BookError, match="before the first day in the ledger, 2024-01-10"):
        ck.open_book({"ledger": ledger}, as_of="2023-12-31")
    with pytest.raises(ck.BookError, match="as_of: 'tomorrow' cannot be used; this is the day"):
        ck.open_book({"ledger": ledger}, as_of="tomorrow")


def test_a_few_days_far_in_the_future_are_not_as_of():
    dates = [*pd.date_range("2024-01-01", periods=300).astype(str), "2099-12-31"]
    book = ck.open_book({"ledger": pd.DataFrame({"client": "A", "date": dates, "amount": 1.0})})
    assert book.as_of == pd.Timestamp("2024-10-26")
    assert book.notes.set_index("kind").loc["implausible_dates", "rows"] == 1


def test_a_ledger_of_yearly_sales_counts_to_its_last():
    dates = ["2020-01-03", "2021-06-01", "2022-09-01", "2024-01-01"]
    book = ck.open_book({"ledger": pd.DataFrame({"client": "A", "date": dates})})
    assert book.as_of == pd.Timestamp("2024-01-01")


def test_without_amounts_every_line_makes_a_purchase_day(ledger):
    summary = summarise(ledger.drop(columns="amount"))
    assert summary.loc["C", "purchase_days"] == 1
    assert summary[["amount", "sold", "returned", "margin"]].isna().all(axis=None)


def test_the_amount_is_quantity_times_price_less_discount():
    frame = pd.DataFrame(
        {
            "client": ["A", "A", "B"],
            "date": "2024-01-05",
            "quantity": [2, -1, 3],
            "unit_price": [1.25, 1.25, 0.333],
            "discount": [0.5, None, None],
        }
    )
    assert summarise(frame)["amount"].to_dict() == {"A": 0.75, "B": 0.999}


def test_margin_comes_from_the_lines_cost_or_else_from_the_product():
    frame = pd.DataFrame(
        {
            "client": ["A", "A", "B", "C"],
            "date": "2024-01-05",
            "amount": [100.0, 50.0, 30.0, 10.0],
            "product": ["P1", "P1", "P1", "P9"],
            "quantity": [2, 1, 1, 1],
            "cost": [60.0, None, None, None],
        }
    )
    products = pd.DataFrame({"product_id": ["P1", "P1", "P2"], "unit_cost": [20.0, 20.0, 1.0]})
    book = ck.open_book({"ledger": frame, "products": products})
    margin = book.client_summary().set_index("client_id")["margin"]
    assert margin[["A", "B"]].to_dict() == {"A": 70.0, "B": 10.0}
    assert np.isnan(margin["C"])
    notes = book.notes.set_index("kind")
    assert (notes.loc["without_cost", "rows"], notes.loc["without_cost", "amount"]) == (1, 10)
    assert notes.loc["repeated_id", "rows"] == 1
    without_lines_cost = summarise(frame.drop(columns=["cost", "quantity"]), products=products)
    assert without_lines_cost.loc["A", "margin"] == 110


def test_minutes_and_contacts_count_up_to_as_of():
    ledger = pd.DataFrame({"client": ["A", "B"], "date": ["2024-01-05", "2024-01-31"], "amount": [1.0, 2.0]})
    contacts = pd.DataFrame(
        {
            "contact_id": ["1", "2", "3", "4"],
            "client_id": ["A", "A", "A", "X"],
            "kind": "call",
            "planned_at": ["2024-01-02", "2024-01-03", "2024-02-03", "2024-01-03"],
            "status": "kept",
            "minutes": [10, None, 40, 5],
        }
    )
    summary = summarise(ledger, contacts=contacts)
    assert summary["minutes"].to_dict() == {"A": 10, "B": 0}
    assert summary["contacts"].to_dict() == {"A": 2, "B": 0}
    assert summarise(ledger)[["minutes", "contacts"]].isna().all(axis=None)
    untimed = summarise(ledger, contacts=contacts.drop(columns="minutes"))
    assert untimed["minutes"].isna().all()
    assert untimed.loc["A", "contacts"] == 2


def test_a_second_way_of_computing_gives_the_same_summary():
    rng = np.random.default_rng(5)
    n = 3000
    frame = pd.DataFrame(
        {
            "client_id": rng.integers(0, 200, n).astype(str),
            "date": pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 400 * 24, n), unit="h"),
            "amount": rng.integers(-3000, 9000, n) / 100,
            "document_id": rng.integers(0, 900, n).astype(str),
        }
    )
    summary = summarise(frame)
    day = frame["date"].dt.normalize()
    net = frame.groupby(["client_id", day])["amount"].sum().round(4)
    bought = net[net > 0].reset_index()
    gaps = bought.groupby("client_id")["date"].diff().dt.days.groupby(bought["client_id"])
    clients = frame.groupby("client_id")
    pd.testing.assert_series_equal(summary["amount"], clients["amount"].sum(), check_names=False)
    pd.testing.assert_series_equal(summary["documents"], clients["document_id"].nunique(), check_names=False)
    counted = bought.groupby("client_id").size().reindex(summary.index, fill_value=0)
    pd.testing.assert_series_equal(summary["purchase_days"], counted, check_names=False)
    pd.testing.assert_series_equal(summary["gap_mean_days"].dropna(), gaps.mean().dropna(), check_names=False)
    pd.testing.assert_series_equal(summary["gap_std_days"].dropna(), gaps.std().dropna(), check_names=False)


def test_integer_ids_are_text_and_sorted_as_text():
    frame = pd.DataFrame({"client": [10, 9, 100], "date": "2024-01-05", "amount": 1.0})
    assert summarise(frame).index.tolist() == ["10", "100", "9"]


def test_the_order_of_rows_and_columns_does_not_matter(ledger):
    shuffled = ledger.sample(frac=1, random_state=1)[["amount", "client_id", "date"]]
    assert summarise(shuffled).equals(summarise(ledger))


def test_a_summary_asked_for_twice_is_computed_once_and_nobody_changes_anothers(monkeypatch):
    from crmkit.book import summary

    asked = []
    compute = summary.client_summary
    monkeypatch.setattr(summary, "client_summary", lambda *given: asked.append(1) or compute(*given))
    frame = pd.DataFrame(
        {"date": ["2024-01-05", "2024-02-01"], "client_id": ["a", "b"], "amount": [1.0, 2.0]}
    )
    book = ck.open_book({"ledger": frame})
    first = book.client_summary()
    first["amount"] = 0.0
    first.loc[0, "client_id"] = "x"
    assert book.client_summary()["amount"].tolist() == [1.0, 2.0]
    assert book.client_summary()["client_id"].tolist() == ["a", "b"]
    assert len(asked) == 1
    book.client_summary(1)
    assert len(asked) == 2
