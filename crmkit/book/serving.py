"""What does serving a client cost? Staff minutes at what a minute costs, and what contacts cost beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.book.notes import Note
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from crmkit.book.days import Span
    from crmkit.book.engine import Engine
    from crmkit.book.sections import Costs

COLUMNS = ("client_id", "minutes", "cost", "contacts_cost", "basis")


def cost_to_serve(
    summary: pd.DataFrame,
    engine: Engine,
    contacts: ir.Table | None,
    staff: ir.Table | None,
    *,
    span: Span,
    costs: Costs,
) -> tuple[pd.DataFrame, list[Note]]:
    """See :meth:`crmkit.book.Book.cost_to_serve`; also the notes it has to make.

    References
    ----------
    Kaplan, R., Anderson, S. (2004). Time-driven activity-based costing. Harvard Business Review 82(11),
    131-138: the cost of a minute of capacity, times the minutes that each activity takes.
    """
    import pandas as pd

    notes: list[Note] = []
    average = costs.minute_rate or mean_minute_rate(engine, staff)
    if contacts is not None and "minutes" in contacts.columns:
        basis = "contacts"
        served = _from_contacts(engine, contacts, staff, span=span, costs=costs, average=average)
        table = summary[["client_id"]].merge(served, on="client_id", how="left")
        table[["minutes", "contacts_cost"]] = table[["minutes", "contacts_cost"]].fillna(0.0)
        work = table["work"].fillna(0.0)
    else:
        basis = "documents"
        minutes = summary["documents"] * float(costs.minutes_per_document)
        table = pd.DataFrame({"client_id": summary["client_id"], "minutes": minutes, "contacts_cost": 0.0})
        work = minutes * average
        notes.append(
            Note(
                "cost_to_serve_from_documents",
                "ledger",
                mark(
                    "There are no contacts with minutes, so that each sale was taken to cost {minutes} "
                    "minutes of staff time; minutes_per_document in crmkit.toml, [costs], changes it."
                ),
                values={"minutes": f"{costs.minutes_per_document:g}"},
            )
        )
    if not average:
        work = work * float("nan")
        notes.append(
            Note(
                "no_minute_rate",
                "staff",
                mark(
                    "What a minute of staff time costs is not known, so that the cost of serving clients is "
                    "not: give wage in the staff table, or minute_rate in crmkit.toml, [costs]."
                ),
                column="wage",
            )
        )
    table["cost"] = work + table["contacts_cost"]
    table["basis"] = pd.Series(basis, index=table.index, dtype="str")
    return table[list(COLUMNS)], notes


def mean_minute_rate(engine: Engine, staff: ir.Table | None) -> float:
    """Mean cost of a minute of the people in the staff table; 0 where no wage is known."""
    if staff is None or "wage" not in staff.columns:
        return 0.0
    people = staff.filter(staff.kind.fill_null("person") == "person") if "kind" in staff.columns else staff
    wage = engine.value(people.aggregate(wage=people.wage.sum(), count=people.wage.count()))
    return float(wage["wage"]) / wage["count"] / 60 if wage["count"] else 0.0


def _from_contacts(
    engine: Engine,
    contacts: ir.Table,
    staff: ir.Table | None,
    *,
    span: Span,
    costs: Costs,
    average: float,
) -> pd.DataFrame:
    """Minutes, the cost of the work and the other cost of the contacts of each client."""
    rows = contacts.filter(span.keeps(contacts.planned_at))
    rows = minute_costs(rows, staff, costs=costs, average=average)
    paid = {"contacts_cost": rows.cost.sum()} if "cost" in rows.columns else {}
    sums = rows.group_by("client_id").aggregate(minutes=rows.minutes.sum(), work=rows._work.sum(), **paid)
    served = engine.fetch(sums.order_by("client_id"))
    return served if paid else served.assign(contacts_cost=0.0)


def minute_costs(rows: ir.Table, staff: ir.Table | None, *, costs: Costs, average: float) -> ir.Table:
    """Contacts with ``_work``, what their minutes cost: at the wage of who served, else at the average
    rate."""
    import ibis

    rate = ibis.literal(average).cast("decimal(18, 6)")
    own_wages = not costs.minute_rate and staff is not None and "wage" in staff.columns
    if own_wages and "staff_id" in rows.columns:
        wages = staff.group_by("resource_id").aggregate(_wage=staff.wage.min())  # type: ignore[union-attr]
        rows = rows.left_join(wages, rows.staff_id == wages.resource_id).drop("resource_id")
        minute = (rows._wage / 60).cast("decimal(18, 6)")
        rate = ibis.coalesce(minute, rate)
    work = (rows.minutes.cast("decimal(12, 4)") * rate).cast("decimal(24, 8)")
    return rows.mutate(_work=work)
