"""Probabilities of moves between classes from counts, drawn towards what all classes do."""

from __future__ import annotations

import numpy as np

from crmkit.statistics.shrinkage import ShrunkShares, shrink_shares

PRIOR_WORTH = 4.0
"""The prior of a row is worth so many clients: little enough to let sixty speak for themselves."""


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
