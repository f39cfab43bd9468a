"""How would a figure have come out with other clients of the same kind? The bootstrap, over whole arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

CELLS = 2_000_000
"""Weights held in memory at a time: 16 MB for each array of that shape."""


def bootstrap(
    statistic: Callable[[np.ndarray], np.ndarray],
    counts: np.ndarray,
    *,
    replicates: int = 1000,
    seed: int = 0,
) -> np.ndarray:
    """Replicates of a statistic under resampling of the units with replacement.

    Parameters
    ----------
    statistic
        Takes weights, an array (several replicates, groups), and returns (several replicates, figures).
    counts
        How many units each group holds, shape (groups,); ones when every unit is a group of its own.
    replicates
        How many times to resample.
    seed
        Of the random numbers: the same seed, the same replicates.

    Returns
    -------
    numpy.ndarray
        Shape (replicates, figures).

    Notes
    -----
    Efron, B. (1979), "Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1-26,
    doi:10.1214/aos/1176344552. Drawing n units with replacement gives the groups multinomial weights.

    Examples
    --------
    >>> values = np.arange(1.0, 101.0)
    >>> means = bootstrap(lambda w: w @ values[:, None] / w.sum(1, keepdims=True), np.ones(100), seed=1)
    >>> bool(abs(means.std() - values.std() / 10) < 0.2)
    True
    """
    counts = np.asarray(counts, dtype=float)
    units = round(counts.sum())
    chances = counts / counts.sum()
    rng = np.random.default_rng(seed)
    found = []
    for start in range(0, replicates, step := max(1, CELLS // len(counts))):
        some = min(step, replicates - start)
        found.append(statistic(rng.multinomial(units, chances, size=some).astype(float)))
    return np.concatenate(found)


def leave_one_out(
    statistic: Callable[[np.ndarray], np.ndarray], counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The statistic with one unit left out of each group in turn: the jackknife.

    Parameters
    ----------
    statistic, counts
        As in :func:`bootstrap`.

    Returns
    -------
    tuple
        The figures, shape (groups, figures), and `counts`: how many units each row stands for.
    """
    counts = np.asarray(counts, dtype=float)
    groups = np.arange(len(counts))
    found = []
    for rows in np.array_split(groups, -(-(len(counts) ** 2) // CELLS)):
        weights = np.repeat(counts[None, :], len(rows), axis=0)
        weights[np.arange(len(rows)), rows] -= 1
        found.append(statistic(weights))
    return np.concatenate(found), counts
