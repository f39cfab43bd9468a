"""Time series out of the ledger: one query, then zeros where a series has nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from crmkit.book.contracts import TABLES
from crmkit.book.errors import BookError
from crmkit.book.sections import WEEK_DAYS
from crmkit.book.settings import did_you_mean
from crmkit.wording import Message

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from crmkit.book.engine import Engine

MEASURES = ("amount", "quantity", "margin", "documents", "clients", "purchases", "lines")
FREQUENCIES = ("MS", "W", "D")
JOIN = " / "


def period_start(day: pd.Timestamp, freq: str, week_start: str) -> pd.Timestamp:
    """The first day of the month, week or day that `day` lies in."""
    import pandas as pd

    if freq == "MS":
        return day.replace(day=1)
    if freq == "W":
        return day - pd.Timedelta(days=(day.weekday() - WEEK_DAYS.index(week_start)) % 7)
    return day


def next_period(start: pd.Timestamp, freq: str) -> pd.Timestamp:
    """The first day of the following period."""
    import pandas as pd

    return start + {"MS": pd.DateOffset(months=1), "W": pd.Timedelta(days=7), "D": pd.Timedelta(days=1)}[freq]


def periods(first: pd.Timestamp, last: pd.Timestamp, freq: str) -> pd.DatetimeIndex:
    """Starts of all periods from `first` to `last`, which are starts themselves."""
    import pandas as pd

    step = {"MS": "MS", "W": "7D", "D": "D"}[freq]
    return pd.date_range(first, last, freq=step, unit="us")


def check_measure(measure: str, ledger: ir.Table) -> None:
    """Refuse a measure that there is not, or for which the ledger lacks the column."""
    if measure not in MEASURES:
        raise BookError(
            "'{measure}' is not a measure.{hint} Measures: {known}.",
            measure=measure,
            hint=did_you_mean(measure, list(MEASURES)),
            known=", ".join(MEASURES),
        )
    if measure in ("amount", "quantity", "margin") and measure not in ledger.columns:
        wanted = Message("cost, or unit_cost in the products table") if measure == "margin" else measure
        raise BookError(
            "The ledger cannot give the measure '{measure}': it has no {wanted}.",
            measure=measure,
            wanted=wanted,
        )


def check_freq(freq: str) -> None:
    """Refuse a frequency other than months, weeks and days."""
    if freq not in FREQUENCIES:
        raise BookError(
            "'{freq}' is not a frequency. Use 'MS' for months, 'W' for weeks or 'D' for days.", freq=freq
        )


_HOMES = (("ledger", ""), ("clients", "client_id"), ("products", "product_id"))


def with_columns(
    ledger: ir.Table, by: Sequence[str], tables: Mapping[str, ir.Table]
) -> tuple[ir.Table, list[str]]:
    """The ledger with columns of the clients and products tables joined to it, and their names there.

    A column is looked for in the ledger, then in clients, then in products, unless its name says the table:
    ``products.name``. Raises BookError for a column that none of the three has.
    """
    names = []
    for wish in by:
        home, key, column = _home(wish, tables)
        if key:
            other, joined = tables[home], f"_{home}_{column}"
            # One row per key, so that the join never repeats a line.
            unique = other.group_by(key).aggregate(**{joined: other[column].min()})
            ledger = ledger.left_join(unique, key).drop(f"{key}_right")
            column = joined
        names.append(column)
    return ledger, names


def _home(wish: str, tables: Mapping[str, ir.Table]) -> tuple[str, str, str]:
    """Table, key and name of the column that a wish means."""
    table, _, column = wish.rpartition(".")
    for home, key in _HOMES:
        is_meant = table in ("", home) and home in tables and (not key or key in tables["ledger"].columns)
        if is_meant and column in tables[home].columns and not column.startswith("_"):
            return home, key, column
    have = [
        column
        for home, _ in _HOMES
        if home in tables
        for column in tables[home].columns
        if not column.startswith("_") and not TABLES[home][column].personal
    ]
    raise BookError(
        "There is no column '{wish}' to divide the ledger by.{hint} Columns: {names}.",
        wish=wish,
        hint=did_you_mean(wish, have),
        names=", ".join(dict.fromkeys(have)),
    )


def panel(
    engine: Engine,
    ledger: ir.Table,
    *,
    measure: str,
    by: Sequence[str],
    freq: str,
    week_start: str,
    first: pd.Timestamp,
    last: pd.Timestamp,
) -> pd.DataFrame:
    """Series `unique_id, ds, y` from the period that starts on `first` to the one that starts on `last`."""
    import numpy as np
    import pandas as pd

    frame = engine.fetch(_query(ledger, measure, by, freq, week_start))
    frame = frame[(frame["ds"] >= first) & (frame["ds"] <= last)]
    starts = periods(first, last, freq)
    if by:
        names, codes = np.unique(frame["unique_id"].to_numpy(dtype=object).astype(str), return_inverse=True)
    else:
        names, codes = np.array(["total"]), np.zeros(len(frame), dtype=int)
    grid = np.zeros((len(names), len(starts)))
    position = starts.get_indexer(pd.DatetimeIndex(frame["ds"]))
    grid[codes, position] = frame["y"].to_numpy(dtype=float, na_value=0.0)
    seen = np.full(len(names), len(starts))
    np.minimum.at(seen, codes, position)
    keep = np.arange(len(starts)) >= seen[:, None]
    row, column = np.nonzero(keep)
    return pd.DataFrame(
        {
            "unique_id": pd.Series(names[row], dtype="str"),
            "ds": starts.to_numpy()[column],
            "y": grid[row, column],
        }
    )


def _query(ledger: ir.Table, measure: str, by: Sequence[str], freq: str, week_start: str) -> ir.Table:
    import ibis

    day = ledger.date.date()
    if freq == "MS":
        start = day.truncate("M")
    elif freq == "W":
        shift = WEEK_DAYS.index(week_start)
        # Weeks of the engine start on Monday.
        start = (day - ibis.interval(days=shift)).truncate("W") + ibis.interval(days=shift)
    else:
        start = day
    rows = ledger.mutate(ds=start.cast("date"), _day=day)
    keys = ["ds"]
    if by:
        parts = [ibis.coalesce(rows[name].cast("string"), "") for name in by]
        label = parts[0]
        for part in parts[1:]:
            label = label + JOIN + part
        rows = rows.mutate(unique_id=label)
        keys = ["unique_id", "ds"]
    if measure in ("amount", "quantity", "margin"):
        result = rows.group_by(keys).aggregate(y=rows[measure].sum())
    elif measure == "lines":
        result = rows.group_by(keys).aggregate(y=rows.count())
    elif measure == "clients":
        result = rows.group_by(keys).aggregate(y=rows.client_id.nunique())
    elif measure == "purchases":
        rows = rows.filter(rows.client_id.notnull())
        days = rows.group_by([*keys, "client_id", "_day"])
        if "amount" in rows.columns:
            counted = days.aggregate(net=rows.amount.sum()).filter(ibis._.net > 0)
        else:
            counted = days.aggregate()
        result = counted.group_by(keys).aggregate(y=counted.count())
    elif "document_id" in rows.columns:
        result = rows.group_by(keys).aggregate(y=rows.document_id.nunique())
    else:
        pairs = rows.select(*keys, "client_id", "_day").distinct()
        result = pairs.group_by(keys).aggregate(y=pairs.count())
    return result.mutate(y=result.y.cast("float64")).order_by(keys)
