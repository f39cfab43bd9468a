"""Rows that the spreadsheet does not show and that count all the same."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from crmkit.book.engine import ROW
from crmkit.book.lines import with_amount
from crmkit.book.notes import Note
from crmkit.book.rows.draft import FILE, Draft
from crmkit.book.values.columns import money_of
from crmkit.wording import mark

if TYPE_CHECKING:
    from crmkit.book.rows.tables import Reading


def note_hidden_rows(draft: Draft, reading: Reading) -> None:
    """Note the rows used that are hidden in their sheets, with their money."""
    import pyarrow as pa

    for number, source in enumerate(draft.sources):
        part = source.part
        if not part.hidden:
            continue
        rows = with_amount(draft.rows()) if draft.is_ledger else draft.rows()
        has_money = draft.is_ledger and "amount" in rows.columns
        hidden = draft.engine.arrow_table(pa.table({"_at": pa.array(part.hidden, pa.int64())}))
        here = rows.filter(rows[FILE] == number).mutate(_at=(rows[ROW] // part.rows_each).cast("int64"))
        here = here.semi_join(hidden, "_at")
        money = {"money": here.amount.sum()} if has_money else {}
        seen = draft.engine.value(here.aggregate(rows=here.count(), **money))
        if not seen["rows"]:
            continue
        action = (
            mark(
                "{file}: rows hidden by a filter were read like all others; delete them if they do not count."
            )
            if part.filtered
            else mark("{file}: hidden rows were read like all others; delete them if they do not count.")
        )
        amount = money_of(seen["money"]) if has_money else math.nan
        values = {"file": part.name}
        reading.notes.append(
            Note("hidden_rows", draft.table.name, action, "", int(seen["rows"]), amount, values=values)
        )
