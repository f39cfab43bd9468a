"""When did new clients come, from which channel, and what was spent meanwhile? Period by period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError

if TYPE_CHECKING:
    from crmkit.book import Book

STEPS = ((10, "7D"), (45, "MS"), (120, "QS"), (10**6, "YS"))
"""Periods by the usual days between dates of spend: daily and weekly spend is counted by weeks, and so on."""
UNKNOWN_MONTHS = 12
"""Without a date of joining, a client is new who did not buy for so long since the ledger began."""
_PRIOR = 20.0
"""So many clients is the belief worth that a calendar month is like any other."""


@dataclass(frozen=True)
class Arrivals:
    """Spend and new clients by channel and period; only periods that have ended count.

    Attributes
    ----------
    starts, ends
        First day of each period, and of the next.
    spend
        Money, by channel (columns) and period.
    new
        New clients: client_id, channel (``""`` if not noted), joined, all since the first period.
    has_channel, has_joined
        Whether the clients table notes the channel and the day of joining.
    """

    starts: pd.DatetimeIndex
    ends: pd.DatetimeIndex
    spend: pd.DataFrame
    new: pd.DataFrame
    has_channel: bool
    has_joined: bool

    def counts(self, channel: str | None = None) -> np.ndarray:
        """New clients by period, of one channel or of all."""
        joined = (
            self.new["joined"] if channel is None else self.new.loc[self.new["channel"] == channel, "joined"]
        )
        place = self.starts.searchsorted(joined, side="right") - 1
        inside = (place >= 0) & (joined < self.ends[-1]).to_numpy()
        return np.bincount(place[inside], minlength=len(self.starts))

    def season(self) -> np.ndarray:
        """How many come in each period relative to a usual one, by calendar month; ones below two years.

        Periods longer than a month have no season of their own.
        """
        length = (self.ends - self.starts).days.to_numpy()
        if (self.ends[-1] - self.starts[0]).days < 730 or np.median(length) > 31:
            return length / length.mean()
        month = (self.starts + (self.ends - self.starts) / 2).month.to_numpy()
        came, lasted = (np.bincount(month, values, 13)[month] for values in (self.counts(), length))
        usual = self.counts().sum() / length.sum()
        return (came + _PRIOR) / (lasted * usual + _PRIOR) * length / length.mean()

    def level(self) -> np.ndarray:
        """Number of the year, back from the last period, that each period lies in; 0 is the first."""
        back = (self.ends[-1] - self.ends).days.to_numpy() // 365
        return back.max() - back

    def last(self, months: int | None) -> np.ndarray:
        """Whether each period lies in the last so many months; None: all do."""
        if months is None:
            return np.ones(len(self.starts), dtype=bool)
        # A week more or less belongs to no month: whichever starts inside counts.
        since = self.ends[-1] - pd.DateOffset(months=months)
        return np.asarray(self.starts >= since - pd.Timedelta(days=1))


def arrivals(book: Book) -> Arrivals:
    """Spend and new clients of a book, period by period.

    Channels are matched whatever their case and surrounding spaces, and called as in the spend table.

    Raises
    ------
    BookError
        If there is no spend, if spend nets to less than zero in a period, or if no period has ended.
    """
    spend = _spend(book)
    starts, ends = _periods(spend["period"], book)
    new, has_channel, has_joined = _new_clients(book)
    names = {_plain(name): name for name in spend["channel"]}
    new["channel"] = [names.get(_plain(name), name.strip()) for name in new["channel"]]
    first = starts[0]
    # What was spent before any newcomer could be seen says nothing.
    known_since = new["joined"].min() if has_joined else _known_since(book)
    kept = ends > known_since
    if kept.any():
        starts, ends = starts[kept], ends[kept]
        first = max(starts[0], known_since)
    place = starts.searchsorted(spend["period"], side="right") - 1
    inside = (place >= 0) & (spend["period"] < ends[-1]).to_numpy()
    grid = spend[inside].assign(place=place[inside])
    grid["channel"] = grid["channel"].map(lambda name: names[_plain(name)])
    money = grid.pivot_table(index="place", columns="channel", values="amount", aggfunc="sum")
    money = money.reindex(index=range(len(starts)), columns=sorted(set(names.values()))).fillna(0.0)
    _refuse_negative(money, starts)
    new = new[(new["joined"] >= first) & (new["joined"] < ends[-1])].reset_index(drop=True)
    return Arrivals(starts, ends, money.reset_index(drop=True), new, has_channel, has_joined)


def _plain(name: str) -> str:
    return name.strip().casefold()


def _spend(book: Book) -> pd.DataFrame:
    if "spend" not in book.tables:
        raise BookError(
            "This needs the table spend (period, channel, amount): what was spent on winning clients. The "
            "book has only: {tables}.",
            tables=", ".join(book.tables),
        )
    spend = book.table("spend")
    spend = spend[spend["period"].notna() & spend["amount"].notna() & (spend["period"] <= book.as_of)]
    if spend.empty or not (spend["amount"] != 0).any():
        raise BookError("spend: no money is noted up to {as_of:%Y-%m-%d}.", as_of=book.as_of)
    return spend.assign(channel=spend["channel"].fillna("").astype(str))


def _periods(days: pd.Series, book: Book) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
    own = pd.DatetimeIndex(days.dt.normalize().unique()).sort_values()
    usual = float(np.median(np.diff(own.to_numpy()) / np.timedelta64(1, "D"))) if len(own) > 1 else 30.0
    step = next(name for most, name in STEPS if usual <= most)
    first = own[0] if step == "7D" else pd.date_range(end=own[0], periods=1, freq=step)[0]
    day = pd.Timedelta(days=1)
    bounds = pd.date_range(first, book.as_of + day, freq=step, unit="us")
    if len(bounds) < 2:
        raise BookError(
            "spend: no period has ended by {as_of:%Y-%m-%d}; the first starts on {first:%Y-%m-%d}.",
            as_of=book.as_of,
            first=first,
        )
    return bounds[:-1], bounds[1:]


def _known_since(book: Book) -> pd.Timestamp:
    """From when on a first purchase means a new client: a year after the start, or half of a short ledger."""
    first = book.client_summary()["first_date"].min()
    half = first + (book.as_of - first) / 2
    return min(first + pd.DateOffset(months=UNKNOWN_MONTHS), half).normalize()


def _new_clients(book: Book) -> tuple[pd.DataFrame, bool, bool]:
    summary = book.client_summary()[["client_id", "first_date"]]
    clients = book.table("clients") if "clients" in book.tables else summary[["client_id"]]
    clients = clients.drop_duplicates("client_id")
    has_channel = "source_channel" in clients.columns and bool(clients["source_channel"].notna().any())
    has_joined = "joined" in clients.columns and bool(clients["joined"].notna().any())
    found = clients.merge(summary, on="client_id", how="outer" if not has_joined else "left")
    joined = found["joined"] if has_joined else found["first_date"]
    channel = found["source_channel"].fillna("").astype(str) if has_channel else ""
    new = pd.DataFrame({"client_id": found["client_id"], "channel": channel, "joined": joined})
    new = new[new["joined"].notna()]
    return new.assign(joined=new["joined"].dt.normalize()).reset_index(drop=True), has_channel, has_joined


def _refuse_negative(money: pd.DataFrame, starts: pd.DatetimeIndex) -> None:
    # What the subtraction of floats leaves behind is no money.
    below = np.argwhere(money.round(6).to_numpy() < 0)
    if len(below):
        place, column = below[0]
        raise BookError(
            "spend, channel '{channel}', period from {start:%Y-%m-%d}: {amount:,.2f} is negative. Money "
            "given back belongs to the period in which it was spent: correct the rows.",
            channel=money.columns[column],
            start=starts[place],
            amount=float(money.iloc[place, column]),
        )
