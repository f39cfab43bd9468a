"""Tables with a column for each month: known by their headers."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from crmkit.book import naming
from crmkit.book.errors import BookError, option
from crmkit.book.formats import grid
from crmkit.book.values.date_words import months

_YEAR = r"(?P<year>(?:19|20)\d\d)"
_PERIODS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_YEAR}[-./ ](?P<month>0?[1-9]|1[0-2])(?:[-./](?P<day>\d\d?)(?:[ t]00:00(?::00)?)?)?",
        rf"(?P<month>0?[1-9]|1[0-2])[-./ ]{_YEAR}",
        rf"(?P<word>[^\W\d_]+)\.?[\s.,'’/_-]*{_YEAR}",
        rf"{_YEAR}[\s.,'’/_-]*(?P<word>[^\W\d_]+)\.?",
        r"(?P<word>[^\W\d_]+)\.?[\s.,'’/_-]*(?P<short>\d\d)",
    )
)
_MEASURED = re.compile(
    r"(?P<before>\D*?[\s,:_/-]+)??(?P<period>(?P<word>[^\W\d_]+)\.?[\s.,'’/_-]*(?:19|20)\d\d"
    r"|(?P<number>(?:19|20)\d\d[-./](?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])[-./](?:19|20)\d\d))"
    r"(?P<after>[\s,:_/-]+\D*)?"
)
"""A month with what its column holds before or after it."""
_TWO_WAYS = re.compile(rf"(?P<first>\d\d?)(?P<mark>[-./])(?P<second>\d\d?)[-./]{_YEAR}")
_COARSE = re.compile(
    r"(?:q|кв\.?\s*|квартал\s*)[1-4][\s'’./-]*(?:19|20)?\d\d|[1-4][\s-]*(?:q|кв\.?|квартал)[\s'’./-]*(?:19|20)\d\d"
    r"|[1-4][\s-]*(?:q|кв\.?|квартал)|q[1-4]|qtr\s*[1-4]|(?:19|20)\d\d"
)
_TOTAL = re.compile(
    r"(?:общий\s+|общая\s+)?(?:итого?|всего|сумма)\b.*|(?:grand\s+|sub-?)?totals?\b.*|sum|gesamt\w*|razem|разом"
)
_LEAST = 2


@dataclass(frozen=True)
class WideLayout:
    """A table with a column for each month or day; positions are those of its columns."""

    periods: Mapping[int, datetime.date]
    """The columns with amounts, and the first day of the month of each, or its day."""
    others: tuple[int, ...]
    """The columns that say whose the amounts are."""
    totals: tuple[int, ...]
    """The columns of sums, which would count everything twice."""


def wide_layout(headers: Sequence[str], *, name: str, order: str = "") -> WideLayout | None:
    """Whether headers are those of a table with a column for each month.

    Parameters
    ----------
    headers
        The headers as they were found.
    name
        What messages call the table.
    order
        Order of day and month in dates such as 01/02/2024, as ``date_order`` in the settings has it.

    Returns
    -------
    WideLayout or None
        None for a table that has a column of dates, or less than two of months.

    Raises
    ------
    BookError
        If there are such columns and they cannot be dated: without a year, of quarters beside months, in an
        order of day and month that cannot be seen, or twice for the same month.

    Examples
    --------
    >>> layout = wide_layout(["Client", "Jan 2024", "Feb 2024", "Total"], name="sales.xlsx")
    >>> [f"{day}" for day in layout.periods.values()], layout.others, layout.totals
    (['2024-01-01', '2024-02-01'], (0,), (3,))
    """
    plain = [_plain(header) for header in headers]
    if sum(_may_be_period(text) for text in plain) < _LEAST or _has_date(headers, name):
        return None
    plain = _without_measure(plain, headers, name=name)
    dated = _dated(plain, name=name, order=order)
    periods = {at: day for at, day in enumerate(dated) if day is not None}
    yearless = [at for at, text in enumerate(plain) if _month(text)]
    if len(periods) + len(yearless) < _LEAST:
        return None
    coarse = [at for at, text in enumerate(plain) if _COARSE.fullmatch(text)]
    if yearless or coarse:
        raise BookError(
            "{file}: there are columns for months, but the amounts in column '{header}' are of no month "
            "that can be dated. Write month and year into the headers, as in '2024-01', and take columns of "
            "quarters and years out; or export the list of operations.",
            file=name,
            header=headers[(yearless + coarse)[0]],
        )
    twice = [headers[at] for at, day in periods.items() if list(periods.values()).count(day) > 1]
    if twice:
        raise BookError(
            "{file}: the columns '{first}' and '{second}' are of the same month. Keep one column of amounts "
            "for each month, or export the list of operations.",
            file=name,
            first=twice[0],
            second=twice[1],
        )
    rest = [at for at in range(len(headers)) if at not in periods]
    totals = tuple(at for at in rest if _TOTAL.fullmatch(plain[at]))
    return WideLayout(periods, tuple(at for at in rest if at not in totals), totals)


def _plain(header: str) -> str:
    text = re.sub(r"\s+", " ", header.lower().replace("\xa0", " ")).strip(" :;.")
    return re.sub(r"\s*(?:г|года?|year)$", "", text).strip()


def _may_be_period(text: str) -> bool:
    """Whether a header is short and has a year, two digits at its end, or a month: a cheap first look."""
    return len(text) <= 32 and bool(re.search(r"\d\d$|\b(?:19|20)\d\d\b", text) or grid.is_period(text))


def _without_measure(plain: Sequence[str], headers: Sequence[str], *, name: str) -> list[str]:
    """Headers such as "amount Jan 2024" without the word for amounts; others of that form are refused."""
    found = {at: match for at, text in enumerate(plain) if (match := _MEASURED.fullmatch(text))}
    found = {
        at: match
        for at, match in found.items()
        if (match["before"] or match["after"]) and (match["number"] or _month(match["word"]))
    }
    if len(found) < _LEAST:
        return list(plain)
    for at, match in found.items():
        measure = (match["before"] or match["after"]).strip(" ,.:;_/-")
        same = [other for other in found.values() if other["period"] == match["period"]]
        if len(same) > 1 or "amount" not in naming.name_columns([measure], "ledger", where=name).columns:
            raise BookError(
                "{file}: columns such as '{header}' are of months and hold more, or something else, than one "
                "amount for each. Keep a column of amounts for each month with the month alone as its "
                "header, as in '2024-01'; or export the list of operations.",
                file=name,
                header=headers[at],
            )
    return [found[at]["period"] if at in found else text for at, text in enumerate(plain)]


def _has_date(headers: Sequence[str], name: str) -> bool:
    try:
        return "date" in naming.name_columns(headers, "ledger", where=name).columns
    except BookError:
        # Two headers for one column, which whoever names the columns will say.
        return False


@cache
def _words() -> Mapping[str, int]:
    return {word: month for month, words in months().items() for word in words}


def _month(word: str) -> int | None:
    word = word.rstrip(".")
    return _words().get(word)


def _dated(texts: Sequence[str], *, name: str, order: str) -> list[datetime.date | None]:
    """The day of each header; None where it has none."""
    days: list[datetime.date | None] = []
    two_ways = [match for text in texts if (match := _TWO_WAYS.fullmatch(text))]
    day_first = _day_first(two_ways, name=name, order=order) if two_ways else True
    shorts: list[tuple[int, int]] = []
    for text in texts:
        if match := _TWO_WAYS.fullmatch(text):
            first, second = int(match["first"]), int(match["second"])
            days.append(_day(int(match["year"]), *((second, first) if day_first else (first, second))))
            continue
        found = next((match for pattern in _PERIODS if (match := pattern.fullmatch(text))), None)
        parts = found.groupdict() if found else {}
        month = _month(parts["word"]) if parts.get("word") else int(parts.get("month") or 0)
        if not month:
            days.append(None)
            continue
        if parts.get("short"):
            shorts.append((int(parts["short"]), month))
        year = int(parts.get("year") or 0) or 2000 + int(parts["short"])
        days.append(_day(year, month, int(parts.get("day") or 1)))
    # "Jan 1, Jan 2, Jan 3" are days, not years.
    if len({year for year, _ in shorts}) > max(1, len({month for _, month in shorts})):
        return [None] * len(texts)
    return days


def _day(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def _day_first(matches: Sequence[re.Match[str]], *, name: str, order: str) -> bool:
    if order in ("day first", "month first"):
        return order == "day first"
    if all(match["mark"] == "." for match in matches):
        return True
    days = all(int(match["second"]) <= 12 for match in matches)
    swapped = all(int(match["first"]) <= 12 for match in matches)
    if days and swapped and any(match["first"] != match["second"] for match in matches):
        raise BookError(
            "{file}: the order of day and month cannot be seen from the headers, such as '{header}'. Say "
            "which: {day}; or {month}.",
            file=name,
            header=next(match[0] for match in matches if match["first"] != match["second"]),
            day=option("date_order", "day first"),
            month=option("date_order", "month first"),
        )
    return days
