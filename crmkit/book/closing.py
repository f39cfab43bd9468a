"""The ledger's closing line: every row that was read, and its money, is in one part."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from crmkit.book.findings import reconcile

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.days import Span
    from crmkit.book.engine import Engine
    from crmkit.book.rows.tables import Reading


def reconciliation(
    engine: Engine, ledger: ir.Table, span: Span, reading: Reading, *, rows_aside: int
) -> pd.DataFrame:
    """part, rows, amount; see :meth:`crmkit.book.Book.reconciliation`.

    Parameters
    ----------
    engine
        That holds the ledger.
    ledger
        What was read of it.
    span
        Days that count.
    reading
        Where the rows and the money in the files were counted.
    rows_aside
        Rows of the ledger that were set aside.
    """
    parts = reconcile(engine, ledger, span)
    has_amount = "amount" in ledger.columns
    parts["set_aside"] = (rows_aside, reading.money_aside if has_amount else math.nan)
    if blank := reading.rows_blank.get("ledger", 0):
        parts["blank"] = (blank, 0.0 if has_amount else math.nan)
    money = reading.money_read
    if not has_amount:
        money = math.nan
    elif money is None:
        money = float(engine.value(ledger.aggregate(money=ledger.amount.sum()))["money"] or 0)
    read = (reading.rows_read["ledger"], money)
    records = [(name, rows, amount) for name, (rows, amount) in {"read": read, **parts}.items()]
    return pd.DataFrame.from_records(records, columns=["part", "rows", "amount"]).astype({"part": "str"})
