"""From a source to typed tables: parts are found, named, joined, given types, and what was noticed is
noted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.book import files, naming
from crmkit.book.columns import EXPECTED, TypedColumn, type_columns
from crmkit.book.contracts import TABLES, Table
from crmkit.book.engine import ROW, Engine
from crmkit.book.errors import BookError
from crmkit.book.lines import with_amount
from crmkit.book.notes import Note
from crmkit.book.parts import Part, check_frames, frame_part, parts_of
from crmkit.book.repairs import MISSING
from crmkit.book.settings import Settings
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


def read_frames(
    frames: Mapping[Any, pd.DataFrame],
    mapping: Mapping[str, Mapping[str, str]],
    settings: Settings,
    *,
    required: Sequence[str] = (),
) -> Reading:
    """Read a dict of DataFrames, {table: frame}; the tables in `required` must be among them."""
    check_frames(frames)
    engine = Engine()
    parts = [frame_part(str(name), frame, engine) for name, frame in frames.items()]
    return _read(parts, engine, mapping, settings, source="the tables given", required=required)


def read_files(
    source: files.Source,
    mapping: Mapping[str, Mapping[str, str]],
    settings: Settings,
    *,
    required: Sequence[str] = (),
) -> Reading:
    """Read the files of a source; the tables in `required` must be among them."""
    engine = Engine()
    with tempfile.TemporaryDirectory(prefix="crmkit-") as work:
        parts = [
            part for file in source.files for part in parts_of(file, engine, settings.reading, Path(work))
        ]
        return _read(parts, engine, mapping, settings, source=source.name, required=required)


def _read(
    parts: Sequence[Part],
    engine: Engine,
    mapping: Mapping[str, Mapping[str, str]],
    settings: Settings,
    *,
    source: str,
    required: Sequence[str],
) -> Reading:
    reading = Reading(engine)
    chosen: dict[str, list[tuple[Part, naming.Naming]]] = {}
    for part in parts:
        table = _table_of(part, mapping, required, alone=len(parts) == 1)
        if table is None:
            reading.notes.append(_unused_part(part))
            continue
        named = naming.name_columns(part.headers, table, mapping.get(table), where=part.name)
        if missing := naming.missing_columns(named):
            raise BookError(_missing_message(part, named, missing))
        chosen.setdefault(table, []).append((part, named))
    if not chosen:
        listing = "; ".join(f"{part.name}: {naming.listed(part.headers, most=8)}" for part in parts[:5])
        raise BookError(
            f"{source}: no table was recognised. A ledger needs at least a date and a client. Headers found: "
            f"{listing}."
        )
    if strangers := [table for table in required if table not in chosen]:
        raise BookError(
            f"The mapping is about the table {strangers[0]}, but nothing in {source} is that table. Tables "
            f"found: {', '.join(chosen)}."
        )
    for name in TABLES:
        if name in chosen:
            _read_table(TABLES[name], chosen[name], reading, settings)
    return reading


def _table_of(
    part: Part, mapping: Mapping[str, Mapping[str, str]], required: Sequence[str], *, alone: bool
) -> str | None:
    """The table that a part holds: as its name says, unless its headers say another one better."""
    if alone and len(required) == 1:
        return required[0]
    by_name = naming.name_table(part.stem)
    guessed = naming.guess_table(part.headers, mapping, where=part.name)
    if by_name is None:
        return guessed or ("ledger" if alone else None)
    named = naming.name_columns(part.headers, by_name, mapping.get(by_name), where=part.name)
    if guessed is None or not naming.missing_columns(named):
        return by_name
    others = naming.name_columns(part.headers, guessed, mapping.get(guessed), where=part.name)
    return guessed if len(others.columns) > len(named.columns) else by_name


def _unused_part(part: Part) -> Note:
    return Note(
        "file_not_used",
        "",
        mark("{file} is none of the tables that crmkit knows and was not used. Its headers: {headers}."),
        values={"file": part.name, "headers": naming.listed(part.headers, most=12)},
    )


def _missing_message(part: Part, named: naming.Naming, missing: Sequence[str]) -> str:
    table = TABLES[named.table]
    wanted = " and ".join(f"{column} ({table[column].meaning})" for column in missing)
    first = missing[0]
    return (
        f"{part.name}: no column was recognised as the {table.name}'s {wanted}. Headers: "
        f"{naming.listed(part.headers)}. Say which it is: "
        f"mapping={{'{table.name}': {{'{first}': 'the header'}}}}, or --map {first}=HEADER, or in "
        f"crmkit.toml, [mapping.{table.name}]."
    )


def _read_table(
    table: Table, chosen: Sequence[tuple[Part, naming.Naming]], reading: Reading, settings: Settings
) -> None:
    engine = reading.engine
    groups = _loaded(table, chosen, engine)
    typed_tables = []
    for group in groups:
        typed_tables.append(_type_group(table, group, reading, settings))
        if group.stored:
            for rows in group.originals:
                engine.drop(rows)
    columns = [
        column.name for column in table.columns if any(column.name in typed.columns for typed in typed_tables)
    ]
    hidden = [name for name in ("_client",) if all(name in typed.columns for typed in typed_tables)]
    import ibis

    aligned = []
    for typed in typed_tables:
        schema = {name: next(t[name].type() for t in typed_tables if name in t.columns) for name in columns}
        aligned.append(
            typed.select(
                **{
                    name: typed[name] if name in typed.columns else ibis.null(schema[name])
                    for name in columns + hidden
                }
            )
        )
    reading.tables[table.name] = aligned[0] if len(aligned) == 1 else ibis.union(*aligned)
    for part, named in chosen:
        reading.notes.extend(part.notes)
        used = {
            column.name: part.headers[named.columns[column.name]]
            for column in table.columns
            if column.name in named.columns
        }
        reading.sources.append(
            (part.name, table.name, len(used), ", ".join(f"{a} = {b}" for a, b in used.items()))
        )
        if named.unused:
            reading.notes.append(
                Note(
                    "columns_not_used",
                    table.name,
                    mark("Columns of {file} that were not used: {headers}."),
                    values={"file": part.name, "headers": naming.listed(named.unused)},
                )
            )
        if named.price_is_amount:
            reading.notes.append(
                Note(
                    "price_is_amount",
                    table.name,
                    mark(
                        "There is a price and no quantity, so that the price was taken for the amount of the "
                        "line."
                    ),
                    column="amount",
                )
            )


@dataclass
class _Group:
    """Parts of one table that are typed together, since the column decides and not the file."""

    rows: ir.Table
    originals: list[ir.Table]
    parts: list[Part]
    headers: list[dict[str, str]]
    columns: list[str]
    stored: bool


def _loaded(table: Table, chosen: Sequence[tuple[Part, naming.Naming]], engine: Engine) -> list[_Group]:
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


def _type_group(table: Table, group: _Group, reading: Reading, settings: Settings) -> ir.Table:
    engine = reading.engine
    count = int(engine.value(group.rows.aggregate(rows=group.rows.count()))["rows"])
    if not count:
        raise BookError(f"{group.parts[0].name}: the file has headers but no rows.")
    reading.rows_read[table.name] = reading.rows_read.get(table.name, 0) + count
    where = {name: _where(group, name) for name in group.columns}
    need = [
        name
        for name in table.required
        if table[name].kind in _NEEDED and not (table.name == "ledger" and name == "client_id")
    ]
    rows, typed = type_columns(
        group.rows,
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
    if any(item.cells is not None for item in typed) and group.stored:
        # A join does not keep the order of the file.
        rows = rows.order_by([name for name in (_FILE, ROW) if name in rows.columns])
    for item in typed:
        reading.notes.extend(item.notes)
    values: dict[str, Any] = {item.column.name: item.value(rows) for item in typed}
    client = next((item for item in typed if item.column.name == "client_id"), None)
    if client is not None and client.native_id is not None:
        values["_client"] = client.native_id(rows)
    result = rows.select(**values)
    return engine.store(result) if group.stored else result


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
