"""How likely is it that a client is in a phase of growth? Purchases and contacts weighed together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crmkit.segmentation.growth import Growth

Array = NDArray[np.float64]

WEIGHED = ("purchases", "contacts")
"""Streams that tell separately; the range follows the purchases."""
ROUNDS = 40
PRECISION_ROUNDS = 8
"""Every so many rounds the precisions are looked for again: they hardly move."""
PRECISIONS = np.exp(np.linspace(np.log(0.5), np.log(100.0), 12))


def rising(growth: Growth, active: NDArray[np.bool_]) -> Array:
    """Posterior probability of a phase of growth, shape (clients,); 0 for who is not active.

    A mixture of two kinds of clients: those who grow do more than was to be expected in every stream, by a
    factor of the stream's own. The share who grow, the factors and how far counts differ beyond chance are
    found by maximum likelihood (expectation and maximisation), given which a client's streams are
    independent.

    References
    ----------
    Dempster, A., Laird, N., Rubin, D. (1977). Maximum likelihood from incomplete data via the EM algorithm.
    JRSS B 39, 1-38, https://doi.org/10.1111/j.2517-6161.1977.tb01600.x.
    """
    from scipy.special import expit

    chance = np.zeros(len(active))
    rows = [growth.streams.index(name) for name in WEIGHED if name in growth.streams]
    if not rows or not active.any():
        return chance
    found, expected = growth.found[rows][:, active], np.maximum(growth.expected[rows][:, active], 1e-6)
    share = 0.2
    factors = np.tile([[0.8], [2.0]], (1, len(rows)))
    precision = np.full(len(rows), 3.0)
    grows = np.full(found.shape[1], share)
    for turn in range(ROUNDS):
        other, more = (
            _fit(found, expected * level[:, None], precision[:, None]).sum(axis=0) for level in factors
        )
        grows = expit(np.log(share / (1 - share)) + more - other)
        share = float(np.clip(grows.mean(), 0.02, 0.5))
        for level, weight in zip(factors, (1 - grows, grows)):
            level[:] = np.maximum(found @ weight, 1e-6) / np.maximum(expected @ weight, 1e-9)
        factors[1] = np.maximum(factors[1], factors[0])
        for row in range(len(rows) if turn % PRECISION_ROUNDS == 0 else 0):
            fits = [
                (1 - grows) @ _fit(found[row], expected[row] * factors[0, row], k)
                + grows @ _fit(found[row], expected[row] * factors[1, row], k)
                for k in PRECISIONS
            ]
            precision[row] = PRECISIONS[int(np.argmax(fits))]
    chance[active] = grows
    return chance


def _fit(found: Array, mean: Array, precision: Array | float) -> Array:
    """Logarithm of the negative binomial probability."""
    from scipy.special import gammaln

    each = gammaln(precision + found) - gammaln(precision) - gammaln(found + 1)
    each = each + precision * np.log(precision / (precision + mean))
    return each + found * np.log(mean / (precision + mean))
