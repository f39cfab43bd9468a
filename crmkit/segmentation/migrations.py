"""Which clients moved to another class, what will the classes be in a year, and where did the money move?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError
from crmkit.segmentation.class_rules import CLASSES
from crmkit.segmentation.classes import classify
from crmkit.segmentation.migration_result import LEVEL, NEW, Migration
from crmkit.statistics import Context
from crmkit.statistics.shrinkage import ShrunkShares, shrink_shares

if TYPE_CHECKING:
    from crmkit.book import Book

DRAWS = 4000
GRACE_DAYS = 31
"""A ledger may begin so many days after the earlier period does."""
PRIOR_WORTH = 4.0
"""The prior of a row is worth so many clients: little enough to let sixty speak for themselves."""
_LONG_AGO = "1900-01-01"


def migration(book: Book, months: int = 12, *, seed: int = 0) -> Migration:
    """Compare the classes at two days and the money of the two periods that end with them.

    Parameters
    ----------
    book
        An open book.
    months
        How far the two days are apart; the later one is the book's `as_of`.
    seed
        Of the simulation of the classes to come.

    Returns
    -------
    Migration
        With ``.table`` (one row per pair of classes), ``.sizes``, ``.money``, ``.clients``.

    Raises
    ------
    BookError
        If nobody had bought by the earlier day.

    Notes
    -----
    Each row of the matrix is a multinomial whose probabilities have a Dirichlet prior around the shares of
    all clients, worth four clients: five rows are too few to learn its strength from. Staying is a class's
    own habit: whether a class is kept, and where those go who leave it, are drawn to all separately.
    The classes a year ahead are drawn from these probabilities, newcomers from a gamma-Poisson of their
    number (Gelman et al. 2013, Bayesian Data Analysis, 3rd edition, sections 2.6 and 3.4,
    doi:10.1201/b16018); more VIP clients than the settings allow count as C.

    The earlier classes are those that the book would have given on that day: nothing later is used.
    """
    start = book.as_of - pd.DateOffset(months=months)
    begin = start + pd.Timedelta(days=1) - pd.DateOffset(months=months)
    first = book.client_summary()["first_date"].min()
    if first <= start and first > begin + pd.Timedelta(days=GRACE_DAYS):
        raise BookError(
            f"migration: the ledger begins on {first:%Y-%m-%d}, so that the {months} months up to "
            f"{start:%Y-%m-%d} cannot be compared with the {months} after. Choose fewer months, or give a "
            "longer ledger."
        )
    if not first <= start:
        raise BookError(
            f"migration: nobody had bought by {start:%Y-%m-%d}, {months} months before "
            f"{book.as_of:%Y-%m-%d}. Choose fewer months, or give a longer ledger."
        )
    before = classify(book, as_of=start, seed=seed).table[["client_id", "class"]]
    after = classify(book, seed=seed).table[["client_id", "class"]]
    pairs = after.merge(before, on="client_id", how="left", suffixes=("_now", "_then"))
    pairs["class_then"] = pairs["class_then"].fillna(NEW)
    counts = np.array(
        [
            [((pairs["class_then"] == origin) & (pairs["class_now"] == target)).sum() for target in CLASSES]
            for origin in (*CLASSES, NEW)
        ],
        dtype=float,
    )
    chances = Chances(counts)
    moved, money = _money(book, start, months)
    clients = pairs.rename(columns={"class_then": "from_class", "class_now": "to_class"}).merge(
        moved, on="client_id", how="left"
    )
    return Migration(
        context=Context.of(book),
        table=_matrix(counts, chances),
        sizes=_sizes(counts, chances, seed, most=book.settings.classes.vip_client_share),
        money=money,
        clients=clients[["client_id", "from_class", "to_class", "kind", "before", "after", "change"]],
        most_vip=book.settings.classes.vip_client_share,
        start=start,
        months=months,
    )


class Chances:
    """Probabilities of each move, shrunk: for each class whether it is kept, and where those go who leave.

    Parameters
    ----------
    counts
        Clients by class then (and newcomers, the last row) and class now, shape (classes + 1, classes).
    """

    def __init__(self, counts: np.ndarray) -> None:
        size = counts.shape[1]
        kept = np.diag(counts[:size])
        left = counts[:size].sum(axis=1) - kept
        self._keep_counts = np.column_stack([kept, left])
        self._keep = shrink_shares(self._keep_counts, strength=PRIOR_WORTH)
        self._leave_counts = counts[:size] * (1 - np.eye(size))
        self._leave: ShrunkShares | None = (
            shrink_shares(self._leave_counts, strength=PRIOR_WORTH) if self._leave_counts.sum() else None
        )
        self._new_counts = counts[size]

    def draw(self, draws: int, rng: np.random.Generator) -> np.ndarray:
        """Possible matrices of probabilities, shape (draws, classes + 1, classes)."""
        size = len(self._new_counts)
        keep = _dirichlet(self._keep.parameters(self._keep_counts), draws, rng)[:, :, 0]
        if self._leave is None:
            leave = np.full((draws, size, size), 1 / (size - 1))
        else:
            leave = _dirichlet(self._leave.parameters(self._leave_counts), draws, rng)
        leave = leave * (1 - np.eye(size))
        total = leave.sum(axis=2, keepdims=True)
        leave = np.divide(leave, total, out=np.zeros_like(leave), where=total > 0)
        known = leave * (1 - keep)[:, :, None] + np.eye(size) * keep[:, :, None]
        # Jeffreys' prior: newcomers resemble no class.
        new = _dirichlet((self._new_counts + 0.5)[None, :], draws, rng)
        return np.concatenate([known, new], axis=1)


def _dirichlet(parameters: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    gammas = rng.standard_gamma(np.maximum(parameters, 1e-9), size=(draws, *parameters.shape))
    total = gammas.sum(axis=-1, keepdims=True)
    return np.divide(gammas, total, out=np.zeros_like(gammas), where=total > 0)


def _limits(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return low, high


def _matrix(counts: np.ndarray, chances: Chances) -> pd.DataFrame:
    # Its own stream: the limits must not depend on how the sizes are drawn.
    draws = chances.draw(DRAWS, np.random.default_rng(0))
    low, high = _limits(draws)
    mean = draws.mean(axis=0)
    rows = [
        {
            "from_class": origin,
            "to_class": target,
            "clients": int(counts[i, j]),
            "probability": mean[i, j] if counts[i].sum() else np.nan,
            "probability_lo": low[i, j] if counts[i].sum() else np.nan,
            "probability_hi": high[i, j] if counts[i].sum() else np.nan,
        }
        for i, origin in enumerate((*CLASSES, NEW))
        for j, target in enumerate(CLASSES)
    ]
    return pd.DataFrame(rows)


def _sizes(counts: np.ndarray, chances: Chances, seed: int, *, most: float) -> pd.DataFrame:
    """Clients of each class now and as many months ahead, the newcomers of that time included."""
    rng = np.random.default_rng(seed)
    today = counts.sum(axis=0)
    matrices = chances.draw(DRAWS, rng)
    ahead = np.zeros((DRAWS, len(CLASSES)))
    for place, size in enumerate(today.astype(int)):
        ahead += rng.multinomial(size, matrices[:, place])
    newcomers = rng.poisson(rng.standard_gamma(counts[-1].sum() + 0.5, DRAWS))
    ahead += rng.multinomial(newcomers, matrices[:, -1])
    vip, rest = CLASSES.index("VIP"), CLASSES.index("C")
    over = np.maximum(ahead[:, vip] - np.floor(most * ahead.sum(axis=1)), 0)
    ahead[:, vip] -= over
    ahead[:, rest] += over
    low, high = _limits(ahead)
    return pd.DataFrame(
        {
            "class": list(CLASSES),
            "clients_then": counts[:-1].sum(axis=1).astype(int),
            "clients": today.astype(int),
            "clients_ahead": ahead.mean(axis=0),
            "clients_lo": low,
            "clients_hi": high,
        }
    )


def _money(book: Book, start: pd.Timestamp, months: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each client's money in both periods, and the change by what happened, unnamed rows included."""
    first = start + pd.Timedelta(days=1) - pd.DateOffset(months=months)
    spans = ((_iso(first), _iso(start)), (_iso(start + pd.Timedelta(days=1)), _iso(book.as_of)))
    then, now = (book.client_summary(span).set_index("client_id")["amount"] for span in spans)
    everyone = book.client_summary()["client_id"]
    known_then = book.client_summary((_LONG_AGO, _iso(start)))["client_id"]
    frame = pd.DataFrame({"then": then, "now": now}, index=pd.Index(everyone, name="client_id"))
    had, has = frame["then"].notna().to_numpy(), frame["now"].notna().to_numpy()
    known = then.notna().any() or now.notna().any()
    before = frame["then"].fillna(0.0).to_numpy()
    after = frame["now"].fillna(0.0).to_numpy()
    change = np.round(after - before, 4)
    kind = np.select(
        [
            ~frame.index.isin(known_then),
            had & ~has,
            ~had & has,
            change > 0,
            change < 0,
        ],
        ["new", "lost", "returned", "up", "down"],
        default="same",
    )
    clients = pd.DataFrame(
        {
            "client_id": frame.index.to_numpy(),
            "kind": kind,
            "before": before if known else np.nan,
            "after": after if known else np.nan,
            "change": change if known else np.nan,
        }
    )
    if not known:
        return clients, pd.DataFrame(columns=["kind", "clients", "before", "after", "change"])
    grouped = clients.groupby("kind")[["before", "after", "change"]].sum()
    grouped.insert(0, "clients", clients["kind"].value_counts())
    grouped.loc["without_client"] = [0.0, *_without_client(book, spans, before.sum(), after.sum())]
    order = [
        kind
        for kind in ("new", "returned", "up", "same", "down", "lost", "without_client")
        if kind in grouped.index
    ]
    money = grouped.loc[order].round(4)
    money.loc["all"] = money.sum().round(4)
    money["clients"] = money["clients"].astype(int)
    return clients, money.rename_axis("kind").reset_index()


def _without_client(
    book: Book, spans: tuple[tuple[str, str], tuple[str, str]], before: float, after: float
) -> tuple[float, float, float]:
    days = book.panel("amount", freq="D")
    totals = [days.loc[days["ds"].between(*map(pd.Timestamp, span)), "y"].sum() for span in spans]
    then, now = totals[0] - before, totals[1] - after
    return then, now, now - then


def _iso(day: pd.Timestamp) -> str:
    return f"{day:%Y-%m-%d}"
