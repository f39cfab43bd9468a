"""One row per client: what the ledger and the contacts say about them, in one query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from crmkit.book.days import Span
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


_MONEY = ("amount", "sold", "returned", "margin")


def client_summary(engine: Engine, ledger: ir.Table, contacts: ir.Table | None, span: Span) -> pd.DataFrame:
    """See :meth:`crmkit.book.Book.client_summary`; `ledger` has margins, where costs are known."""
    frame = engine.fetch(_query(ledger, contacts, span))
    return _finished(frame, span)


def _query(ledger: ir.Table, contacts: ir.Table | None, span: Span) -> ir.Table:
    import ibis

    # An integer id is faster to group on than its text.
    key = "_client" if "_client" in ledger.columns else "client_id"
    lines = ledger.filter(ledger[key].notnull())
    if span.start is not None or span.cuts:
        lines = lines.filter(span.keeps(lines.date))
    day = lines.date.date()
    money = [name for name in ("amount", "margin") if name in lines.columns]

    # Each part selects what it needs: a common part would be kept in memory as a whole.
    totals = lines.select(key, *money, _day=day)
    sums: dict[str, Any] = {name: totals[name].sum() for name in money}
    if "amount" in money:
        sums["sold"] = totals.amount.sum(where=totals.amount > 0)
        sums["returned"] = totals.amount.sum(where=totals.amount < 0)
    clients = totals.group_by(key).aggregate(
        lines=totals.count(), first_day=totals._day.min(), last_day=totals._day.max(), **sums
    )
    days = lines.select(key, *money[:1], _day=day).group_by([key, "_day"])
    days = days.aggregate(net=ibis._.amount.sum()).filter(ibis._.net > 0) if money else days.aggregate()
    visits = days.group_by(key).aggregate(days=_number(days._day).collect())
    visits = visits.select(key, days=visits.days.sort())
    document = "document_id" if "document_id" in lines.columns else "_day"
    papers = lines.select(key, **{document: day if document == "_day" else lines.document_id}).distinct()
    papers = papers.group_by(key).aggregate(documents=papers[document].count())

    joined = clients.left_join(visits, key).drop(f"{key}_right")
    joined = joined.left_join(papers, key).drop(f"{key}_right")
    ordered = joined.days
    # Differences of the sorted days are the gaps, at the cost of a sort of a few days and not of all rows.
    squares = ordered[1:].map(lambda day, index: _square(day - ordered[index])).sums()
    null, zero = ibis.null("float64"), ibis.literal(0.0)
    known = {name: joined[name].cast("float64") if name in joined.columns else null for name in _MONEY}
    for name in ("sold", "returned"):
        if name in joined.columns:
            known[name] = ibis.coalesce(known[name], zero)
    result = joined.select(
        client_id=joined[key].cast("string"),
        first=ibis.coalesce(ordered[0], _number(joined.first_day)),
        last=ibis.coalesce(ordered[-1], _number(joined.last_day)),
        purchase_days=ibis.coalesce(ordered.length(), 0).cast("int64"),
        documents=joined.documents.cast("int64"),
        lines=joined.lines.cast("int64"),
        **known,
        squares=squares.cast("int64"),
    )
    return _with_contacts(result, contacts, span).order_by("client_id")


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
