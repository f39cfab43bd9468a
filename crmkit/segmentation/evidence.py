"""What is known about each client on one day, from arrays of clients by periods."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.book.errors import BookError
from crmkit.statistics.shrinkage import shrink

if TYPE_CHECKING:
    from crmkit.book import Book
    from crmkit.book.periods import ClientPeriods

Array = NDArray[np.float64]

LONG_AGO = "1900-01-01"
"""A day before every ledger."""
MOST_KEPT = 2
"""Evidence of so many days is kept with a book."""
WINDOWS_KEPT = 6
"""What is older than so many windows no longer counts."""


@dataclass(frozen=True)
class Evidence:
    """Clients by periods, with what it takes to read them.

    Attributes
    ----------
    periods
        What each client did in each period.
    first_day
        Day of the client's first purchase, since 1970, shape (clients,).
    window
        How many periods make the window.
    years
        Length of a period, in years.
    measure
        By what clients are compared: ``"margin"``, ``"amount"`` or ``"purchase_days"``.
    gap_days
        Each client's usual gap between purchases on the last day, shape (clients,): see ``book.rhythm()``.
    nobody
        Whose id stands for nobody in particular, such as WALK_IN, shape (clients,).
    """

    periods: ClientPeriods
    first_day: Array
    window: int
    years: float
    measure: str
    gap_days: Array
    nobody: NDArray[np.bool_]

    def upto(self, periods: int) -> Evidence:
        """The same as it was known after the first so many periods."""
        return replace(self, periods=self.periods.upto(periods))

    def __getitem__(self, name: str) -> Array:
        return self.periods.figures[name]

    @property
    def count(self) -> int:
        """How many periods there are."""
        return len(self.periods.starts)

    @property
    def months(self) -> int:
        """How many months there are records of, a begun one included."""
        known = self.first_day[np.isfinite(self.first_day)]
        days = days_since_1970(self.periods.end) - known.min() + 1 if len(known) else 1.0
        return max(int(np.ceil(days / 30.44 - 0.2)), 1)

    @property
    def costs(self) -> str:
        """What is known of clients' costs: ``"all"``, only of ``"goods"``, only of ``"serving"``, ``"none"``.

        Without money there is nothing to compare them with.
        """
        if self.measure == "purchase_days":
            return "none"
        served = not np.isnan(self["cost"]).all()
        if self.measure == "margin":
            return "all" if served else "goods"
        return "serving" if served else "none"

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Whether somebody was a client by then."""
        return self.first_day <= days_since_1970(self.periods.end)

    @property
    def tenure(self) -> Array:
        """Years since the first purchase."""
        return np.maximum(days_since_1970(self.periods.end) - self.first_day + 1, 1) / 365.25

    @property
    def exposure(self) -> Array:
        """For how much of each period somebody was a client, in years."""
        ends = np.array(
            [days_since_1970(day) for day in [*self.periods.starts[1:], _after(self.periods.end)]]
        )
        starts = np.array([days_since_1970(day) for day in self.periods.starts])
        return np.clip(ends - np.maximum(starts, self.first_day[:, None]), 0, None) / 365.25

    @property
    def value(self) -> Array:
        """The measure in each period."""
        return np.nan_to_num(self[self.measure])

    def memory(self, half_life: float) -> Array:
        """Weights of the periods: what is `half_life` windows old counts half."""
        age = np.arange(self.count)[::-1] / self.window
        return 0.5 ** (age / half_life)

    def last(self, name: str, periods: int | None = None) -> Array:
        """Sum over the last periods; default: the window."""
        return self[name][:, -(periods or self.window) :].sum(axis=1)

    @property
    def recency(self) -> Array:
        """Days since the last purchase."""
        last = self["last_day"].max(axis=1)
        return days_since_1970(self.periods.end) - np.where(last > 0, last, self.first_day)

    def typical_log(self, count: str, logs: str, squares: str) -> Array:
        """Mean logarithm of what was counted, drawn towards all clients as far as it rests on little."""
        n, total, square = (self[name].sum(axis=1) for name in (count, logs, squares))
        own = np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0)
        repeated = self.seen & (n > 1)
        inside = (square - total**2 / np.maximum(n, 1))[repeated].sum()
        noise = max(inside / max((n[repeated] - 1).sum(), 1), 1e-6)
        known = self.seen & (n > 0)
        if known.sum() < 2:
            return np.zeros(len(n))
        variance = np.where(known, noise / np.maximum(n, 1), np.nan)
        return shrink(np.where(known, own, np.nan), variance).estimate


def whole_months(value: object, name: str) -> int:
    """A number of months that the user gave under some name, or a BookError."""
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool) and value >= 1:
        return int(value)
    raise BookError(
        "{name}: {value} is not a number of months. Give a whole number such as 12.",
        name=name,
        value=repr(value),
    )


def gather(book: Book, *, window_months: int, as_of: pd.Timestamp, measure: str | None = None) -> Evidence:
    """The evidence of a book up to one day, in periods of which several make a window.

    Kept with the book, as two analyses in a row ask for the same: it is not to be written to.
    """
    kept = _KEPT.setdefault(book, {})
    key = (window_months, as_of, measure)
    if key not in kept:
        kept[key] = _gather(book, window_months, as_of, measure)
        for oldest in list(kept)[:-MOST_KEPT]:
            del kept[oldest]
    return kept[key]


def _gather(book: Book, window_months: int, as_of: pd.Timestamp, measure: str | None) -> Evidence:
    from crmkit.book.rhythm import rhythm
    from crmkit.segmentation.measures import choose_measure

    months = next(
        m
        for m in (window_months // 4, window_months // 3, window_months // 2, 1)
        if m and window_months % m == 0
    )
    summary = book.client_summary((LONG_AGO, str(as_of.date())))
    chosen, _ = choose_measure(summary, measure)
    window = window_months // months
    first_date = summary["first_date"].min()
    days = max((as_of - first_date).days, 1)
    count = int(np.clip(np.ceil(days / (30.44 * months)), window, WINDOWS_KEPT * window))
    after = _after(as_of)
    starts = [after - pd.DateOffset(months=months * back) for back in range(count, 0, -1)]
    periods = book.client_periods(starts, as_of)
    first = (summary["first_date"].to_numpy() - np.datetime64("1970-01-01")) / np.timedelta64(1, "D")
    gap = rhythm(summary, book.speaker())["gap_days"].to_numpy(float)
    known = pd.DataFrame({"first": first, "gap": gap}, index=summary["client_id"].to_numpy(dtype=object))
    known = known.reindex(periods.client_id)
    nobody = np.isin(periods.client_id.astype(str), sorted(book.catch_alls))
    first_day = known["first"].fillna(np.inf).to_numpy(float)
    return Evidence(periods, first_day, window, months / 12, chosen, known["gap"].to_numpy(float), nobody)


_KEPT: WeakKeyDictionary[Book, dict[tuple[int, pd.Timestamp, str | None], Evidence]] = WeakKeyDictionary()


def _after(day: pd.Timestamp) -> pd.Timestamp:
    return day + pd.Timedelta(days=1)


def days_since_1970(day: pd.Timestamp) -> float:
    """The number of a day."""
    return float((day - pd.Timestamp("1970-01-01")).days)
