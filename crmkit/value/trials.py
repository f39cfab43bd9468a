"""What a randomised contact changed: a difference between arms, campaign by campaign, with its error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_IN_ARM = 30
"""With fewer occasions in either arm nothing is said but how many more it would take."""


@dataclass(frozen=True)
class Difference:
    """A difference of means between contacted and withheld.

    Attributes
    ----------
    estimate, error
        The difference and its standard error; NaN where an arm is empty.
    without, with_contact
        Means of the two arms, weighted alike.
    spread
        Standard deviation of the outcome within arms.
    """

    estimate: float
    error: float
    without: float
    with_contact: float
    spread: float


def difference(outcome: NDArray, treated: NDArray, stratum: NDArray, unit: NDArray) -> Difference:
    """The difference between arms, averaged over strata.

    Parameters
    ----------
    outcome
        What came of each occasion, shape (occasions,).
    treated
        Whether the contact was made, as randomised.
    stratum
        Number of the campaign, from 0: arms are compared within it. One with an empty arm says nothing.
    unit
        Number of the client, from 0: occasions of one client are not independent of each other.

    Notes
    -----
    Strata are weighted by n1 n0 / (n1 + n0): Mantel, N., Haenszel, W. (1959), Journal of the National Cancer
    Institute 22, 719-748, doi:10.1093/jnci/22.4.719. Errors are those of clusters: Liang, K.-Y., Zeger, S.
    (1986), Biometrika 73, 13-22, doi:10.1093/biomet/73.1.13.

    Examples
    --------
    >>> outcome, treated = np.array([1, 1, 0, 1, 0, 0, 0, 1.0]), np.repeat([True, False], 4)
    >>> round(difference(outcome, treated, np.zeros(8, int), np.arange(8)).estimate, 2)
    0.5
    """
    values, arm = np.asarray(outcome, dtype=float), np.asarray(treated, dtype=bool)
    size = int(stratum.max()) + 1 if len(stratum) else 0
    number = np.stack([np.bincount(stratum[arm == on], minlength=size) for on in (False, True)])
    total = np.stack([np.bincount(stratum[arm == on], values[arm == on], size) for on in (False, True)])
    both = np.asarray((number > 0).all(axis=0))
    if not both.any():
        return Difference(*(float("nan"),) * 5)
    weight = np.where(both, number.prod(axis=0) / np.maximum(number.sum(axis=0), 1), 0.0)
    weight = weight / weight.sum()
    mean = total / np.maximum(number, 1)
    side = arm.astype(int)
    residual = values - mean[side, stratum]
    influence = np.where(arm, 1.0, -1.0) * weight[stratum] / number[side, stratum] * residual
    clustered = np.bincount(unit, influence)
    return Difference(
        estimate=float(weight @ (mean[1] - mean[0])),
        error=float(np.sqrt((clustered**2).sum())),
        without=float(weight @ mean[0]),
        with_contact=float(weight @ mean[1]),
        spread=float(residual[both[stratum]].std()),
    )


def smallest_test(spread: float, difference: float, *, level: float = 0.95, power: float = 0.8) -> float:
    """Occasions needed in each arm to tell a difference from none; infinite for no difference.

    Parameters
    ----------
    spread
        Standard deviation of the outcome within arms.
    difference
        The difference that would change the decision, in the same unit.
    level, power
        Of the interval, and the chance that the test finds such a difference.

    Notes
    -----
    2 (z(level) + z(power))^2 spread^2 / difference^2, for example van Belle, G. (2008), Statistical Rules of
    Thumb, chapter 2, doi:10.1002/9780470377963.

    Examples
    --------
    >>> smallest_test(spread=0.5, difference=0.1)
    393.0
    """
    from scipy.special import ndtri

    if difference == 0 or not np.isfinite(spread + difference):
        return float("inf")
    reach = ndtri((1 + level) / 2) + ndtri(power)
    return float(np.ceil(2 * (reach * spread / difference) ** 2))
