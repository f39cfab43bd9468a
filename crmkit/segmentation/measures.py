"""By what are clients compared: margin, net revenue, or purchase days where the ledger holds no money?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError
from crmkit.wording import Speaker

MEASURES = ("margin", "amount", "purchase_days")


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
    if summary.empty:
        raise BookError(
            "ledger: no client bought anything in the chosen window. Choose a longer window, or check "
            "book.notes for rows without a client."
        )
    if measure is None:
        if summary["margin"].notna().all():
            measure = "margin"
        else:
            measure = "amount" if summary["amount"].notna().any() else "purchase_days"
    if measure not in MEASURES:
        raise BookError(f"measure '{measure}' is not known: expected one of {', '.join(MEASURES)}.")
    values = summary[measure].to_numpy(dtype=float, na_value=np.nan)
    if np.isnan(values).all():
        need = {"margin": "the column cost, or unit_cost in products", "amount": "the column amount"}
        raise BookError(
            f"ledger: {measure} is not known for any client. Add {need.get(measure, 'dates')}, "
            "or choose measure='purchase_days'."
        )
    return measure, values


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


def a_year(first: pd.Timestamp, last: pd.Timestamp) -> float:
    """What turns the money of a period into money a year; 1 for a period of a year or less, never more.

    >>> round(a_year(pd.Timestamp("2021-07-01"), pd.Timestamp("2025-06-30")), 3)
    0.25
    """
    return min(1.0, 365.25 / ((last - first).days + 1))
