"""From a book to what the purchase models ask: how often, how recently, since when, and for how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from crmkit.book import Book

DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
"""Length of each time unit, in days."""


def purchase_histories(book: Book, *, until: str | None = None, unit: str = "week") -> pd.DataFrame:
    """The purchase history of each client who has bought, as it was known at the end of a day.

    Parameters
    ----------
    book
        A book with a ledger.
    until
        Last day that is looked at, as an ISO date; default: the book's `as_of`. Nothing later is used.
    unit
        Time unit of recency and T: ``"day"``, ``"week"``, ``"month"`` (365.25 / 12 days) or ``"year"``.

    Returns
    -------
    DataFrame
        One row per client with a purchase day, sorted by client_id: client_id; frequency, purchase days after
        the first; recency, from the first purchase day to the last, and T, from the first purchase day to
        `until`, both in the unit; monetary_value, net money per purchase day, NaN without amounts;
        margin_rate, margin as a share of the money, NaN without costs or where there is no money.

    Raises
    ------
    BookError
        If the book has no ledger, or nothing lies in the time.
    ValueError
        If the unit is not one of those.
    """
    if unit not in DAYS:
        raise ValueError(f"unit must be one of {', '.join(DAYS)}, not {unit!r}.")
    everything = book.client_summary()
    if until is None:
        summary = everything
    else:
        first = everything["first_date"].min()
        summary = book.client_summary(window=(f"{first:%Y-%m-%d}", until))
    summary = summary[summary["purchase_days"] > 0].reset_index(drop=True)
    days = summary["purchase_days"].to_numpy(float)
    amount, margin = (summary[name].to_numpy(float) for name in ("amount", "margin"))
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(amount > 0, margin / amount, np.nan)
    return pd.DataFrame(
        {
            "client_id": summary["client_id"],
            "frequency": days - 1,
            "recency": (summary["last_date"] - summary["first_date"]).dt.days / DAYS[unit],
            "T": summary["tenure_days"] / DAYS[unit],
            "monetary_value": amount / days,
            "margin_rate": rate,
        }
    )
