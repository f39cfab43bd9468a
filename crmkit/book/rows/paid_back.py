"""Money paid back that the amounts may still hold: returns with a plus, columns of refunds not used."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from crmkit.book.engine import MONEY, ROW
from crmkit.book.lines import with_amount
from crmkit.book.naming import plain, plain_set
from crmkit.book.notes import Note
from crmkit.book.rows.draft import FILE, PLACE, Draft
from crmkit.book.values.columns import money_of
from crmkit.book.values.flags import flag
from crmkit.book.values.repairs import without_missing
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.rows.tables import Reading


_TYPES = plain_set(
    "type, kind, event, operation, operation type, transaction, transaction type, transaction kind, "
    "document, document type, doc type, invoice, invoice type, sale type, line type, record type, order "
    "type, вид, тип, операция, вид операции, тип операции, документ, вид документа, тип документа, "
    "хозяйственная операция, тип транзакции, вид движения, тип продажи, вид продажи, признак расчета, тип "
    "чека, регистратор"
)
_FLAGS = plain_set("is refund, is return, is returned, is refunded, это возврат, признак возврата")
_REFUNDS = plain_set(
    "refund, refunds, refunded, amount refunded, refunded amount, refund amount, refund total, total "
    "refunded, returns amount, returned amount, return amount, возврат, возвраты, сумма возврата, сумма "
    "возвратов, возвращено, возвращенная сумма"
)
# A "return visit" is no return of goods, so the word stands alone or with what was returned.
_RETURN = (
    r"^(?:(?:sales?|customer|product|purchase) )?returns?$|"
    r"^return (?:of|from|order|items?|goods|note)(?: |$)|"
    r"^(?:partial |full )?refund(?:s|ed)?(?:$|[^\p{L}])|^charge ?back|^credit ?(?:note|memo)|"
    r"^(?:полный |частичный )?возвраты?(?:$|[^\p{L}])|^сторно(?:$|[^\p{L}])|^storno(?:$|[^\p{L}])"
)
_NUMBER = r"^-?\d+(?:[.,]\d{1,2})?$"


def note_paid_back(draft: Draft, reading: Reading) -> None:
    """Note rows that are called returns but have a positive amount, and refunds in a column that is not used.

    Neither changes the money, since the amounts may count them already.
    """
    import ibis

    rows = with_amount(draft.rows()) if draft.is_ledger else None
    if rows is None or "amount" not in rows.columns:
        return
    sales = rows.filter(rows.amount > 0).select(*PLACE, "amount")
    for number, source in enumerate(draft.sources):
        headers = source.part.headers
        unused = set(range(len(headers))) - set(source.positions.values())
        columns = [
            at
            for at, header in enumerate(headers)
            if plain(header) in _TYPES or (at in unused and plain(header) in _FLAGS | _REFUNDS)
        ]
        if not columns:
            continue
        cells = source.part.load_again(columns)
        for at in columns:
            cell = without_missing(cells[f"c{at}"].cast("string")).lower()
            place = {FILE: ibis.literal(number, "int64"), ROW: cells[ROW]}
            here = draft.engine.store(
                sales.inner_join(cells.select(**place, _cell=cell), PLACE), scratch=True
            )
            _note_column(draft, reading, here, headers[at])
        if source.part.stored:
            draft.engine.drop(cells)


def _note_column(draft: Draft, reading: Reading, rows: ir.Table, header: str) -> None:
    """Note what the cells of one column beside positive amounts say."""
    name, cell = plain(header), rows["_cell"]
    says = cell.re_search(_RETURN)
    if name not in _TYPES:
        says = says | flag(cell).fill_null(False)
    called = rows.filter(says.fill_null(False))
    returns = draft.engine.value(called.aggregate(rows=called.count(), money=called.amount.sum()))
    refunds = _refunds(draft, rows) if name in _REFUNDS else None
    # A column of zeros and ones only says yes and no.
    if refunds is not None and refunds["rows"]:
        action = mark(
            "The column {header} holds money that was paid back. It is not subtracted from the sales. If the "
            "amounts do not count it yet, subtract it in the file, or add it as rows with a minus."
        )
        money = money_of(refunds["money"]) if refunds["read"] == refunds["rows"] else math.nan
        values, count = {"header": header}, int(refunds["rows"])
        reading.notes.append(
            Note("refunds_not_used", draft.table.name, action, header, count, money, values=values)
        )
    elif returns["rows"]:
        action = mark(
            "Rows that the column {header} calls returns have a positive amount and count as sales. "
            "If this money went back to the clients, write these amounts with a minus in the file."
        )
        values, count = {"header": header}, int(returns["rows"])
        money = money_of(returns["money"])
        reading.notes.append(
            Note("returns_by_type", draft.table.name, action, header, count, money, values=values)
        )


def _refunds(draft: Draft, rows: ir.Table) -> dict[str, Any] | None:
    """How many cells are numbers other than zero, how many of them read beyond doubt, and their sum.

    None if all of them are ones.
    """
    text = rows["_cell"].re_replace(r"[\s\x{A0}$€£₽]", "")
    number = text.re_search(_NUMBER).ifelse(text.replace(",", "."), None).try_cast(MONEY).abs()
    found = rows.mutate(_text=text, _number=number)
    found = found.filter(found["_text"].re_search(r"^[-+(]?[\d.,']*[1-9][\d.,']*\)?$").fill_null(False))
    seen = draft.engine.value(
        found.aggregate(
            rows=found.count(),
            read=found["_number"].count(),
            money=found["_number"].sum(),
            ones=(found["_number"] == 1).sum(),
        )
    )
    return None if seen["ones"] == seen["rows"] else seen
