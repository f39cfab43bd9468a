"""Totals that have a date of their own, as reports by day or month write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.book.engine import ROW
from crmkit.book.lines import with_amount
from crmkit.book.notes import Note
from crmkit.book.rows.draft import FILE, Draft
from crmkit.book.rows.id_look import look_at
from crmkit.book.rows.row_rules import CENT, CHARGE, LABEL_CELL, SURE_LABEL, SURE_THING, THING_CELL, agreeing
from crmkit.book.values.columns import money_of
from crmkit.wording import mark
from crmkit.wording.message import Message

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from crmkit.book.rows.tables import Reading


def remove_dated_totals(draft: Draft, reading: Reading) -> None:
    """Set aside ledger rows with a date that are totals, and note taxes and tips.

    Rows without a client are totals if each of them is the sum of the rows of its day, or of those since the
    last one. In other rows a word for a total must stand.

    The word is looked for in the place of the client and of the product, and where no client stands in that
    of the document. One that no client is called by is enough; Total and Sum may be names, and are
    totals only if their amounts agree with the rows above them or with the same client's rows of that day.
    """
    rows = with_amount(draft.rows()) if draft.is_ledger else None
    if rows is None or "amount" not in rows.columns:
        return
    if "_client" not in rows.columns:
        draft.ids = look_at(draft.engine, rows)
    _set_labelled_aside(draft, reading, rows)
    _set_nobody_aside(draft, reading)
    _note_charges(draft, reading)


def _set_labelled_aside(draft: Draft, reading: Reading, rows: ir.Table) -> None:
    import ibis

    engine = draft.engine
    by_client = _has(draft, rows, "client_id", LABEL_CELL)
    things = {"product_id": rows.product_id} if "product_id" in rows.columns else {}
    if draft.ids is not None and draft.ids.missing and "document_id" in rows.columns:
        things["document_id"] = rows.client_id.isnull().ifelse(rows.document_id, None)
    things = {name: cell for name, cell in things.items() if _says(draft, rows, cell, THING_CELL)}
    if not by_client and not things:
        return
    column = "client_id" if by_client else next(iter(things))
    never = ibis.literal(False)
    named = rows.client_id.re_search(LABEL_CELL).fill_null(False) if by_client else never
    sure = rows.client_id.re_search(SURE_LABEL).fill_null(False) if by_client else never
    label = named
    for cell in things.values():
        label = label | cell.re_search(THING_CELL).fill_null(False)
        sure = sure | cell.re_search(SURE_THING).fill_null(False)
    kept = label.ifelse(None, rows.amount)
    same = [rows[FILE], rows.client_id, rows.date]
    placed = rows.select(
        file=rows[FILE],
        row=rows[ROW],
        label=label,
        sure=sure,
        named=named,
        numbered=rows.document_id.notnull() if "document_id" in rows.columns else never,
        money=rows.amount,
        above=kept.sum().over(group_by=rows[FILE], order_by=rows[ROW], rows=(None, 0)),
        whole=kept.sum().over(group_by=rows[FILE]),
        lines=kept.count().over(group_by=rows[FILE], order_by=rows[ROW], rows=(None, 0)),
        own=kept.sum().over(group_by=same),
        own_lines=kept.count().over(group_by=same),
    )
    found = engine.fetch(placed.filter(placed.label).order_by(["file", "row"]))
    total, agrees = _judged(found)
    leaving = found[total]
    if len(leaving):
        keys = _places(draft, leaving["file"].tolist(), leaving["row"].tolist())
        count, amount = draft.set_apart(reading, keys, Message("a row of totals"))
        action = mark(
            "Rows of totals were set aside, so that nothing counts twice; {agree} of {checked} agree with "
            "the sum of the rows they stand for. Give such a client or product another name in the file to "
            "keep it."
        )
        values = {"agree": int(agrees[total].sum()), "checked": int(leaving["money"].notna().sum())}
        reading.notes.append(
            Note("totals", "ledger", action, column, count, amount, values=values, changed=True)
        )
    if rest := len(found) - len(leaving):
        action = mark(
            "Rows of a client or product whose name is a word for a total were kept, since their amounts do "
            "not prove it; if they are totals, delete them in the file."
        )
        money = float(found["money"].sum() - leaving["money"].sum())
        reading.notes.append(Note("doubtful_totals", "ledger", action, column, rest, money))


_MOST_NOBODY, _LEAST_LINES = 2_000, 3
"""Rows without a client that may all be totals; lines that a single one of them must sum up."""


def _set_nobody_aside(draft: Draft, reading: Reading) -> None:
    """Set aside rows without a client if all of them in a file are sums of its other rows."""
    if draft.ids is None or not draft.ids.missing:
        return
    rows = with_amount(draft.rows())
    nobody = rows.client_id.isnull()
    if draft.engine.value(rows.aggregate(n=nobody.sum()))["n"] > _MOST_NOBODY:
        return
    kept = nobody.ifelse(None, rows.amount)
    by_row = {"group_by": rows[FILE], "order_by": rows[ROW], "rows": (None, 0)}
    by_day = [rows[FILE], rows.date.date()]
    placed = rows.select(
        file=rows[FILE],
        row=rows[ROW],
        nobody=nobody,
        money=rows.amount,
        above=kept.sum().over(**by_row),
        whole=kept.sum().over(group_by=rows[FILE]),
        lines=kept.count().over(**by_row),
        own=kept.sum().over(group_by=by_day),
        own_lines=kept.count().over(group_by=by_day),
    )
    import pandas as pd

    found = draft.engine.fetch(placed.filter(placed.nobody).order_by(["file", "row"]))
    money, own = found["money"].to_numpy(float), found["own"].to_numpy(float)
    of_day = (abs(money - own) < CENT) & (found["own_lines"].to_numpy() > 1)
    found["total"] = (agreeing(found) | of_day) & (found["lines"].to_numpy() >= 1) & (money != 0.0)
    leaving = [
        rows
        for _, rows in found.groupby("file")
        if rows["total"].all() and (len(rows) > 1 or rows["lines"].max() >= _LEAST_LINES)
    ]
    if not leaving:
        return
    gone = pd.concat(leaving)
    keys = _places(draft, gone["file"].tolist(), gone["row"].tolist())
    count, amount = draft.set_apart(reading, keys, Message("a row of totals"))
    action = mark(
        "Rows without a client were set aside, since each of them is the sum of the rows of its day, or of "
        "those above it, so that they would count twice. Give them a client in the file to keep them."
    )
    reading.notes.append(Note("totals", "ledger", action, "client_id", count, amount, changed=True))


def _judged(found: pd.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which labelled rows are totals, and which agree with the rows they stand for."""
    import numpy as np

    money, own = found["money"].to_numpy(float), found["own"].to_numpy(float)
    named, sure = found["named"].to_numpy(bool), found["sure"].to_numpy(bool)
    agrees = agreeing(found) & (found["lines"].to_numpy() > 1)
    # A client may buy a thing called Total at the price of the rest, but not every time.
    basket = ~named & (np.abs(money - own) < CENT) & (own != 0.0)
    doubtful = ~named & ~sure
    several = bool((found["own_lines"].to_numpy()[doubtful & basket] > 1).any())
    trusted = ~doubtful | (several and bool(basket[doubtful].all()))
    # A row with a document of its own is a sale, if it is the only one that looks like a total.
    alone = named & ~sure & found["numbered"].to_numpy(bool)
    trusted &= ~alone | ((agrees & alone).sum() > 1)
    return sure | ((agrees | basket) & trusted), agrees | basket


