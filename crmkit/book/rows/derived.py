"""A ledger where there is none: won deals are sales, and appointments that were kept are visits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.book.notes import Note
from crmkit.book.rows.draft import PLACE
from crmkit.book.values.columns import money_of
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.rows.tables import Reading


def add_ledger(reading: Reading) -> None:
    """Make the ledger of a reading without one from its won deals, else from its contacts, if it has any."""
    import ibis

    if "ledger" in reading.tables:
        return
    deals, contacts = reading.tables.get("deals"), reading.tables.get("contacts")
    if deals is not None and {"client_id", "expected_close"} <= set(deals.columns):
        # Which day a deal closed on is better known afterwards.
        closed = [deals[name] for name in ("closed_at", "expected_close") if name in deals.columns]
        won = deals.filter(deals.status == "won").mutate(_sold=ibis.coalesce(*closed))
        won = won.filter(won["_sold"].notnull())
        names = {"date": "_sold", "client_id": "client_id", "amount": "amount"}
        names |= {"document_id": "deal_id", "staff_id": "owner"}
        action = mark(
            "There is no ledger, so that won deals count as sales on the day on which they closed; open and "
            "lost deals do not. A ledger among the tables undoes it."
        )
        _add(reading, won, names, Note("ledger_from_deals", "ledger", action))
    elif contacts is not None:
        kept = contacts.filter(contacts.status.isin(("kept", "answered")))
        names = {"date": "planned_at", "client_id": "client_id", "document_id": "contact_id"}
        names |= {"staff_id": "staff_id"}
        action = mark(
            "There is no ledger, so that appointments which were kept and contacts which were answered count "
            "as visits, without amounts. A ledger among the tables undoes it."
        )
        _add(reading, kept, names, Note("ledger_from_contacts", "ledger", action))


def _add(reading: Reading, rows: ir.Table, names: dict[str, str], note: Note) -> None:
    from dataclasses import replace

    engine = reading.engine
    columns = {name: rows[theirs] for name, theirs in names.items() if theirs in rows.columns}
    columns["date"] = columns["date"].cast("timestamp")
    ledger = rows.select(**columns, **{name: rows[name] for name in PLACE})
    measures = {"rows": ledger.count()} | (
        {"amount": ledger.amount.sum()} if "amount" in ledger.columns else {}
    )
    seen = engine.value(ledger.aggregate(**measures))
    if not seen["rows"]:
        return
    reading.tables["ledger"] = ledger
    reading.rows_read["ledger"] = int(seen["rows"])
    reading.notes.append(replace(note, rows=int(seen["rows"]), amount=money_of(seen.get("amount"))))
