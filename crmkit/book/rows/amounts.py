"""Whether the amounts of the ledger agree with quantity times price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.book.notes import Note
from crmkit.book.values.columns import money_of
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.engine import Engine
    from crmkit.wording import Speaker

_CENTS = 0.011
_MOST = 0.9
"""Share of rows that must have the same ratio for it to be a tax or a discount."""


def amount_notes(engine: Engine, ledger: ir.Table, say: Speaker) -> list[Note]:
    """A note if amounts differ from quantity times price, less the discount, by more than a cent per piece.

    Where nearly all rows differ by the same factor, as a tax makes it, only the others are counted.
    """
    if not {"amount", "quantity", "unit_price"} <= set(ledger.columns):
        return []
    import ibis

    amount = ledger.amount.cast("float64")
    gross = (ledger.quantity * ledger.unit_price).cast("float64")
    net = gross - ledger.discount.cast("float64").fill_null(0.0) if "discount" in ledger.columns else gross
    rows = ledger.select(
        amount=amount,
        expected=net,
        gross=gross,
        slack=_CENTS * (ledger.quantity.cast("float64").abs() + 1),
        document=ledger.document_id if "document_id" in ledger.columns else ibis.null("string"),
    )
    rows = rows.filter(rows.amount.notnull() & rows.expected.notnull())
    # The discount may be taken off the price already.
    right = ((rows.amount - rows.expected).abs() <= rows.slack) | (
        (rows.amount - rows.gross).abs() <= rows.slack
    )
    opposite = rows.amount * rows.gross < 0
    seen = engine.value(
        rows.aggregate(
            rows=rows.count(),
            wrong=(~right).sum(),
            money=(rows.amount - rows.expected).sum(where=~right),
            opposite=opposite.sum(),
            opposite_money=rows.amount.sum(where=opposite),
            ratio=(rows.amount / rows.expected).median(where=rows.expected != 0),
        )
    )
    if not seen["wrong"]:
        return []
    notes = _repeated_totals(engine, rows.mutate(right=right)) if "document_id" in ledger.columns else []
    if seen["opposite"]:
        action = mark(
            "Amounts of another sign than quantity times price count as they stand. If these rows are "
            "returns, give their amounts a minus; a mapping without amount counts quantity times price."
        )
        count, money = int(seen["opposite"]), money_of(seen["opposite_money"])
        notes.append(Note("amount_sign_differs", "ledger", action, "amount", count, money))
    ratio = float(seen["ratio"] or 1.0)
    scaled = (rows.amount - ratio * rows.expected).abs() <= rows.slack
    fits = int(engine.value(rows.aggregate(n=scaled.sum()))["n"] or 0)
    if abs(ratio - 1) > 0.001 and fits >= _MOST * seen["rows"]:
        action = mark(
            "The amounts are {ratio} times quantity times price, less the discount, in nearly all rows, as a "
            "tax or a general discount makes it; the amounts count. Rows that differ otherwise: {others}."
        )
        values = {"ratio": say.number(ratio, 3), "others": int(seen["rows"]) - fits}
        return [*notes, Note("amount_with_tax", "ledger", action, "amount", fits, values=values)]
    action = mark(
        "Amounts that are not quantity times price, less the discount, were kept as they are. The sum of the "
        "differences stands beside; a mapping without amount counts quantity times price."
    )
    rows_wrong, money = int(seen["wrong"]), money_of(seen["money"])
    return [*notes, Note("amount_differs", "ledger", action, "amount", rows_wrong, money)]


def _repeated_totals(engine: Engine, rows: ir.Table) -> list[Note]:
    """A note if documents of several lines have one amount on all of them, which is none of the lines'."""
    rows = rows.filter(rows.document.notnull())
    found = rows.group_by("document").aggregate(
        lines=rows.count(),
        least=rows.amount.min(),
        most=rows.amount.max(),
        right=rows.right.any(),
        largest=rows.expected.max(),
        together=rows.expected.sum(),
    )
    found = found.filter((found.lines > 1) & (found.least == found.most) & (found.least != 0) & ~found.right)
    # Equal lines with a tax are nearer to a line's worth than to the document's.
    found = found.filter((found.least - found.together).abs() < (found.least - found.largest).abs())
    seen = engine.value(
        found.aggregate(rows=found.lines.sum(), money=(found.least * (found.lines - 1)).sum())
    )
    if not seen["rows"]:
        return []
    action = mark(
        "Documents of several lines have the same amount on each, which is not quantity times price: a total "
        "of the document, it seems, that counts on every line. The money counted more than once stands "
        "beside; a mapping without amount counts quantity times price."
    )
    return [Note("repeated_total", "ledger", action, "amount", int(seen["rows"]), money_of(seen["money"]))]
