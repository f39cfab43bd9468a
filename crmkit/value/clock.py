"""How fast does time go for a client? The purchase clock, which runs slower in the company's quiet months.

Silence in a quiet August is not read as clients leaving: time is measured in the activity that is usual in
each month, so that every year has its 365.25 days but August fewer of them than October.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.statistics.shrinkage import shrink
from crmkit.value.histories import DAYS
from crmkit.value.purchase_model import PurchaseModel
from crmkit.wording import Message

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64] | np.datetime64

CHANCE = 0.01
"""Months that differ so much by chance alone in one of a hundred companies without season make no clock."""

WEEK = DAYS["week"]


@dataclass(frozen=True)
class Clock:
    """A map from days to activity time.

    Attributes
    ----------
    indices
        Speed of the clock in January to December, mean 1 over a year; all 1 for the plain clock.
    reason
        Why the clock is plain or seasonal, in a sentence.
    """

    indices: tuple[float, ...]
    reason: Message

    @property
    def seasonal(self) -> bool:
        """Whether the months differ."""
        return len(set(self.indices)) > 1

    def between(self, first: Days, last: Days) -> Floats:
        """Weeks of usual activity from the end of one day to the end of another.

        Parameters
        ----------
        first, last
            Days, broadcasting with each other.

        Examples
        --------
        >>> from crmkit.wording import Message
        >>> quiet_august = Clock((1, 1, 1, 1, 1, 1, 1, 0.5, 1, 1, 1, 1), Message(""))
        >>> a, b = np.array(["2024-07-31", "2024-08-31"], dtype="datetime64[D]")
        >>> quiet_august.between(a, b).round(2)
        np.float64(2.21)
        """
        return np.asarray((self._hands(last) - self._hands(first)) / WEEK, float)

    def ahead(self, day: pd.Timestamp, months: int) -> Floats:
        """Weeks of usual activity from the end of a day to the end of each of :func:`month_ends` after it."""
        ends = month_ends(day, months).to_numpy("datetime64[D]")
        return self.between(np.datetime64(day, "D"), ends)

    def warped(self, histories: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
        """Histories in days, with recency and T in weeks of usual activity.

        Parameters
        ----------
        histories
            As :func:`crmkit.value.histories.purchase_histories` gives them with the unit ``"day"``.
        until
            The day at which T ends.
        """
        end = np.datetime64(until, "D")
        first = end - histories["T"].to_numpy().round().astype("int64").astype("timedelta64[D]")
        last = first + histories["recency"].to_numpy().round().astype("int64").astype("timedelta64[D]")
        return histories.assign(recency=self.between(first, last), T=self.between(first, end))

    def _hands(self, days: Days) -> Floats:
        """Activity days from the first of 1970 to the end of each day: whole months, and a part of one."""
        days = np.asarray(days, "datetime64[D]")
        if not self.seasonal:
            return days.astype("int64").astype(float)
        month = days.astype("datetime64[M]")
        numbers = month.astype("int64")
        low, high = min(numbers.min(initial=0), 0), max(numbers.max(initial=0), 0)
        starts = np.arange(low, high + 2).astype("datetime64[M]")
        lengths = np.diff(starts.astype("datetime64[D]")).astype("int64")
        speeds = np.asarray(self.indices)[np.arange(low, high + 1) % 12]
        passed = np.append(0.0, (lengths * speeds).cumsum())
        passed -= passed[-low]
        number = numbers - low
        inside = (days - month.astype("datetime64[D]")).astype("int64") + 1
        return passed[number] + inside * speeds[number]


def month_ends(day: pd.Timestamp, months: int) -> pd.DatetimeIndex:
    """Last days of the months that follow a day; calendar months if it is the last day of one.

    >>> month_ends(pd.Timestamp("2025-06-30"), 2).strftime("%d.%m.").tolist()
    ['31.07.', '31.08.']
    >>> month_ends(pd.Timestamp("2025-06-12"), 2).strftime("%d.%m.").tolist()
    ['12.07.', '12.08.']
    """
    whole = day.is_month_end
    ends = [day + pd.DateOffset(months=month) for month in range(1, months + 1)]
    return pd.DatetimeIndex([end + pd.offsets.MonthEnd(0) if whole else end for end in ends])


def plain_clock(reason: Message) -> Clock:
    """The calendar itself."""
    return Clock((1.0,) * 12, reason)


def seasonal_clock(
    panel: pd.DataFrame,
    histories: pd.DataFrame,
    model: PurchaseModel,
    *,
    until: pd.Timestamp,
    least_months: int = 24,
) -> Clock:
    """The clock of a company whose clients buy more in some months of the year than in others.

    Parameters
    ----------
    panel
        Purchases by month: ``book.panel("purchases")``.
    histories
        Of all clients up to `until`, in days.
    model
        Fitted to these histories in weeks: what is usual without season.
    until
        Nothing later is looked at.
    least_months
        With fewer complete months the clock is plain.

    Returns
    -------
    Clock
        Plain, with the reason, where the history is too short or months do not differ beyond chance.

    Notes
    -----
    The activity of a month is its repeat purchases as a multiple of those that the model expects of all
    clients who had come by then: neither growth in clients, nor new ones, nor a cohort that melts away is
    season. A polynomial over time takes what is left of a trend; the effects of the months of the year are
    least squares on logarithms, weighted by expected purchases, tested by their F statistic and drawn towards
    none by :func:`crmkit.statistics.shrinkage.shrink`.
    """
    from scipy.special import fdtrc

    activity = monthly_activity(panel, histories, model, plain_clock(Message("")), until=until)
    if len(activity) < least_months:
        return plain_clock(
            Message(
                "Time is the calendar's: season can be told from {least} complete months on, and there are "
                "{months} to learn it from.",
                least=least_months,
                months=len(activity),
            )
        )
    usable = activity[(activity["expected"] >= 1) & (activity["purchases"] > 0)]
    month = usable["ds"].dt.month.to_numpy() - 1
    if len(usable) < max(least_months, 18) - 3 or len(np.unique(month)) < 12:
        return plain_clock(Message("Time is the calendar's: too few purchases a month to tell a season."))
    value = np.log(usable["purchases"].to_numpy() / usable["expected"].to_numpy())
    weight = usable["expected"].to_numpy()
    place = np.linspace(-1, 1, len(usable))
    trend = np.asarray(np.polynomial.legendre.legvander(place, min(len(usable) // 12, 5)), float)
    months = np.eye(12)[month][:, :11] - (month == 11)[:, None]
    design = np.hstack([months, trend])
    effects, squares, inverse = _least_squares(design, value, weight)
    free = len(value) - design.shape[1]
    _, without, _ = _least_squares(trend, value, weight)
    noise = max(squares / free, 1.0)
    if fdtrc(11, free, (without - squares) / 11 / noise) > CHANCE:
        return plain_clock(
            Message("Time is the calendar's: the months of the year do not differ by more than chance.")
        )
    contrast = np.vstack([np.eye(11), -np.ones(11)])
    variance = np.einsum("ij,jk,ik->i", contrast, inverse[:11, :11] * noise, contrast)
    drawn = np.exp(shrink(contrast @ effects[:11], variance, mean=0.0).estimate)
    lengths = np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    indices = drawn / (drawn @ lengths / lengths.sum())
    return Clock(
        tuple(float(index) for index in indices.round(4)),
        Message("Time is measured in the activity usual in each month of the year."),
    )


def monthly_activity(
    panel: pd.DataFrame, histories: pd.DataFrame, model: PurchaseModel, clock: Clock, *, until: pd.Timestamp
) -> pd.DataFrame:
    """Repeat purchases of each complete month, and those that a model expects of all who had come by then.

    Parameters
    ----------
    panel
        Purchases by month: ``book.panel("purchases")``.
    histories
        Of all clients up to `until`, in days.
    model
        Fitted in weeks of the clock.
    clock
        In which the model measures time.
    until
        Last day that is looked at.

    Returns
    -------
    DataFrame
        ds (first day of the month), purchases (repeat), expected.
    """
    panel = panel[panel["ds"] + pd.offsets.MonthEnd(0) <= until].reset_index(drop=True)
    if not len(panel):
        return pd.DataFrame({"ds": panel["ds"], "purchases": panel["y"], "expected": panel["y"]})
    first = (until - pd.to_timedelta(histories["T"].round(), unit="D")).to_numpy("datetime64[D]")
    days, counts = np.unique(first, return_counts=True)
    months = panel["ds"].to_numpy("datetime64[D]")
    edges = np.append(months, (months[-1].astype("datetime64[M]") + 1).astype("datetime64[D]"))
    ages = np.maximum(clock.between(days, (edges - 1)[:, None]), 0.0)
    each, where = np.unique(ages.round(6), return_inverse=True)
    expected = model.expected_purchases_of_a_new_client(each)[where.reshape(ages.shape)] @ counts
    new = np.bincount(np.searchsorted(edges, days, side="right"), counts, len(edges) + 1)[1:-1]
    return pd.DataFrame({"ds": panel["ds"], "purchases": panel["y"] - new, "expected": np.diff(expected)})


def _least_squares(design: Floats, value: Floats, weight: Floats) -> tuple[Floats, float, Floats]:
    """Coefficients, weighted sum of squares that is left, and the inverse of the normal matrix."""
    inverse = np.asarray(np.linalg.inv((design * weight[:, None]).T @ design), float)
    coefficients = inverse @ (design.T @ (weight * value))
    left = value - design @ coefficients
    return coefficients, float(weight @ left**2), inverse
