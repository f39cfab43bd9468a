"""Lines to look at before the totals are believed: giants, tests, credit notes, returns without a sale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.book.examples import shown
from crmkit.book.notes import Note
from crmkit.book.values.columns import money_of
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.engine import Engine
    from crmkit.wording import Speaker

_DEVIATIONS = 6.0
"""How many robust deviations of the logarithm of amounts a line must be above the middle one."""
_LEAST_DEVIATION = 0.5
"""Deviations are at least so large: prices that are all alike make no line of another price a giant."""
_SHARE = 0.01
_LEAST_LINES = 4
_TEST_CLIENT = (
    r"(?i)^(?:test|тест\p{L}*)(?:[ _-]*(?:client|customer|user|account|клиент|покупатель))?[ _-]*\d*$"
)
_TEST_PRODUCT = (
    r"(?i)^(?:test|тест)(?:$|[ _-]?\d|[ _-]|овый товар)|(?:^|\W)test (?:product|item|order)|"
    r"тестов\p{L}+ товар"
)


def oddities(engine: Engine, ledger: ir.Table, say: Speaker) -> list[Note]:
    """Notes about giant lines, test lines, and returns of clients who brought nothing."""
    notes = _tests(engine, ledger)
    if "amount" in ledger.columns:
        notes += _giants(engine, ledger, say)
        notes += _returns(engine, ledger)
        notes += _credit_notes(engine, ledger)
    return notes


def _giants(engine: Engine, ledger: ir.Table, say: Speaker) -> list[Note]:
    """Lines so much larger than the others that the totals hang on them.

    A line counts whose logarithm is six deviations above the median, by the median of absolute deviations,
    and that is a hundredth of all the money moved.

    References
    ----------
    Iglewicz, B., Hoaglin, D. (1993). How to detect and handle outliers. ASQC Quality Press.
    """
    rows = ledger.filter(ledger.amount != 0)
    rows = rows.select(date=rows.date, amount=rows.amount, size=rows.amount.abs().cast("float64").ln())
    seen = engine.value(rows.aggregate(lines=rows.count(), middle=rows["size"].median()))
    if seen["lines"] < _LEAST_LINES:
        return []
    away = (rows["size"] - seen["middle"]).abs()
    spread = engine.value(rows.aggregate(away=away.median(), moved=rows.amount.abs().sum()))
    deviation = max(1.4826 * float(spread["away"]), _LEAST_DEVIATION)
    far = rows["size"] - seen["middle"] > _DEVIATIONS * deviation
    giant = rows.filter(far & (rows.amount.abs().cast("float64") >= _SHARE * float(spread["moved"])))
    found = engine.fetch(giant.order_by([giant.amount.abs().desc(), giant.amount.desc(), giant.date]))
    if found.empty or len(found) > 0.05 * max(seen["lines"], 20):
        return []
    total = float(engine.value(rows.aggregate(total=rows.amount.sum()))["total"])
    amount = float(found["amount"].sum())
    largest = found.iloc[0]
    action = mark(
        "Outliers: lines far larger than all others, the largest {largest} on {day}, together {share} of all "
        "money moved. With them the total is {total}, without them {rest}. They were kept; check whether "
        "they are right."
    )
    values = {
        "largest": say.money(float(largest["amount"]), 2),
        "day": f"{largest['date']:%Y-%m-%d}",
        "total": say.money(total, 2),
        "rest": say.money(total - amount, 2),
        "share": say.percent(found["amount"].abs().sum() / float(spread["moved"]), 1),
    }
    return [Note("outlier", "ledger", action, "amount", len(found), amount, values=values)]


def _tests(engine: Engine, ledger: ir.Table) -> list[Note]:
    """Lines that somebody wrote to try the till."""
    is_test = ledger.client_id.re_search(_TEST_CLIENT).fill_null(False)
    if "product_id" in ledger.columns:
        is_test = is_test | ledger.product_id.re_search(_TEST_PRODUCT).fill_null(False)
    rows = ledger.filter(is_test)
    measures = {"rows": rows.count()} | ({"amount": rows.amount.sum()} if "amount" in rows.columns else {})
    seen = engine.value(rows.aggregate(**measures))
    if not seen["rows"]:
        return []
    action = mark(
        "Lines of a client or a product called test were kept. no_client in crmkit.toml, [reading], takes "
        "the client out; test products are taken out in the file."
    )
    return [Note("test_rows", "ledger", action, "", int(seen["rows"]), money_of(seen.get("amount")))]


def _returns(engine: Engine, ledger: ir.Table) -> list[Note]:
    """Clients who returned more than they bought."""
    known = ledger.filter(ledger.client_id.notnull())
    clients = known.group_by("client_id").aggregate(
        net=known.amount.sum(), rows=(known.amount < 0).cast("int64").sum()
    )
    below = clients.filter(clients.net < 0)
    seen = engine.value(below.aggregate(clients=below.count(), rows=below["rows"].sum(), net=below.net.sum()))
    if not seen["clients"]:
        return []
    action = mark(
        "Clients who returned more than the ledger says they bought: {clients}. What they bought is likely "
        "older than the ledger; they count with their negative amounts and are never among the best."
    )
    values = {"clients": int(seen["clients"])}
    rows, net = int(seen["rows"] or 0), money_of(seen["net"])
    return [Note("returns_without_sale", "ledger", action, "amount", rows, net, values=values)]


_CREDIT_NOTES = ("CN-", "CRN", "CM-", "RMA", "RET-", "RTN", "REFUND", "CREDIT", "ВОЗВР", "ВЗ-")
"""How numbers of documents begin that say that money was paid back."""


def _credit_notes(engine: Engine, ledger: ir.Table) -> list[Note]:
    """A note about positive lines of documents numbered as credit notes, where most have other numbers."""
    if "document_id" not in ledger.columns:
        return []
    import ibis

    number = ledger.document_id.upper()
    called = ibis.or_(*[number.startswith(prefix) for prefix in _CREDIT_NOTES]).fill_null(False)
    positive = called & (ledger.amount > 0)
    seen = engine.value(
        ledger.aggregate(
            rows=positive.sum(),
            share=called.cast("float64").mean(),
            money=ledger.amount.sum(where=positive),
            example=ledger.document_id.min(where=positive),
        )
    )
    if not seen["rows"] or seen["share"] > _MOST_CREDIT_NOTES:
        return []
    action = mark(
        "Documents whose number is that of a credit note or return have amounts without a minus and count as "
        "sales. If this money was paid back, write the amounts with a minus in the file."
    )
    money, example = money_of(seen["money"]), shown(seen["example"])
    return [Note("credit_notes", "ledger", action, "document_id", int(seen["rows"]), money, example)]


_MOST_CREDIT_NOTES = 0.3
"""Share of the lines up to which such numbers are the odd ones."""
