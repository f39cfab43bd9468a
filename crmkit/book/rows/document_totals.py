"""A document's total that stands on each of its lines, and would count once for every line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.book.errors import BookError
from crmkit.book.notes import Note
from crmkit.book.rows.draft import PLACE, Draft
from crmkit.book.values.columns import money_of
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.rows.tables import Reading
    from crmkit.book.settings import Settings

_FIRST_ROWS = 1_000
"""Rows that mostly show it already, so that the others need not be looked at."""
_LEAST, _MOST = 10, 0.9
"""Documents of several things from which equal amounts on all lines are no chance, and the share of them."""


def settle_document_totals(draft: Draft, reading: Reading, settings: Settings) -> None:
    """Count the total of a document once, or refuse where it is open whether the amounts are totals.

    It is open where in nine of ten documents of different things every line has the same amount, though
    documents differ, and no quantity and price say what a line is worth. Fewer than ten documents are only
    noted, since they may be alike by chance.

    Raises
    ------
    BookError
        If it is open, and the settings do not say.
    """
    wish = settings.reading.document_totals
    if not draft.is_ledger or wish == "lines":
        return
    rows = draft.rows()
    if not {"amount", "document_id", "product_id"} <= set(rows.columns):
        return
    if {"quantity", "unit_price"} <= set(rows.columns):
        return
    first = draft.engine.value(_seen(_documents(rows.limit(_FIRST_ROWS))))
    if first["same"] < _MOST * first["documents"]:
        return
    documents = _documents(rows)
    seen = draft.engine.value(_seen(documents))
    if seen["documents"] < 2 or seen["same"] < _MOST * seen["documents"] or seen["amounts"] < 2:
        return
    if wish == "once":
        _count_once(draft, reading, documents.filter(documents.least == documents.most))
        return
    if seen["documents"] < _LEAST or seen["amounts"] < 3:
        action = mark(
            "All lines of documents with several products have the same amount, as a repeated total of the "
            "document has. They count as they stand; the money that would count more than once stands "
            'beside. document_totals = "once" in crmkit.toml, [reading], counts it once a document.'
        )
        rows_seen, money = int(seen["lines"]), money_of(seen["money"])
        reading.notes.append(Note("possible_document_totals", "ledger", action, "amount", rows_seen, money))
        return
    raise BookError(
        "{file}: in {same} of {documents} documents with several products, all lines have the same amount, "
        "as a total of the document does that is repeated on each line. If it is one, {money} would count "
        'more than once. Say which: document_totals = "once" in crmkit.toml, [reading], counts it once '
        'a document; document_totals = "lines" says that each line brings its amount.',
        file=draft.sources[0].part.name,
        same=int(seen["same"]),
        documents=int(seen["documents"]),
        money=round(money_of(seen["money"]), 2),
    )


def _seen(documents: ir.Table) -> ir.Table:
    return documents.aggregate(
        documents=documents.count(),
        same=(documents.least == documents.most).sum().fill_null(0),
        amounts=documents.most.nunique(),
        lines=documents.lines.sum(),
        money=(documents.most * (documents.lines - 1)).sum(where=documents.least == documents.most),
    )


def _documents(rows: ir.Table) -> ir.Table:
    """Documents with more than one product, and their amounts."""
    rows = rows.filter(rows.document_id.notnull() & rows.amount.notnull())
    found = rows.group_by("document_id").aggregate(
        lines=rows.count(), things=rows.product_id.nunique(), least=rows.amount.min(), most=rows.amount.max()
    )
    return found.filter((found.things > 1) & (found.most != 0))


def _count_once(draft: Draft, reading: Reading, documents: ir.Table) -> None:
    import ibis

    rows = draft.rows()
    rows = rows.semi_join(documents, "document_id").filter(rows.amount.notnull())
    number = ibis.row_number().over(group_by="document_id", order_by=PLACE)
    later = rows.mutate(_number=number)
    later = later.filter(later["_number"] > 0)
    seen = draft.engine.value(later.aggregate(rows=later.count(), money=later.amount.sum()))
    draft.change(reading, later, lambda row: {"amount": row.amount * 0})
    action = mark(
        "The total of a document stood on each of its lines; it was left on the first line and is 0 on the "
        'others, as document_totals = "once" in crmkit.toml, [reading], asks. What each product brought is '
        "not known."
    )
    money = -money_of(seen["money"])
    reading.notes.append(
        Note("document_totals", "ledger", action, "amount", int(seen["rows"]), money, changed=True)
    )
