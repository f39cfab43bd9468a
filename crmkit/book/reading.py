"""From a source to a reading: parts are found and named, and what was noticed is noted."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.book import naming
from crmkit.book.contracts import TABLES, Table
from crmkit.book.engine import Engine
from crmkit.book.errors import BookError
from crmkit.book.formats import files
from crmkit.book.formats.frames import check_frames, frame_part
from crmkit.book.formats.part import Part
from crmkit.book.formats.parts import parts_of
from crmkit.book.formats.unpivot import long_parts
from crmkit.book.notes import Note
from crmkit.book.rows import tables
from crmkit.book.rows.adjustments import mark_adjustments
from crmkit.book.rows.derived import add_ledger
from crmkit.book.rows.spellings import settle_clients
from crmkit.book.rows.tables import Reading
from crmkit.book.settings import Settings
from crmkit.wording import mark

if TYPE_CHECKING:
    import pandas as pd

_MOST_SHOWN = 6
_SIDES = (
    naming.plain_set("debit, debit amount, dr, дебет, приход, сумма дебет"),
    naming.plain_set("credit, credit amount, cr, кредит, расход, сумма кредит"),
)


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
        known = sorted({header for columns in mapping.values() for header in columns.values() if header})
        parts = [
            part
            for file in source.files
            for part in parts_of(file, engine, settings.reading, Path(work), known)
        ]
        reading = _read(parts, engine, mapping, settings, source=source.name, required=required)
    reading.notes.extend(_left_out(name) for name in source.left_out)
    return reading


def _left_out(name: str) -> Note:
    action = mark(
        "{file} is an archive beside tables and was not read, since archives there are mostly copies. Give "
        "it by its own path if it holds other tables."
    )
    return Note("file_not_used", "", action, values={"file": name})


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
    order, ledger = settings.reading.date_order, mapping.get("ledger")
    parts = long_parts(parts, engine, mapping=ledger, order=order)
    mapping, required = _own_tables(parts, mapping, required)
    chosen: dict[str, list[tuple[Part, naming.Naming]]] = {}
    for part in parts:
        table = _table_of(part, mapping, required, alone=len(parts) == 1)
        if table is None:
            reading.notes.append(_unused_part(part))
            continue
        named = naming.name_columns(part.headers, table, mapping.get(table), where=part.name)
        if missing := naming.missing_columns(named):
            asked = table in required or mapping.get(table)
            if len(parts) > 1 and (part.report or (table != "ledger" and not asked and _has_ledger(parts))):
                reading.notes.append(_unused_part(part))
                continue
            raise _missing_columns(part, named, missing)
        _refuse_without_money(part, named, mapping.get(table, {}))
        chosen.setdefault(table, []).append((part, named))
    if not chosen:
        listing = "; ".join(f"{part.name}: {naming.listed(part.headers, most=8)}" for part in parts[:5])
        raise BookError(
            "{source}: no table was recognised. A ledger needs at least a date and a client. Headers found: "
            "{listing}.",
            source=source,
            listing=listing,
        )
    if strangers := [table for table in required if table not in chosen]:
        raise BookError(
            "The mapping is about the table {table}, but nothing in {source} is that table. Tables found: "
            "{found}.",
            table=strangers[0],
            source=source,
            found=", ".join(chosen),
        )
    for name in TABLES:
        if name in chosen:
            _refuse_other_tables(name, [part for part, _ in chosen[name]])
            tables.read_table(TABLES[name], chosen[name], reading, settings)
            _sources(reading, TABLES[name], chosen[name])
    settle_clients(reading, settings)
    mark_adjustments(reading, settings)
    add_ledger(reading)
    return reading


# What a mapping of the ledger means in a table of deals or contacts.
_SAME = {"deals": {"date": "closed_at"}, "contacts": {"date": "planned_at"}}


def _own_tables(
    parts: Sequence[Part], mapping: Mapping[str, Mapping[str, str]], required: Sequence[str]
) -> tuple[Mapping[str, Mapping[str, str]], Sequence[str]]:
    """The mapping and the tables asked for, where one file of deals or contacts was mapped as a ledger.

    As lines of a ledger, lost deals and missed appointments would count as purchases.
    """
    if len(parts) != 1 or list(required) != ["ledger"]:
        return mapping, required
    table = naming.guess_table(parts[0].headers, {}, where=parts[0].name)
    if table not in _SAME:
        return mapping, required
    renamed = {_SAME[table].get(column, column): header for column, header in mapping["ledger"].items()}
    own = {column: header for column, header in renamed.items() if column in TABLES[table]}
    return {**mapping, "ledger": {}, table: {**own, **mapping.get(table, {})}}, [table]


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
    if guessed is None:
        return by_name
    others = naming.name_columns(part.headers, guessed, mapping.get(guessed), where=part.name)
    # A table that fits keeps its name, unless much would be left unread: my_customers.csv may hold sales.
    ahead = 0 if naming.missing_columns(named) else 1
    return guessed if len(others.columns) > len(named.columns) + ahead else by_name


def _has_ledger(parts: Sequence[Part]) -> bool:
    return any(naming.guess_table(part.headers, {}, where=part.name) == "ledger" for part in parts)


def _refuse_other_tables(table: str, parts: Sequence[Part]) -> None:
    """Tables of one database with other columns hold other things: archives, changes, payments."""
    first: dict[str, Part] = {}
    for part in parts if len(parts) > 1 else ():
        other = first.setdefault(part.database, part) if part.database else part
        if {naming.plain(header) for header in part.headers} != set(map(naming.plain, other.headers)):
            raise BookError(
                "{first} and {second} can both be the {table}, and have different columns, so that what they "
                "hold may count twice. Give a database, or a file, with only one of them.",
                first=other.name,
                second=part.name,
                table=table,
            )


def _unused_part(part: Part) -> Note:
    return Note(
        "file_not_used",
        "",
        mark("{file} is none of the tables that crmkit knows and was not used. Its headers: {headers}."),
        values={"file": part.name, "headers": naming.listed(part.headers, most=12)},
    )


def _missing_columns(part: Part, named: naming.Naming, missing: Sequence[str]) -> BookError:
    if part.report:
        return BookError(
            "{file}: this is a report and not a list of operations: it holds {signs}, and no column was "
            "recognised as the {table}'s {columns}. Columns found: {headers}. Export the list from which the "
            "report was made: a row for each sale, with its date, client and amount.",
            file=part.name,
            signs=naming.listed(part.report),
            table=named.table,
            columns=", ".join(missing),
            headers=naming.listed(part.headers),
        )
    return BookError(
        "{file}: no column was recognised as the {table}'s {columns}. Headers: {headers}. Say which it is: "
        "{ways}.",
        file=part.name,
        table=named.table,
        columns=", ".join(missing),
        headers=naming.listed(part.headers),
        ways=naming.ways_to_map(named.table, missing[0], "HEADER"),
    )


def _refuse_without_money(part: Part, named: naming.Naming, mapping: Mapping[str, str]) -> None:
    """A ledger with quantities or sides of an account has amounts too, under headers that crmkit does not
    know."""
    known = {*named.columns, *mapping}
    if named.table != "ledger" or {"amount", "unit_price"} & known:
        return
    sides = [next((h for h in named.unused if naming.plain(h) in side), "") for side in _SIDES]
    if all(sides):
        raise BookError(
            "{file}: the money stands in two columns, {first!r} and {second!r}. Say in which the sales are: "
            "{ways}. Rows of the other one then have no amount; a blank HEADER leaves both out.",
            file=part.name,
            first=sides[0],
            second=sides[1],
            ways=naming.ways_to_map("ledger", "amount", sides[0]),
        )
    if "amount" not in mapping:
        for header in named.unused:
            if naming.sounds_like_money(header):
                raise BookError(
                    "{file}: no column was recognised as the amount, and {header!r} sounds like it. Say so: "
                    "{ways}; a blank HEADER says that there is none.",
                    file=part.name,
                    header=header,
                    ways=naming.ways_to_map("ledger", "amount", header),
                )
    if "quantity" not in known:
        return
    raise BookError(
        "{file}: there are quantities, but no column was recognised as the amount or the unit price. "
        "Headers: {headers}. Say which it is: {ways}; a blank HEADER says that there is none.",
        file=part.name,
        headers=naming.listed(part.headers),
        ways=naming.ways_to_map("ledger", "amount", "HEADER"),
    )


def _sources(reading: Reading, table: Table, chosen: Sequence[tuple[Part, naming.Naming]]) -> None:
    """Write down which columns of which part the table was made from, and which were left."""
    if len(chosen) > 1:
        shown = ", ".join(part.name for part, _ in chosen[:_MOST_SHOWN])
        more = ", …" if len(chosen) > _MOST_SHOWN else ""
        action = mark("These were joined into one table: {files}. Leave out what does not belong to it.")
        reading.notes.append(Note("joined", table.name, action, values={"files": shown + more}))
    for part, named in chosen:
        reading.notes.extend(part.notes)
        names = [column.name for column in table.columns if column.name in named.columns]
        used = ", ".join(f"{name} = {part.headers[named.columns[name]]}" for name in names)
        reading.sources.append((part.name, table.name, len(names), used))
        if named.unused:
            reading.notes.append(
                Note(
                    "columns_not_used",
                    table.name,
                    mark("Columns of {file} that were not used: {headers}."),
                    values={"file": part.name, "headers": naming.listed(named.unused)},
                )
            )
        others = [header for header in named.unused if naming.sounds_like_money(header)]
        if table.name == "ledger" and "amount" in named.columns and others:
            used = part.headers[named.columns["amount"]]
            action = mark(
                "Other columns of {file} sound like the amount too and were not used: {headers}. {used} "
                "counts; if another one should, say so: {ways}."
            )
            ways = naming.ways_to_map("ledger", "amount", others[0])
            values = {"file": part.name, "headers": naming.listed(others), "used": naming.listed([used])}
            values["ways"] = ways
            reading.notes.append(Note("other_amounts", "ledger", action, "amount", values=values))
        if named.price_is_amount:
            action = mark(
                "There is a price and no quantity, so that the price was taken for the line's amount."
            )
            reading.notes.append(Note("price_is_amount", table.name, action, column="amount"))
