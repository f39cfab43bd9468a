"""Where is a likelihood highest, and how sure is that? Newton's method with several starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Objective = Callable[[Floats], tuple[float, Floats]]

GAIN = 1e-7
"""Converged: one more step would raise the log-likelihood by less than this."""

LEAST_KNOWN = 3.0
"""A parameter whose logarithm has a larger standard error is not told by the data: they allow any size."""

_ROUNDS, _LONGEST_STEP, _DIFFERENCE = 200, 1.5, 1e-5
_ROUGHLY, _NEAR = 0.01, 1e-6


@dataclass(frozen=True)
class Maximum:
    """The highest point that was found.

    Attributes
    ----------
    place
        Logarithms of the parameters, shape (parameters,).
    value
        The log-likelihood there.
    curvature
        Minus the second derivatives, shape (parameters, parameters).
    converged
        No further step gains much more than :data:`GAIN`, the likelihood falls in every direction, and no
        parameter may be of any size (:data:`LEAST_KNOWN`).
    """

    place: Floats
    value: float
    curvature: Floats
    converged: bool

    @property
    def covariance(self) -> Floats:
        """Inverse of the curvature; NaN where the likelihood does not fall in every direction."""
        if not _falls(self.curvature):
            return np.full(self.curvature.shape, np.nan)
        return np.asarray(np.linalg.inv(self.curvature), float)


def highest(objective: Objective, starts: Sequence[Floats]) -> Maximum:
    """Climb roughly from each start, and from the highest point so found to its top.

    Parameters
    ----------
    objective
        From the logarithms of the parameters to the log-likelihood and its derivatives.
    starts
        Logarithms of parameters, each of shape (parameters,).

    Returns
    -------
    Maximum

    Examples
    --------
    >>> top = highest(lambda place: (-float(((place - 2) ** 2).sum()), -2 * (place - 2)), [np.zeros(2)])
    >>> top.place.round(6), top.converged
    (array([2., 2.]), True)
    """
    tops = [climb(objective, start, enough=_ROUGHLY) for start in starts]
    best = max(tops, key=lambda top: round(top.value, 6))
    return climb(objective, best.place, best.curvature)


def climb(
    objective: Objective, start: Floats, curvature: Floats | None = None, *, enough: float = GAIN
) -> Maximum:
    """Climb from one start.

    Parameters
    ----------
    objective
        As in :func:`highest`.
    start
        Logarithms of parameters, shape (parameters,).
    curvature
        If it is about known beforehand, the first steps need not measure it.
    enough
        Stop where a step would gain less than this.

    Returns
    -------
    Maximum

    Notes
    -----
    Newton's method; second derivatives are differences of the analytic first ones and are measured again
    only when steps stop shrinking. Where the surface bends upwards the absolute values of the curvatures are
    used, which leads away from saddles: Dauphin, Y. et al. (2014), "Identifying and attacking the saddle
    point problem in high-dimensional non-convex optimization", doi:10.48550/arXiv.1406.2572. A step that does
    not climb is halved.
    """
    with np.errstate(all="ignore"):
        return _climb(objective, np.array(start, float), curvature, enough)


def _climb(objective: Objective, start: Floats, curvature: Floats | None, enough: float) -> Maximum:
    place = start
    value, slope = objective(place)
    bend = _curvature(objective, place, slope) if curvature is None else curvature
    # What was gained since the curvature was measured: how far from here that was.
    since = 0.0 if curvature is None else np.inf
    before = gain = np.inf
    for _ in range(_ROUNDS):
        step = _step(bend, slope)
        gain = float(slope @ step) / 2
        if gain >= enough and not (since > 0 and gain > before / 30):
            found = _walk(objective, place, value, step)
            if found is not None:
                (place, value, slope), before, since = found, gain, since + gain
                continue
        if since == 0 or (gain < enough and since < _NEAR):
            # The last step is too small to matter for the height; it makes the digits of the place sure.
            place, value, slope = _walk(objective, place, value, step) or (place, value, slope)
            break
        bend, since, before = _curvature(objective, place, slope), 0.0, np.inf
    top = Maximum(place, value, bend, since < _NEAR and gain < 100 * GAIN)
    return replace(top, converged=top.converged and bool((np.diag(top.covariance) < LEAST_KNOWN**2).all()))


def _walk(
    objective: Objective, place: Floats, value: float, step: Floats
) -> tuple[Floats, float, Floats] | None:
    """The first point along a step, halved as often as needed, that is higher."""
    share = _LONGEST_STEP / max(float(np.abs(step).max()), _LONGEST_STEP)
    for _ in range(40):
        there = place + share * step
        height, slope = objective(there)
        if np.isfinite(height) and np.isfinite(slope).all() and height > value:
            return there, height, slope
        share /= 2
    return None


def _step(bend: Floats, slope: Floats) -> Floats:
    values, vectors = np.linalg.eigh(bend)
    size = np.maximum(np.abs(values), 1e-9 * np.abs(values).max() + 1e-300)
    return vectors @ ((vectors.T @ slope) / size)


def _curvature(objective: Objective, place: Floats, slope: Floats) -> Floats:
    steps = np.eye(len(place)) * _DIFFERENCE
    bend = np.array([slope - objective(place + step)[1] for step in steps]) / _DIFFERENCE
    return (bend + bend.T) / 2


def _falls(bend: Floats) -> bool:
    if not np.isfinite(bend).all():
        return False
    values = np.linalg.eigvalsh(bend)
    return bool(values.min() > 1e-9 * values.max() and values.min() > 0)
