"""Dates written as text: the order of day, month and year is decided for a column, from all its values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from crmkit.book.engine import Engine
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
_NAMES = (
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
)


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


def moment(cell: ir.StringValue, *, offset: bool) -> ir.TimestampValue:
    """A cell with the year first as a moment; of UTC, if cells have an offset from it."""
    return cell.try_cast("timestamp('UTC')").cast("timestamp") if offset else cell.try_cast("timestamp")


def has_offset(cell: ir.StringColumn) -> ir.BooleanColumn:
    """Whether the cell ends in an offset from UTC."""
    return cell.re_search(r"\d(?:Z|[+-]\d\d(?::?\d\d)?)$") & (cell.length() > 13)


_UNIFORM = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{4}(?: \d{1,2}:\d{2}(:\d{2})?)?")


def uniform_pattern(
    cell: ir.StringColumn,
    ask: Callable[[dict[str, Any]], Mapping[str, Any]],
    engine: Engine,
    *,
    order: str,
    cells: int,
) -> tuple[str, str]:
    """The pattern of a column whose dates are all written alike, with the year last, and the order it has.

    Parameters
    ----------
    ask
        Answers a dict of aggregates over the column's table.
    order
        As in :func:`read`.
    cells
        How many cells are not null.

    Returns
    -------
    tuple
        A pattern of ``strftime`` and the order; blanks where the dates differ, or both orders are possible.
    """
    example = ask({"example": cell.min()})["example"]
    shape = _UNIFORM.fullmatch(example)
    if not shape:
        return "", ""
    mark = shape[1]
    time = "" if ":" not in example else " %H:%M:%S" if shape[2] else " %H:%M"
    patterns = {"dmy": f"%d{mark}%m{mark}%Y{time}", "mdy": f"%m{mark}%d{mark}%Y{time}"}
    if order:
        patterns = {key: pattern for key, pattern in patterns.items() if key == _ORDERS[order]}
    moments = {key: engine.parsed(cell, pattern) for key, pattern in patterns.items()}
    seen = ask(
        {f"{key}_cells": value.count() for key, value in moments.items()}
        | {f"{key}_year": value.min().year() for key, value in moments.items()}
    )
    fits = [
        key
        for key in patterns
        if seen[f"{key}_cells"] == cells and FIRST_YEAR <= seen[f"{key}_year"] <= LAST_YEAR
    ]
    if mark == "." and "dmy" in fits:
        fits = ["dmy"]
    return (patterns[fits[0]], fits[0]) if len(fits) == 1 else ("", "")


def read(
    cells: ir.Table, engine: Engine, *, order: str, where: str, personal: bool = False, offset: bool = False
) -> tuple[ir.Table, str]:
    """Read the distinct cells of a column of dates.

    Parameters
    ----------
    cells
        ``raw``, and ``bare``: the cell trimmed, null if it stands for a missing value.
    engine
        The engine that holds them; it keeps each step, since one expression of all would be too large for it.
    order
        ``"day first"``, ``"month first"``, ``"year first"``, or blank to see it from the values.
    where
        File and column, for messages.
    personal
        Whether the values must not be shown.
    offset
        Whether cells end in an offset from UTC; the values are then of UTC.

    Returns
    -------
    tuple
        ``raw``, ``bare`` and ``value``, null where the cell is no date; and the order of numeric dates.

    Raises
    ------
    BookError
        If the column fits two orders, or no single one.
    """
    parts = engine.store(_parts(cells), scratch=True)
    two_ways = parts.short | parts.year_last
    first, second, third = (parts[name].try_cast("int64") for name in "abc")
    different = two_ways & (first != second)
    seen = engine.value(
        parts.aggregate(
            year_last=parts.year_last.any(),
            short=parts.short.any(),
            first=first.max(where=two_ways),
            second=second.max(where=two_ways),
            third=third.max(where=parts.short),
            different=different.any(),
            not_dotted=(two_ways & ~parts.dotted).any(),
            day_example=parts.bare.min(where=two_ways & (first > 12)),
            month_example=parts.bare.min(where=two_ways & (second > 12)),
            example=parts.bare.min(where=different),
        )
    )
    chosen = _order(seen, order, where=where, personal=personal)
    ordered = engine.store(_ordered(parts, chosen), scratch=True)
    full_year = (ordered.year.length() <= 2).ifelse(_century(ordered.year), ordered.year)
    spelled = full_year + "-" + ordered.month + "-" + ordered.day
    timed = ordered.time.isnull().ifelse(spelled, spelled + " " + ordered.time)
    moments = engine.store(ordered.select("raw", "bare", value=moment(timed, offset=offset)), scratch=True)
    sane = moments.value.year().between(FIRST_YEAR, LAST_YEAR)
    return moments.mutate(value=sane.ifelse(moments.value, None)), chosen


def _parts(cells: ir.Table) -> ir.Table:
    """The pieces of each cell under every pattern, and which of the patterns with numbers it has."""

    def group(pattern: str, index: int) -> ir.StringValue:
        return cells.bare.re_extract(pattern, index).nullif("")

    a, b, c = (group(_NUMBERS, index) for index in (1, 2, 3))
    return cells.select(
        "raw",
        "bare",
        a=a,
        b=b,
        c=c,
        time=group(_NUMBERS, 4).fill_null(group(_DAY_WORD, 4)).fill_null(group(_WORD_DAY, 4)),
        day=group(_DAY_WORD, 1).fill_null(group(_WORD_DAY, 2)).fill_null(group(_COMPACT, 3)),
        month=group(_COMPACT, 2),
        word=group(_DAY_WORD, 2).fill_null(group(_WORD_DAY, 1)).lower().substr(0, 3),
        year=group(_DAY_WORD, 3).fill_null(group(_WORD_DAY, 3)).fill_null(group(_COMPACT, 1)),
        year_last=(a.length() <= 2) & (c.length() == 4),
        short=(a.length() <= 2) & (c.length() <= 2),
        dotted=cells.bare.re_search(r"^\d+\s?\."),
    )


def _ordered(parts: ir.Table, order: str) -> ir.Table:
    """Year, month, day and time of each cell, as text."""
    import ibis

    two_ways = parts.short | parts.year_last
    placed = dict(zip(order, (parts.a, parts.b, parts.c)))
    # A year of four digits at the end cannot stand first, whatever the order of short ones.
    last = dict(zip("dmy" if order == "ymd" else order, (parts.a, parts.b, parts.c)))
    months = [(parts.word.isin(names), str(number)) for number, names in enumerate(_MONTHS, start=1)]
    columns = {}
    for letter, name, first in (("y", "year", parts.a), ("m", "month", parts.b), ("d", "day", parts.c)):
        otherwise = parts[name].fill_null(ibis.cases(*months)) if letter == "m" else parts[name]
        columns[name] = ibis.cases(
            (parts.year_last, last[letter]),
            (parts.short, placed[letter]),
            (parts.a.notnull() & ~two_ways, first),
            else_=otherwise,
        )
    half = parts.time.re_extract(_HALF_DAY, 3).nullif("")
    hour = parts.time.re_extract(_HALF_DAY, 1).try_cast("int64") % 12 + (half.upper() == "P").ifelse(12, 0)
    full_day = hour.cast("string") + parts.time.re_extract(_HALF_DAY, 2)
    return parts.select("raw", "bare", **columns, time=half.notnull().ifelse(full_day, parts.time))


def _century(year: ir.StringColumn) -> ir.StringColumn:
    """Two digits as POSIX reads them: 69 to 99 are of the last century."""
    return (year.try_cast("int64") >= 69).ifelse("19", "20") + year.lpad(2, "0")


def _order(seen: Mapping[str, Any], order: str, *, where: str, personal: bool) -> str:
    if order:
        return _ORDERS[order]
    if not (seen["year_last"] or seen["short"]):
        return "ymd"
    first, second, third = (seen[name] or 0 for name in ("first", "second", "third"))
    possible = {
        "dmy": first <= 31 and second <= 12,
        "mdy": first <= 12 and second <= 31,
        # A year of two digits may stand first only where no date has a year of four at the end.
        "ymd": bool(seen["short"]) and not seen["year_last"] and second <= 12 and third <= 31,
    }
    fits = [name for name, fit in possible.items() if fit]
    if not seen["not_dotted"] and "dmy" in fits:
        # No locale of the Unicode CLDR writes the month first between points.
        return "dmy"
    if not seen["different"] and not seen["short"] and fits:
        return "dmy"
    if len(fits) == 1:
        return fits[0]
    third_way = ' or date_order="year first"' if seen["short"] else ""
    remedy = (
        f'Say which with date_order="day first" or date_order="month first"{third_way}, or in crmkit.toml, '
        "[reading]."
    )
    if not fits:
        shown = "" if personal else f" ({seen['day_example']!r} and {seen['month_example']!r})"
        raise BookError(
            f"{where}: some dates have the day first and some the month first{shown}, so that those with "
            f"both up to 12 cannot be told. {remedy}"
        )
    readings = " or ".join(_spelled(seen["example"], name) for name in fits)
    shown = "" if personal else f": {seen['example']!r} can be {readings}"
    raise BookError(f"{where}: the order of day and month cannot be seen from the dates{shown}. {remedy}")


def _spelled(example: str, order: str) -> str:
    parts = dict(zip(order, re.match(_NUMBERS, example).groups()))  # type: ignore[union-attr]
    year = (
        parts["y"]
        if len(parts["y"]) == 4
        else ("19" if int(parts["y"]) >= 69 else "20") + parts["y"].zfill(2)
    )
    return f"{int(parts['d'])} {_NAMES[int(parts['m']) - 1]} {year}"
