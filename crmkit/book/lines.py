"""What each ledger line brings and leaves: its amount and its margin, worked out where they are not given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.book.engine import MONEY

if TYPE_CHECKING:
    import ibis.expr.types as ir


def with_amount(ledger: ir.Table) -> ir.Table:
    """The ledger with an amount: as given, else quantity times price, less the discount."""
    if not {"quantity", "unit_price"} <= set(ledger.columns):
        return ledger
    import ibis

    worked_out = ledger.quantity * ledger.unit_price
    if "discount" in ledger.columns:
        worked_out = worked_out - ibis.coalesce(ledger.discount, ibis.literal(0, MONEY))
    worked_out = worked_out.try_cast(MONEY)
    amount = ibis.coalesce(ledger.amount, worked_out) if "amount" in ledger.columns else worked_out
    return ledger.mutate(amount=amount)


def with_margin(ledger: ir.Table, products: ir.Table | None) -> ir.Table:
    """The ledger with a margin: the amount less the line's cost, else less the cost of what was sold.

    Without any cost there is no such column; a line whose cost is unknown has none.
    """
    if "amount" not in ledger.columns:
        return ledger
    import ibis

    has_own = "cost" in ledger.columns
    if products is not None and "unit_cost" in products.columns and "product_id" in ledger.columns:
        # One row per product, so that the join never repeats a line.
        unit = products.group_by("product_id").aggregate(_unit_cost=products.unit_cost.min())
        ledger = ledger.left_join(unit, "product_id").drop("product_id_right")
        if "quantity" in ledger.columns:
            pieces = ledger.quantity
        else:
            pieces = (ledger.amount < 0).ifelse(-1, 1).cast(MONEY)
        cost = (pieces * ledger._unit_cost).try_cast(MONEY)
        cost = ibis.coalesce(ledger.cost, cost) if has_own else cost
    elif has_own:
        cost = ledger.cost
    else:
        return ledger
    # Through a wider type and back, since the engine's difference of two decimals is a slower, wider one.
    return ledger.mutate(margin=(ledger.amount - cost).cast("decimal(19, 4)").try_cast(MONEY))
