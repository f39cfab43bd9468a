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
    amount = ledger.amount.cast("float64")
    gross = (ledger.quantity * ledger.unit_price).cast("float64")
    net = gross - ledger.discount.cast("float64").fill_null(0.0) if "discount" in ledger.columns else gross
    rows = ledger.select(
        amount=amount, expected=net, gross=gross, slack=_CENTS * (ledger.quantity.cast("float64").abs() + 1)
    )
    rows = rows.filter(rows.amount.notnull() & rows.expected.notnull())
    # The discount may be taken off the price already.
    right = ((rows.amount - rows.expected).abs() <= rows.slack) | (
        (rows.amount - rows.gross).abs() <= rows.slack
    )
    seen = engine.value(
        rows.aggregate(
            rows=rows.count(),
            wrong=(~right).sum(),
            money=(rows.amount - rows.expected).sum(where=~right),
            ratio=(rows.amount / rows.expected).median(where=rows.expected != 0),
        )
    )
    if not seen["wrong"]:
        return []
    ratio = float(seen["ratio"] or 1.0)
    scaled = (rows.amount - ratio * rows.expected).abs() <= rows.slack
    fits = int(engine.value(rows.aggregate(n=scaled.sum()))["n"] or 0)
    if abs(ratio - 1) > 0.001 and fits >= _MOST * seen["rows"]:
        action = mark(
            "The amounts are {ratio} times quantity times price, less the discount, in nearly all rows, as a "
            "tax or a general discount makes it; the amounts count. Rows that differ otherwise: {others}."
        )
        values = {"ratio": say.number(ratio, 3), "others": int(seen["rows"]) - fits}
        return [Note("amount_with_tax", "ledger", action, "amount", fits, values=values)]
    action = mark(
        "Amounts that are not quantity times price, less the discount, were kept as they are. The sum of the "
        "differences stands beside; a mapping without amount counts quantity times price."
    )
    rows_wrong, money = int(seen["wrong"]), money_of(seen["money"])
    return [Note("amount_differs", "ledger", action, "amount", rows_wrong, money)]
