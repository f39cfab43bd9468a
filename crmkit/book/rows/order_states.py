"""Orders that came to nothing: a column that is not among the contract's says that they were cancelled."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from crmkit.book.engine import ROW
from crmkit.book.lines import with_amount
from crmkit.book.naming import plain, plain_set
from crmkit.book.notes import Note
from crmkit.book.rows.draft import FILE, PLACE, Draft
from crmkit.book.values.columns import money_of
from crmkit.book.values.flags import flag
from crmkit.book.values.repairs import without_missing
from crmkit.wording import mark
from crmkit.wording.message import Message

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.rows.tables import Reading
    from crmkit.book.settings import Settings


_STATES = plain_set(
    "status, state, order status, order state, sale status, transaction status, invoice status, payment "
    "status, financial status, статус, статус заказа, статус чека, статус документа, статус продажи, "
    "статус оплаты, статус операции, состояние, состояние заказа, stage, stage name, deal stage, stage "
    "id, status name, status id, visit status, appointment status, booking status, order state name, deal "
    "status, lead status, result, outcome, стадия, стадия сделки, этап, этап сделки, статус сделки, "
    "статус визита, статус записи, статус приема, статус посещения, название статуса, результат, явка, "
    "attendance"
)
_FLAGS = plain_set(
    "cancelled, canceled, is cancelled, is canceled, voided, is void, deleted, is deleted, no show, is no "
    "show, отменен, отменено, отмена, отменена, аннулирован, удален, удалено, пометка удаления, помечен "
    "на удаление, неявка, сторнирован"
)
_RETURNED_FLAGS = plain_set("is returned, is refunded, was returned, was refunded, chargeback")
_PAID = plain_set("paid, is paid, payment received, оплачено, оплачен, оплачена, оплата получена")
"""Flags of which a no says that an order is open."""
_MOMENTS = plain_set(
    "cancelled at, canceled at, cancelled on, canceled on, voided at, deleted at, дата отмены, дата удаления"
)
_CANCELLED = plain_set(
    "cancelled, canceled, cancelled by customer, cancelled by seller, void, voided, declined, rejected, "
    "failed, expired, draft, deleted, abandoned, not completed, cancelado, annulé, storniert, отменен, "
    "отменено, отменена, отмена, отменен клиентом, отменен продавцом, аннулирован, аннулировано, "
    "аннулирована, отклонен, отклонено, отказ, удален, удалено, черновик, не состоялся, не состоялась, не "
    "выполнен, не выполнено, не проведен, lost, lose, closed lost, deal lost, trash, trashed, junk, spam, "
    "no show, did not show, did not attend, did not come, missed, abgebrochen, проигран, проиграна, "
    "проиграно, провален, провалена, провалено, сделка провалена, сделка проиграна, закрыто и не "
    "реализовано, спам, корзина, неявка, не явился, не явилась, клиент не явился, не пришел, не пришла, "
    "клиент не пришел, пациент не пришел, пациент не явился"
)
_RETURNED = plain_set(
    "refunded, returned, reversed, chargeback, возвращен, возвращено, возврат, полный возврат, сторно, "
    "storno, сторнирован, сторнировано, сторнирована"
)
_OPEN = plain_set(
    "pending, unpaid, not paid, disputed, dispute, awaiting payment, pending payment, on hold, "
    "authorized, partially refunded, partially paid, не оплачен, не оплачено, не оплачена, неоплачен, "
    "ожидает оплаты, ожидание оплаты, ожидает, частичный возврат, частично возвращен, частично оплачен, в "
    "резерве"
)


_ALL = _STATES | _FLAGS | _RETURNED_FLAGS | _PAID | _MOMENTS
_FIRST = ("cancelled", "returned", "open")
"""What may have become of an order, the state that decides first."""


def remove_cancelled(draft: Draft, reading: Reading, settings: Settings) -> None:
    """Set aside lines of orders that were cancelled, or paid back where returns have no lines of their own.

    Lines of orders that are open or partly paid back are noted and stay.
    """
    if not draft.is_ledger:
        return
    states = _states(draft)
    if states is None:
        return
    rows = with_amount(draft.rows())
    joined = rows.inner_join(states, PLACE)
    has_money = "amount" in joined.columns
    money = {"money": joined.amount.sum(), "sales": (joined.amount >= 0).sum()} if has_money else {}
    seen = draft.engine.fetch(joined.group_by("_state").aggregate(rows=joined.count(), **money))
    counts = dict(zip(seen["_state"], seen["rows"].astype(int)))
    amounts = dict(zip(seen["_state"], seen["money"])) if money else {}
    if has_money and not dict(zip(seen["_state"], seen["sales"])).get("cancelled", 1):
        # Lines with a minus alone are what cancels the sales, not cancelled sales.
        del counts["cancelled"]
    gone = [state for state in ("cancelled", "returned") if state in counts]
    if settings.reading.cancelled_orders == "keep":
        gone = []
    elif "returned" in gone and "amount" in rows.columns:
        lowest = draft.engine.value(rows.aggregate(lowest=rows.amount.min()))["lowest"]
        if lowest is not None and lowest < 0:
            # Returns have negative lines of their own.
            gone.remove("returned")
    if gone:
        keys = states.filter(states["_state"].isin(gone))
        count, amount = draft.set_apart(reading, keys, Message("the order came to nothing or was paid back"))
        action = mark(
            "Lines of orders that came to nothing (cancelled, lost, missed) or were paid back, as the column "
            "{header} says, were set aside. "
            'cancelled_orders = "keep" in crmkit.toml, [reading], counts them as sales.'
        )
        values = {"header": ", ".join(_headers(draft))}
        reading.notes.append(
            Note("cancelled_orders", draft.table.name, action, "", count, amount, values=values, changed=True)
        )
    if kept := counts.keys() - set(gone):
        _note_kept(draft, reading, kept, counts, amounts)


def _note_kept(
    draft: Draft, reading: Reading, states: Collection[str], counts: dict[str, int], amounts: dict[str, float]
) -> None:
    action = mark(
        "Lines of orders that are unpaid, paid back or cancelled, as the column {header} says, count as "
        "sales. Take them out of the file if they are none."
    )
    money = sum(amounts[state] for state in states) if amounts else None
    rows = sum(counts[state] for state in states)
    values = {"header": ", ".join(_headers(draft))}
    reading.notes.append(
        Note("open_orders", draft.table.name, action, "", rows, money_of(money), values=values)
    )


def _positions(draft: Draft) -> dict[int, list[int]]:
    """For each part, the columns that say what became of an order."""
    found: dict[int, list[int]] = {}
    for number, source in enumerate(draft.sources):
        for at, header in enumerate(source.part.headers):
            if at not in source.positions.values() and plain(header) in _ALL:
                found.setdefault(number, []).append(at)
    return found


def _headers(draft: Draft) -> list[str]:
    return list(
        dict.fromkeys(
            draft.sources[number].part.headers[at]
            for number, columns in _positions(draft).items()
            for at in columns
        )
    )


def _states(draft: Draft) -> ir.Table | None:
    """Places of lines with the state of their order: cancelled, returned or open."""
    import ibis

    parts = []
    for number, columns in _positions(draft).items():
        source = draft.sources[number]
        rows = source.part.load_again(columns)
        for at in columns:
            cell = without_missing(rows[f"c{at}"].cast("string"))
            word = cell.lower().replace("ё", "е").re_replace(r"[^\p{L}\p{N}]", "")
            header = plain(source.part.headers[at])
            if header in _FLAGS:
                state = flag(cell).fill_null(False).ifelse("cancelled", None)
            elif header in _RETURNED_FLAGS:
                state = flag(cell).fill_null(False).ifelse("returned", None)
            elif header in _PAID:
                is_open = word.isin(sorted(_OPEN)) | ~flag(cell)
                state = is_open.fill_null(False).ifelse("open", None)
            elif header in _MOMENTS:
                state = word.re_search("[1-9]").ifelse("cancelled", None)
            else:
                state = ibis.cases(
                    (word.isin(sorted(_CANCELLED)), "cancelled"),
                    (word.isin(sorted(_RETURNED)), "returned"),
                    (word.isin(sorted(_OPEN)), "open"),
                )
            part = rows.select(**{FILE: ibis.literal(number, "int64"), ROW: rows[ROW], "_state": state})
            parts.append(draft.engine.store(part.filter(part["_state"].notnull()), scratch=True))
        if source.part.stored:
            draft.engine.drop(rows)
    if not parts:
        return None
    states = ibis.union(*parts) if len(parts) > 1 else parts[0]
    # Of two columns that speak of an order, the one that says more of it counts.
    rank = ibis.cases(*[(states["_state"] == state, place) for place, state in enumerate(_FIRST)])
    found = states.group_by(PLACE).aggregate(_rank=rank.min())
    named = ibis.cases(*[(found["_rank"] == place, state) for place, state in enumerate(_FIRST)])
    return draft.engine.store(found.select(*PLACE, _state=named), scratch=True)
