"""What each client did in each period: whole arrays, clients by periods, for whoever studies change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from crmkit.book.days import Span
from crmkit.book.serving import mean_minute_rate, minute_costs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir
    import pandas as pd

    from crmkit.book.engine import Engine
    from crmkit.book.sections import Costs

Array = NDArray[np.float64]

EXACT = "decimal(18, 6)"
"""How logarithms are added up: exact sums do not depend on the order of rows."""


@dataclass(frozen=True)
class ClientPeriods:
    """What each client did in each period.

    Attributes
    ----------
    client_id
        Sorted, shape (clients,).
    starts, end
        First day of each period, and the last day of the last one.
    figures
        Arrays of shape (clients, periods) by name. From the ledger: amount, margin (NaN without costs),
        documents, purchase_days, log_amount and log_amount_squares (of the net of each purchase day),
        largest (net of a purchase day), last_day (days since 1970, 0 if none), kinds (categories, or
        products, bought) and new_kinds (bought for the first time). From the contacts: contacts,
        own_contacts (answered, outside visits and campaigns: mostly what clients begin themselves), minutes,
        cost (of serving, NaN where no rate is known), prices, log_price and log_price_squares (of offers
        whose text ends with a number, their price).
    answers
        By kind of contact, offers apart: (taken, declined), arrays of shape (clients, periods). A visit or an
        appointment is declined if it was cancelled or missed, another contact if it was ignored.
    basis
        ``"contacts"`` or ``"documents"``: what minutes and cost rest on.
    """

    client_id: NDArray[np.object_]
    starts: tuple[pd.Timestamp, ...]
    end: pd.Timestamp
    figures: dict[str, Array]
    answers: dict[str, tuple[Array, Array]]
    basis: str

    def upto(self, periods: int) -> ClientPeriods:
        """The same, as it was known at the end of the first so many periods."""
        import pandas as pd

        end = self.end if periods == len(self.starts) else self.starts[periods] - pd.Timedelta(days=1)
        return ClientPeriods(
            self.client_id,
            self.starts[:periods],
            end,
            {name: value[:, :periods] for name, value in self.figures.items()},
            {kind: (taken[:, :periods], left[:, :periods]) for kind, (taken, left) in self.answers.items()},
            self.basis,
        )


def client_periods(
    engine: Engine,
    clients: NDArray[np.object_],
    lines: ir.Table,
    tables: dict[str, ir.Table],
    *,
    starts: Sequence[pd.Timestamp],
    end: pd.Timestamp,
    costs: Costs,
) -> ClientPeriods:
    """See :meth:`crmkit.book.Book.client_periods`; `lines` is the ledger with margins."""
    import pandas as pd

    index = pd.Index(clients)
    shape = (len(clients), len(starts))

    def spread(query: ir.Table) -> dict[str, Array]:
        frame = engine.fetch(query)
        place = index.get_indexer(frame["client_id"])
        period = frame["period"].to_numpy("int64")
        known = (place >= 0) & (period >= 0)
        found = {}
        for name in frame.columns.drop(["client_id", "period"]):
            grid = np.zeros(shape)
            grid[place[known], period[known]] = frame[name].to_numpy(dtype=float, na_value=np.nan)[known]
            found[name] = grid
        return found

    values: dict[str, Array] = {}
    for query in _ledger_queries(lines, tables.get("products"), starts, end):
        values |= spread(query)
    nothing = np.zeros(shape)
    for name in ("amount", "margin"):
        values.setdefault(name, nothing + np.nan)
    for name in ("log_amount", "log_amount_squares", "largest", "kinds", "new_kinds"):
        values.setdefault(name, nothing)
    contacts, answers = tables.get("contacts"), {}
    average = costs.minute_rate or mean_minute_rate(engine, tables.get("staff"))
    timed = contacts is not None and "minutes" in contacts.columns
    if contacts is not None:
        rows = _with_period(contacts, contacts.planned_at, starts, end)
        values |= spread(_contact_query(rows, tables.get("staff"), costs, average))
        answers = _answers(engine.fetch(_answer_query(rows)), index, shape)
        if "offer" in contacts.columns:
            values |= spread(_price_query(rows))
    if not timed:
        values["minutes"] = values["documents"] * float(costs.minutes_per_document)
        values["cost"] = values["minutes"] * (average or np.nan)
    elif not average:
        values["cost"] = nothing + np.nan
    for name in ("contacts", "own_contacts", "prices", "log_price", "log_price_squares"):
        values.setdefault(name, nothing)
    return ClientPeriods(clients, tuple(starts), end, values, answers, "contacts" if timed else "documents")


def _with_period(
    rows: ir.Table, moment: ir.TimestampColumn, starts: Sequence[pd.Timestamp], end: pd.Timestamp
) -> ir.Table:
    """The rows up to the end, with the number of the period they lie in; -1 before the first."""
    import ibis

    number = ibis.literal(-1, "int16")
    for start in starts:
        number = number + (moment >= start).cast("int16")
    return rows.filter(Span(None, end).keeps(moment)).mutate(period=number)


def _ledger_queries(
    lines: ir.Table, products: ir.Table | None, starts: Sequence[pd.Timestamp], end: pd.Timestamp
) -> list[ir.Table]:
    import ibis

    rows = _with_period(lines.filter(lines.client_id.notnull()), lines.date, starts, end)
    rows = rows.mutate(client_id=rows.client_id.cast("string"), _day=rows.date.date())
    money = {name: rows[name].sum() for name in ("amount", "margin") if name in rows.columns}
    keys = ["client_id", "period"]
    document = rows.document_id if "document_id" in rows.columns else rows._day
    queries = [rows.group_by(keys).aggregate(documents=document.nunique(), **money)]
    days = rows.group_by([*keys, "_day"])
    days = days.aggregate(net=rows.amount.sum()).filter(ibis._.net > 0) if money else days.aggregate()
    counted: dict[str, Any] = {
        "purchase_days": days.count(),
        "last_day": days._day.max().delta("1970-01-01", unit="day"),
    }
    if money:
        logs = days.net.cast("float64").ln()
        counted["log_amount"] = logs.cast(EXACT).sum()
        counted["log_amount_squares"] = (logs * logs).cast(EXACT).sum()
        counted["largest"] = days.net.max().cast("float64")
    queries.append(days.group_by(keys).aggregate(**counted))
    if "product_id" in rows.columns:
        bought = rows.filter(rows.amount > 0) if money else rows
        if products is not None and "category" in products.columns:
            group = products.group_by("product_id").aggregate(_group=products.category.min())
            bought = bought.left_join(group, "product_id").drop("product_id_right")
            bought = bought.mutate(_kind=ibis.coalesce(bought._group, bought.product_id))
        else:
            bought = bought.mutate(_kind=bought.product_id)
        queries.append(bought.group_by(keys).aggregate(kinds=bought._kind.nunique()))
        first = bought.group_by(["client_id", "_kind"]).aggregate(period=bought.period.min())
        queries.append(first.group_by(keys).aggregate(new_kinds=first._kind.count()))
    return queries


def _contact_query(rows: ir.Table, staff: ir.Table | None, costs: Costs, average: float) -> ir.Table:
    visit = rows.kind.isin(["appointment", "visit"])
    own = ~visit & (rows.status == "answered")
    for column in ("campaign_id", "offer"):
        if column in rows.columns:
            own = own & rows[column].isnull()
    rows = rows.mutate(_own=own.cast("int64"))
    found: dict[str, Any] = {}
    if "minutes" in rows.columns:
        rows = minute_costs(rows, staff, costs=costs, average=average)
        found = {"minutes": rows.minutes.sum().cast("float64"), "cost": rows._work.sum().cast("float64")}
        if "cost" in rows.columns:
            found["cost"] = found["cost"].fill_null(0.0) + rows.cost.sum().cast("float64").fill_null(0.0)
        found = {name: value.fill_null(0.0) for name, value in found.items()}
    grouped = rows.group_by(["client_id", "period"])
    return grouped.aggregate(contacts=rows.count(), own_contacts=rows._own.sum(), **found)


def _answer_query(rows: ir.Table) -> ir.Table:
    import ibis

    visit = rows.kind.isin(["appointment", "visit"])
    kind = rows.offer.notnull().ifelse("offer", rows.kind) if "offer" in rows.columns else rows.kind
    taken = rows.status.isin(["kept", "answered"])
    declined = rows.status.isin(["ignored", "no_show"]) | (visit & (rows.status == "cancelled"))
    rows = rows.mutate(_kind=kind, _taken=taken.cast("int64"), _declined=declined.cast("int64"))
    counted = rows.group_by(["client_id", "period", "_kind"])
    return counted.aggregate(taken=ibis._._taken.sum(), declined=ibis._._declined.sum())


def _answers(frame: pd.DataFrame, index: pd.Index, shape: tuple[int, int]) -> dict[str, tuple[Array, Array]]:
    place = index.get_indexer(frame["client_id"])
    frame = frame[(place >= 0) & (frame["period"] >= 0)].assign(
        place=place[(place >= 0) & (frame["period"] >= 0)]
    )
    found = {}
    for kind in sorted(frame["_kind"].dropna().unique()):
        rows = frame[frame["_kind"] == kind]
        pair = (np.zeros(shape), np.zeros(shape))
        for grid, name in zip(pair, ("taken", "declined")):
            grid[rows["place"].to_numpy(), rows["period"].to_numpy("int64")] = rows[name].to_numpy(float)
        found[str(kind)] = pair
    return found


def _price_query(rows: ir.Table) -> ir.Table:
    """Prices that offers name: a number at the end of their text, as in "plan 1200"."""
    text = rows.offer.re_extract(r"(?:^|\s)(\d{1,12}(?:\.\d{1,2})?)$", 1)
    priced = rows.mutate(_price=text.nullif("").cast("float64"))
    priced = priced.filter(priced._price > 0)
    logs = priced._price.ln()
    return priced.group_by(["client_id", "period"]).aggregate(
        prices=priced.count(),
        log_price=logs.cast(EXACT).sum(),
        log_price_squares=(logs * logs).cast(EXACT).sum(),
    )
