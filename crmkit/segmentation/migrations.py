"""Which clients moved to another class, what will the classes be in a year, and where did the money move?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError
from crmkit.segmentation.chances import Chances
from crmkit.segmentation.class_names import CLASSES
from crmkit.segmentation.class_rules import judge
from crmkit.segmentation.concentrations import is_flat
from crmkit.segmentation.contribution import most_vip
from crmkit.segmentation.evidence import LONG_AGO, gather, whole_months
from crmkit.segmentation.measures import choose_measure, refuse_nobody
from crmkit.segmentation.migration_result import KINDS, NEW, Migration
from crmkit.segmentation.moves import Moves, Reading, count_moves
from crmkit.statistics import LEVEL, Context

if TYPE_CHECKING:
    from crmkit.book import Book

DRAWS = 4000
GRACE_DAYS = 31
"""A ledger may begin so many days after the earlier period does."""


def migration(book: Book, *, months: int = 12, seed: int = 0) -> Migration:
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
        If nobody had bought by the earlier day, or `months` is not a number of months.

    Notes
    -----
    The class of a client on a day is known with a probability only (see ``standing``), and the doubts of two
    days are not independent: what misled on one misleads on the other. The probability of a move is the one
    under which as few clients move as the probabilities of both days allow (see ``moves``). Its interval
    reaches from the moves that are sure whatever the doubts share to those that there would be if they shared
    nothing, and adds the chance in rows of so many clients.

    Each row of the matrix is a multinomial whose probabilities have a Dirichlet prior around the shares of
    all clients, worth four clients: five rows are too few to learn its strength from. Staying is a class's
    own habit: whether a class is kept, and where those go who leave it, are drawn to all separately.
    The sizes a year ahead are of classes as they will be found. They are drawn from the moves as found,
    newcomers from a gamma-Poisson of their number (Gelman et al. 2013, Bayesian Data Analysis, 3rd edition,
    sections 2.6 and 3.4, doi:10.1201/b16018); more VIP clients than the settings allow count as C.

    The earlier classes are those that the book would have given on that day: nothing later is used.
    """
    months = whole_months(months, "months")
    summary = book.client_summary()
    refuse_nobody(summary)
    start = book.as_of - pd.DateOffset(months=months)
    begin = start + pd.Timedelta(days=1) - pd.DateOffset(months=months)
    first = summary["first_date"].min()
    if first <= start and first > begin + pd.Timedelta(days=GRACE_DAYS):
        raise BookError(
            "migration: the ledger begins on {first}, so that the time up to {start} cannot be compared with "
            "the time after (months = {months}). Choose fewer months, or give a longer ledger.",
            first=_iso(first),
            start=_iso(start),
            months=months,
        )
    if not first <= start:
        raise BookError(
            "migration: nobody had bought by {start}, with which {end} is compared (months = {months}). "
            "Choose fewer months, or give a longer ledger.",
            start=_iso(start),
            end=_iso(book.as_of),
            months=months,
        )
    moves = count_moves(_read(book, start, seed), _read(book, book.as_of, seed))
    counts = moves.found
    origin = np.array([*CLASSES, NEW], dtype=object)[moves.then]
    pairs = pd.DataFrame(
        {
            "client_id": pd.Series(moves.client_id, dtype="str"),
            "from_class": pd.Series(origin, dtype="str"),
            "to_class": pd.Series(np.array(CLASSES, dtype=object)[moves.now], dtype="str"),
            "probability": moves.moved.round(6),
        }
    )
    moved, money = _money(book, start, months)
    clients = pairs.merge(moved, on="client_id", how="left")
    columns = ["client_id", "from_class", "to_class", "probability", "kind", "before", "after", "change"]
    return Migration(
        context=Context.of(book),
        table=_matrix(moves),
        sizes=_sizes(counts, Chances(counts), seed, most=book.settings.classes.vip_client_share),
        money=money,
        clients=clients[columns],
        moves=moves,
        most_vip=book.settings.classes.vip_client_share,
        start=start,
        months=months,
        last=summary["last_date"].max(),
        flat=is_flat(book, measure=choose_measure(summary)[0], as_of=book.as_of),
    )


def _limits(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return low, high


def _matrix(moves: Moves) -> pd.DataFrame:
    # Its own stream: the limits must not depend on how the sizes are drawn.
    drawn = [
        Chances(counts).draw(DRAWS, np.random.default_rng(0))
        for counts in (moves.likely, moves.fewest, moves.most)
    ]
    limits = np.array([_limits(draws) for draws in drawn])
    mean = drawn[0].mean(axis=0)
    # Outwards to whole clients: nobody can tell a part of a client from none.
    clients = np.maximum(moves.likely.sum(axis=1, keepdims=True), 1e-9)
    low = np.floor(limits[:, 0].min(axis=0) * clients) / clients
    high = np.minimum(np.ceil(limits[:, 1].max(axis=0) * clients) / clients, 1.0)
    known = moves.found.sum(axis=1) > 0
    rows = [
        {
            "from_class": origin,
            "to_class": target,
            "clients": int(moves.found[i, j]),
            "probability": mean[i, j] if known[i] else np.nan,
            "probability_lo": low[i, j] if known[i] else np.nan,
            "probability_hi": high[i, j] if known[i] else np.nan,
        }
        for i, origin in enumerate((*CLASSES, NEW))
        for j, target in enumerate(CLASSES)
    ]
    return pd.DataFrame(rows)


def _read(book: Book, day: pd.Timestamp, seed: int) -> Reading:
    """The classes of one day and how sure they are, from what was known then."""
    rules = book.settings.classes
    evidence = gather(book, window_months=rules.window_months, as_of=day)
    verdict = judge(evidence, rules, seed=seed)
    return Reading(evidence.periods.client_id, verdict.code, verdict.chances)


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
    over = np.maximum(ahead[:, vip] - most_vip(ahead.sum(axis=1), most), 0)
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
    known_then = book.client_summary((LONG_AGO, _iso(start)))["client_id"]
    frame = pd.DataFrame({"then": then, "now": now}, index=pd.Index(everyone, name="client_id"))
    had, has = frame.index.isin(then.index), frame.index.isin(now.index)
    known = then.notna().any() or now.notna().any()
    before = frame["then"].fillna(0.0).to_numpy()
    after = frame["now"].fillna(0.0).to_numpy()
    change = np.round(after - before, 4)
    kind = np.select(
        [
            ~frame.index.isin(known_then),
            ~had & ~has,
            had & ~has,
            ~had & has,
            change > 0,
            change < 0,
        ],
        ["new", "absent", "lost", "returned", "up", "down"],
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
    money = grouped.loc[[kind for kind in KINDS if kind in grouped.index]].round(4)
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
