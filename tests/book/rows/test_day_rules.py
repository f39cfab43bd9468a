import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.book.rows.day_rules import implausible
from tests.book.sources import totals


def opened(dates, **settings):
    frame = pd.DataFrame({"client": "A", "date": dates, "amount": 1.0})
    return ck.open_book({"ledger": frame}, config=ck.Settings.from_dict(settings))


def days(year, count=30):
    return pd.date_range(f"{year}-01-01", periods=count).strftime("%Y-%m-%d").tolist()


@pytest.mark.parametrize("far", ["1969-02-01", "2042-03-18", "2099-12-31", "1900-01-01"])
def test_a_day_far_from_all_others_is_set_aside(far):
    book = opened([*days(2024), far])
    assert totals(book) == {"A": 30}
    assert book.as_of == pd.Timestamp("2024-01-30")
    note = book.notes.set_index("kind").loc["implausible_dates"]
    assert (note["rows"], note["amount"], note["example"]) == (1, 1.0, far)
    assert book.set_aside["row"].tolist() == [31]


@pytest.mark.parametrize(
    ("dates", "rows"),
    [
        ([*days(2024, 200), "2026-03-01"], 1),  # one of 201, more than a year later
        ([*days(2024, 20), "2026-03-01"], 0),  # one of 21 may be a slow client
        ([*days(2024, 20), "2017-03-01"], 1),  # a twentieth, seven years before
        ([*days(2024, 3), "2017-03-01"], 0),  # a quarter, seven years before
        ([*days(2024, 3), "2011-03-01"], 1),  # a quarter, twelve years before
        ([*days(2024, 2), *days(2000, 2)], 0),  # nothing says which half is true
        ([*days(2024, 6), "1970-01-01", "1970-01-01"], 2),
        ([*days(1972, 6), "1970-01-01", "1970-01-01"], 2),  # the placeholder is a year from the rest
        ([*days(1970, 6)], 0),
    ],
)
def test_what_counts_as_far(dates, rows):
    assert len(opened(dates).set_aside) == rows


def test_days_that_the_settings_allow_are_kept_and_others_set_aside():
    dates = [*days(2024), "1969-02-01", "2042-03-18"]
    assert len(opened(dates, reading={"first_date": "1960-01-01"}).set_aside) == 1
    assert opened(dates, reading={"first_date": "1960-01-01", "last_date": "2050-01-01"}).set_aside.empty
    assert len(opened(dates, reading={"first_date": "2024-01-11"}).set_aside) == 12


def test_a_day_after_another_is_far_from_the_true_ones_too():
    days = np.array(["2024-01-01", "2024-02-01", "2024-03-01", "2042-01-01", "2099-12-31"], "M8[D]")
    assert implausible(days, np.array([5, 5, 5, 1, 1])).tolist() == [False] * 3 + [True] * 2


def test_far_days_of_scanned_files_are_set_aside_too(tmp_path):
    frame = pd.DataFrame(
        {"client_id": "A", "date": pd.to_datetime([*days(2024), "2099-12-31"]), "amount": 1.0}
    )
    frame.to_parquet(tmp_path / "ledger.parquet")
    book = ck.open_book(tmp_path / "ledger.parquet")
    assert totals(book) == {"A": 30}
    parts = book.reconciliation().set_index("part")
    assert parts.loc["read"].tolist() == [31, 31.0]
    assert parts.loc["set_aside"].tolist() == [1, 1.0]


def test_days_asked_for_that_leave_no_sale_are_refused():
    with pytest.raises(ck.BookError, match=r"leave no row of the ledger.*from 2024-01-01 to 2024-01-30"):
        opened(days(2024), reading={"first_date": "2025-01-01"})
