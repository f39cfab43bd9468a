"""Entries of the accounts among the sales: bad debts, write-offs and charges that no client bought."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.book.engine import ROW, Engine
from crmkit.book.lines import with_amount
from crmkit.book.notes import Note
from crmkit.book.rows.draft import FILE, PLACE, Draft, Source
from crmkit.book.values.columns import money_of
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.rows.tables import Reading
    from crmkit.book.settings import Settings

ADJUSTMENT = "_adjustment"
_WORDS = (
    r"(?i)bad[ -]?debt|write[ -]?off|(?:^|\W)adjust(?:ed|ments?|\d*)?(?:$|\W)|bank charge|charge[ -]?back|"
    r"(?:^|\W)(?:\w{4,})?fees?$|списани[ея]|корректиров\p{L}+|безнад[её]жн\p{L}+ долг|курсов\p{L}+ разниц|"
    r"банковск\p{L}+ комисси|комисси\p{L} банка"
)
_MOST_COLUMNS = 12


def mark_adjustments(reading: Reading, settings: Settings) -> None:
    """Mark the ledger's rows without a client whose words say that they are no sales.

    Looked for only where there is a negative row without a client; the words may stand in any column of text,
    also in one that is not used.
    """
    import ibis

    draft, ledger = reading.drafts.get("ledger"), reading.tables.get("ledger")
    if draft is None or ledger is None or settings.reading.adjustments == "sales":
        return
    engine = reading.engine
    rows = with_amount(ledger)
    if "amount" not in rows.columns:
        return
    nobody = rows["_client" if "_client" in rows.columns else "client_id"].isnull()
    if draft.ids is not None and not draft.ids.words and not draft.ids.missing:
        return
    if not engine.value(rows.aggregate(n=(nobody & (rows.amount < 0)).any()))["n"]:
        return
    places = engine.store(rows.filter(nobody).select(*PLACE), scratch=True)
    found = [_said_so(engine, draft, number, source, places) for number, source in enumerate(draft.sources)]
    keys = engine.store(ibis.union(*found, distinct=True) if len(found) > 1 else found[0].distinct())
    seen = engine.value(keys.aggregate(n=keys.count()))
    if seen["n"]:
        _mark(reading, ledger, keys)
    engine.clear_scratch()


def _said_so(engine: Engine, draft: Draft, number: int, source: Source, places: ir.Table) -> ir.Table:
    """Places of the rows of a part, among those given, in which a cell of text says that it is no sale."""
    import ibis

    part, used = source.part, source.positions
    skip = {
        used[name] for name in used if draft.table[name].kind not in ("id", "text") or name == "client_id"
    }
    columns = [at for at in range(len(part.headers)) if at not in skip][:_MOST_COLUMNS]
    if not columns:
        return places.limit(0)
    cells = part.load_again(columns)
    texts = [cells[f"c{at}"] for at in columns if cells[f"c{at}"].type().is_string()]
    says = ibis.or_(*[text.re_search(_WORDS).fill_null(False) for text in texts])
    chosen = cells.select(**{FILE: ibis.literal(number, "int64"), ROW: cells[ROW]}, says=says)
    chosen = chosen.semi_join(places, PLACE).filter(ibis._.says).select(*PLACE)
    kept = engine.store(chosen, scratch=True)
    if part.stored:
        engine.drop(cells)
    return kept


def _mark(reading: Reading, ledger: ir.Table, keys: ir.Table) -> None:
    engine = reading.engine
    joined = ledger.left_join(keys.mutate(_said=True), PLACE)
    joined = joined.select(*ledger.columns, **{ADJUSTMENT: joined._said.fill_null(False)})
    if "ledger" not in reading.scanned:
        # A join does not keep the order of the file.
        joined = engine.store(joined.order_by(list(PLACE)))
    reading.tables["ledger"] = joined
    rows = with_amount(joined)
    rows = rows.filter(rows[ADJUSTMENT])
    seen = engine.value(rows.aggregate(rows=rows.count(), amount=rows.amount.sum()))
    action = mark(
        "Entries of the accounts without a client, such as bad debts and bank charges, count in the totals "
        "of money "
        'and not among sales. adjustments = "sales" in crmkit.toml, [reading], counts them among sales.'
    )
    reading.notes.append(
        Note("adjustments", "ledger", action, "", int(seen["rows"]), money_of(seen["amount"]))
    )
