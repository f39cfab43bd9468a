"""What was known of each client's purchases at the end of every past month, and nothing later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.statistics.shrinkage import shrink
from crmkit.value.frames import Floats

if TYPE_CHECKING:
    from crmkit.book import Book

CELLS = 2_000_000
"""Clients times months that are asked of the book at a time."""


@dataclass(frozen=True)
class Monthly:
    """Purchases of each client by month, the months counted back from the day of the book.

    Attributes
    ----------
    client_id
        Clients with at least one purchase day, sorted; shape (clients,).
    ends
        Last day of each month, ascending; the last is the book's `as_of`.
    first_day
        Day of the first purchase, in days since 1970; shape (clients,).
    bought
        Purchase days up to the end of each month; shape (clients, months).
    last_day
        Day of the last purchase up to then, in days since 1970, 0 before the first; shape (clients, months).
    amount
        Net money up to then, NaN without amounts; shape (clients, months).
    """

    client_id: NDArray[np.object_]
    ends: pd.DatetimeIndex
    first_day: NDArray[np.int64]
    bought: NDArray[np.int32]
    last_day: NDArray[np.int32]
    amount: NDArray[np.float32]

    def days(self, month: int) -> int:
        """The last day of a month, in days since 1970."""
        return (self.ends[month] - pd.Timestamp("1970-01-01")).days

    def known(self, month: int) -> NDArray[np.bool_]:
        """Who had bought by the end of a month; shape (clients,)."""
        return self.bought[:, month] > 0

    def histories(self, month: int, clients: NDArray[np.bool_] | None = None) -> pd.DataFrame:
        """Purchase histories as they stood at the end of a month.

        Parameters
        ----------
        month
            Its place in `ends`.
        clients
            Whose, shape (clients,); default: of all who had bought by then.

        Returns
        -------
        DataFrame
            client_id; frequency, recency and T in days, as the purchase models take them.
        """
        who = np.flatnonzero(self.known(month) if clients is None else clients)
        first = self.first_day[who]
        return pd.DataFrame(
            {
                "client_id": self.client_id[who],
                "frequency": self.bought[who, month] - 1.0,
                "recency": (self.last_day[who, month] - first).astype(float),
                "T": (self.days(month) - first).astype(float),
            }
        )

    def features(self, month: int, horizon: int) -> pd.DataFrame:
        """Histories with what a classifier learns from, frozen at the end of a month.

        Parameters
        ----------
        month
            Its place in `ends`.
        horizon
            Months in which a purchase is foreseen.

        Returns
        -------
        DataFrame
            As :meth:`histories`, and silent_days; gap_days, the mean gap drawn towards that of all; lately,
            purchase days of the last year or a little more (whole horizons); spend, net money per purchase
            day, 0 without amounts.
        """
        frame = self.histories(month)
        who = self.known(month)
        back = month - horizon * -(-12 // horizon)
        before = self.bought[who, back] if back >= 0 else 0
        spend = np.nan_to_num(self.amount[who, month] / self.bought[who, month])
        return frame.assign(
            silent_days=frame["T"] - frame["recency"],
            gap_days=_usual_gap(frame),
            lately=(self.bought[who, month] - before).astype(float),
            spend=np.maximum(spend, 0.0).astype(float),
        )

    def bought_within(self, month: int, horizon: int) -> Floats:
        """1 for who, of those known at the end of a month, bought in so many months after it; else 0."""
        who = self.known(month)
        return (self.bought[who, month + horizon] > self.bought[who, month]).astype(float)


def monthly(book: Book) -> Monthly:
    """Purchases by month of everyone who has bought up to the book's `as_of`.

    Raises
    ------
    BookError
        If the book has no ledger.
    """
    summary = book.client_summary()
    buyers = (summary["purchase_days"] > 0).to_numpy()
    first = summary.loc[buyers, "first_date"]
    after = book.as_of + pd.Timedelta(days=1)
    months = 1
    while buyers.any() and after - pd.DateOffset(months=months) > first.min():
        months += 1
    starts = [after - pd.DateOffset(months=back) for back in range(months, 0, -1)]
    shape = (int(buyers.sum()), months)
    bought, last_day = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
    amount = np.zeros(shape, np.float32)
    step = max(1, CELLS // max(len(summary), 1))
    for begin in range(0, months, step):
        block = slice(begin, begin + step)
        end = starts[begin + step] - pd.Timedelta(days=1) if begin + step < months else book.as_of
        figures = book.client_periods(starts[block], end).figures
        bought[:, block] = figures["purchase_days"][buyers]
        last_day[:, block] = figures["last_day"][buyers]
        amount[:, block] = figures["amount"][buyers]
    ends = [*(start - pd.Timedelta(days=1) for start in starts[1:]), book.as_of]
    return Monthly(
        client_id=summary.loc[buyers, "client_id"].to_numpy(dtype=object),
        ends=pd.DatetimeIndex(ends),
        first_day=first.to_numpy().astype("datetime64[D]").astype(np.int64),
        bought=bought.cumsum(axis=1, dtype=np.int32),
        last_day=np.maximum.accumulate(last_day, axis=1),
        amount=amount.cumsum(axis=1, dtype=np.float32),
    )


def _usual_gap(frame: pd.DataFrame) -> Floats:
    """Each client's mean gap, drawn towards that of all: gaps about as uneven as chance makes them."""
    gaps = frame["frequency"].to_numpy()
    if not (gaps > 0).any():
        return np.maximum(frame["T"].to_numpy(), 1.0)
    some = gaps > 0
    noise = 1 / np.where(some, gaps, 1.0)
    own = np.log(np.where(some, frame["recency"], 1.0) / np.where(some, gaps, 1.0)) + noise / 2
    return np.exp(shrink(np.where(some, own, np.nan), np.where(some, noise, np.nan)).estimate)