def _note_charges(draft: Draft, reading: Reading) -> None:
    """Note lines of taxes and tips, which count as sales."""
    rows = with_amount(draft.rows())
    for name in ("client_id", "product_id"):
        if name not in rows.columns or not _has(draft, rows, name, CHARGE):
            continue
        lines = rows.filter(rows[name].re_search(CHARGE))
        seen = draft.engine.value(lines.aggregate(rows=lines.count(), money=lines.amount.sum()))
        action = mark(
            "Rows called a tax or a tip count as sales. If the amounts of other rows hold them already, or "
            "they are no sales, delete them in the file."
        )
        money = money_of(seen["money"])
        reading.notes.append(Note("charges", "ledger", action, name, int(seen["rows"]), money))


def _has(draft: Draft, rows: ir.Table, name: str, pattern: str) -> bool:
    """Whether a cell of a column is of the pattern; client ids that are codes are not looked at."""
    if name == "client_id" and (draft.ids is None or not draft.ids.words):
        return False
    return _says(draft, rows, rows[name], pattern)


def _says(draft: Draft, rows: ir.Table, cell: ir.Value, pattern: str) -> bool:
    if not cell.type().is_string():
        return False
    different = rows.select(cell=cell).distinct()
    return bool(draft.engine.value(different.aggregate(n=different.cell.re_search(pattern).any()))["n"])


def _places(draft: Draft, files: list[int], rows: list[int]) -> ir.Table:
    import pyarrow as pa

    table = pa.table({FILE: pa.array(files, pa.int64()), "at": pa.array(rows, pa.int64())})
    places = draft.engine.arrow_table(table)
    return places.select(**{FILE: places[FILE], ROW: places["at"]})
