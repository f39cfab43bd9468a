"""Between which limits does a figure lie? Intervals from replicates, and for totals of few, unequal parts."""

from __future__ import annotations

import numpy as np

LEVEL = 0.95
"""Confidence level of every interval, unless told otherwise."""


def bca_interval(
    estimate: np.ndarray,
    replicates: np.ndarray,
    left_out: np.ndarray,
    counts: np.ndarray,
    *,
    level: float = LEVEL,
) -> tuple[np.ndarray, np.ndarray]:
    """Bootstrap interval corrected for bias and skewness (BCa).

    Parameters
    ----------
    estimate
        The figures themselves, shape (figures,).
    replicates
        From :func:`crmkit.statistics.resampling.bootstrap`, shape (replicates, figures).
    left_out, counts
        From :func:`crmkit.statistics.resampling.leave_one_out`.
    level
        Confidence level, between 0 and 1.

    Returns
    -------
    tuple
        Lower and upper limits, each of shape (figures,). Both are NaN for a figure without meaning (a share
        of a total that is not positive) in more replicates than either tail holds: its limits cannot be told.

    Notes
    -----
    Efron, B. (1987), "Better bootstrap confidence intervals", Journal of the American Statistical Association
    82, 171-185, doi:10.1080/01621459.1987.10478410. With few units of very unequal size it is still too
    narrow.
    """
    from scipy.special import ndtr, ndtri

    tail = (1 - level) / 2
    share = counts / counts.sum()
    depth = share @ left_out - left_out
    spread = share @ depth**2 * counts.sum()
    skew = share @ depth**3 * counts.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        # A replicate equal to the estimate counts half on either side, so that ties cause no bias.
        below = ((replicates < estimate).mean(axis=0) + (replicates <= estimate).mean(axis=0)) / 2
        bias = ndtri(np.clip(below, 0.5 / len(replicates), 1 - 0.5 / len(replicates)))
        acceleration = np.where(spread > 0, skew / (6 * spread**1.5), 0.0)
        low, high = (
            ndtr(bias + (bias + z) / (1 - acceleration * (bias + z))) for z in ndtri([tail, 1 - tail])
        )
    return _limits(replicates, low, high, tail)


def total_interval(parts: np.ndarray, *, level: float = LEVEL) -> tuple[float, float]:
    """Limits for a total when each of its parts could by chance have come more than once, or not at all.

    Parameters
    ----------
    parts
        The parts of the total, such as purchases or clients' amounts; shape (parts,), in money.
    level
        Confidence level, between 0 and 1.

    Returns
    -------
    tuple
        Lower and upper limit, in the unit of `parts`. With negative parts the normal limits are given.

    Notes
    -----
    The gamma limits of Fay, M. P. and Feuer, E. J. (1997), "Confidence intervals for directly standardized
    rates: a method based on the gamma distribution", Statistics in Medicine 16, 791-801. Equal parts give the
    exact Poisson limits.

    Examples
    --------
    >>> lo, hi = total_interval(np.full(10, 100.0))
    >>> round(lo), round(hi)
    (480, 1839)
    """
    from scipy.special import gammaincinv, ndtri

    parts = np.asarray(parts, dtype=float)
    tail = (1 - level) / 2
    total, variance = float(parts.sum()), float((parts**2).sum())
    if variance == 0:
        return total, total
    if parts.min() < 0:
        reach = float(ndtri(1 - tail)) * variance**0.5
        return total - reach, total + reach
    largest = float(parts.max())
    low = variance / total * gammaincinv(total**2 / variance, tail)
    more, wider = total + largest, variance + largest**2
    high = wider / more * gammaincinv(more**2 / wider, 1 - tail)
    return float(low), float(high)


def count_interval(counts: np.ndarray, *, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Exact limits for the mean of which each count is one Poisson draw.

    Parameters
    ----------
    counts
        Whole numbers of events, not negative.
    level
        Confidence level, between 0 and 1.

    Notes
    -----
    Garwood, F. (1936), "Fiducial limits for the Poisson distribution", Biometrika 28, 437-442,
    doi:10.1093/biomet/28.3-4.437.

    Examples
    --------
    >>> lo, hi = count_interval(np.array([0, 10]))
    >>> lo.round(2).tolist(), hi.round(2).tolist()
    ([0.0, 4.8], [3.69, 18.39])
    """
    from scipy.special import gammaincinv

    counts = np.asarray(counts, dtype=float)
    tail = (1 - level) / 2
    low = np.where(counts > 0, gammaincinv(np.maximum(counts, 1e-9), tail), 0.0)
    return low, gammaincinv(counts + 1, 1 - tail)


def _limits(
    replicates: np.ndarray, low: np.ndarray, high: np.ndarray, tail: float
) -> tuple[np.ndarray, np.ndarray]:
    figures = replicates.shape[1]
    lo, hi = np.full(figures, np.nan), np.full(figures, np.nan)
    for place in range(figures):
        known = replicates[np.isfinite(replicates[:, place]), place]
        if len(known) >= (1 - tail) * len(replicates) and np.isfinite(low[place] + high[place]):
            lo[place], hi[place] = np.quantile(known, [low[place], high[place]])
    return lo, hi
