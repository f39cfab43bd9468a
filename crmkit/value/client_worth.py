"""What does each client bring in a year, as far as the last twelve months tell?"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError
from crmkit.value.frames import Floats
from crmkit.value.gamma_gamma import GammaGammaModel

if TYPE_CHECKING:
    from crmkit.book import Book

MONTHS = 12
LEAST_CLIENTS = 30
"""With fewer clients, the money per purchase of each stands on its own."""


class Worth(NamedTuple):
    """Money of each client.

    Attributes
    ----------
    value
        Money a year, by client_id; 0 where nothing is to be expected.
    measure
        What it is: ``"margin"``, ``"amount"`` (net revenue), ``"given"``, or blank if nothing is known.
    """

    value: pd.Series
    measure: str


def yearly_worth(book: Book, clients: np.ndarray) -> Worth:
    """What each client brought in the last twelve months, the money per purchase drawn towards that of all.

    Parameters
    ----------
    book
        A book with a ledger.
    clients
        client_ids whose worth is asked for.

    Returns
    -------
    Worth
        Margin if it is known of everyone who bought in the time, else net revenue, said by `measure`.
        Purchase days of the twelve months times the expected money of one (gamma-gamma, see
        :class:`crmkit.value.GammaGammaModel`; each client's own mean where the model cannot be fitted). 0 for
        who bought nothing or brought nothing in the time.
    """
    summary = book.client_summary(MONTHS)
    summary = summary[summary["purchase_days"] > 0].set_index("client_id")
    measure = next(
        (name for name in ("margin", "amount") if len(summary) and summary[name].notna().all()), ""
    )
    if not measure:
        known = book.client_summary()["amount"].notna().any()
        worth = 0.0 if known else np.nan
        return Worth(pd.Series(worth, index=pd.Index(clients)), "amount" if known else "")
    days, money = summary["purchase_days"].to_numpy(float), summary[measure].to_numpy(float)
    brought = pd.Series(days * _per_purchase(days, money / days), index=summary.index)
    return Worth(brought.reindex(clients).fillna(0.0), measure)


def given_worth(value: pd.Series | pd.DataFrame, clients: np.ndarray) -> Worth:
    """A worth from elsewhere, such as from lifetime values.

    Parameters
    ----------
    value
        Expected money a year of each client if they stay: a Series by client_id, or a frame with the columns
        client_id and value. Clients who are not in it are worth 0.
    clients
        client_ids whose worth is asked for.

    Raises
    ------
    BookError
        If a column is missing, a client occurs twice, or a value is blank, infinite or no number.
    """
    if isinstance(value, pd.DataFrame):
        missing = [name for name in ("client_id", "value") if name not in value.columns]
        if missing:
            raise BookError(
                "value: the frame has no column '{column}'. Expected columns: {columns}.",
                column=missing[0],
                columns="client_id, value",
            )
        value = value.set_index("client_id")["value"]
    if value.index.has_duplicates:
        raise BookError("value: a client occurs twice. Give one row for each client.")
    money = pd.to_numeric(value, errors="coerce").astype(float)
    if not np.isfinite(money.to_numpy()).all():
        raise BookError(
            "value: {rows} of {all} are blank or no numbers. Give money a year for each client.",
            rows=int((~np.isfinite(money.to_numpy())).sum()),
            all=len(money),
        )
    return Worth(money.clip(lower=0.0).reindex(clients).fillna(0.0), "given")


def _per_purchase(days: Floats, mean: Floats) -> Floats:
    """Expected money of a purchase; 0 for who brought nothing or less."""
    some = mean > 0
    own = np.where(some, mean, 0.0)
    if some.sum() < LEAST_CLIENTS:
        return own
    frame = pd.DataFrame({"frequency": days[some], "monetary_value": mean[some]})
    # All may spend the same, or some so much that no mean can be told: then each client's own is used.
    with suppress(BookError):
        own[some] = GammaGammaModel().fit(frame).expected_spend(frame)
    return own
