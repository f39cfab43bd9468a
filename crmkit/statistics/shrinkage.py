"""How much may a client's own small data say? Estimates drawn towards what all show, by as much as noise
explains.

Empirical Bayes: the spread between the true values is what the estimates' spread shows beyond their own
noise. Where the noise explains everything, all are alike; where it explains nothing, each stands on its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_ROUNDS = 200
_TOLERANCE = 1e-10


@dataclass(frozen=True)
class Shrunk:
    """Estimates of many like things, each drawn towards their common mean.

    Attributes
    ----------
    estimate
        Posterior means, one per thing; the common mean for things without data.
    variance
        Posterior variances.
    weight
        From 0 to 1: how much of the estimate is the thing's own data.
    mean, spread
        The common mean, and the variance of the true values around it.
    """

    estimate: Floats
    variance: Floats
    weight: Floats
    mean: float
    spread: float


def shrink(estimate: ArrayLike, variance: ArrayLike, *, mean: float | None = None) -> Shrunk:
    """Draw estimates with known noise towards their common mean.

    The normal-normal model of Efron and Morris: with equal variances this is the James-Stein estimator
    towards the mean; with unequal ones the spread is found by the moment equation of Paule and Mandel, and
    the weights carry Morris's correction for its being estimated.

    Parameters
    ----------
    estimate
        Own estimates, shape (n,); NaN for a thing without data.
    variance
        Their sampling variances, shape (n,), positive; NaN or infinite for a thing without data.
    mean
        The value to draw towards, if it is known beforehand; default: estimated with the spread.

    Returns
    -------
    Shrunk

    Raises
    ------
    ValueError
        If the shapes differ, a variance is not positive, or no thing has data and `mean` is not given.

    References
    ----------
    Efron, B., Morris, C. (1975). Data analysis using Stein's estimator and its generalizations. JASA 70,
    311-319. https://doi.org/10.1080/01621459.1975.10479864. Morris, C. (1983). Parametric empirical Bayes
    inference. JASA 78, 47-55. https://doi.org/10.1080/01621459.1983.10477920. Paule, R., Mandel, J. (1982).
    Consensus values and weighting factors. J. Res. NBS 87, 377-385. https://doi.org/10.6028/jres.087.022.

    Examples
    --------
    >>> batting = [0.4, 0.3, 0.25, 0.25, 0.2, 0.1]
    >>> shrink(batting, [0.004] * 6).estimate.round(3)
    array([0.364, 0.288, 0.25 , 0.25 , 0.212, 0.136])
    """
    own, noise = np.asarray(estimate, float), np.asarray(variance, float)
    if own.shape != noise.shape or own.ndim != 1:
        raise ValueError(
            f"estimate and variance must be of one shape (n,), not {own.shape} and {noise.shape}."
        )
    known = np.isfinite(own) & np.isfinite(noise)
    if (noise[known] <= 0).any():
        raise ValueError(
            "variance must be positive: a sampling variance of zero means that nothing is uncertain."
        )
    if not known.any():
        if mean is None:
            raise ValueError("nothing has data and no mean is given: there is nothing to draw towards.")
        nothing = np.zeros(own.shape)
        return Shrunk(np.full(own.shape, float(mean)), nothing + np.nan, nothing, float(mean), float("nan"))
    values, noises = own[known], noise[known]
    free = len(values) - (mean is None)
    spread = _spread(values, noises, mean, free)
    precision = 1 / (noises + spread)
    centre = float(mean) if mean is not None else float((precision * values).sum() / precision.sum())
    # Morris's factor: the estimated spread is uncertain, so less is drawn in; it makes equal variances James-
    # Stein, which needs four things; fewer are drawn in as if they were about four.
    correction = max(free - 2, 1) / free if free else 1.0
    pull = np.ones(own.shape)
    pull[known] = correction * noises * precision if spread > 0 else 1.0
    weight = 1 - pull
    drawn = np.where(known, np.where(known, own, 0) * weight + centre * pull, centre)
    posterior = np.where(known, np.where(known, noise, 0) * weight, spread)
    if mean is None:
        posterior = posterior + pull**2 / precision.sum()
    return Shrunk(drawn, posterior, weight, centre, float(spread))


def _spread(values: Floats, noises: Floats, mean: float | None, free: int) -> float:
    """The variance of the true values: where the weighted squares add up to their degrees of freedom."""
    if free < 1:
        return 0.0

    def excess(spread: float) -> float:
        weights = 1 / (noises + spread)
        centre = mean if mean is not None else (weights * values).sum() / weights.sum()
        return float((weights * (values - centre) ** 2).sum() - free)

    if excess(0.0) <= 0:
        return 0.0
    low, high = 0.0, float(np.ptp(values) ** 2 + noises.max()) or 1.0
    while excess(high) > 0:
        high *= 2
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
        if high - low <= _TOLERANCE * high:
            break
    return (low + high) / 2


@dataclass(frozen=True)
class ShrunkShares:
    """Shares of many like things, each drawn towards the shares of all.

    Attributes
    ----------
    shares
        Posterior means, shape (things, kinds), each row adding up to 1.
    prior
        Shares of all, shape (kinds,).
    strength
        How many observations the prior is worth.
    weight
        From 0 to 1, shape (things,): how much of a row is its own data.
    """

    shares: Floats
    prior: Floats
    strength: float
    weight: Floats

    def parameters(self, counts: ArrayLike) -> Floats:
        """Parameters of each row's Dirichlet posterior; of two kinds, those of a beta distribution."""
        return np.asarray(counts, float) + self.strength * self.prior


def shrink_shares(counts: ArrayLike, *, strength: float, prior: ArrayLike | None = None) -> ShrunkShares:
    """Draw shares towards the shares of all, by the Dirichlet-multinomial model.

    Parameters
    ----------
    counts
        How often each thing showed each kind, shape (things, kinds); for a rate: columns of yes and no.
    strength
        How many observations the prior is worth, more than 0.
    prior
        Shares to draw towards, if they are known beforehand; default: the pooled shares.

    Returns
    -------
    ShrunkShares

    Raises
    ------
    ValueError
        If counts are negative, or there is nothing to count and no prior.

    References
    ----------
    Minka, T. (2000, revised 2012). Estimating a Dirichlet distribution. Technical report, MIT.

    Examples
    --------
    >>> shrink_shares([[9, 1], [1, 1], [0, 0]], prior=[0.5, 0.5], strength=2).shares[:, 0].round(3)
    array([0.833, 0.5  , 0.5  ])
    """
    table = np.asarray(counts, float)
    if table.ndim != 2 or (table < 0).any() or not np.isfinite(table).all():
        raise ValueError("counts must be a table (things, kinds) of numbers that are not negative.")
    total = table.sum(axis=1)
    if prior is None:
        if not table.sum() > 0:
            raise ValueError("there is nothing to count and no prior is given.")
        centre = table.sum(axis=0) / table.sum()
    else:
        centre = np.asarray(prior, float) / np.sum(prior)
    weight = total / (total + strength)
    own = np.divide(table, total[:, None], out=np.zeros_like(table), where=total[:, None] > 0)
    shares = weight[:, None] * own + (1 - weight[:, None]) * centre
    return ShrunkShares(shares, centre, float(strength), weight)
