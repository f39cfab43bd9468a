"""How many clients moved from class to class between two days on which each class is only probable?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.segmentation.class_names import CLASSES

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Reading:
    """Classes on one day: clients, the place of their class in CLASSES (-1: no client yet), and the
    probability of each class, shape (clients, classes)."""

    client_id: NDArray[np.object_]
    code: NDArray[np.int64]
    chances: Array


@dataclass(frozen=True)
class Moves:
    """Moves between two days. Counts have shape (classes + 1, classes); the last row is of newcomers.

    Attributes
    ----------
    client_id, then, now
        Clients of the later day and their classes as found; `then` is the number of classes for newcomers.
    moved
        The least probability of having changed the class that agrees with both days; NaN for newcomers.
    found
        Moves of the classes as found.
    likely
        If as few clients changed as the probabilities of both days allow.
    fewest
        Those that are sure whatever the doubts of the two days have in common.
    most
        If they had nothing in common.
    """

    client_id: NDArray[np.object_]
    then: NDArray[np.int64]
    now: NDArray[np.int64]
    moved: Array
    found: Array
    likely: Array
    fewest: Array
    most: Array


def count_moves(before: Reading, after: Reading) -> Moves:
    """Moves as found, as likely, and their bounds.

    For a client of class a with probability p then and of class b with probability q now, the move is at
    least max(0, p + q - 1) probable (Fréchet's bound); it is p·q if what is not known of the two days is
    independent. A class once held is not less likely to be held again: moves are at most as many as that.
    The likely counts keep min(p, q) in each class and spread the rest in proportion (the maximal coupling).

    References
    ----------
    Horowitz, J., Manski, C. (1995). Identification and robustness with contaminated and corrupted data.
    Econometrica 63, 281-302, https://doi.org/10.2307/2951627. Manski, C. (2003). Partial Identification of
    Probability Distributions, https://doi.org/10.1007/b97478. Thorisson, H. (2000). Coupling, Stationarity,
    and Regeneration, chapter 1 (the maximal coupling).
    """
    kinds = len(CLASSES)
    present = after.code >= 0
    clients, now, late = after.client_id[present], after.code[present], after.chances[present]
    place = pd.Index(before.client_id).get_indexer(pd.Index(clients))
    then = np.where(place >= 0, before.code[place], -1)
    known = then >= 0
    then = np.where(known, then, kinds)
    found = np.zeros((kinds + 1, kinds))
    np.add.at(found, (then, now), 1.0)
    p, q = before.chances[place[known]], late[known]
    new = late[~known].sum(axis=0)
    kept = np.minimum(p, q)
    left, reached = p - kept, q - kept
    moving = left.sum(axis=1, keepdims=True)
    spread = np.divide(left, moving, out=np.zeros_like(left), where=moving > 0)
    sure = np.zeros((kinds, kinds))
    for origin in range(kinds):
        sure[origin] = np.maximum(p[:, [origin]] + q - 1, 0.0).sum(axis=0)
    np.fill_diagonal(sure, 0.0)
    # The last digit of a float must not make a count negative.
    sure += np.diag(np.maximum(p.sum(axis=0) - sure.sum(axis=1), 0.0))
    moved = np.full(len(clients), np.nan)
    moved[known] = np.clip(moving[:, 0], 0.0, 1.0)
    return Moves(
        clients,
        then,
        now,
        moved,
        found,
        np.vstack([np.diag(kept.sum(axis=0)) + spread.T @ reached, new]),
        np.vstack([sure, new]),
        # Of newcomers there is one day only: what was found stands beside what is likely.
        np.vstack([p.T @ q, found[kinds]]),
    )
