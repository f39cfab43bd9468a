"""What each client leaves after costs, what is to be expected of them, and who is VIP by what they bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmkit.segmentation.evidence import Evidence

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

PEER_GROUPS = 10
SIGN_YEARS = 0.02
"""A client's own record decides the sign: so few years of like clients are added to it."""
HALF_LIFE = 2.0


def contribution(evidence: Evidence) -> Array:
    """Measure in money less the costs that are known, by client and period; NaN where nothing is known."""
    costs = evidence.costs
    if costs == "none":
        # Revenue without any cost says nothing about what a client leaves.
        return np.full(evidence.value.shape, np.nan)
    return evidence.value if costs == "goods" else evidence.value - np.nan_to_num(evidence["cost"])


@dataclass(frozen=True)
class Outlook:
    """What clients leave in a window, arrays of shape (clients,), in money.

    Attributes
    ----------
    record
        By the client's own record alone.
    expected
        In the coming window: the record drawn towards clients who buy in like sizes, as far as it is short,
        times the probability that they are still a client; NaN where the ledger is too short to tell.
    spread
        Standard deviation of what will really be left around `expected`.
    """

    record: Array
    expected: Array
    spread: Array


def foresee(evidence: Evidence, kept: Array, there: Array) -> Outlook:
    """What a client may be expected to leave in the coming window.

    In the client's own record what is two windows old counts half. How many years of like clients are added
    to it follows from how much clients' whole periods differ within one client and between clients, in
    units of their size group: the fewer differences last, the more.

    Parameters
    ----------
    evidence
        Up to the day in question.
    kept
        From :func:`contribution`.
    there
        Probability that each client is still one.

    References
    ----------
    Bühlmann, H., Straub, E. (1970). Glaubwürdigkeit für Schadensätze. Mitteilungen der Vereinigung
    schweizerischer Versicherungsmathematiker 70, 111-133: credibility of one's own record, and the
    estimators of the variances within and between.
    """
    memory = evidence.memory(HALF_LIFE)
    record, years = kept @ memory, evidence.exposure @ memory
    seen = evidence.seen
    window_years = evidence.window * evidence.years
    group = _size_groups(evidence)
    earned, spent = (np.bincount(group[seen], part[seen], PEER_GROUPS) for part in (record, years))
    peers = np.divide(earned, spent, out=np.zeros(PEER_GROUPS), where=spent > 0)[group]
    within, between = _variances(evidence, kept, group, peers)
    own = (record + SIGN_YEARS * peers) / (years + SIGN_YEARS)
    # Where nothing lasts every client is like the others of their size.
    weight = between * years / (between * years + within + 1e-12)
    rate = weight * np.divide(record, years, out=peers.copy(), where=years > 0) + (1 - weight) * peers
    unknown = between * (1 - weight) * window_years**2 + within * window_years
    left = there * (1 - there) * (rate * window_years) ** 2
    return Outlook(own * window_years, there * rate * window_years, np.sqrt(there * unknown + left))


def _size_groups(evidence: Evidence) -> NDArray[np.int64]:
    seen = evidence.seen
    size = evidence.typical_log("purchase_days", "log_amount", "log_amount_squares")
    cuts = np.quantile(size[seen], np.linspace(0, 1, PEER_GROUPS + 1)[1:-1]) if seen.any() else np.zeros(0)
    return np.searchsorted(cuts, size, side="right")


def _variances(
    evidence: Evidence, kept: Array, group: NDArray[np.int64], peers: Array
) -> tuple[Array, Array]:
    """Variance of a year within a client, and between clients of one size group, each of shape (clients,).

    NaN where there are no two whole periods to compare, or no two clients.
    """
    exposure = evidence.exposure
    # A begun period holds the purchase that made the client one: it would pass for a very good period.
    whole = evidence.seen[:, None] & (exposure > 0.9 * evidence.years)
    years = np.where(whole, exposure, 0.0)
    off = np.divide(kept, exposure, out=np.zeros_like(kept), where=whole) - peers[:, None]
    counts = np.bincount(group, whole.sum(axis=1), PEER_GROUPS)
    squares = np.bincount(group, (years * off**2).sum(axis=1), PEER_GROUPS)
    scale = np.divide(squares, counts, out=np.zeros(PEER_GROUPS), where=counts > 0)[group]
    known = years.sum(axis=1)
    apart = np.divide(off, np.sqrt(scale)[:, None], out=np.zeros_like(off), where=scale[:, None] > 0)
    mean = np.divide((years * apart).sum(axis=1), known, out=np.zeros(len(known)), where=known > 0)
    free = float(np.maximum(whole.sum(axis=1) - 1, 0).sum())
    within = float((years * (apart - mean[:, None]) ** 2).sum()) / max(free, 1.0)
    total, clients = float(known.sum()), int((known > 0).sum())
    if free < 1 or clients < 2:
        return np.full(len(known), np.nan), np.full(len(known), np.nan)
    middle = float(known @ mean) / total
    spread = float(known @ (mean - middle) ** 2) - (clients - 1) * within
    between = max(spread / max(total - float(known @ known) / total, 1e-12), 0.0)
    return within * scale, between * scale


def most_vip(clients: float | Array, share: float) -> Array:
    """How many of so many clients can be VIP: whole clients, shape as `clients`."""
    return np.floor(share * np.asarray(clients, dtype=float) + 1e-9)


def choose_vip(value: Array, seen: Flags, barred: Flags, *, share: float, most: float) -> Flags:
    """The smallest set of clients that reaches `share` of the measure, cut at `most` of all clients.

    Equal clients are in it together or not at all.

    Parameters
    ----------
    value
        The measure in the window; a VIP needs it above zero.
    seen, barred
        Who is a client, and who cannot be VIP.
    share, most
        Goal in the measure, and the largest share of clients.
    """
    goal = share * max(float(value[seen].sum()), 0.0)
    fit = np.where(seen & ~barred & (value > 0), np.round(value, 6), 0.0)
    order = np.sort(fit)[::-1]
    needed = int(np.searchsorted(np.cumsum(order), goal * (1 - 1e-9))) + 1
    limit = int(most_vip(seen.sum(), most))
    size = min(needed, limit, int((fit > 0).sum()))
    if size == 0:
        return np.zeros(len(fit), dtype=bool)
    edge = order[size - 1]
    chosen = fit >= edge
    return chosen if chosen.sum() <= limit else fit > edge
