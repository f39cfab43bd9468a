"""One table from its parts: joined, given types, rows that cannot be used refused or set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmkit.book import naming
from crmkit.book.contracts import Table
from crmkit.book.engine import ROW, Engine
from crmkit.book.errors import BookError
from crmkit.book.formats.part import Part
from crmkit.book.notes import Note
from crmkit.book.rows.day_rules import remove_far_days
from crmkit.book.rows.document_totals import settle_document_totals
from crmkit.book.rows.draft import FILE, PLACE, Draft, Group, Source
from crmkit.book.rows.hidden_rows import note_hidden_rows
from crmkit.book.rows.open_files import note_open_files
from crmkit.book.rows.order_states import remove_cancelled
from crmkit.book.rows.outlines import fill_outline, refuse_gaps
from crmkit.book.rows.overlaps import remove_duplicates, remove_overlaps
from crmkit.book.rows.paid_back import settle_paid_back
from crmkit.book.rows.stand_ins import stand_in
from crmkit.book.rows.totals import remove_dated_totals
from crmkit.book.rows.unread import remove_unread
from crmkit.book.settings import Settings
from crmkit.book.values.columns import type_columns
from crmkit.book.values.currencies import check_currencies, check_formats, currency_column
from crmkit.book.values.metrics import check_metrics, metric_columns
from crmkit.book.values.siblings import Siblings

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd


@dataclass
class Reading:
    """What was read: typed tables in the engine, notes, rows set aside, and the files they came from."""

    engine: Engine
    tables: dict[str, ir.Table] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    set_aside: list[pd.DataFrame] = field(default_factory=list)
    """Rows set aside as they stood, with table, file, row and reason, a Message."""
    sources: list[tuple[str, str, int, str]] = field(default_factory=list)
    """Part, table, columns used, columns as ``ours = theirs``."""
    rows_read: dict[str, int] = field(default_factory=dict)
    """Rows of each table as they were found, counted before anything was done to them."""
    rows_blank: dict[str, int] = field(default_factory=dict)
    """Rows of each table that were wholly blank."""
    drafts: dict[str, Draft] = field(default_factory=dict)
    """How each table was made from its parts."""
    scanned: set[str] = field(default_factory=set)
    """Tables of which not all ids and texts were looked at."""
    money_read: float | None = None
    """Money of all the ledger's rows, before any was set aside; None if none was."""
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
    engine = reading.engine
    draft = _draft(table, chosen, engine)
    reading.drafts[table.name] = draft
    for group in draft.groups:
        _type(draft, group, settings)
        if fill_outline(draft, group):
            _type(draft, group, settings)
        for item in group.typed:
            reading.notes.extend(item.notes)
        note_open_files(draft, group, reading, settings)
        if not group.stored:
            reading.scanned.add(table.name)
    remove_unread(draft, reading, settings)
    for group in draft.groups:
        group.table = _used(draft, group, reading)
    settle_document_totals(draft, reading, settings)
    settle_paid_back(draft, reading, settings)
    remove_dated_totals(draft, reading)
    refuse_gaps(draft, settings)
    remove_cancelled(draft, reading, settings)
    remove_far_days(draft, reading, settings)
    remove_overlaps(draft, reading, settings)
    remove_duplicates(draft, reading, settings)
    note_hidden_rows(draft, reading)
    engine.clear_scratch()
    reading.tables[table.name] = draft.rows()
    for group in draft.groups:
        for rows in group.originals if group.stored else ():
            engine.drop(rows)


def _draft(table: Table, chosen: Sequence[tuple[Part, naming.Naming]], engine: Engine) -> Draft:
    """Parts that are all text in one group, each other part in a group of its own."""
    import ibis

    draft = Draft(table, engine, [])
    together: list[Group] = []
    currencies: list[tuple[Part, str, ir.StringColumn]] = []
    for number, (part, named) in enumerate(chosen):
        columns = [column.name for column in table.columns if column.name in named.columns]
        part.kinds = {named.columns[name]: table[name].kind for name in columns}
        currency = currency_column(part, named.columns) if draft.is_ledger else None
        metrics = metric_columns(part, named.columns) if draft.is_ledger else []
        others = metrics if currency is None else [currency, *metrics]
        rows = part.load(sorted({*named.columns.values(), *others}))
        check_metrics(engine, part, rows, metrics)
        if currency is not None:
            currencies.append((part, part.headers[currency], rows[f"c{currency}"]))
        renamed = rows.select(
            **{name: rows[f"c{named.columns[name]}"] for name in columns},
            **{FILE: ibis.literal(number, "int64"), ROW: rows[ROW]},
        )
        headers = {name: part.headers[named.columns[name]] for name in columns}
        draft.sources.append(Source(part, headers, dict(named.columns)))
        is_text = all(renamed[name].type().is_string() for name in columns)
        group = Group(renamed, [rows], [number], columns, part.stored)
        (together if part.stored and is_text else draft.groups).append(group)
    check_currencies(engine, currencies)
    check_formats([part for part, _ in chosen])
    if together:
        draft.groups.insert(0, _united(table, together))
    return draft


def _united(table: Table, groups: Sequence[Group]) -> Group:
    import ibis

    names = [c.name for c in table.columns if any(c.name in group.columns for group in groups)]
    aligned = [
        group.rows.select(
            **{name: group.rows[name] if name in group.columns else ibis.null("string") for name in names},
            **{name: group.rows[name] for name in PLACE},
        )
        for group in groups
    ]
    return Group(
        ibis.union(*aligned) if len(aligned) > 1 else aligned[0],
        [original for group in groups for original in group.originals],
        [number for group in groups for number in group.sources],
        names,
        stored=True,
    )


def _type(draft: Draft, group: Group, settings: Settings) -> None:
    """Find out how the columns of a group get their types."""
    group.count = int(draft.engine.value(group.rows.aggregate(rows=group.rows.count()))["rows"])
    if not group.count:
        name = draft.sources[group.sources[0]].part.name
        raise BookError("{file}: the file has headers but no rows.", file=name)
    group.joined, group.typed = type_columns(
        group.rows,
        group.count,
        draft.table,
        group.columns,
        engine=draft.engine,
        settings=settings,
        where={name: draft.where(group, name) for name in group.columns},
        need=[name for name in draft.needed if name in group.columns],
        scanned=not group.stored,
        siblings=Siblings(
            draft.engine,
            [draft.sources[number].part for number in group.sources],
            [draft.sources[number].headers for number in group.sources],
        ),
    )


def _used(draft: Draft, group: Group, reading: Reading) -> ir.Table:
    """The rows of a group that are used, with the types of the contract."""
    rows = group.joined
    assert rows is not None
    if any(item.cells is not None for item in group.typed) and group.stored:
        # A join does not keep the order of the file.
        rows = rows.order_by(PLACE)
    values: dict[str, Any] = {item.column.name: item.value(rows) for item in group.typed}
    client = next((item for item in group.typed if item.column.name == "client_id"), None)
    if client is not None and client.native_id is not None:
        values["_client"] = client.native_id(rows)
    headers = draft.sources[group.sources[0]].headers
    result, notes = stand_in(
        draft.table.name, rows.select(**values, **{name: rows[name] for name in PLACE}), headers
    )
    reading.notes.extend(notes)
    return draft.engine.store(result) if group.stored else result
