"""Dates written as text: how they are written is decided for a column, from all its values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmkit.book.engine import Engine
from crmkit.book.errors import BookError, option
from crmkit.book.values import date_order, date_pieces
from crmkit.book.values.date_order import ORDERS, Order, OtherColumns
from crmkit.wording import Message

if TYPE_CHECKING:
    import ibis.expr.types as ir

FIRST_YEAR, LAST_YEAR = 1800, 2200


@dataclass
class DatesRead:
    """The distinct cells of a column of dates with their moments, and what is said of how they were read."""

    cells: ir.Table
    """``raw``; ``bare``; ``clock``: the moment as it is written, null where the cell is no date; ``offset``:
    its offset from UTC in minutes, null where it has none; ``rows``."""
    said: list[Message] = field(default_factory=list)
    changed: bool = False
    rows: int = 0
    example: str = ""


def quick_look(cell: ir.StringColumn) -> dict[str, Any]:
    """Aggregates that tell whether a plain cast reads the whole column rightly."""
    moment = cell.try_cast("timestamp")
    return {
        "cells": cell.count(),
        "direct": moment.count(),
        "earliest": moment.min().cast("string"),
        "latest": moment.max().cast("string"),
        "longest": cell.length().max(),
        "after_minutes": cell.substr(16, 1).min(),
    }


def reads_directly(seen: Mapping[str, Any]) -> bool:
    """Whether the cast is safe: all cells are dates with the year first, and the years are years."""
    if not seen["cells"]:
        return True
    return seen["cells"] == seen["direct"] and all(
        (text := seen[name])[:4].isdigit() and text[4] == "-" and FIRST_YEAR <= int(text[:4]) <= LAST_YEAR
        for name in ("earliest", "latest")
    )


def may_have_offset(seen: Mapping[str, Any]) -> bool:
    """Whether a quick look leaves it open that cells end in an offset from UTC."""
    # An offset behind hours, minutes and seconds is longer, and one behind minutes stands in place of those.
    return (seen["longest"] or 0) > 13 and not (seen["longest"] <= 19 and seen["after_minutes"] >= ":")


def has_offset(cell: ir.StringColumn) -> ir.BooleanColumn:
    """Whether the cell ends in an offset from UTC, or in a word that may be a time zone."""
    return cell.re_search(r"\d(?:\s?\p{L}+|\s?[+-]\d\d(?::?\d\d)?)$") & (cell.length() > 10)


def offset_of(cell: ir.StringValue) -> ir.IntegerValue:
    """The offset from UTC in minutes of a cell that a plain cast reads, null where it has none."""
    written, utc = cell.try_cast("timestamp"), cell.try_cast("timestamp('UTC')").cast("timestamp")
    minutes = (written.epoch_seconds() - utc.epoch_seconds()) // 60
    return has_offset(cell).ifelse(minutes, None)


_UNIFORM = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{4}(?: \d{1,2}:\d{2}(:\d{2})?)?")


def uniform_pattern(
    cell: ir.StringColumn,
    ask: Callable[[dict[str, Any]], Mapping[str, Any]],
    engine: Engine,
    *,
    order: str,
    cells: int,
) -> tuple[str, Order]:
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
        return "", Order("")
    mark = shape[1]
    time = "" if ":" not in example else " %H:%M:%S" if shape[2] else " %H:%M"
    patterns = {"dmy": f"%d{mark}%m{mark}%Y{time}", "mdy": f"%m{mark}%d{mark}%Y{time}"}
    if order:
        patterns = {key: pattern for key, pattern in patterns.items() if key == ORDERS[order]}
    moments = {key: engine.parsed(cell, pattern) for key, pattern in patterns.items()}
    seen = ask(
        {f"{key}_cells": value.count() for key, value in moments.items()}
        | {f"{key}_year": value.min().year() for key, value in moments.items()}
        | {f"{key}_last": value.max().year() for key, value in moments.items()}
        | ({"either": (moments["dmy"] != moments["mdy"]).sum()} if len(moments) == 2 else {})
    )
    fits = [
        key
        for key in patterns
        if seen[f"{key}_cells"] == cells
        and FIRST_YEAR <= seen[f"{key}_year"] <= seen[f"{key}_last"] <= LAST_YEAR
    ]
    if mark == "." and "dmy" in fits:
        fits = ["dmy"]
    if len(fits) != 1:
        return "", Order("")
    return patterns[fits[0]], Order(fits[0], date_order.said_of(fits[0], seen.get("either", 0)))


def read(
    cells: ir.Table,
    engine: Engine,
    *,
    order: str,
    where: Message,
    personal: bool = False,
    siblings: OtherColumns | None = None,
) -> DatesRead:
    """Read the distinct cells of a column of dates.

    Parameters
    ----------
    cells
        ``raw``; ``bare``: the cell trimmed, null if it stands for a missing value; ``rows``: how many.
    engine
        The engine that holds them; it keeps each step, since one expression of all would be too large for it.
    order
        ``"day first"``, ``"month first"``, ``"year first"``, or blank to see it from the values.
    where
        File and column, for messages.
    personal
        Whether the values must not be shown.
    siblings
        Asked for the order if the column's own values leave it open.

    Raises
    ------
    BookError
        If the column fits two orders, or no single one; if numbers in it count in two ways; if some of its
        dates were likely swapped by a spreadsheet; or if it holds weeks, quarters or years.
    """
    split = engine.store(date_pieces.cells_and_days(cells), scratch=True)
    days = engine.store(date_pieces.days(split, engine), scratch=True)
    seen = engine.value(days.aggregate(**date_order.evidence(days), **_kinds(days)))
    _refuse_coarse(seen, where=where, personal=personal)
    counts = _counts(seen, where=where, personal=personal)
    chosen = date_order.decide(seen, order, where=where, personal=personal, siblings=siblings)
    if not order:
        _refuse_swapped(days, engine, where=where, personal=personal)
    # A month among days is a day whose number was lost.
    periods = bool(seen["period"]) and not (seen["numbers"] or seen["whole"] or counts)
    periods = periods and (seen["last_year"] or 0) - (seen["first_year"] or 0) < _MOST_YEARS
    dated = engine.store(_dated(days, chosen.name, periods=periods), scratch=True)
    timed = date_pieces.clock(split).left_join(dated.drop("rows", "example"), "day")
    stored = engine.store(_moments(timed), scratch=True)
    said = list(chosen.said)
    changed = chosen.assumed
    for kind, message in _COUNTED.items():
        if kind in counts:
            said.append(message)
            changed = True
    if seen["compact"]:
        said.append(Message("Numbers were read as year, month, day and time of day written without marks."))
        changed = True
    if seen["short_years"]:
        said.append(
            Message("Years of two digits from 69 to 99 were taken for 1969 to 1999, others for 20xx.")
        )
        changed = True
    if periods:
        said.append(Message("Months without a day were read as their first day."))
        changed = True
    found = engine.value(_example(stored))
    return DatesRead(
        stored,
        said,
        changed,
        rows=int(found["rows"] or 0),
        example="" if personal or not said else found["example"] or "",
    )


_MOST_YEARS = 15
"""Jan-01 to Jan-31 are days without a year: months with years of two digits further apart are not read."""

_COUNTED = {
    "serial": Message(
        "Numbers were read as a spreadsheet's days since 1899-12-30; if the workbook counts from 1904, "
        "export its dates as text."
    ),
    "seconds": Message("Numbers were read as seconds since 1970-01-01 in UTC."),
    "millis": Message("Numbers were read as milliseconds since 1970-01-01 in UTC."),
    "micros": Message("Numbers were read as microseconds since 1970-01-01 in UTC."),
}


def _kinds(days: ir.Table) -> dict[str, Any]:
    """Aggregates: how many rows have each kind, and what else notes need."""
    names = ("numbers", "whole", "period", "serial", "seconds", "millis", "micros", "coarse")
    year = days.year.try_cast("int64")
    two_digits = (days.year.length() == 2) & days.kind.isin(("whole", "period"))
    return {
        **{name: days.rows.sum(where=days.kind == name) for name in names},
        "all": days.rows.sum(),
        "counted": days.example.min(where=days.kind.isin(tuple(_COUNTED))),
        "coarse_example": days.example.min(where=days.kind == "coarse"),
        "compact": days.rows.sum(where=(days.kind == "whole") & days.example.re_search(r"^\d{10,14}$")),
        "unmarked": days.example.re_search(r"^\d{8,14}$").any(where=days.kind == "whole"),
        "short_years": days.rows.sum(where=two_digits | ((days.kind == "numbers") & (days.c.length() == 2))),
        "first_year": year.min(where=(days.kind == "period") & two_digits),
        "last_year": year.max(where=(days.kind == "period") & two_digits),
    }


def _refuse_coarse(seen: Mapping[str, Any], *, where: Message, personal: bool) -> None:
    if 2 * (seen["coarse"] or 0) > (seen["all"] or 0):
        raise BookError(
            "{where}: the cells are weeks, quarters or years{shown}, and days or months are needed. Export "
            "the dates themselves.",
            where=where,
            shown="" if personal else f" ({seen['coarse_example']})",
        )


def _counts(seen: Mapping[str, Any], *, where: Message, personal: bool) -> list[str]:
    """The ways of counting days or seconds that numbers of the column have; more than one is refused."""
    found = [name for name in _COUNTED if seen[name]]
    if len(found) > 1 or (found and seen["unmarked"]):
        raise BookError(
            "{where}: some of the numbers count days or seconds{shown} and some count otherwise, or are "
            "dates written without marks. Export the column as dates in one form, such as 2025-06-30.",
            where=where,
            shown="" if personal else f" ({seen['counted']})",
        )
    return found


def _refuse_swapped(days: ir.Table, engine: Engine, *, where: Message, personal: bool) -> None:
    """A spreadsheet of another country turns the dates that it can read, with day and month swapped, and
    leaves the others as text: then all days of the former are up to 12, and all of the latter above."""
    serial_day = _serial_date(days).day()
    turned = (days.kind == "serial") | ((days.kind == "whole") & days.a.notnull())
    # A midnight that is written out shows that the cell was a date of a spreadsheet.
    surely = (days.kind == "serial") | days.midnight
    first, second = days.a.try_cast("int64"), days.b.try_cast("int64")
    left = days.kind == "numbers"
    day = (days.kind == "serial").ifelse(serial_day, days.date.try_cast("int64"))
    seen = engine.value(
        days.aggregate(
            turned=turned.sum(),
            surely=(turned & surely).sum(),
            left=left.sum(),
            low=(turned & (day <= 12)).sum(),
            high=(left & ((first > 12) | (second > 12))).sum(),
            turned_example=days.example.min(where=turned),
            left_example=days.example.min(where=left),
        )
    )
    if not seen["turned"] or not seen["left"]:
        return
    if seen["low"] < seen["turned"] or seen["high"] < seen["left"]:
        return
    by_chance = 0.4 ** seen["turned"] * 0.6 ** seen["left"]
    if not seen["surely"] and by_chance > _CHANCE:
        return
    raise BookError(
        "{where}: dates that a spreadsheet understood{turned} all have days up to 12, and those left as "
        "text{left} all have days above 12. It has most likely swapped day and month in the former. Export "
        "the column again as text or as 2025-06-30. If nothing was swapped, say the order of those left as "
        "text: {one}; {other}.",
        where=where,
        turned="" if personal else f" ({seen['turned_example']})",
        left="" if personal else f" ({seen['left_example']})",
        one=option("date_order", "day first"),
        other=option("date_order", "month first"),
    )


_CHANCE = 0.15
"""How likely such days may be without any swap, for plain dates to be read beside others."""


def _serial_date(days: ir.Table) -> ir.TimestampValue:
    import ibis

    return ibis.timestamp("1899-12-30") + days.serial.as_interval("D")


def _dated(days: ir.Table, order: str, *, periods: bool) -> ir.Table:
    """Each day's moment in microseconds since 1970, and whether it is one of UTC."""
    import ibis

    # A year of four digits at the end cannot stand first, whatever the order of short ones.
    short = days.c.length() == 2
    last = dict(zip("dmy" if order == "ymd" else order, "abc"))
    placed = {letter: short.ifelse(days[name], days[last[letter]]) for letter, name in zip(order, "abc")}
    numbers = days.kind == "numbers"
    year, month, date = (
        numbers.ifelse(placed[letter], days[name])
        for letter, name in (("y", "year"), ("m", "month"), ("d", "date"))
    )
    date = (days.kind == "period").ifelse("1", date)
    full = (year.length() <= 2).ifelse(
        (year.try_cast("int64") >= 69).ifelse("19", "20") + year.lpad(2, "0"), year
    )
    known = numbers | (days.kind == "whole")
    known = known | (days.kind == "period") if periods else known
    spelled = known.ifelse(full + "-" + month + "-" + date, None)
    moment = spelled.try_cast("timestamp")
    sane = moment.year().between(FIRST_YEAR, LAST_YEAR)
    fraction = ("0." + days.fraction).try_cast("float64").fill_null(0.0)
    of_serial = _serial_date(days) + (fraction * 86_400).round().cast("int64").as_interval("s")
    epoch = ibis.timestamp("1970-01-01")
    counted = days["count"]
    moment = ibis.cases(
        (days.kind == "serial", of_serial),
        (days.kind == "seconds", epoch + counted.as_interval("s")),
        (days.kind == "millis", epoch + counted.as_interval("ms")),
        (days.kind == "micros", epoch + counted.as_interval("us")),
        else_=sane.ifelse(moment, None),
    )
    return days.select(
        "day", "rows", "example", start=moment, utc=days.kind.isin(("seconds", "millis", "micros"))
    )


def _moments(timed: ir.Table) -> ir.Table:
    moment = timed.start + timed.micros.as_interval("us")
    return timed.select(
        "raw",
        "rows",
        "bare",
        clock=timed.good.ifelse(moment, None),
        offset=timed.utc.fill_null(False).ifelse(0, timed.offset),
    )


def _example(stored: ir.Table) -> ir.Table:
    read = stored.clock.notnull()
    shown = stored.raw + " → " + stored.clock.strftime("%Y-%m-%d")
    return stored.aggregate(rows=stored.rows.sum(where=read), example=shown.min(where=read))
