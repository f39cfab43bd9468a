"""DataFrames with columns of any type are read rightly or refused in words."""

import datetime
import decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import crmkit as ck
from tests.book.sources import totals


def opened(**columns):
    frame = {"client": ["A", "B", "A"], "date": pd.date_range("2024-01-15", periods=3), "amount": [1.5, 2, 3]}
    return ck.open_book({"ledger": pd.DataFrame(frame | columns)})


@pytest.mark.parametrize(
    "amount",
    [
        pd.arrays.SparseArray([1.5, 2, 3]),
        pd.Categorical([1.5, 2, 3]),
        np.array([1.5, 2, 3], dtype="float16"),
        np.array([1.5, 2, 3], dtype="longdouble"),
        [decimal.Decimal("1.50"), 2, "3"],
        pd.array([1.5, 2, 3], dtype="Float64"),
        pd.Series([1.5, 2, 3], dtype=pd.ArrowDtype(pa.float32())),
    ],
)
def test_amounts_are_numbers_however_they_are_held(amount):
    assert totals(opened(amount=amount)) == {"A": 4.5, "B": 2}


@pytest.mark.parametrize(
    "amount",
    [
        pd.to_timedelta([1, 2, 3], unit="s"),
        np.array([1 + 0j, 2, 3]),
        pd.interval_range(0, 3),
        [True, False, True],
        np.array([2**63 + 1] * 3, dtype="uint64"),
        [2**62 + 1] * 3,
    ],
)
def test_what_is_no_amount_is_refused(amount):
    with pytest.raises(ck.BookError, match=r"column 'amount', row 1: '.+' is not a number"):
        opened(amount=amount)


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (pd.period_range("2024-01-15", periods=3, freq="D"), "2024-01-15"),
        (pd.period_range("2024-01", periods=3, freq="M"), "2024-01-01"),
        (pd.Categorical(pd.date_range("2024-01-15", periods=3)), "2024-01-15"),
        ([datetime.date(2024, 1, 15)] * 3, "2024-01-15"),
        (pd.date_range("2024-01-15 23:30", periods=3, tz="Europe/Moscow"), "2024-01-15 23:30"),
    ],
)
def test_dates_are_days_however_they_are_held(dates, first):
    assert opened(date=dates).table("ledger")["date"].min() == pd.Timestamp(first)


@pytest.mark.parametrize(
    "dates",
    [
        pd.period_range("2024-01", periods=3, freq="Q"),
        pd.period_range("2024-01", periods=3, freq="W"),
        pd.interval_range(pd.Timestamp("2024-01-01"), periods=3),
        pd.to_timedelta([1, 2, 3], unit="D"),
    ],
)
def test_lengths_of_time_are_no_dates(dates):
    with pytest.raises(ck.BookError, match="column 'date'"):
        opened(date=dates)


@pytest.mark.parametrize("clients", [[{"id": 1}] * 3, [[1]] * 3, [b"A", b"B", b"A"]])
def test_cells_that_hold_several_values_are_refused_where_they_are_used(clients):
    with pytest.raises(ck.BookError, match="ledger, column 'client': the cells hold lists, records or bytes"):
        opened(client=clients)
    assert totals(opened(other=clients)) == {"A": 4.5, "B": 2}


def test_clients_of_a_category_of_numbers_are_ids():
    assert totals(opened(client=pd.Categorical([1.0, 2, 1]))) == {"1": 4.5, "2": 2}


def frame():
    dates = pd.date_range("2024-01-15", periods=2)
    return pd.DataFrame({"client": ["A", "B"], "date": dates, "amount": [1.5, 2]})


def test_headers_of_several_levels_are_refused():
    levels = frame()
    levels.columns = pd.MultiIndex.from_tuples([("client", ""), ("date", ""), ("amount", "sum")])
    with pytest.raises(ck.BookError, match="headers of 2 levels"):
        ck.open_book({"ledger": levels})


def test_levels_of_the_index_that_have_names_are_columns():
    assert totals(ck.open_book({"ledger": frame().set_index(["client", "date"])})) == {"A": 1.5, "B": 2}


def test_one_of_two_columns_of_the_same_name_can_be_chosen():
    twice = pd.concat([frame(), frame()[["amount"]] * 2], axis=1)
    with pytest.raises(ck.BookError, match=r"'amount', 'amount \(2\)'"):
        ck.open_book({"ledger": twice})
    book = ck.open_book({"ledger": twice}, mapping={"amount": "amount (2)"})
    assert totals(book) == {"A": 3, "B": 4}
