"""By what are clients compared: margin, net revenue, purchase days; recency, frequency and money?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.book.days import find_span
from crmkit.book.errors import BookError
from crmkit.wording import Message, Speaker

if TYPE_CHECKING:
    from crmkit.book import Book

MEASURES = ("margin", "amount", "purchase_days")
FEATURES = ("recency_days", "frequency", "monetary")


def choose_measure(summary: pd.DataFrame, measure: str | None = None) -> tuple[str, np.ndarray]:
    """The measure to compare clients by, and its value for each client.

    Parameters
    ----------
    summary
        From ``book.client_summary()``: one row per client.
    measure
        ``"margin"``, ``"amount"`` (net revenue) or ``"purchase_days"``. None: the margin if it is known for
        every client, else net revenue if the ledger holds amounts, else purchase days.

    Returns
    -------
    tuple
        The measure's name and its values, shape (clients,); NaN for a client for whom it is not known.

    Raises
    ------
    BookError
        If nobody bought, if there is no such measure, or if it is known for no client.
    """
    refuse_nobody(summary)
    if measure is None:
        if summary["margin"].notna().all():
            measure = "margin"
        else:
            measure = "amount" if summary["amount"].notna().any() else "purchase_days"
    if measure not in MEASURES:
        raise BookError(
            "measure '{measure}' is not known: expected one of {known}.",
            measure=measure,
            known=", ".join(MEASURES),
        )
    values = summary[measure].to_numpy(dtype=float, na_value=np.nan)
    if np.isnan(values).all():
        need = {"margin": Message("the column cost, or unit_cost in products"), "amount": "amount"}
        raise BookError(
            "ledger: {measure} is not known for any client. Add {need}, or choose measure='purchase_days'.",
            measure=measure,
            need=need.get(measure, "date"),
        )
    return measure, values


def rfm_features(summary: pd.DataFrame) -> pd.DataFrame:
    """Recency, frequency and money of each client.

    Parameters
    ----------
    summary
        From ``book.client_summary()``: one row per client.

    Returns
    -------
    DataFrame
        client_id, recency_days (days since the last purchase), frequency (purchase days), monetary (net
        amount; NaN throughout if the ledger holds no amounts).

    Raises
    ------
    BookError
        If nobody bought.
    """
    refuse_nobody(summary)
    return pd.DataFrame(
        {
            "client_id": summary["client_id"],
            "recency_days": summary["recency_days"],
            "frequency": summary["purchase_days"],
            "monetary": summary["amount"].astype(float),
        }
    )


def refuse_nobody(summary: pd.DataFrame) -> None:
    """Raise a BookError if the summary holds no client."""
    if summary.empty:
        raise BookError(
            "ledger: no client bought anything in the chosen window. Choose a longer window, or check "
            "book.notes for rows without a client."
        )


def name_features(say: Speaker) -> dict[str, str]:
    """Recency, frequency and money in words, by column."""
    return {
        "recency_days": say("Days since the last purchase"),
        "frequency": say("Purchase days"),
        "monetary": say("Net revenue"),
    }


def name_measure(measure: str, say: Speaker) -> str:
    """The measure as a sentence begins with it."""
    return {
        "margin": say("Margin"),
        "amount": say("Net revenue"),
        "purchase_days": say("Purchase days"),
    }[measure]


def write_measure(value: float, measure: str, say: Speaker) -> str:
    """A value of the measure with its unit."""
    return say.number(value) if measure == "purchase_days" else say.money(value)


def a_year(book: Book, window: int | tuple[Any, Any] | None, first: pd.Timestamp) -> float:
    """What turns the money of a window into money a year; 1 for a window of a year or less, never more.

    Parameters
    ----------
    first
        Of the first purchase in the window: before it nothing could be sold.
    """
    end = find_span(window, book.as_of, None).end
    return min(1.0, 365.25 / ((end - first).days + 1))


def say_past(last: pd.Timestamp, today: pd.Timestamp, say: Speaker) -> str:
    """A warning if the last purchase is more than a year old; else nothing."""
    if last >= today - pd.DateOffset(years=1):
        return ""
    return say(
        "Nothing was bought after {last}, more than a year before {today}: this describes the past.",
        last=say.date(last),
        today=say.date(today),
    )
