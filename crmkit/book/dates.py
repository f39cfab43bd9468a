"""Dates written as text: the order of day, month and year is decided for a whole column, from all its
values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from crmkit.book.errors import BookError

if TYPE_CHECKING:
    import ibis.expr.types as ir

FIRST_YEAR, LAST_YEAR = 1800, 2200
_NUMBERS = r"^(\d{1,4})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{1,4})(?:[T ,]+(.+))?$"
_COMPACT = r"^((?:19|20)\d\d)(\d\d)(\d\d)$"
_DAY_WORD = r"^(\d{1,2})(?:st|nd|rd|th)?[-./ ]*(\p{L}{3,})[-.,/ ]*(\d{4}|\d\d)(?:\s*г\.?)?(?:[T ,]+(\d.*))?$"
_WORD_DAY = r"^(\p{L}{3,})[-./ ]*(\d{1,2})(?:st|nd|rd|th)?[-.,/ ]+(\d{4})(?:[T ,]+(\d.*))?$"
_HALF_DAY = r"(?i)^(\d{1,2})((?::\d\d){1,2}(?:\.\d+)?)\s*([AP])\.?M\.?$"
_MONTHS = (
    ("jan", "янв"),
    ("feb", "фев"),
    ("mar", "мар"),
    ("apr", "апр"),
    ("may", "май", "мая"),
    ("jun", "июн"),
    ("jul", "июл"),
    ("aug", "авг"),
    ("sep", "сен"),
    ("oct", "окт"),
    ("nov", "ноя"),
    ("dec", "дек"),
)
_ORDERS = {"day first": "dmy", "month first": "mdy", "year first": "ymd"}
_NAMES = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def quick_look(cell: ir.StringColumn) -> dict[str, Any]:
    """Aggregates that tell whether a plain cast reads the whole column rightly."""
    moment = cell.try_cast("timestamp")
    return {
        "cells": cell.count(),
        "direct": moment.count(),
        "earliest": moment.min().cast("string"),
        "latest": moment.max().cast("string"),
        "longest": cell.length().max(),
    }


def reads_directly(seen: Mapping[str, Any]) -> bool:
    """Whether the cast is safe: all cells are dates with the year first, and the years are years."""
    if not seen["cells"]:
        return True
    return seen["cells"] == seen["direct"] and all(
        (text := seen[name])[:4].isdigit() and text[4] == "-" and FIRST_YEAR <= int(text[:4]) <= LAST_YEAR
        for name in ("earliest", "latest")
    )


def has_offset(cell: ir.StringColumn) -> ir.BooleanColumn:
    """Whether the cell ends in an offset from UTC."""
    return cell.re_search(r"\d(?:Z|[+-]\d\d(?::?\d\d)?)$") & (cell.length() > 13)


def decide(
    cell: ir.StringColumn,
    ask: Callable[[dict[str, Any]], Mapping[str, Any]],
    *,
    order: str,
    where: str,
    personal: bool = False,
) -> tuple[ir.TimestampColumn, str]:
    """Read a column of dates.

    Parameters
    ----------
    cell
        The column, trimmed, missing cells null.
    ask
        Answers a dict of aggregates over the column's table.
    order
        ``"day first"``, ``"month first"``, ``"year first"``, or blank to see it from the values.
    where
        File and column, for messages.
    personal
        Whether the values must not be shown.

    Returns
    -------
    tuple
        The column as moments, null where a cell is not a date; and the order of numeric dates.

    Raises
    ------
    BookError
        If the column fits two orders, or no single one.
    """
    import ibis

    def group(pattern: str, index: int) -> ir.StringColumn:
        return cell.re_extract(pattern, index).nullif("")

    a, b, c = (group(_NUMBERS, index) for index in (1, 2, 3))
    numeric = a.notnull()
    year_first = numeric & (a.length() == 4)
    year_last = numeric & (c.length() == 4) & (a.length() <= 2)
    short = numeric & (a.length() <= 2) & (c.length() <= 2)
    ambiguous = year_last | short
    first, second, third = (part.try_cast("int64") for part in (a, b, c))
    dotted = cell.contains(".") & cell.re_search(r"^\d+\.")
    seen = ask(
        {
            "long": year_last.sum(),
            "short": short.sum(),
            "first": first.max(where=ambiguous),
            "second": second.max(where=ambiguous),
            "third": third.max(where=short),
            "different": (ambiguous & (first != second)).sum(),
            "not_dotted": (ambiguous & ~dotted).sum(),
            "day_example": cell.min(where=ambiguous & (first > 12)),
            "month_example": cell.min(where=ambiguous & (second > 12)),
            "example": cell.min(where=ambiguous & (first != second)),
        }
    )
    chosen = _order(seen, order, where=where, personal=personal)
    date_parts = {"d": b, "m": b, "y": c} | dict(zip(chosen, (a, b, c)))
    null = ibis.null("string")
    word, compact = group(_DAY_WORD, 2), group(_COMPACT, 1)
    word_first = group(_WORD_DAY, 1)
    year = ibis.cases(
        (year_first, a),
        (ambiguous, date_parts["y"]),
        (word.notnull(), group(_DAY_WORD, 3)),
        (word_first.notnull(), group(_WORD_DAY, 3)),
        else_=compact,
    )
    month = ibis.cases(
        (year_first, b),
        (ambiguous, date_parts["m"]),
        (word.notnull(), _month(word)),
        (word_first.notnull(), _month(word_first)),
        else_=group(_COMPACT, 2),
    )
    day = ibis.cases(
        (year_first, c),
        (ambiguous, date_parts["d"]),
        (word.notnull(), group(_DAY_WORD, 1)),
        (word_first.notnull(), group(_WORD_DAY, 2)),
        else_=group(_COMPACT, 3),
    )
    time = ibis.coalesce(group(_NUMBERS, 4), group(_DAY_WORD, 4), group(_WORD_DAY, 4), null)
    full = (year.length() <= 2).ifelse(_century(year), year)
    moment = (full + "-" + month + "-" + day + ibis.coalesce(" " + _full_day(time), "")).try_cast("timestamp")
    sane = moment.year().between(FIRST_YEAR, LAST_YEAR)
    return sane.ifelse(moment, None), chosen


def _month(word: ir.StringColumn) -> ir.StringColumn:
    import ibis

    start = word.lower().substr(0, 3)
    pairs = [(start.isin(names), str(number)) for number, names in enumerate(_MONTHS, start=1)]
    return ibis.cases(*pairs)


def _century(year: ir.StringColumn) -> ir.StringColumn:
    """Two digits as POSIX reads them: 69 to 99 are of the last century."""
    return (year.try_cast("int64") >= 69).ifelse("19", "20") + year.lpad(2, "0")


def _full_day(time: ir.StringColumn) -> ir.StringColumn:
    """A time with am or pm on the clock of 24 hours; other times as they are."""
    half = time.re_extract(_HALF_DAY, 3).nullif("")
    hour = time.re_extract(_HALF_DAY, 1).try_cast("int64") % 12 + (half.upper() == "P").ifelse(12, 0)
    return half.notnull().ifelse(hour.cast("string") + time.re_extract(_HALF_DAY, 2), time)


def _order(seen: Mapping[str, Any], order: str, *, where: str, personal: bool) -> str:
    if order:
        return _ORDERS[order]
    if not (seen["long"] or seen["short"]):
        return "ymd"
    first, second, third = (seen[name] or 0 for name in ("first", "second", "third"))
    fits = [
        name
        for name, possible in {
            "dmy": first <= 31 and second <= 12,
            "mdy": first <= 12 and second <= 31,
            # A year of two digits may stand first only where no date has a year of four at the end.
            "ymd": bool(seen["short"]) and not seen["long"] and second <= 12 and third <= 31,
        }.items()
        if possible
    ]
    if not seen["not_dotted"] and "dmy" in fits:
        # No locale of the Unicode CLDR writes the month first between points.
        return "dmy"
    if not seen["different"] and not seen["short"]:
        return "dmy"
    if len(fits) == 1:
        return fits[0]
    remedy = (
        'Say which with date_order="day first" or date_order="month first"'
        + (' or date_order="year first"' if seen["short"] else "")
        + ", or in crmkit.toml, [reading]."
    )
    if not fits:
        shown = "" if personal else f" ({seen['day_example']!r} and {seen['month_example']!r})"
        raise BookError(
            f"{where}: some dates have the day first and some the month first{shown}, so that those with "
            f"both up to 12 cannot be told. {remedy}"
        )
    shown = (
        ""
        if personal
        else f": {seen['example']!r} can be " + " or ".join(_spelled(seen["example"], name) for name in fits)
    )
    raise BookError(f"{where}: the order of day and month cannot be seen from the dates{shown}. {remedy}")


def _spelled(example: str, order: str) -> str:
    import re

    parts = dict(zip(order, re.match(_NUMBERS, example).groups()))  # type: ignore[union-attr]
    year = (
        parts["y"]
        if len(parts["y"]) == 4
        else ("19" if int(parts["y"]) >= 69 else "20") + parts["y"].zfill(2)
    )
    return f"{int(parts['d'])} {_NAMES[int(parts['m']) - 1]} {year}"
