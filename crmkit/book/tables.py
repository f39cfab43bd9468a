"""One table from its parts: joined, given types, rows that cannot be read refused or set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmkit.book import naming
from crmkit.book.columns import EXPECTED, TypedColumn, type_columns
from crmkit.book.contracts import Table
from crmkit.book.engine import ROW, Engine
from crmkit.book.errors import BookError
from crmkit.book.lines import with_amount
from crmkit.book.notes import Note
from crmkit.book.part import Part
from crmkit.book.repairs import MISSING
from crmkit.book.settings import Settings
from crmkit.book.stand_ins import stand_in
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

_FILE = "_file"
_REASON = "_reason"
_NEEDED = ("id", "date", "moment", "money")


@dataclass
class Reading:
    """What was read: typed tables in the engine, notes, rows set aside, and the files they came from."""

    engine: Engine
    tables: dict[str, ir.Table] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    set_aside: list[pd.DataFrame] = field(default_factory=list)
    sources: list[tuple[str, str, int, str]] = field(default_factory=list)
    """Part, table, columns used, columns as ``ours = theirs``."""
    rows_read: dict[str, int] = field(default_factory=dict)
    """Rows of each table as they were found, counted before anything was done to them."""
    scanned: set[str] = field(default_factory=set)
    """Tables of which not all ids and texts were looked at."""
    money_aside: float = 0.0
    """Money of the ledger's rows set aside, as far as their amounts can be read."""


def read_table(
    table: Table, chosen: Sequence[tuple[Part, naming.Naming]], reading: Reading, settings: Settings
) -> None:
    """Join the parts of one table, give it types, and add it to the reading.

    Raises
    ------
    BookError
        If a column cannot be read safely, a row cannot and may not be set aside, or no row is left.
    """
    import ibis

    typed = []
    for group in _groups(table, chosen):
        typed.append(_typed(table, group, reading, settings))
        if group.stored:
            for rows in group.originals:
                reading.engine.drop(rows)
    names = [column.name for column in table.columns if any(column.name in rows.columns for rows in typed)]
    names += ["_client"] if all("_client" in rows.columns for rows in typed) else []
    types = {name: next(rows[name].type() for rows in typed if name in rows.columns) for name in names}
    aligned = [
        rows.select(
            **{name: rows[name] if name in rows.columns else ibis.null(types[name]) for name in names}
        )
        for rows in typed
    ]
    reading.tables[table.name] = ibis.union(*aligned) if len(aligned) > 1 else aligned[0]


@dataclass
class _Group:
    """Parts of one table that are typed together, since the column decides and not the file."""

    rows: ir.Table
    originals: list[ir.Table]
    parts: list[Part]
    headers: list[dict[str, str]]
    columns: list[str]
    stored: bool


def _groups(table: Table, chosen: Sequence[tuple[Part, naming.Naming]]) -> list[_Group]:
    """Parts that are all text in one group, each other part in a group of its own."""
    import ibis

    together: list[_Group] = []
    alone: list[_Group] = []
    for part, named in chosen:
        columns = [column.name for column in table.columns if column.name in named.columns]
        rows = part.load(sorted(named.columns.values()))
        renamed = rows.select(
            **{name: rows[f"c{named.columns[name]}"] for name in columns}, **{ROW: rows[ROW]}
        )
        headers = {name: part.headers[named.columns[name]] for name in columns}
        is_text = all(renamed[name].type().is_string() for name in columns)
        group = _Group(renamed, [rows], [part], [headers], columns, part.stored)
        (together if part.stored and is_text else alone).append(group)
    if not together:
        return alone
    names = [
        column.name for column in table.columns if any(column.name in group.columns for group in together)
    ]
    united = [
        group.rows.select(
            **{name: group.rows[name] if name in group.columns else ibis.null("string") for name in names},
            **{ROW: group.rows[ROW], _FILE: ibis.literal(number, "int64")},
        )
        for number, group in enumerate(together)
    ]
    joined = _Group(
        ibis.union(*united) if len(united) > 1 else united[0],
        [original for group in together for original in group.originals],
        [part for group in together for part in group.parts],
        [headers for group in together for headers in group.headers],
        names,
        stored=True,
    )
    return [joined, *alone]


