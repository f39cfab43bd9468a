"""What the rows themselves show and a reader should know: found by queries, when the notes are asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.book.contracts import TABLES
from crmkit.book.examples import shown
from crmkit.book.notes import Note
from crmkit.book.rows.adjustments import ADJUSTMENT
from crmkit.book.values.columns import money_of
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.days import Span
    from crmkit.book.engine import Engine

_KEYS = {
    "clients": "client_id",
    "products": "product_id",
    "staff": "resource_id",
    "contacts": "contact_id",
    "deals": "deal_id",
}


def reconcile(engine: Engine, ledger: ir.Table, span: Span) -> dict[str, Any]:
    """Rows and money of the ledger: used, without a client, and after the day up to which the book counts."""
    inside, known = span.keeps(ledger.date), ledger.client_id.notnull()
    parts = {"used": inside & known, "without_client": inside & ~known, "after_as_of": ~inside}
    if ADJUSTMENT in ledger.columns:
        adjusts = ledger[ADJUSTMENT]
        parts["without_client"] = inside & ~known & ~adjusts
        parts["adjustments"] = inside & adjusts
    query: dict[str, Any] = {f"{name}_rows": part.sum() for name, part in parts.items()}
    if "amount" in ledger.columns:
        query |= {f"{name}_amount": ledger.amount.sum(where=part) for name, part in parts.items()}
    seen = engine.value(ledger.aggregate(**query))
    nothing = 0.0 if "amount" in ledger.columns else None
    return {
        name: (int(seen[f"{name}_rows"] or 0), money_of(seen.get(f"{name}_amount") or nothing))
        for name in parts
    }


def ledger_notes(engine: Engine, ledger: ir.Table, span: Span) -> list[Note]:
    """Notes about the ledger's rows."""
    parts = reconcile(engine, ledger, span)
    notes = []
    adjusted = parts.get("adjustments", (0, 0.0))
    rows, amount = (one + other for one, other in zip(parts["without_client"], adjusted))
    if rows:
        notes.append(
            Note(
                "without_client",
                "ledger",
                mark("Rows without a client count in the totals of money and not in anything about clients."),
                column="client_id",
                rows=rows,
                amount=amount,
            )
        )
    rows, amount = parts["after_as_of"]
    if rows:
        notes.append(
            Note(
                "after_as_of",
                "ledger",
                mark(
                    "Rows after {as_of}, the day up to which the book counts, were left out; as_of changes "
                    "the day."
                ),
                column="date",
                rows=rows,
                amount=amount,
                values={"as_of": f"{span.end:%Y-%m-%d}"},
            )
        )
    notes.extend(_amount_notes(engine, ledger))
    notes.extend(_duplicates(engine, ledger))
    return notes


def _amount_notes(engine: Engine, ledger: ir.Table) -> list[Note]:
    if "amount" not in ledger.columns:
        return [
            Note(
                "no_amount",
                "ledger",
                mark(
                    "The ledger has no amounts: questions about money cannot be answered, those about visits "
                    "can."
                ),
                column="amount",
            )
        ]
    measures: dict[str, Any] = {
        "blank": ledger.amount.isnull().sum(),
        "zero": (ledger.amount == 0).sum(),
        "negative": (ledger.amount < 0).sum(),
        "returned": ledger.amount.sum(where=ledger.amount < 0),
    }
    if "margin" in ledger.columns:
        uncosted = ledger.margin.isnull() & ledger.amount.notnull()
        measures |= {"uncosted": uncosted.sum(), "uncosted_amount": ledger.amount.sum(where=uncosted)}
    seen = engine.value(ledger.aggregate(**measures))
    notes = []
    if seen["blank"]:
        action = mark("Rows without an amount stay in the ledger and add nothing to the money.")
        notes.append(
            Note("blank_amount", "ledger", action, column="amount", rows=int(seen["blank"]), amount=0.0)
        )
    if seen["zero"]:
        action = mark(
            "Rows with an amount of zero stay in the ledger; a day with nothing else is no purchase."
        )
        notes.append(
            Note("zero_amount", "ledger", action, column="amount", rows=int(seen["zero"]), amount=0.0)
        )
    if seen["negative"]:
        action = mark("Returns and cancellations (negative rows) count against the client who bought.")
        rows, amount = int(seen["negative"]), money_of(seen["returned"])
        notes.append(Note("returns", "ledger", action, column="amount", rows=rows, amount=amount))
    if seen.get("uncosted"):
        action = mark("Rows whose cost is not known are left out of margin.")
        rows, amount = int(seen["uncosted"]), money_of(seen["uncosted_amount"])
        notes.append(Note("without_cost", "ledger", action, column="cost", rows=rows, amount=amount))
    return notes


