"""Contacts and deals in an order that cannot be: planned before they were made, closed before they began."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from crmkit.book.engine import ROW
from crmkit.book.notes import Note
from crmkit.book.rows.draft import FILE, PLACE, Draft
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.engine import Engine

_BEFORE = {
    "contacts": (("created_at", "planned_at"),),
    "deals": (("created_at", "closed_at"), ("created_at", "expected_close")),
    "staff": (("start", "end"),),
    "clients": (("birthday", "joined"),),
}
_SHOWN = 5


def sequence_notes(engine: Engine, tables: Mapping[str, ir.Table], drafts: Mapping[str, Draft]) -> list[Note]:
    """Notes about rows whose second date is before the first, with the numbers of the first such rows."""
    notes = []
    for name, pairs in _BEFORE.items():
        for first, second in pairs:
            table = tables.get(name)
            if table is None or not {first, second, *PLACE} <= set(table.columns):
                continue
            # Days, since one of the two may have a time and the other none.
            wrong = table.filter(table[second].cast("date") < table[first].cast("date"))
            count = engine.value(wrong.aggregate(n=wrong.count()))["n"]
            if not count:
                continue
            rows = engine.fetch(wrong.select(*PLACE).order_by(list(PLACE)).limit(_SHOWN))
            places = [_place(drafts[name], int(file), int(row)) for file, row in zip(rows[FILE], rows[ROW])]
            example = ", ".join(places) + (", …" if count > _SHOWN else "")
            action = mark(
                "Rows in which {second} is before {first} were kept as they are; correct the dates."
            )
            values = {"first": first, "second": second}
            notes.append(
                Note("impossible_order", name, action, second, int(count), example=example, values=values)
            )
    return notes


def _place(draft: Draft, file: int, row: int) -> str:
    """File and number of a row, as messages give them; the number alone where there is one file."""
    part = draft.sources[file].part
    number = str(row // part.rows_each + part.first_row)
    return number if len(draft.sources) == 1 else f"{part.name}: {number}"
