"""The order of day, month and year in a column of dates: one for the column, seen from all its values, or
from other columns of the same file; refused if it stays open."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmkit.book.errors import BookError, option
from crmkit.book.values.date_pieces import NUMBERS
from crmkit.wording import Message

if TYPE_CHECKING:
    import ibis.expr.types as ir

ORDERS = {"day first": "dmy", "month first": "mdy", "year first": "ymd"}
_WISHES = {short: wish for wish, short in ORDERS.items()}

OtherColumns = Callable[[], tuple[str, str]]
"""Gives the order that other columns show, blank if none or both, and their headers."""


@dataclass(frozen=True)
class Order:
    """An order such as ``"dmy"``, and what is said of how it was found."""

    name: str
    said: tuple[Message, ...] = ()
    assumed: bool = False
    """Whether the column's own values leave another order possible."""


def century(year: int) -> int:
    """A year of two digits as POSIX reads it: 69 to 99 are of the last century.

    >>> century(68), century(69), century(2024)
    (2068, 1969, 2024)
    """
    return year if year >= 100 else year + (1900 if year >= 69 else 2000)


def evidence(days: ir.Table) -> dict[str, Any]:
    """Aggregates over the days of :func:`crmkit.book.values.date_pieces.days` that tell the order."""
    a, b, c = (days[name].try_cast("int64") for name in "abc")
    numbers = days.kind == "numbers"
    short = days.c.length() == 2
    fits = {
        "dmy": a.between(1, 31) & b.between(1, 12),
        "mdy": a.between(1, 12) & b.between(1, 31),
        # A year of two digits may stand first only where no date has a year of four at the end.
        "ymd": short & b.between(1, 12) & c.between(1, 31),
    }
    possible = numbers & (fits["dmy"] | fits["mdy"] | fits["ymd"])
    either = numbers & fits["dmy"] & fits["mdy"]
    return {
        "possible": possible.sum(),
        **{name: (possible & fit).sum() for name, fit in fits.items()},
        # A year spans less than the days of a month do, once there are some dates.
        "first_span": (a.max(where=possible & short) - a.min(where=possible & short)),
        "last_span": (c.max(where=possible & short) - c.min(where=possible & short)),
        "either": days.rows.sum(where=either & (a != b)),
        "short": (possible & short).any(),
        "not_dotted": (possible & (days.mark != ".")).any(),
        "different": (possible & (a != b)).any(),
        "day_example": days.example.min(where=possible & fits["dmy"] & ~fits["mdy"]),
        "month_example": days.example.min(where=possible & fits["mdy"] & ~fits["dmy"]),
        "example": days.example.min(where=either & (a != b)),
        "shown": days.day.min(where=either & (a != b)),
        "any_shown": days.day.min(where=possible),
        # Year first with the day before the month: 2024-31-01.
        "year_day": (
            (days.kind == "whole")
            & (days.month.try_cast("int64") > 12)
            & days.date.try_cast("int64").between(1, 12)
        ).sum(),
        "year_month": ((days.kind == "whole") & (days.date.try_cast("int64") > 12)).sum(),
        "year_example": days.example.min(where=(days.kind == "whole") & (days.month.try_cast("int64") > 12)),
    }


