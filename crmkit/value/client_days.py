"""What did each client leave on each day? Sums over windows that differ from client to client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError

if TYPE_CHECKING:
    from crmkit.book import Book

_EPOCH = np.datetime64("1970-01-01", "D")
_SPAN = 1 << 20
"""More days than any ledger holds, so that client and day make one number that sorts."""


@dataclass(frozen=True)
class ClientDays:
    """Money by client and day, sorted, with running sums: a window is the difference of two of them.

    Attributes
    ----------
    clients
        Ids of the clients who have a row in the ledger, sorted.
    measure
        ``"margin"``, or ``"amount"`` (net revenue) where no cost is known.
    first, last
        The first day in the ledger, and the day up to which the book counts.
    """

    clients: pd.Index
    measure: str
    first: pd.Timestamp
    last: pd.Timestamp
    _keys: np.ndarray
    _running: np.ndarray
    _bought: np.ndarray

    def money(self, clients: pd.Series, starts: pd.Series, days: int | np.ndarray) -> np.ndarray:
        """Money that each client left in the `days` days from each start on, the first day included."""
        return self._between(self._running, clients, starts, days)

    def bought(self, clients: pd.Series, starts: pd.Series, days: int | np.ndarray) -> np.ndarray:
        """On how many days of the window each client's lines net to more than zero."""
        return self._between(self._bought, clients, starts, days)

    def _between(
        self, running: np.ndarray, clients: pd.Series, starts: pd.Series, days: int | np.ndarray
    ) -> np.ndarray:
        place = self.clients.get_indexer(clients)
        begin = place.astype(np.int64) * _SPAN + day_numbers(starts)
        low, high = np.searchsorted(self._keys, begin), np.searchsorted(self._keys, begin + days)
        return np.where(place >= 0, running[high] - running[low], 0.0)


def day_numbers(days: pd.Series) -> np.ndarray:
    """Days since 1970 of dates that are all known."""
    return (days.to_numpy().astype("datetime64[D]") - _EPOCH).astype(np.int64)


def client_days(book: Book) -> ClientDays:
    """The ledger by client and day, up to the book's `as_of`, as ``book.client_summary()`` counts it.

    Raises
    ------
    BookError
        If there is no ledger, or it has neither amounts nor costs.
    """
    ledger = book.table("ledger")
    if "amount" not in ledger.columns:
        raise BookError("ledger: without amounts nothing can be said about money. Add the column amount.")
    ledger = ledger[ledger["client_id"].notna() & (ledger["date"] < book.as_of + pd.Timedelta(days=1))]
    cost = _cost(book, ledger)
    known = cost is not None and bool(cost.notna().any())
    # A line whose cost is unknown has no margin, and adds nothing.
    money = (ledger["amount"] - cost).fillna(0.0) if known and cost is not None else ledger["amount"]
    clients = pd.Index(np.sort(ledger["client_id"].unique()))
    keys = clients.get_indexer(ledger["client_id"]).astype(np.int64) * _SPAN + day_numbers(ledger["date"])
    unique, group = np.unique(keys, return_inverse=True)
    left = np.bincount(group, money.fillna(0.0), len(unique))
    net = np.bincount(group, ledger["amount"].fillna(0.0), len(unique))
    return ClientDays(
        clients=clients,
        measure="margin" if known else "amount",
        first=ledger["date"].min().normalize() if len(ledger) else book.as_of,
        last=book.as_of,
        _keys=unique,
        _running=np.append(0.0, left.cumsum()),
        _bought=np.append(0.0, (net.round(6) > 0).cumsum()),
    )


def _cost(book: Book, ledger: pd.DataFrame) -> pd.Series | None:
    """Cost of each line: its own, else that of the pieces sold; None where neither is noted."""
    own = ledger["cost"] if "cost" in ledger.columns else None
    if "products" not in book.tables or "product_id" not in ledger.columns:
        return own
    products = book.table("products")
    if "unit_cost" not in products.columns:
        return own
    unit = ledger["product_id"].map(products.groupby("product_id")["unit_cost"].min())
    if "quantity" in ledger.columns:
        pieces = ledger["quantity"]
    else:
        pieces = pd.Series(np.where(ledger["amount"] < 0, -1.0, 1.0), index=ledger.index)
    return pieces * unit if own is None else own.fillna(pieces * unit)
