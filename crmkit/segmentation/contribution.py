"""What each client leaves after the cost of serving them: the VIP, and those better served elsewhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crmkit.segmentation.evidence import Evidence

Array = NDArray[np.float64]

PEER_GROUPS = 10
PEER_YEARS = 0.02
"""So many years of the record of clients who buy in like sizes are added to each client's own."""
HALF_LIFE = 2.0


def contribution(evidence: Evidence) -> Array:
    """Measure in money less the cost to serve, by client and period; NaN where nothing of it is known."""
    if evidence.measure == "purchase_days":
        return np.full(evidence.value.shape, np.nan)
    cost = evidence["cost"]
    if np.isnan(cost).all():
        # Margin alone bounds what a client leaves; revenue without any cost says nothing about it.
        return evidence.value if evidence.measure == "margin" else np.full(cost.shape, np.nan)
    return evidence.value - np.nan_to_num(cost)


def expected_contribution(evidence: Evidence, kept: Array) -> Array:
    """What a client may be expected to leave in the coming window.

    The client's own record, in which what is two windows old counts half, drawn towards clients who buy in
    like sizes by a little of theirs.

    Parameters
    ----------
    evidence
        Up to the day in question.
    kept
        From :func:`contribution`.

    References
    ----------
    Bühlmann, H., Straub, E. (1970). Glaubwürdigkeit für Schadensätze. Mitteilungen der Vereinigung
    schweizerischer Versicherungsmathematiker 70, 111-133: credibility of one's own record.
    """
    memory = evidence.memory(HALF_LIFE)
    record, years = kept @ memory, evidence.exposure @ memory
    seen = evidence.seen
    size = evidence.typical_log("purchase_days", "log_amount", "log_amount_squares")
    cuts = np.quantile(size[seen], np.linspace(0, 1, PEER_GROUPS + 1)[1:-1]) if seen.any() else np.zeros(0)
    group = np.searchsorted(cuts, size, side="right")
    sums = np.bincount(group[seen], record[seen], PEER_GROUPS)
    spans = np.bincount(group[seen], years[seen], PEER_GROUPS)
    peers = np.divide(sums, spans, out=np.zeros(PEER_GROUPS), where=spans > 0)[group]
    window_years = evidence.window * evidence.years
    return (record + PEER_YEARS * peers) / (years + PEER_YEARS) * window_years


def choose_vip(
    value: Array, seen: NDArray[np.bool_], barred: NDArray[np.bool_], *, share: float, most: float
) -> NDArray[np.bool_]:
    """The smallest set of clients that reaches `share` of the measure, cut at `most` of all clients.

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
    order = np.argsort(-fit, kind="stable")
    running = np.cumsum(fit[order])
    needed = int(np.searchsorted(running, goal * (1 - 1e-9))) + 1
    size = min(needed, max(int(most * seen.sum() + 1e-9), 1), int((fit > 0).sum()))
    chosen = np.zeros(len(fit), dtype=bool)
    chosen[order[:size]] = True
    return chosen
