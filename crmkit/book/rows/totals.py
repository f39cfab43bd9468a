"""Totals that have a date of their own, as reports by day or month write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.book.engine import ROW
from crmkit.book.lines import with_amount
from crmkit.book.notes import Note
from crmkit.book.rows.draft import FILE, Draft
from crmkit.book.rows.id_look import look_at
from crmkit.book.rows.row_rules import LABEL_ALONE, SURE_ALONE, agreeing
from crmkit.wording import mark
from crmkit.wording.message import Message

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.rows.tables import Reading


def remove_dated_totals(draft: Draft, reading: Reading) -> None:
    """Set aside ledger rows with a date whose client is a word for a total.

    A word that no client is called by is enough; Total and Sum may be clients, and are totals only if their
    amounts agree with the rows above them.
    """
    rows = with_amount(draft.rows()) if draft.is_ledger else None
    if rows is None or "amount" not in rows.columns or "_client" in rows.columns:
        return
    engine = draft.engine
    draft.ids = look_at(engine, rows)
    if not draft.ids.words:
        return
    label = rows.client_id.re_search(LABEL_ALONE).fill_null(False)
    if not engine.value(rows.aggregate(n=label.any()))["n"]:
        return
    kept = label.ifelse(None, rows.amount)
    placed = rows.select(
        file=rows[FILE],
        row=rows[ROW],
        label=label,
        sure=rows.client_id.re_search(SURE_ALONE),
        money=rows.amount,
        above=kept.sum().over(group_by=rows[FILE], order_by=rows[ROW], rows=(None, 0)),
        whole=kept.sum().over(group_by=rows[FILE]),
        lines=kept.count().over(group_by=rows[FILE], order_by=rows[ROW], rows=(None, 0)),
    )
    found = engine.fetch(placed.filter(placed.label).order_by(["file", "row"]))
    agrees = agreeing(found) & (found["lines"].to_numpy() > 1)
    total = found[found["sure"].to_numpy(bool) | agrees]
    if len(total):
        keys = _places(draft, total["file"].tolist(), total["row"].tolist())
        count, amount = draft.set_apart(reading, keys, Message("a row of totals"))
        action = mark(
            "Rows of totals were set aside, so that nothing counts twice; {agree} of {checked} agree with "
            "the sum of the rows they stand for. Give such a client another name in the file to keep it."
        )
        values = {"agree": int(agrees[total.index].sum()), "checked": int(total["money"].notna().sum())}
        reading.notes.append(
            Note("totals", "ledger", action, "client_id", count, amount, values=values, changed=True)
        )
    if rest := len(found) - len(total):
        action = mark(
            "Rows of a client whose name is a word for a total were kept, since they agree with no sum of "
            "rows; if they are totals, delete them in the file."
        )
        money = float(found["money"].sum() - total["money"].sum())
        reading.notes.append(Note("doubtful_totals", "ledger", action, "client_id", rest, money))


def _places(draft: Draft, files: list[int], rows: list[int]) -> ir.Table:
    import pyarrow as pa

    table = pa.table({FILE: pa.array(files, pa.int64()), "at": pa.array(rows, pa.int64())})
    places = draft.engine.arrow_table(table)
    return places.select(**{FILE: places[FILE], ROW: places["at"]})
