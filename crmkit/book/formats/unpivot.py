"""Tables with a column for each month: turned into lines with a date, a client and an amount."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from crmkit.book import naming
from crmkit.book.contracts import TABLES
from crmkit.book.engine import MONEY, ROW, Engine
from crmkit.book.errors import BookError
from crmkit.book.formats.part import Part
from crmkit.book.formats.wide import WideLayout, wide_layout
from crmkit.book.notes import Note
from crmkit.book.values import repairs
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir

_TOTAL_ROW = (
    r"(?i)^[\s*=_-]*(?:общий\s+итог|итоги?|итого|всего|разом|razem|gesamt(?:summe|ergebnis)?|"
    r"(?:grand[ -]?|sub[ -]?)?totals?)(?:[\s:.*=_-]*$|\s+(?:по|за|for|of|by)\s)|\s(?:итог|total)$"
)
_MEASURES = ("money", "number", "count")


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
        As in :func:`crmkit.book.formats.wide.wide_layout`, which also says what is raised.
    """
    if "date" in (mapping or {}):
        return list(parts)
    named = {id(part): naming.name_table(part.stem) for part in parts if not part.report}
    sales = [part for part in parts if named.get(id(part), "") in (None, "ledger")]
    ledger = next((part for part in sales if _is_ledger(part)), None)
    # Where nothing else lists sales, a table that is named after its clients may.
    may_be = sales + ([] if ledger else [part for part in parts if named.get(id(part)) == "clients"])
    layouts: dict[int, WideLayout] = {}
    for part in may_be:
        try:
            layout = wide_layout(part.headers, name=part.name, order=order)
        except BookError:
            if ledger is None:
                raise
            continue
        if layout and layout.others:
            layouts[id(part)] = layout
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

    stem = part.stem if naming.name_table(part.stem) == "ledger" else ""
    long = Part(part.name, stem, headers, load, rows_each=steps, notes=part.notes)
    long.currencies = part.currencies
    long.titles, long.hidden, long.filtered = part.titles, part.hidden, part.filtered
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