def _typed(table: Table, group: _Group, reading: Reading, settings: Settings) -> ir.Table:
    """The rows of a group with the types of the contract."""
    engine = reading.engine
    count = int(engine.value(group.rows.aggregate(rows=group.rows.count()))["rows"])
    if not count:
        raise BookError(f"{group.parts[0].name}: the file has headers but no rows.")
    reading.rows_read[table.name] = reading.rows_read.get(table.name, 0) + count
    where = {name: _where(group, name) for name in group.columns}
    need = [
        name
        for name in table.required
        if name in group.columns and table[name].kind in _NEEDED and not table[name].may_be_blank
    ]
    rows, typed = type_columns(
        group.rows,
        count,
        table,
        group.columns,
        engine=engine,
        settings=settings,
        where=where,
        need=need,
        scanned=not group.stored,
    )
    if not group.stored:
        reading.scanned.add(table.name)
    bad = [item for item in typed if item.bad is not None]
    if bad:
        _refuse_or_set_aside(table, group, rows, bad, reading, settings)
        if table.name == "ledger":
            reading.money_aside += _money(engine, rows, typed, bad)
        rows = rows.filter(~_any_bad(rows, bad))
        if not engine.value(rows.aggregate(n=rows.count()))["n"]:
            aside = reading.set_aside[-1]
            raise BookError(
                f"{group.parts[0].name}: none of its {count} rows can be read. The first: "
                f"{aside['reason'].iloc[0]}."
            )
    if any(item.cells is not None for item in typed) and group.stored:
        # A join does not keep the order of the file.
        rows = rows.order_by([name for name in (_FILE, ROW) if name in rows.columns])
    for item in typed:
        reading.notes.extend(item.notes)
    values: dict[str, Any] = {item.column.name: item.value(rows) for item in typed}
    client = next((item for item in typed if item.column.name == "client_id"), None)
    if client is not None and client.native_id is not None:
        values["_client"] = client.native_id(rows)
    result, notes = stand_in(table.name, rows.select(**values), group.headers[0])
    reading.notes.extend(notes)
    result = engine.store(result) if group.stored else result
    engine.clear_scratch()
    return result


def _any_bad(rows: ir.Table, bad: Sequence[TypedColumn]) -> ir.BooleanValue:
    import ibis

    return ibis.or_(*[item.bad(rows) for item in bad if item.bad is not None])


def _money(engine: Engine, rows: ir.Table, typed: Sequence[TypedColumn], bad: Sequence[TypedColumn]) -> float:
    """Money of the rows of which at least one cell is bad."""
    values = {item.column.name: item.value(rows) for item in typed}
    ledger = with_amount(rows.select(**values, _bad=_any_bad(rows, bad)))
    if "amount" not in ledger.columns:
        return 0.0
    return float(engine.value(ledger.aggregate(money=ledger.amount.sum(where=ledger._bad)))["money"] or 0)


def _where(group: _Group, column: str) -> str:
    for part, headers in zip(group.parts, group.headers):
        if column in headers:
            return f"{part.name}, column {headers[column]!r}"
    raise KeyError(column)


def _refuse_or_set_aside(
    table: Table,
    group: _Group,
    rows: ir.Table,
    bad: Sequence[TypedColumn],
    reading: Reading,
    settings: Settings,
) -> None:
    import ibis

    reason = ibis.cases(*[(item.bad(rows), item.column.name) for item in bad if item.bad is not None])
    place = [name for name in (_FILE, ROW) if name in rows.columns]
    rows = rows.mutate(**{_REASON: reason}).filter(reason.notnull())
    rows = rows.select(*group.columns, *place, _REASON).order_by(place)
    if settings.reading.on_bad_row == "refuse":
        first = reading.engine.fetch(rows.limit(1)).iloc[0]
        raise BookError(_bad_row_message(table, group, first, sum(item.bad_count for item in bad)))
    frame = reading.engine.fetch(rows)
    numbers = frame.pop(_FILE).astype(int) if _FILE in frame else frame[ROW] * 0
    firsts = numbers.map(lambda number: group.parts[number].first_row)
    frame.insert(0, "table", table.name)
    frame.insert(1, "file", numbers.map(lambda number: group.parts[number].name))
    frame.insert(2, "row", (frame.pop(ROW) + firsts).astype("int64"))
    frame.insert(
        3, "reason", frame.pop(_REASON).map(lambda name: f"{name}: not {EXPECTED[table[name].kind]}")
    )
    reading.set_aside.append(frame)
    for item in bad:
        reading.notes.append(
            Note(
                "set_aside",
                table.name,
                mark("Rows that cannot be read were set aside; they are in book.set_aside."),
                column=item.column.name,
                rows=item.bad_count,
            )
        )


def _bad_row_message(table: Table, group: _Group, row: Any, count: int) -> str:
    number = int(row.get(_FILE, 0))
    part, headers = group.parts[number], group.headers[number]
    column = table[row[_REASON]]
    value = row[column.name]
    where = (
        f"{part.name}, column {headers.get(column.name, column.name)!r}, row {int(row[ROW]) + part.first_row}"
    )
    expected = EXPECTED[column.kind]
    if value is None or value != value or str(value).strip().lower() in MISSING:
        problem = f"the cell is blank where {expected} is needed"
    elif column.personal or column.kind == "id":
        problem = f"the cell is not {expected}"
    else:
        problem = f"{str(value)[:60]!r} is not {expected}"
    more = f" ({count} such rows in all.)" if count > 1 else ""
    return f"{where}: {problem}.{more} Fix the cell, or pass on_bad_row='set_aside'."
