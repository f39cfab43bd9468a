"""The days of the made-up clinics: weeks, open days, holidays, promotions, the renovation, and the calendar
table.

Days are counted from a Monday, 2020-12-28; week w holds the days 7w … 7w+6. The half-year before the tables
begin is lived through without being written down, so that the diary is full and habits are settled on their
first day.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from crmkit.datasets.clinic_frames import Columns
from crmkit.datasets.clinic_truth import AS_OF, START, TRUTH, Season

ORIGIN = np.datetime64("2020-12-28", "D")
LAST_PLANNED = "2026-06-30"
"""Last day of the calendar table."""
HORIZON_DAYS = 2101
"""Days in the calendar: to 2026-09-28, a year and a quarter past the last day of the tables."""

_HOLIDAYS = {
    (1, 1): "New Year",
    (1, 2): "Day after New Year",
    (3, 8): "Spring Day",
    (5, 1): "May Day",
    (6, 12): "Summer Day",
    (11, 4): "Autumn Day",
    (12, 25): "Midwinter Day",
    (12, 31): "New Year's Eve",
}


def day_number(date: str) -> int:
    """Number of a day given as an ISO date."""
    return int((np.datetime64(date, "D") - ORIGIN).astype(int))


def dates(days: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Dates of day numbers."""
    return ORIGIN + days.astype("timedelta64[D]")


START_DAY = day_number(START)
AS_OF_DAY = day_number(AS_OF)
WEEKS = AS_OF_DAY // 7 + 1
FIRST_WEEK = START_DAY // 7
"""Week in which the tables begin."""


@dataclass(frozen=True)
class Days:
    """What each day (or week) is like; arrays are indexed by day number or week number."""

    month: NDArray[np.int64]
    """Month of each day, 0 is January."""
    day_of_month: NDArray[np.int64]
    """1 is the first."""
    year: NDArray[np.int64]
    weekday: NDArray[np.int64]
    """0 is Monday."""
    holiday: NDArray[np.bool_]
    next_open: NDArray[np.int64]
    """First day from this one on that is neither Sunday nor a holiday."""
    promotion: NDArray[np.bool_]
    renovated: NDArray[np.bool_]
    """Days on which the renovated clinic is closed."""
    offer_week: NDArray[np.bool_]
    price_level: NDArray[np.float64]
    """Prices of each day relative to those of today's list."""


def _second_monday(year: int, month: int) -> np.datetime64:
    first = np.datetime64(f"{year}-{month:02d}-01", "D")
    weekday = (first.astype(int) + 3) % 7
    return first + np.timedelta64((7 - weekday) % 7 + 7, "D")


@lru_cache(maxsize=1)
def days() -> Days:
    """The calendar of the clinics."""
    season = TRUTH.season
    number = np.arange(HORIZON_DAYS)
    date = dates(number)
    month = date.astype("datetime64[M]").astype(int) % 12
    year = date.astype("datetime64[Y]").astype(int) + 1970
    day_of_month = (date - date.astype("datetime64[M]")).astype(int) + 1
    weekday = number % 7
    holiday = np.zeros(HORIZON_DAYS, dtype=bool)
    for one_month, one_day in _HOLIDAYS:
        holiday |= (month == one_month - 1) & (day_of_month == one_day)
    is_open = ~holiday & (weekday != 6)
    next_open = np.where(is_open, number, HORIZON_DAYS)
    next_open = np.minimum.accumulate(next_open[::-1])[::-1]
    promotion = np.zeros(HORIZON_DAYS, dtype=bool)
    offer_week = np.zeros(HORIZON_DAYS // 7 + 1, dtype=bool)
    for one_year in range(2021, 2027):
        for one_month in season.promotion_months:
            begin = int((_second_monday(one_year, one_month) - ORIGIN).astype(int))
            promotion[max(begin, 0) : max(begin + 7 * season.promotion_weeks, 0)] = True
        for one_month in TRUTH.contacts.offer_months:
            begin = int((_second_monday(one_year, one_month) - ORIGIN).astype(int))
            if 0 <= begin < HORIZON_DAYS:
                offer_week[begin // 7] = True
    promotion &= weekday != 6
    renovated = (number >= day_number(season.renovation[1])) & (number <= day_number(season.renovation[2]))
    price_level = (1 + TRUTH.purchase.yearly_price_rise) ** (year - 2025).astype(np.float64)
    return Days(
        month, day_of_month, year, weekday, holiday, next_open, promotion, renovated, offer_week, price_level
    )


def company_season(season: Season) -> NDArray[np.float64]:
    """Multiple of the usual number of appointments on each day, promotions included."""
    known = days()
    return np.asarray(season.company)[known.month] * np.where(known.promotion, season.promotion_bookings, 1.0)


def client_season(season: Season) -> NDArray[np.float64]:
    """The same for winter clients, summer clients and others, to be multiplied by it: shape (3, days)."""
    date = dates(np.arange(HORIZON_DAYS))
    day_of_year = (date - date.astype("datetime64[Y]")).astype(int)
    wave = season.client_amplitude * np.cos(2 * np.pi * (day_of_year - 15) / 365.25)
    return np.stack([1 + wave, 1 - wave, np.ones(HORIZON_DAYS)])


def calendar_table(absences: list[tuple[str, int, int]], wishes: list[tuple[str, int, int, int]]) -> Columns:
    """Columns of the calendar table: holidays, closures, promotions, absences and vacation wishes.

    `absences` are (resource, first day, last day), `wishes` (resource, first day, length in days, weight).
    """
    known = days()
    shown = np.arange(START_DAY, day_number(LAST_PLANNED) + 1)
    holidays = shown[known.holiday[shown]]
    month, day_of_month = known.month[holidays] + 1, known.day_of_month[holidays]
    rows: list[tuple[int, str, str, str, float]] = []
    for day, one_month, one_day in zip(holidays.tolist(), month.tolist(), day_of_month.tolist()):
        rows.append((day, "holiday", "", _HOLIDAYS[one_month, one_day], 1.0))
    closed = f"{TRUTH.season.renovation[0]}: renovation"
    rows += [(day, "closed", "", closed, 1.0) for day in shown[known.renovated[shown]].tolist()]
    rows += [(day, "season", "", "whitening weeks", 1.0) for day in shown[known.promotion[shown]].tolist()]
    for resource, first, last in absences:
        working = [day for day in range(max(first, START_DAY), last + 1) if day % 7 != 6]
        rows += [(day, "absence", resource, "vacation", 1.0) for day in working]
    for resource, first, length, weight in wishes:
        rows.append((first, "vacation_wish", resource, f"{length} days", float(weight)))
    rows.sort()
    return {
        "date": dates(np.array([row[0] for row in rows])),
        "kind": np.array([row[1] for row in rows]),
        "resource_id": np.array([row[2] for row in rows]),
        "value": np.array([row[3] for row in rows]),
        "weight": np.array([row[4] for row in rows]),
    }
