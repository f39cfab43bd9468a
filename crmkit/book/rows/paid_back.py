"""Money paid back that the amounts may still hold: returns with a plus, columns of refunds not used, sides of
an account."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from crmkit.book.engine import MONEY, ROW
from crmkit.book.errors import BookError
from crmkit.book.examples import shown
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
    from crmkit.book.settings import Settings


_TYPES = plain_set(
    "type, kind, event, operation, operation type, transaction, transaction type, transaction kind, "
    "document, document type, doc type, invoice, invoice type, sale type, line type, record type, order "
    "type, вид, тип, операция, вид операции, тип операции, документ, вид документа, тип документа, "
    "хозяйственная операция, тип транзакции, вид движения, тип продажи, вид продажи, признак расчета, тип "
    "чека, регистратор"
)
_FLAGS = plain_set("is refund, is return, это возврат, признак возврата")
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
_PAID_BACK = r"refunded|charge ?back"
"""Words for what became of a sale: whether the row is the sale or the money paid back is open."""
_NUMBER = r"^-?\d+(?:[.,]\d{1,2})?$"


_SIDES = plain_set(
    "d c, dc, dr cr, drcr, cr dr, debit credit, debit or credit, credit debit, дт кт, дебет кредит, приход "
    "расход, direction, side, entry type, направление"
)
_DEBIT = plain_set("d, dr, debit, дт, дебет, in, incoming, приход, поступление")
_CREDIT = plain_set("c, cr, credit, кт, кредит, out, outgoing, расход, списание")


def settle_paid_back(draft: Draft, reading: Reading, settings: Settings) -> None:
    """Give rows that a column calls returns a minus, and note what may still be money paid back.

    Rows are turned where the column speaks of what the row is, none of the rows it calls returns has a minus
    already, and the other rows are mostly sales. Else they are noted; so are refunds in a column that is not
    used, which the amounts may count already.

    Raises
    ------
    BookError
        If a column says on which side of an account each amount stands, and both sides occur without a sign.
    """
    import ibis

    rows = with_amount(draft.rows()) if draft.is_ledger else None
    if rows is None or "amount" not in rows.columns:
        return
    for number, source in enumerate(draft.sources):
        headers = source.part.headers
        unused = set(range(len(headers))) - set(source.positions.values())
        columns = [
            at
            for at, header in enumerate(headers)
            if plain(header) in _TYPES | _SIDES or (at in unused and plain(header) in _FLAGS | _REFUNDS)
        ]
        if not columns:
            continue
        cells = source.part.load_again(columns)
        for at in columns:
            cell = without_missing(cells[f"c{at}"].cast("string")).lower()
            place = {FILE: ibis.literal(number, "int64"), ROW: cells[ROW]}
            here = rows.select(*PLACE, "amount").inner_join(cells.select(**place, _cell=cell), PLACE)
            here = draft.engine.store(here, scratch=True)
            _refuse_sides(draft, here, headers[at], file=source.part.name)
            _refuse_other_kinds(draft, here, headers[at], file=source.part.name)
            if not _turn(draft, reading, here, headers[at], settings):
                _note_column(draft, reading, here.filter(here.amount > 0), headers[at])
        if source.part.stored:
            draft.engine.drop(cells)


def _refuse_sides(draft: Draft, rows: ir.Table, header: str, *, file: str) -> None:
    if plain(header) not in _SIDES | _TYPES:
        return
    word = rows["_cell"].re_replace(r"[^\p{L}]", "")
    seen = draft.engine.value(
        rows.aggregate(
            debit=word.isin(sorted(_DEBIT)).sum(),
            credit=word.isin(sorted(_CREDIT)).sum(),
            rows=rows.count(),
            minus=(rows.amount < 0).any(),
        )
    )
    if not (seen["debit"] and seen["credit"]) or seen["minus"]:
        return
    if seen["debit"] + seen["credit"] < _MOST * seen["rows"]:
        return
    raise BookError(
        "{file}: the column '{header}' says on which side of an account each amount stands ({debit} rows on "
        "one, {credit} on the other), and no amount has a minus. Which side is a sale cannot be seen: keep "
        "the rows of sales, or give what was paid back a minus.",
        file=file,
        header=header,
        debit=int(seen["debit"]),
        credit=int(seen["credit"]),
    )


_SALE = r"^(?:sales?|invoices?|orders?|продажа|реализация|счет|отгрузка|заказ)(?:$|[^\p{L}])"
_OTHER = (
    r"^(?:payments?|receipts?|quotes?|quotations?|estimates?|pro ?forma|expenses?|bills?|purchase orders?|"
    r"оплата|платеж|поступление|коммерческое предложение|расход|поступление товаров)(?:$|[^\p{L}])"
)


def _refuse_other_kinds(draft: Draft, rows: ir.Table, header: str, *, file: str) -> None:
    """Refuse payments, quotes and expenses beside sales: they would count as sales too."""
    if plain(header) not in _TYPES:
        return
    cell = rows["_cell"].replace("ё", "е")
    other = cell.re_search(_OTHER).fill_null(False)
    seen = draft.engine.value(
        rows.aggregate(
            sales=cell.re_search(_SALE).fill_null(False).sum(),
            other=other.sum(),
            money=rows.amount.sum(where=other),
            example=cell.min(where=other),
        )
    )
    if seen["sales"] and seen["other"]:
        raise BookError(
            "{file}: the column '{header}' calls some rows sales and {other} rows something else ({example}, "
            "together {money}), which would count as sales too. Keep the rows of sales in the file.",
            file=file,
            header=header,
            other=int(seen["other"]),
            example=shown(seen["example"]),
            money=round(money_of(seen["money"]), 2),
        )


_MOST = 0.9
"""Share of the rows that must have a side for the column to be one of sides."""


def _called_returns(rows: ir.Table, header: str) -> ir.BooleanValue:
    """Whether the cell of a column says that its row is a return, or that its sale was paid back."""
    says = rows["_cell"].re_search(_RETURN)
    if plain(header) not in _TYPES:
        says = says | flag(rows["_cell"]).fill_null(False)
    return says.fill_null(False)


def _turn(draft: Draft, reading: Reading, rows: ir.Table, header: str, settings: Settings) -> bool:
    """Give the rows that a column calls returns a minus, if it can only be missing; says whether it did."""
    if settings.reading.returns == "keep" or plain(header) not in _TYPES | _FLAGS:
        return False
    called, rest = rows.filter(_called_returns(rows, header)), rows.filter(~_called_returns(rows, header))
    seen = draft.engine.value(
        called.aggregate(
            plus=(called.amount > 0).sum(),
            minus=(called.amount < 0).sum(),
            paid=called["_cell"].re_search(_PAID_BACK).any(),
            money=called.amount.sum(),
        )
    )
    others = draft.engine.value(rest.aggregate(plus=(rest.amount > 0).sum(), minus=(rest.amount < 0).sum()))
    if (
        not seen["plus"]
        or seen["minus"]
        or seen["paid"]
        or not (others["plus"] or 0) > (others["minus"] or 0)
    ):
        return False
    draft.change(reading, called.filter(called.amount > 0), _with_minus)
    action = mark(
        "Rows that the column {header} calls returns had amounts without a minus and were given one, so that "
        'they count against their clients. returns = "keep" in crmkit.toml, [reading], counts them as they '
        "stand."
    )
    money, values = -2 * money_of(seen["money"]), {"header": header}
    reading.notes.append(
        Note(
            "returns_turned",
            "ledger",
            action,
            "amount",
            int(seen["plus"]),
            money,
            values=values,
            changed=True,
        )
    )
    return True


_SIGNED = ("amount", "quantity", "discount", "cost")
"""What has the sign of the money; a price has none."""


def _with_minus(rows: ir.Table) -> dict[str, ir.Value]:
    return {name: -rows[name].abs() for name in _SIGNED if name in rows.columns}


def _note_column(draft: Draft, reading: Reading, rows: ir.Table, header: str) -> None:
    """Note what the cells of one column beside positive amounts say."""
    if plain(header) in _SIDES - _TYPES:
        return
    called = rows.filter(_called_returns(rows, header))
    returns = draft.engine.value(called.aggregate(rows=called.count(), money=called.amount.sum()))
    refunds = _refunds(draft, rows) if plain(header) in _REFUNDS else None
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
