"""Which days count: the day up to which the book counts, and windows that end with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.book.errors import BookError

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.engine import Engine

_OTHERS = (
    ("contacts", "created_at"),
    ("contacts", "planned_at"),
    ("deals", "created_at"),
    ("spend", "period"),
)


@dataclass(frozen=True)
class Span:
    """The days that count, both included; no start means from the first line on."""

    start: pd.Timestamp | None
    end: pd.Timestamp
    cuts: bool = True
    """Whether there are ledger rows after the end."""

    def keeps(self, moment: ir.TimestampColumn) -> ir.BooleanColumn:
        """Whether a moment lies on one of the days."""
        inside = moment < self.end + pd.Timedelta(days=1)
        return inside if self.start is None else inside & (moment >= self.start)


def day_of(moment: Any) -> pd.Timestamp:
    """The calendar day of a moment."""
    return pd.Timestamp(moment).normalize().as_unit("us")


def extent(engine: Engine, ledger: ir.Table) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The first and the last moment in the ledger."""
    seen = engine.value(ledger.aggregate(first=ledger.date.min(), last=ledger.date.max()))
    return pd.Timestamp(seen["first"]), pd.Timestamp(seen["last"])


def find_as_of(engine: Engine, tables: Mapping[str, ir.Table], wished: str) -> pd.Timestamp:
    """The day up to which a book counts; not a time if no table says one.

    Parameters
    ----------
    wished
        The company's own choice; blank: the last day in the ledger, or of its last month where all lines are
        dated on the first of a month; without a ledger, the last day of the first of the other tables that
        has one.

    Raises
    ------
    BookError
        If the wish is before everything in the ledger.
    """
    ledger = tables.get("ledger")
    if not wished:
        return _last_of_others(engine, tables) if ledger is None else _last_of_ledger(engine, ledger)
    day = day_of(wished)
    if ledger is not None and day < (first := day_of(extent(engine, ledger)[0])):
        raise BookError(
            "as_of: {wished} is before the first day in the ledger, {first:%Y-%m-%d}, so that nothing would "
            "count.",
            wished=wished,
            first=first,
        )
    return day


def _last_of_ledger(engine: Engine, ledger: ir.Table) -> pd.Timestamp:
    first, last = extent(engine, ledger)
    if last.day == 1 and first.day == 1 and first < last:
        days = engine.value(ledger.aggregate(latest=ledger.date.day().max()))
        if days["latest"] == 1:
            # Sums of months stand for all of their days.
            return day_of(last + pd.offsets.MonthEnd(1))
    return day_of(last)


def _last_of_others(engine: Engine, tables: Mapping[str, ir.Table]) -> pd.Timestamp:
    for name, column in _OTHERS:
        table = tables.get(name)
        if table is not None and column in table.columns:
            last = engine.value(table.aggregate(last=table[column].max()))["last"]
            if last is not None:
                return day_of(last)
    return pd.NaT


def find_span(window: tuple[str, str] | int | None, as_of: pd.Timestamp, last: pd.Timestamp | None) -> Span:
    """The days of a window.

    Parameters
    ----------
    window
        None: all up to `as_of`; (first, last), both included; or a number of months that end with `as_of`.
    last
        The last moment in the ledger, if there is one.

    Raises
    ------
    BookError
        If it is none of these.
    """
    if window is None:
        return Span(None, as_of, cuts=last is None or day_of(last) > as_of)
    if isinstance(window, int) and not isinstance(window, bool) and window > 0:
        return Span(as_of + pd.Timedelta(days=1) - pd.DateOffset(months=window), as_of)
    try:
        start, end = (day_of(day) for day in window)  # type: ignore[union-attr]
    except (TypeError, ValueError):
        raise BookError(
            "window: {window!r} is neither a number of months nor two days such as ('2024-01-01', "
            "'2024-12-31').",
            window=window,
        ) from None
    if start > end:
        raise BookError("window: {start:%Y-%m-%d} is after {end:%Y-%m-%d}.", start=start, end=end)
    return Span(start, min(end, as_of))
