"""One row per client: what the ledger and the contacts say about them, in one query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from crmkit.book.engine import Engine

COLUMNS = (
    "client_id",
    "first_date",
    "last_date",
    "purchase_days",
    "documents",
    "lines",
    "amount",
    "sold",
    "returned",
    "margin",
    "recency_days",
    "tenure_days",
    "gap_mean_days",
    "gap_std_days",
    "minutes",
    "contacts",
)


@dataclass(frozen=True)
class Span:
    """The days that count, both included; no start means from the first line on."""

    start: pd.Timestamp | None
    end: pd.Timestamp

    def keeps(self, moment: ir.TimestampColumn) -> ir.BooleanColumn:
        """Whether a moment lies on one of the days."""
        import pandas as pd

        inside = moment < self.end + pd.Timedelta(days=1)
        return inside if self.start is None else inside & (moment >= self.start)


def client_summary(engine: Engine, ledger: ir.Table, contacts: ir.Table | None, span: Span) -> pd.DataFrame:
    """See :meth:`crmkit.book.Book.client_summary`; `ledger` has margins worked out, see ``ledger_lines``."""
    frame = engine.fetch(_query(ledger, contacts, span))
    return _finished(frame, span)


def _query(ledger: ir.Table, contacts: ir.Table | None, span: Span) -> ir.Table:
    import ibis

    # An integer id is faster to group on than its text.
    key = "_client" if "_client" in ledger.columns else "client_id"
    lines = ledger.filter(span.keeps(ledger.date), ledger[key].notnull())
    lines = lines.mutate(_day=lines.date.date())
    has_amount, has_margin = "amount" in lines.columns, "margin" in lines.columns
    totals: dict[str, Any] = {
        "lines": lines.count(),
        "first_day": lines._day.min(),
        "last_day": lines._day.max(),
    }
    if has_amount:
        totals["amount"] = lines.amount.sum()
        totals["sold"] = lines.amount.sum(where=lines.amount > 0)
        totals["returned"] = lines.amount.sum(where=lines.amount < 0)
    if has_margin:
        totals["margin"] = lines.margin.sum()
    clients = lines.group_by(key).aggregate(**totals)

    days = lines.group_by([key, "_day"])
    days = days.aggregate(net=lines.amount.sum()).filter(ibis._.net > 0) if has_amount else days.aggregate()
    # Sorted numbers of days in an array: their differences are the gaps, without a sort of all rows.
    visits = days.group_by(key).aggregate(days=_number(days._day).collect())
    ordered = visits.days.sort()
    gaps = ordered[1:].zip(ordered[:-1]).map(lambda pair: _square(pair.f1 - pair.f2))
    visits = visits.select(
        key,
        purchase_days=visits.days.length(),
        first=ordered[0],
        last=ordered[-1],
        squares=gaps.sums(),
    )
    document = "document_id" if "document_id" in lines.columns else "_day"
    papers = (
        lines.select(key, document).distinct().group_by(key).aggregate(documents=ibis._[document].count())
    )

    joined = clients.left_join(visits, key).drop(f"{key}_right")
    joined = joined.left_join(papers, key).drop(f"{key}_right")
    null = ibis.null("float64")
    zero = ibis.literal(0.0)
    known = {
        "amount": joined.amount if has_amount else null,
        "sold": ibis.coalesce(joined.sold.cast("float64"), zero) if has_amount else null,
        "returned": ibis.coalesce(joined.returned.cast("float64"), zero) if has_amount else null,
        "margin": joined.margin if has_margin else null,
    }
    result = joined.select(
        client_id=joined[key].cast("string"),
        first=ibis.coalesce(joined["first"], _number(joined.first_day)),
        last=ibis.coalesce(joined["last"], _number(joined.last_day)),
        purchase_days=ibis.coalesce(joined.purchase_days, 0).cast("int64"),
        documents=joined.documents.cast("int64"),
        lines=joined.lines.cast("int64"),
        **{name: value.cast("float64") for name, value in known.items()},
        squares=joined.squares.cast("int64"),
    )
    result = _with_contacts(result, contacts, span)
    return result.order_by("client_id")


def _number(day: ir.DateValue) -> ir.IntegerValue:
    """Days since 1970-01-01."""
    return day.delta("1970-01-01", unit="day").cast("int32")


def _square(gap: ir.IntegerValue) -> ir.IntegerValue:
    wide = gap.cast("int64")
    return wide * wide


def _with_contacts(result: ir.Table, contacts: ir.Table | None, span: Span) -> ir.Table:
    import ibis

    if contacts is None:
        return result.mutate(minutes=ibis.null("float64"), contacts=ibis.null("float64"))
    inside = contacts.filter(span.keeps(contacts.planned_at))
    timed = "minutes" in inside.columns
    measures: dict[str, Any] = {"contacts": inside.count()} | (
        {"minutes": inside.minutes.sum()} if timed else {}
    )
    counted = inside.group_by("client_id").aggregate(**measures)
    joined = result.left_join(counted, "client_id").drop("client_id_right")
    zero = ibis.literal(0.0)
    minutes = ibis.coalesce(joined.minutes.cast("float64"), zero) if timed else ibis.null("float64")
    return joined.mutate(minutes=minutes, contacts=ibis.coalesce(joined.contacts.cast("float64"), zero))


def _finished(frame: pd.DataFrame, span: Span) -> pd.DataFrame:
    """Days as dates, and the gaps' mean and deviation from their sum and sum of squares."""
    import numpy as np
    import pandas as pd

    first, last = frame.pop("first").to_numpy("int64"), frame.pop("last").to_numpy("int64")
    end = (span.end - pd.Timestamp("1970-01-01")).days
    count = frame["purchase_days"].to_numpy() - 1.0
    total = (last - first).astype(float)
    squares = frame.pop("squares").to_numpy(dtype=float, na_value=np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(count >= 1, total / count, np.nan)
        variance = np.where(count >= 2, (squares - total * mean) / (count - 1), np.nan)
    frame["first_date"] = first.astype("datetime64[D]").astype("datetime64[us]")
    frame["last_date"] = last.astype("datetime64[D]").astype("datetime64[us]")
    frame["recency_days"] = end - last
    frame["tenure_days"] = end - first
    frame["gap_mean_days"] = mean
    frame["gap_std_days"] = np.sqrt(np.maximum(variance, 0.0))
    return frame[list(COLUMNS)]