def _duplicates(engine: Engine, ledger: ir.Table) -> list[Note]:
    """Rows that are exactly like an earlier one: noted, since two equal sales are possible."""
    columns = [column.name for column in TABLES["ledger"].columns if column.name in ledger.columns]
    groups = ledger.group_by(columns).aggregate(_same=ledger.count())
    groups = groups.filter(groups._same > 1)
    extra = groups._same - 1
    measures: dict[str, Any] = {"rows": extra.sum()}
    if "amount" in columns:
        measures["amount"] = (groups.amount * extra).sum()
    seen = engine.value(groups.aggregate(**measures))
    if not seen["rows"]:
        return []
    action = mark(
        "Duplicate rows, like another one in every column that is used, were kept, since two equal sales are "
        'possible; duplicates = "drop" in crmkit.toml, [reading], counts one of each.'
    )
    return [Note("duplicates", "ledger", action, rows=int(seen["rows"]), amount=money_of(seen.get("amount")))]


def key_notes(engine: Engine, tables: dict[str, ir.Table]) -> list[Note]:
    """Notes about ids that should occur once and do not, and about clients whom the clients table does not
    know."""
    notes = []
    for name, key in _KEYS.items():
        if name not in tables:
            continue
        table = tables[name]
        seen = engine.value(table.aggregate(rows=table[key].count(), ids=table[key].nunique()))
        if seen["rows"] > seen["ids"]:
            action = mark(
                "Rows that repeat an id which should occur once; where one value is needed, the first in "
                "order is taken."
            )
            notes.append(Note("repeated_id", name, action, column=key, rows=int(seen["rows"] - seen["ids"])))
    if {"ledger", "clients"} <= tables.keys():
        ledger, clients = tables["ledger"], tables["clients"]
        lost = ledger.filter(ledger.client_id.notnull()).anti_join(clients, "client_id")
        measures: dict[str, Any] = {"rows": lost.count()}
        if "amount" in lost.columns:
            measures["amount"] = lost.amount.sum()
        seen = engine.value(lost.aggregate(**measures))
        if seen["rows"]:
            action = mark("Rows of clients who are not in the clients table count like all others.")
            notes.append(
                Note(
                    "unknown_client",
                    "ledger",
                    action,
                    column="client_id",
                    rows=int(seen["rows"]),
                    amount=money_of(seen.get("amount")),
                )
            )
    return notes


def untidy_notes(engine: Engine, tables: dict[str, ir.Table]) -> list[Note]:
    """Notes about ids and texts of scanned tables that would have been repaired, had their first rows shown
    it."""
    notes = []
    for name, table in tables.items():
        columns = [column for column in TABLES[name].columns if column.name in table.columns]
        words = [column.name for column in columns if column.kind in ("id", "text")]
        untidy = {word: (table[word].strip() != table[word]) | table[word].endswith(".0") for word in words}
        seen = engine.value(table.aggregate(**{word: flag.sum() for word, flag in untidy.items()}))
        action = mark(
            "Cells with spaces around them or with an id written as a decimal number were left as they are."
        )
        notes += [Note("untidy", name, action, column=word, rows=int(n)) for word, n in seen.items() if n]
    return notes


_MOST_SHOWN = 5


def unknown_values(engine: Engine, tables: dict[str, ir.Table]) -> list[Note]:
    """Notes about words that are not on the short list of their column."""
    notes = []
    for name, table in tables.items():
        for column in TABLES[name].columns:
            if not column.values or column.name not in table.columns:
                continue
            cell = table[column.name]
            strangers = table.filter(cell.notnull() & ~cell.isin(column.values))
            counted = strangers.group_by(word=cell).aggregate(rows=strangers.count())
            found = engine.fetch(counted.order_by([counted.rows.desc(), counted.word]))
            if len(found):
                words = list(filter(None, found["word"].map(shown)))
                example = ", ".join(words[:_MOST_SHOWN]) + (", …" if len(words) > _MOST_SHOWN else "")
                action = mark("Words that crmkit does not know stay words of their own; it knows: {known}.")
                values = {"known": ", ".join(column.values)}
                rows = int(found["rows"].sum())
                notes.append(
                    Note("unknown_word", name, action, column.name, rows, example=example, values=values)
                )
    return notes


def filled_columns(engine: Engine, tables: dict[str, ir.Table]) -> dict[str, frozenset[str]]:
    """The columns of each table that hold at least one value."""
    filled = {}
    for name, table in tables.items():
        columns = [column for column in table.columns if not column.startswith("_")]
        seen = engine.value(table.aggregate(**{column: table[column].notnull().any() for column in columns}))
        filled[name] = frozenset(column for column in columns if seen[column])
    return filled


def contents(rows: Mapping[str, int], filled: Mapping[str, Collection[str]]) -> pd.DataFrame:
    """table, rows, columns (how many hold values), names (which), from the rows of each table."""
    names = {
        name: [column.name for column in TABLES[name].columns if column.name in filled[name]] for name in rows
    }
    return pd.DataFrame(
        {
            "table": list(rows),
            "rows": list(rows.values()),
            "columns": [len(each) for each in names.values()],
            "names": [", ".join(each) for each in names.values()],
        }
    )
