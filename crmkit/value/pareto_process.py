"""The gamma-Poisson purchases and gamma-exponential lifetimes of Pareto/NBD, as formulas on arrays.

The likelihood holds an integral over the unknown moment of leaving. The closed form is a difference of two
hypergeometric functions, which overflow and cancel for frequent buyers and have no simple derivatives. Here
the integral is taken by Gauss-Legendre quadrature on the logarithm of time: it gives the same figures to ten
digits (a test compares), its derivatives, and it knows no special cases.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crmkit.value.distinct import Distinct
from crmkit.value.maximum import Objective
from crmkit.value.quadrature import nodes

Floats = NDArray[np.float64]

_NEGLIGIBLE = 30.0
_BLOCK = 2048


class Left(NamedTuple):
    """Integrals over the moment of leaving, each of shape (histories,); relative to a common factor.

    The factor is (alpha + t_x)^-(r + x) (beta + t_x)^-s. `stayed` is the part of those who are still there,
    `left` of those who have left; the others are moments of the integrand of `left`.
    """

    stayed: Floats
    left: Floats
    log_alpha: Floats
    log_beta: Floats
    over_alpha: Floats
    over_beta: Floats


def leaving(
    r: Floats, alpha: Floats, s: Floats, beta: Floats, x: Floats, t_x: Floats, T: Floats, *, count: int = 32
) -> Left:
    """Integrate over the moment of leaving, between t_x and T.

    Parameters
    ----------
    r, alpha, s, beta
        Parameters: numbers, or shape (histories,).
    x, t_x, T
        Frequency, recency and T, shape (histories,).
    count
        Number of nodes; 32 give ten digits everywhere.

    Notes
    -----
    With tau = (m + t_x) exp(w) - m, m the smaller of alpha and beta, the integrand is smooth in w over any
    range of times; beyond a decay of exp(-30) nothing is left to add.
    """
    R = r + x
    at_a, at_b = alpha + t_x, beta + t_x
    m = np.minimum(alpha, beta)
    with np.errstate(over="ignore"):
        end = np.minimum(T, at_a * np.exp(np.minimum(_NEGLIGIBLE / R, 600)) - alpha)
        end = np.minimum(end, at_b * np.exp(np.minimum(_NEGLIGIBLE / s, 600)) - beta)
    length = np.log1p((end - t_x) / (m + t_x))
    places, weights = nodes(count)
    since = (m + t_x)[:, None] * np.expm1(length[:, None] * places)
    log_a, log_b = np.log1p(since / at_a[:, None]), np.log1p(since / at_b[:, None])
    by_a, by_b = 1 / (at_a[:, None] + since), 1 / (at_b[:, None] + since)
    decay = np.exp(-_tall(R) * log_a - _tall(s) * log_b)
    density = decay * by_b * (since + (m + t_x)[:, None]) * (weights * (s * length)[:, None])
    until_a, until_b = np.log1p((T - t_x) / at_a), np.log1p((T - t_x) / at_b)
    return Left(
        np.exp(-R * until_a - s * until_b),
        density.sum(axis=1),
        np.einsum("ij,ij->i", density, log_a),
        np.einsum("ij,ij->i", density, log_b),
        np.einsum("ij,ij->i", density, by_a),
        np.einsum("ij,ij->i", density, by_b),
    )


def _tall(values: Floats) -> Floats:
    return values[:, None] if np.ndim(values) else values


def _parts(columns: list[Floats], x: Floats, t_x: Floats, T: Floats) -> Floats:
    """What stayed and what left: shape (2, …), with the common shape of parameters and clients."""

    def parts(*arrays: Floats) -> Floats:
        found = leaving(*arrays)
        return np.array([found.stayed, found.left])

    return _in_blocks(parts, *columns, x, t_x, T)


def _in_blocks(function: Callable[..., Floats], *arrays: Floats) -> Floats:
    """A function that needs many nodes per place, without holding the nodes of all places at once."""
    whole = np.broadcast_arrays(*arrays)
    flat = [np.ravel(array) for array in whole]
    starts = range(0, max(len(flat[0]), 1), _BLOCK)
    blocks = [function(*(array[start : start + _BLOCK] for array in flat)) for start in starts]
    found = np.concatenate(blocks, axis=-1)
    return found.reshape((*found.shape[:-1], *whole[0].shape))


def log_likelihood(columns: list[Floats], x: Floats, t_x: Floats, T: Floats) -> Floats:
    """Logarithm of the likelihood of histories; shape (clients,) or (draws, clients)."""
    from scipy.special import gammaln

    r, alpha, s, beta = columns
    stayed, left = _parts(columns, x, t_x, T)
    return (
        gammaln(r + x)
        - gammaln(r)
        + r * np.log(alpha)
        - (r + x) * np.log(alpha + t_x)
        - s * np.log1p(t_x / beta)
        + np.log(stayed + left)
    )


def probability_alive(columns: list[Floats], x: Floats, t_x: Floats, T: Floats) -> Floats:
    """P(has not left by T); shapes as in :func:`log_likelihood`."""
    stayed, left = _parts(columns, x, t_x, T)
    return stayed / (stayed + left)


def purchases_while_alive(columns: list[Floats], horizon: Floats | float, x: Floats, T: Floats) -> Floats:
    """Purchases expected in (T, T + horizon] of a client who is there at T.

    Fader and Hardie (2005), https://www.brucehardie.com/notes/009/, written so that s = 1 is no special case.
    """
    from scipy.special import exprel

    r, alpha, s, beta = columns
    longer = np.log1p(horizon / (beta + T))
    return (r + x) / (alpha + T) * (beta + T) * longer * exprel((1 - s) * longer)


def expected_purchases(columns: list[Floats], horizon: float, x: Floats, t_x: Floats, T: Floats) -> Floats:
    """Purchases expected in (T, T + horizon]; shapes as in :func:`log_likelihood`."""
    return probability_alive(columns, x, t_x, T) * purchases_while_alive(columns, horizon, x, T)


def discounted_purchases(columns: list[Floats], rate: float, x: Floats, t_x: Floats, T: Floats) -> Floats:
    """All purchases after T, discounted continuously; shapes as in :func:`log_likelihood`.

    Fader, Hardie and Lee (2005), https://doi.org/10.1509/jmkr.2005.42.4.415. Tricomi's function there is the
    integral of exp(-z u) (1 + u)^-s over u from 0 on, with z = rate (beta + T), taken here on the logarithm
    of 1 + u.
    """
    r, alpha, s, beta = columns
    longer = _in_blocks(_discounted_time, rate * (beta + T), s)
    return probability_alive(columns, x, t_x, T) * (r + x) / (alpha + T) * (beta + T) * longer


def _discounted_time(z: Floats, s: Floats) -> Floats:
    """The integral of exp(-z u) (1 + u)^-s over u from 0 on."""
    end = np.minimum(np.log1p(2 * _NEGLIGIBLE / z), 2 * _NEGLIGIBLE / np.maximum(s - 1, 1e-9))
    places, weights = nodes(96)
    y = end[:, None] * places
    return (np.exp(-z[:, None] * np.expm1(y) + (1 - s)[:, None] * y) * weights).sum(axis=1) * end


def probability_of_n(columns: list[Floats], n: Floats, horizon: float) -> Floats:
    """P(a new client makes n repeat purchases); shape (numbers,) or (draws, numbers)."""
    from scipy.special import gammaln

    r, alpha, s, beta = (column[..., None] for column in columns)
    number = n[:, None]
    m = np.minimum(alpha, beta)
    places, weights = nodes(96)
    length = np.log1p(horizon / m)
    # The last node is the horizon itself: those who are still there.
    since = m * np.expm1(length * np.append(places, 1.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        log_share = np.where(number > 0, number * np.log(since / (alpha + since)), 0.0)
    choose = gammaln(r + number) - gammaln(r) - gammaln(number + 1)
    bought = np.exp(choose - r * np.log1p(since / alpha) + log_share)
    stays = np.exp(-s * np.log1p(since / beta))
    leaves = s * stays / (beta + since) * (m + since) * length
    return (bought * leaves)[..., :-1] @ weights + (bought * stays)[..., -1]


def objective(found: Distinct) -> Objective:
    """The log-likelihood of all clients and its derivatives, at the logarithms of r, alpha, s, beta."""
    from scipy.special import digamma, gammaln

    levels = found.levels[0]
    n_x = np.bincount(found.places[0], found.counts, len(levels))
    clients = float(found.counts.sum())
    x, t_x, T = found.columns
    counts = found.counts

    def of(place: Floats) -> tuple[float, Floats]:
        r, alpha, s, beta = (float(value) for value in np.exp(place))
        value = n_x @ gammaln(r + levels) + clients * (r * np.log(alpha) - gammaln(r) + s * np.log(beta))
        slope_r = n_x @ digamma(r + levels) + clients * (np.log(alpha) - digamma(r))
        slope = np.array([slope_r, clients * r / alpha, 0.0, clients * s / beta])
        slope[2] = clients * np.log(beta)
        decay = (r + x) * np.log1p((T - t_x) / (alpha + t_x)) + s * np.log1p((T - t_x) / (beta + t_x))
        smooth = (decay < 6) & (T - t_x < 10 * (min(alpha, beta) + t_x))
        for count, group in ((12, np.flatnonzero(smooth)), (32, np.flatnonzero(~smooth))):
            for start in range(0, len(group), _BLOCK):
                block = group[start : start + _BLOCK]
                more, bend = _block(r, alpha, s, beta, x[block], t_x[block], T[block], counts[block], count)
                value += more
                slope += bend
        return float(value), slope * np.array([r, alpha, s, beta])

    return of


def _block(
    r: float,
    alpha: float,
    s: float,
    beta: float,
    x: Floats,
    t_x: Floats,
    T: Floats,
    counts: Floats,
    count: int,
) -> tuple[float, Floats]:
    one = np.ones(1)
    found = leaving(r * one, alpha * one, s * one, beta * one, x, t_x, T, count=count)
    total = found.stayed + found.left
    share = counts / total
    log_a, log_b = np.log(alpha + t_x), np.log(beta + t_x)
    until_a, until_b = np.log1p((T - t_x) / (alpha + t_x)), np.log1p((T - t_x) / (beta + t_x))
    value = counts @ (np.log(total) - (r + x) * log_a - s * log_b)
    slope_r = -counts @ log_a - share @ (found.stayed * until_a + found.log_alpha)
    slope_alpha = -(share * (r + x)) @ (found.stayed / (alpha + T) + found.over_alpha)
    slope_s = -counts @ log_b - share @ (found.stayed * until_b + found.log_beta - found.left / s)
    slope_beta = -share @ (found.stayed * s / (beta + T) + (s + 1) * found.over_beta)
    return float(value), np.array([slope_r, slope_alpha, slope_s, slope_beta])


def starts(found: Distinct) -> list[list[float]]:
    """Parameters from which to climb: unequal and equal rates, short and long lifetimes."""
    rate, length = found.total(0) / found.total(2), found.total(2) / found.counts.sum()
    return [
        [r, r / rate / 2, s, length * lasts]
        for r, s, lasts in ((0.5, 0.6, 0.4), (1.5, 1.5, 3.0), (0.4, 0.3, 0.2))
    ]


def simulate(columns: list[Floats], T: Floats, generator: np.random.Generator) -> tuple[Floats, Floats]:
    """Frequency and recency of made-up clients, each of shape (clients,)."""
    r, alpha, s, beta = columns
    rate = generator.gamma(r, 1 / alpha, len(T))
    lives = np.minimum(generator.exponential(size=len(T)) / generator.gamma(s, 1 / beta, len(T)), T)
    x = generator.poisson(rate * lives).astype(float)
    return x, np.where(x > 0, lives * generator.beta(np.maximum(x, 1), 1), 0.0)
