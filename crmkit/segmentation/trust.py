"""How far does each client trust us? One number from how they answer, keep visits and widen what they buy.

Kinds of contact differ in how often they are answered and in how much the answer tells. Both are learned from
the book itself: what makes the answers of one client to different kinds go together is taken to be trust.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmkit.segmentation.evidence import Evidence

Array = NDArray[np.float64]

HALF_LIFE = 3.0
"""Windows after which an answer counts half."""
LEAST_ANSWERS = 20
ROUNDS = 200
RANGE = "range"


@dataclass(frozen=True)
class Trust:
    """Trust of each client, in standard deviations from the mean of all.

    Attributes
    ----------
    estimate, deviation
        Posterior mean and standard deviation, shape (clients,).
    items
        What it rests on: kinds of contact, ``"offer"``, ``"range"`` (how many kinds of goods were bought for
        so many purchases).
    parts
        What each item adds to the estimate, shape (items, clients).
    """

    estimate: Array
    deviation: Array
    items: tuple[str, ...]
    parts: Array


def fit_trust(evidence: Evidence) -> Trust:
    """Fit a model with one factor to the answers.

    A client of trust t takes an item with a probability whose logit is the item's level plus its loading
    times t; to first order around the mean, the surprise of item k is loading × information × t. Loadings
    follow from how the surprises of different items go together. Where nothing does, trust is the same for
    all.

    References
    ----------
    Birnbaum, A. (1968), in Lord and Novick, Statistical Theories of Mental Test Scores: items of different
    discrimination. Harman, H., Jones, W. (1966). Factor analysis by minimizing residuals (minres).
    Psychometrika 31, 351-368, https://doi.org/10.1007/BF02289468.
    """
    seen = evidence.seen
    memory = evidence.memory(HALF_LIFE)
    items: list[str] = []
    surprise: list[Array] = []
    information: list[Array] = []
    for kind, (taken, declined) in evidence.periods.answers.items():
        yes = taken @ memory
        asked = yes + declined @ memory
        total = float(asked[seen].sum())
        share = float(yes[seen].sum()) / total if total else 0.0
        if min(share, 1 - share) * total < LEAST_ANSWERS:
            continue
        items.append(kind)
        surprise.append(yes - asked * share)
        information.append(asked * share * (1 - share))
    bought, kinds = evidence["purchase_days"].sum(axis=1), evidence["new_kinds"].sum(axis=1)
    if kinds[seen].sum() >= LEAST_ANSWERS:
        expected = _expected_kinds(bought, kinds, seen)
        variance = float(((kinds - expected)[seen] ** 2).sum() / max(expected[seen].sum(), 1e-9))
        items.append(RANGE)
        surprise.append(kinds - expected)
        information.append(expected * variance)
    clients = len(seen)
    if not items:
        return Trust(np.zeros(clients), np.ones(clients), (), np.zeros((0, clients)))
    u, info = np.where(seen, surprise, 0.0), np.where(seen, information, 0.0)
    loadings = _loadings(u, info)
    precision = 1 + loadings**2 @ info
    parts = loadings[:, None] * u / precision
    return Trust(parts.sum(axis=0), 1 / np.sqrt(precision), tuple(items), parts)


def _expected_kinds(bought: Array, kinds: Array, seen: NDArray[np.bool_]) -> Array:
    """How many kinds of goods clients with so many purchases have bought on average."""
    from sklearn.isotonic import IsotonicRegression

    capped = np.minimum(bought, 50)
    return IsotonicRegression(y_min=0.0).fit(capped[seen], kinds[seen]).predict(capped)


def _loadings(surprise: Array, information: Array) -> Array:
    """Non-negative loadings whose products come nearest to how the surprises go together."""
    weight = information @ information.T
    together = surprise @ surprise.T / np.maximum(weight, 1e-12)
    np.fill_diagonal(weight, 0.0)
    loadings = np.full(len(surprise), 0.3)
    for _ in range(ROUNDS):
        for k in range(len(loadings)):
            scale = weight[k] @ loadings**2
            loadings[k] = max(0.0, (weight[k] * together[k]) @ loadings / scale) if scale > 0 else 0.0
    return loadings
