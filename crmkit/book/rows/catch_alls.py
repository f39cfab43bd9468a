"""Ids that stand for nobody in particular: walk-ins, cash sales, the unknown."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from crmkit.book.notes import Note
from crmkit.book.values.columns import money_of
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.engine import Engine
    from crmkit.wording import Speaker

_WORDS = (
    "walk in, walkin, walk ins, walk in customer, walk in client, walkin customer, cash, cash customer, "
    "cash client, cash sale, cash sales, counter sale, counter sales, over the counter, guest, guest "
    "customer, guest checkout, anonymous, anonymous customer, anon, unknown, unknown customer, unknown "
    "client, retail, retail customer, retail client, retail sale, retail sales, misc, miscellaneous, "
    "sundry, sundry customer, general customer, no name, noname, no card, without card, default, default "
    "customer, dummy, one time customer, private person, individual, passerby, various, various "
    "customers, others, other customers, house account, laufkundschaft, barverkauf, divers, diverse, "
    "розница, розничный покупатель, розничный клиент, розничные покупатели, розничные продажи, розничная "
    "продажа, частное лицо, физлицо, физ лицо, физическое лицо, физические лица, физлица, частные лица, "
    "без карты, неизвестный, неизвестно, неизвестный клиент, неизвестный покупатель, без имени, без "
    "клиента, аноним, анонимный, гость, гости, наличные, наличный расчет, покупатель, разовый клиент, "
    "разовый покупатель, прочие, прочие покупатели, случайный покупатель, конечный покупатель, население"
)
CATCH_ALLS = frozenset(word.strip() for word in _WORDS.split(","))
"""Such ids in lower case, with single spaces."""


def is_catch_all(client_id: str) -> bool:
    """Whether an id stands for nobody in particular.

    >>> is_catch_all("WALK_IN"), is_catch_all("Розничный  покупатель"), is_catch_all("Guest House Ltd")
    (True, True, False)
    """
    return _bare(client_id) in CATCH_ALLS


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.lower().replace("ё", "е")).strip()


def find_catch_alls(engine: Engine, ledger: ir.Table) -> frozenset[str]:
    """The ids in the ledger that stand for nobody in particular."""
    if "_client" in ledger.columns:
        return frozenset()
    # Narrowed by the engine, so that few ids are looked at here.
    words = "|".join(sorted({word.split()[0] for word in CATCH_ALLS}))
    rows = ledger.filter(ledger.client_id.re_search(rf"(?i)^[\W_]*(?:{words})"))
    found = engine.fetch(rows.select("client_id").distinct())["client_id"]
    return frozenset(text for text in found if is_catch_all(text))


def catch_all_notes(engine: Engine, ledger: ir.Table, ids: frozenset[str], say: Speaker) -> list[Note]:
    """A note for each such id with its share of rows and money."""
    if not ids:
        return []
    has_money = "amount" in ledger.columns
    measures = {"rows": ledger.count()} | ({"amount": ledger.amount.sum()} if has_money else {})
    rows = ledger.filter(ledger.client_id.isin(sorted(ids)))
    measured = {"rows": rows.count()} | ({"amount": rows.amount.sum()} if has_money else {})
    counted = engine.fetch(rows.group_by("client_id").aggregate(**measured).order_by("client_id"))
    whole = engine.value(ledger.aggregate(**measures))
    action = mark(
        "{client} stands for nobody in particular and is not one client: {rows_share} of the rows, "
        "{money_share} of "
        'the money. no_client = ["{client}"] in crmkit.toml, [reading], counts its rows as without a client.'
    )
    notes = []
    for row in counted.itertuples(index=False):
        money = money_of(getattr(row, "amount", None))
        total = money_of(whole.get("amount"))
        values = {
            "client": row.client_id,
            "rows_share": say.percent(row.rows / whole["rows"], 1),
            "money_share": say.percent(money / total if total else math.nan, 1),
        }
        notes.append(
            Note("catch_all", "ledger", action, "client_id", int(row.rows), money, row.client_id, values)
        )
    return notes