def decide(
    seen: Mapping[str, Any],
    wish: str,
    *,
    where: Message,
    personal: bool,
    siblings: OtherColumns | None = None,
) -> Order:
    """The order of a column from its :func:`evidence`.

    Parameters
    ----------
    seen
        The evidence.
    wish
        ``"day first"``, ``"month first"``, ``"year first"``, or blank to see it from the values.
    where
        File and column, for messages.
    personal
        Whether the values must not be shown.
    siblings
        Asked if the column's own values leave the order open.

    Raises
    ------
    BookError
        If the column fits two orders and nothing settles it, or no single one.
    """
    if seen["year_day"] and not seen["year_month"]:
        raise BookError(
            "{where}: the dates have the year first and seem to have the day before the month{shown}, so "
            "that those with both up to 12 would be read wrongly. Export them as year, month, day.",
            where=where,
            shown="" if personal else f" ({seen['year_example']})",
        )
    if wish:
        return Order(ORDERS[wish], said_of(ORDERS[wish], seen["either"]))
    if not seen["possible"]:
        return Order("ymd")
    fits = [name for name in ("dmy", "mdy", "ymd") if seen[name] == seen["possible"]]
    if "ymd" in fits and len(fits) > 1:
        fits = _by_span(fits, seen["first_span"], seen["last_span"])
    if not seen["not_dotted"] and "dmy" in fits:
        # No locale of the Unicode CLDR writes the month first between points.
        return Order("dmy", said_of("dmy", seen["either"]))
    if not seen["different"] and not seen["short"] and fits:
        return Order("dmy")
    if len(fits) == 1:
        return Order(fits[0], said_of(fits[0], seen["either"]))
    if fits and siblings is not None:
        found, headers = siblings()
        if found in fits:
            settled = Message(
                "The values leave the order of day and month open; it was taken from the dates in {headers}. "
                "date_order in crmkit.toml, [reading], says otherwise.",
                headers=headers,
            )
            return Order(found, (*said_of(found, 0), settled), assumed=True)
    raise BookError(_open(seen, fits, where=where, personal=personal))


_WIDE, _NARROW = 20, 15
"""Two digits that span more than the first are days, and those that span up to the second may be years."""


def _by_span(fits: list[str], first: int, last: int) -> list[str]:
    """Of orders with the year first and last, those in which the years span less than the days."""
    if first > _WIDE and last <= _NARROW:
        return [name for name in fits if name != "ymd"]
    if last > _WIDE and first <= _NARROW:
        return ["ymd"]
    return fits


def said_of(order: str, either: int) -> tuple[Message, ...]:
    """What is said of dates read in an order, of which `either` would alone fit both."""
    how = {
        "dmy": Message("Dates were read with the day first."),
        "mdy": Message("Dates were read with the month first."),
        "ymd": Message("Dates were read with the year first."),
    }[order]
    if not either or order == "ymd":
        return (how,)
    return how, Message("Of these rows, {rows} would alone fit another order too.", rows=int(either))


def _open(seen: Mapping[str, Any], fits: list[str], *, where: Message, personal: bool) -> Message:
    choices = [*(fits or ("dmy", "mdy"))]
    remedies = "; ".join(option("date_order", _WISHES[name]) for name in choices)
    if not fits:
        examples = [seen[name] for name in ("day_example", "month_example") if seen[name]]
        shown = "" if personal else f" ({', '.join(map(repr, examples))})"
        return Message(
            "{where}: some dates have the day first and some the month first{shown}, so that those with both "
            "up to 12 cannot be told. Correct the file, or say which order holds, so that the others count "
            "as cells that cannot be read: {remedies}.",
            where=where,
            shown=shown,
            remedies=remedies,
        )
    if personal:
        return Message(
            "{where}: the order of day and month cannot be seen from the dates. Say which: {remedies}.",
            where=where,
            remedies=remedies,
        )
    cell = seen["shown"] or seen["any_shown"]
    readings = [f"{_spelled(cell, name)} ({_WISHES[name]})" for name in choices]
    return Message(
        "{where}: the order of day and month cannot be seen from the dates: {cell!r} can be {readings}. Say "
        "which: {remedies}.",
        where=where,
        cell=cell,
        readings=", ".join(readings),
        remedies=remedies,
    )


def _spelled(day: str, order: str) -> str:
    numbers = re.match(NUMBERS, day).group(1, 3, 4)  # type: ignore[union-attr]
    parts = {letter: int(number) for letter, number in zip(order, numbers)}
    return f"{century(parts['y'])}-{parts['m']:02}-{parts['d']:02}"
