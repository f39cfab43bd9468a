"""Which clients are VIP, which may become so, which develop fast, and which are better served elsewhere?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError
from crmkit.segmentation.class_names import CLASSES, VIP, A, B, D
from crmkit.segmentation.class_reasons import reasons
from crmkit.segmentation.class_result import Classification
from crmkit.segmentation.class_rules import Verdict, judge
from crmkit.segmentation.concentrations import is_flat
from crmkit.segmentation.evidence import Evidence, gather, whole_months
from crmkit.statistics import Context

if TYPE_CHECKING:
    from crmkit.book import Book


def classify(
    book: Book,
    *,
    window_months: int | None = None,
    expected: pd.DataFrame | None = None,
    as_of: pd.Timestamp | str | None = None,
    seed: int = 0,
) -> Classification:
    """Put every client in exactly one class; the first rule that fits decides, in the order D, VIP, A, B, C.

    D, better served elsewhere: margin less cost to serve was negative in the window, and over the client's
    own record (or is by `expected`). VIP: the smallest set of clients that reaches the margin share of the
    settings, cut at their client share, by what clients brought in the window; equal clients are in it
    together or not at all. A, ready for close cooperation but not trusting fully yet: with the trust of VIPs
    as likely as the average or likelier to become VIP, and probably trusting less; nobody if the book's
    history tells no more than the average. B, developing fast: does more than the company's clients with such
    a past. C: everyone else, and ids that stand for nobody in particular, such as WALK_IN.

    A and B are early signs, given to more clients than will prove right.
    How probable each class is by all records of a client is in ``verdict.chances`` (see ``standing``).

    Parameters
    ----------
    book
        An open book; the thresholds are in the section ``classes`` of its settings.
    window_months
        Months that count; default: the settings.
    expected
        Expected contribution of clients in the coming window: client_id, expected (money). Default: the
        client's own record, drawn towards like clients as far as it is short (see ``contribution``).
        Clients not named keep the default.
    as_of
        Day on which to classify, knowing nothing later; default: the book's.
    seed
        Of the cross-validation.

    Returns
    -------
    Classification
        Its table has one row per client.

    Raises
    ------
    BookError
        If nobody was a client by that day, or `window_months` or `expected` is not usable.
    """
    rules = book.settings.classes
    months = rules.window_months if window_months is None else whole_months(window_months, "window_months")
    day = _day(as_of, book.as_of)
    evidence = gather(book, window_months=months, as_of=day)
    given = None if expected is None else _expected(expected, evidence)
    verdict = judge(evidence, rules, expected=given, seed=seed)
    context = Context(day, book.language, book.currency)
    table = _table(verdict, evidence)
    texts = reasons(verdict, evidence, context.speaker(), months=months)
    table.insert(2, "reason", pd.Series(texts, dtype="str"))
    seen = verdict.code >= 0
    table = table[seen].reset_index(drop=True)
    shares = _shares(table, evidence.measure)
    flat = is_flat(book, measure=evidence.measure, as_of=day)
    return Classification(context, table, shares, verdict, evidence, months, rules, flat)


def _day(as_of: pd.Timestamp | str | None, last: pd.Timestamp) -> pd.Timestamp:
    if as_of is None:
        return last
    try:
        day = pd.Timestamp(as_of).normalize().as_unit("us")
    except ValueError:
        raise BookError("as_of: {day} is not a day. Write it as 2025-06-30.", day=repr(as_of)) from None
    if day > last:
        raise BookError(
            "as_of: {day} is after {last}, the day up to which the book counts.",
            day=f"{day:%Y-%m-%d}",
            last=f"{last:%Y-%m-%d}",
        )
    return day


def _expected(frame: pd.DataFrame, evidence: Evidence) -> np.ndarray:
    missing = [name for name in ("client_id", "expected") if name not in frame.columns]
    if missing:
        raise BookError(
            "expected: the frame has no column {missing}. It takes client_id and expected, the contribution "
            "expected of each client in the coming window, in money.",
            missing=", ".join(missing),
        )
    keys = frame["client_id"].astype("str")
    if keys.duplicated().any():
        raise BookError("expected: a client_id occurs more than once. Give one row per client.")
    values = pd.to_numeric(frame["expected"], errors="coerce").to_numpy(float)
    return pd.Series(values, index=keys.to_numpy(object)).reindex(evidence.periods.client_id).to_numpy(float)


def _table(verdict: Verdict, evidence: Evidence) -> pd.DataFrame:
    code = verdict.code
    who = np.arange(len(code))
    growth = verdict.growth
    rising = growth.probability[growth.best, who] if growth.streams else np.full(len(code), np.nan)
    probability = np.select([code == A, code == B], [verdict.potential.trusted, rising], np.nan)
    distance = np.select([code == VIP, code == D], [0.0, -verdict.kept], verdict.missing)
    distance = np.where(evidence.nobody, np.nan, distance)
    window = slice(-evidence.window, None)

    def total(name: str) -> np.ndarray:
        values = evidence[name][:, window]
        return np.where(np.isnan(evidence[name]).all(), np.nan, np.nansum(values, axis=1))

    return pd.DataFrame(
        {
            "client_id": pd.Series(evidence.periods.client_id, dtype="str"),
            "class": pd.Series(np.array([*CLASSES, ""])[code], dtype="str"),
            "distance": np.round(distance, 2),
            "probability": probability.round(6),
            "contribution": verdict.kept.round(4),
            "expected": verdict.outlook.expected.round(4),
            "margin": total("margin").round(4),
            "amount": total("amount").round(4),
            "purchase_days": total("purchase_days").astype("int64"),
            "minutes": total("minutes").round(2),
        }
    )


def _shares(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Clients, money and staff time by class, in the order of the classes."""
    place = pd.Categorical(table["class"], categories=CLASSES)
    sums = table.groupby(place, observed=False)[[measure, "minutes"]].sum()
    counts = table.groupby(place, observed=False).size()
    money, time = sums[measure], sums["minutes"]
    return pd.DataFrame(
        {
            "class": pd.Series(CLASSES, dtype="str"),
            "clients": counts.to_numpy("int64"),
            "client_share": (counts / max(counts.sum(), 1)).to_numpy(float),
            measure: money.to_numpy(float),
            "amount_share": (money / money.sum() if money.sum() > 0 else money * np.nan).to_numpy(float),
            "minutes": time.to_numpy(float),
            "minutes_share": (time / time.sum() if time.sum() > 0 else time * np.nan).to_numpy(float),
        }
    )
