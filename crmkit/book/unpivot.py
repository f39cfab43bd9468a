"""Tables with a column for each month: turned into lines with a date, a client and an amount."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from crmkit.book import grid, naming, repairs
from crmkit.book.contracts import TABLES
from crmkit.book.date_words import months
from crmkit.book.engine import MONEY, ROW, Engine
from crmkit.book.errors import BookError, option
from crmkit.book.notes import Note
from crmkit.book.part import Part
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir

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
_TWO_WAYS = re.compile(rf"(?P<first>\d\d?)(?P<mark>[-./])(?P<second>\d\d?)[-./]{_YEAR}")
_COARSE = re.compile(
    r"(?:q|кв\.?\s*|квартал\s*)[1-4][\s'’./-]*(?:19|20)?\d\d|[1-4][\s-]*(?:q|кв\.?|квартал)[\s'’./-]*(?:19|20)\d\d"
    r"|[1-4][\s-]*(?:q|кв\.?|квартал)|q[1-4]|qtr\s*[1-4]|(?:19|20)\d\d"
)
_TOTAL = re.compile(
    r"(?:общий\s+|общая\s+)?(?:итого?|всего|сумма)\b.*|(?:grand\s+|sub-?)?totals?\b.*|sum|gesamt\w*|razem|разом"
)
_TOTAL_ROW = (
    r"(?i)^[\s*=_-]*(?:общий\s+итог|итоги?|итого|всего|разом|razem|gesamt(?:summe|ergebnis)?|"
    r"(?:grand[ -]?|sub[ -]?)?totals?)(?:[\s:.*=_-]*$|\s+(?:по|за|for|of|by)\s)|\s(?:итог|total)$"
)
_LEAST = 2
_MEASURES = ("money", "number", "count")


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
    """Whether a header is short and has a year or two digits at an end, or is a month: a cheap first look."""
    return len(text) <= 24 and bool(re.search(r"\d\d$|^(?:19|20)\d\d", text) or grid.is_period(text))


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


def long_parts(
    parts: Sequence[Part], engine: Engine, *, mapping: Mapping[str, str] | None = None, order: str = ""
) -> list[Part]:
    """The parts of a source, of which those with a column for each month have a line for each amount.

    Where another part is a list of sales, tables of months hold its sums, and are left out, so that nothing
    counts twice.

    Parameters
    ----------
    parts
        What was found in the files, sheets or frames.
    engine
        The engine that holds their rows.
    mapping
        {column: header} that the user gave for the ledger: with a date, tables are read as they are.
    order
        As in :func:`wide_layout`, which also says what is raised.
    """
    if "date" in (mapping or {}):
        return list(parts)
    may_be = [part for part in parts if not part.report and naming.name_table(part.stem) in (None, "ledger")]
    layouts = {
        id(part): layout
        for part in may_be
        if (layout := wide_layout(part.headers, name=part.name, order=order)) and layout.others
    }
    ledger = next((part for part in may_be if id(part) not in layouts and _is_ledger(part)), None)
    if layouts and ledger:
        action = mark(
            "{file} has a column for each month, and was not read, since {ledger} lists the sales themselves."
        )
        for part in parts:
            if id(part) in layouts:
                values = {"file": part.name, "ledger": ledger.name}
                ledger.notes.append(Note("months_not_used", "ledger", action, values=values))
        return [part for part in parts if id(part) not in layouts]
    return [_long(part, layouts[id(part)], engine) if id(part) in layouts else part for part in parts]


def _is_ledger(part: Part) -> bool:
    try:
        named = naming.name_columns(part.headers, "ledger", where=part.name)
    except BookError:
        return False
    return {"date", "client_id"} <= named.columns.keys()


def _long(part: Part, layout: WideLayout, engine: Engine) -> Part:
    named = naming.name_columns([part.headers[at] for at in layout.others], "ledger", where=part.name)
    # Quantities and prices of the whole row are of no single month.
    of_rows = {
        layout.others[at]
        for column, at in named.columns.items()
        if TABLES["ledger"][column].kind in _MEASURES
    }
    others = [at for at in layout.others if at not in of_rows]
    left = [header for at, header in enumerate(part.headers) if at not in layout.periods and at not in others]
    headers = (*(part.headers[at] for at in others), "date", "amount")
    steps = len(layout.periods) + 1
    columns = [f"c{at}" for at in layout.periods]

    def load(keep: Sequence[int]) -> ir.Table:
        import ibis

        part.kinds = dict.fromkeys(layout.periods, "money")
        kept = [others[at] for at in keep if at < len(others)]
        found = part.load(sorted({*kept, *others, *layout.periods, *layout.totals}))
        wide = engine.store(found.cast({name: "string" for name in found.columns if name != ROW}))
        engine.drop(found)
        is_total = ibis.or_(*[wide[f"c{at}"].re_search(_TOTAL_ROW).fill_null(False) for at in others], False)
        lines = wide.filter(~is_total).pivot_longer(columns, names_to="_period", values_to="_amount")
        lines = lines.mutate(_amount=repairs.without_missing(lines._amount))
        lines = lines.filter(lines._amount.notnull())
        place = ibis.cases(*[(lines._period == name, at) for at, name in enumerate(columns)])
        day = ibis.cases(
            *[(lines._period == f"c{at}", day.isoformat()) for at, day in layout.periods.items()]
        )
        totals = wide.filter(is_total)
        sums = totals[f"c{layout.totals[-1]}"] if layout.totals else _sum(totals, columns)
        rows = ibis.union(
            _columns(lines, others, day, lines._amount, lines[ROW] * steps + place),
            _columns(totals, others, ibis.null("string"), sums, totals[ROW] * steps),
        )
        rows = engine.store(rows.order_by(ROW))
        engine.drop(wide)
        long.first_row, long.aside = part.first_row, part.aside
        long.notes.append(_note(part.name, layout, left, rows, engine, len(others)))
        return rows

    long = Part(part.name, part.stem, headers, load, rows_each=steps, notes=part.notes)
    return long


def _columns(
    rows: ir.Table, others: Sequence[int], day: ir.StringValue, amount: ir.StringValue, place: ir.IntegerValue
) -> ir.Table:
    cells = {f"c{number}": rows[f"c{at}"] for number, at in enumerate(others)}
    dated = {f"c{len(others)}": day, f"c{len(others) + 1}": amount}
    return rows.select(**cells, **dated, **{ROW: place.cast("int64")})


def _number(cell: ir.StringValue) -> ir.Value:
    """A number in a usual form, null in another one."""
    bare = cell.re_replace(r"[\s\x{00A0}\x{202F}]", "")
    comma = bare.contains(",") & ~bare.contains(".")
    return comma.ifelse(bare.replace(",", "."), bare).try_cast(MONEY)


def _sum(rows: ir.Table, columns: Sequence[str]) -> ir.StringValue:
    """The sum of some cells of a row, written with the decimal mark that they have."""
    import ibis

    nothing = ibis.literal(0).cast(MONEY)
    total, commas = nothing, ibis.literal(False)
    for name in columns:
        total = total + _number(rows[name]).fill_null(nothing)
        commas = commas | rows[name].contains(",").fill_null(False)
    text = total.cast("string").re_replace(r"\.?0+$", "")
    return commas.ifelse(text.replace(".", ","), text)


def _note(
    name: str, layout: WideLayout, left: Sequence[str], rows: ir.Table, engine: Engine, date: int
) -> Note:
    lines = rows.filter(rows[f"c{date}"].notnull())
    value = _number(lines[f"c{date + 1}"])
    seen = engine.value(lines.aggregate(rows=lines.count(), money=value.sum(), unread=value.isnull().any()))
    first, last = min(layout.periods.values()), max(layout.periods.values())
    return Note(
        "unpivoted",
        "",
        mark(
            "{file}: each of the columns {first} to {last} became lines with its date and the amount in its "
            "cell; blank cells became none. Columns left out: {left}. Export the list of operations to see "
            "real days."
        ),
        rows=int(seen["rows"]),
        amount=float("nan") if seen["unread"] or seen["money"] is None else float(seen["money"]),
        values={
            "file": name,
            "first": first.isoformat(),
            "last": last.isoformat(),
            "left": naming.listed(left) or "–",
        },
        changed=True,
    )
