"""The gamma-Poisson purchases and beta lifetimes that BG/NBD and MBG/NBD share, as formulas on arrays.

While a client is there, purchases are Poisson with a rate from a gamma (shape r, rate alpha). After a
purchase the client leaves with a probability from a beta (a, b): in BG/NBD after each repeat purchase, in
MBG/NBD after the first one too. `at_once` is 0 for BG/NBD and 1 for MBG/NBD; all else is the same.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from crmkit.value.distinct import Distinct
from crmkit.value.maximum import Objective

Floats = NDArray[np.float64]

_POLE_STEP = 1e-3
_MOST_CANCELLING = 15.0
_BLOCK = 8192


def log_likelihood(columns: list[Floats], x: Floats, t_x: Floats, T: Floats, *, at_once: int) -> Floats:
    """Logarithm of the likelihood of histories.

    Parameters
    ----------
    columns
        r, alpha, a, b, each broadcasting with the clients.
    x, t_x, T
        Frequency, recency and T, shape (clients,).
    at_once
        1 if a client can leave after the first purchase.

    Returns
    -------
    numpy.ndarray
        Shape (clients,), or (draws, clients) for columns of shape (draws, 1).
    """
    from scipy.special import betaln, gammaln

    r, alpha, a, b = columns
    kept = b + x + at_once
    return (
        gammaln(r + x)
        - gammaln(r)
        + r * np.log(alpha)
        + betaln(a, kept)
        - betaln(a, b)
        - (r + x) * np.log(alpha + T)
        + np.logaddexp(0, log_odds_of_having_left(columns, x, t_x, T, at_once=at_once))
    )


def log_odds_of_having_left(
    columns: list[Floats], x: Floats, t_x: Floats, T: Floats, *, at_once: int
) -> Floats:
    """Logarithm of P(has left by T) / P(has not); minus infinity for who cannot have left."""
    r, alpha, a, b = columns
    kept = b + x + at_once
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.log(a) - np.log(kept - 1) + (r + x) * (np.log(alpha + T) - np.log(alpha + t_x))
    return np.where(x + at_once > 0, odds, -np.inf)


def probability_alive(columns: list[Floats], x: Floats, t_x: Floats, T: Floats, *, at_once: int) -> Floats:
    """P(has not left by T); shapes as in :func:`log_likelihood`."""
    from scipy.special import expit

    return expit(-log_odds_of_having_left(columns, x, t_x, T, at_once=at_once))


def expected_purchases(
    columns: list[Floats], horizon: float, x: Floats, t_x: Floats, T: Floats, *, at_once: int
) -> Floats:
    """Purchases expected in (T, T + horizon]; shapes as in :func:`log_likelihood`."""
    r, alpha, a, b = columns
    alive = probability_alive(columns, x, t_x, T, at_once=at_once)
    return alive * purchases_while_alive(r + x, alpha + T, a, b + x + at_once, horizon)


def expected_of_new(columns: list[Floats], horizons: Floats, *, at_once: int) -> Floats:
    """Repeat purchases expected of a new client; shape (horizons,) or (draws, horizons)."""
    r, alpha, a, b = columns
    stays = b / (a + b) if at_once else 1.0
    return stays * purchases_while_alive(r, alpha, a, b + at_once, horizons)


def probability_of_n(columns: list[Floats], n: Floats, horizon: float, *, at_once: int) -> Floats:
    """P(a new client makes n repeat purchases); shape (numbers,) or (draws, numbers)."""
    from scipy.special import betainc, betaln, gammaln

    r, alpha, a, b = columns
    if horizon == 0:
        return np.broadcast_to(np.where(n == 0, 1.0, 0.0), np.broadcast_shapes(n.shape, r.shape)).copy()
    share = horizon / (alpha + horizon)
    exactly = np.exp(
        gammaln(r + n)
        - gammaln(r)
        - gammaln(n + 1)
        + r * np.log1p(-share)
        + n * np.log(share)
        + betaln(a, b + n + at_once)
        - betaln(a, b)
    )
    # The chance of at least n purchases of who never leaves is an incomplete beta function.
    at_least = np.where(n > 0, betainc(np.maximum(n, 1), r, share), 1.0)
    last = np.maximum(n + at_once, 1)
    left = np.exp(betaln(a + 1, b + last - 1) - betaln(a, b)) * at_least
    return exactly + np.where(n + at_once > 0, left, 0.0)


def purchases_while_alive(
    shape: Floats, rate: Floats, a: Floats, kept: Floats, horizon: Floats | float
) -> Floats:
    """Purchases expected within `horizon` of a client who is there now.

    Parameters
    ----------
    shape, rate
        Of the gamma distribution of the client's purchase rate.
    a, kept
        Of the beta distribution of the client's chance to leave after a purchase.
    horizon
        In the time unit of `rate`.

    Returns
    -------
    numpy.ndarray
        In the common shape of all.

    Notes
    -----
    The mean of (1 - exp(-lambda p t)) / p. Fader, Hardie and Lee (2005), equation 10, after Euler's
    transformation of the hypergeometric function, whose factors then stay near 1 however often a client
    bought. At a = 1, and at a + kept = 1, both sides of a fraction vanish; there a cubic through
    neighbouring values of a is used. Where terms of the series would cancel (shape above about 15 without
    many purchases), the mean is taken by the trapezoidal rule on the logit of p, which converges
    exponentially.

    Examples
    --------
    >>> one = np.ones(1)
    >>> purchases_while_alive(2 * one, 10 * one, one, 3 * one, 5.0).round(4)
    array([0.8508])
    """
    shape, rate, a, kept, horizon = np.broadcast_arrays(shape, rate, a, kept, horizon)

    def closed(a: Floats) -> Floats:
        from scipy.special import hyp2f1

        c = a + kept - 1
        with np.errstate(all="ignore"):
            survives = np.exp((a - 1) * (np.log(rate) - np.log(rate + horizon)))
            return c / (a - 1) * (1 - survives * hyp2f1(c - shape, a - 1, c, horizon / (rate + horizon)))

    with np.errstate(invalid="ignore"):
        found = _across(closed, a, (np.ones_like(a), 1 - kept))
    weak = (a + kept - 1 - shape < -_MOST_CANCELLING) | ~np.isfinite(found) | (found < 0)
    if weak.any():
        found = found.copy()
        found[weak] = _by_trapezoids(shape[weak], rate[weak], a[weak], kept[weak], horizon[weak])
    return found


def _across(function: Callable[[Floats], Floats], value: Floats, poles: tuple[Floats, ...]) -> Floats:
    """A function whose singularities can be removed, read from its neighbourhood where they are near."""
    away = value
    for pole in poles:
        away = np.where(np.abs(value - pole) < _POLE_STEP, pole + _POLE_STEP, away)
    found = function(away)
    for pole in poles:
        near = np.flatnonzero(np.abs(value - pole).ravel() < _POLE_STEP)
        if len(near):
            centre, at = pole.ravel()[near], (value - pole).ravel()[near] / _POLE_STEP
            total = np.zeros(len(near))
            nodes = (-2, -1, 1, 2)
            for node in nodes:
                others = [other for other in nodes if other != node]
                weight = np.prod([(at - other) / (node - other) for other in others], axis=0)
                moved = away.copy()
                moved.ravel()[near] = centre + node * _POLE_STEP
                total += weight * function(moved).ravel()[near]
            found = found.copy()
            found.ravel()[near] = total
    return found


def _by_trapezoids(shape: Floats, rate: Floats, a: Floats, kept: Floats, horizon: Floats) -> Floats:
    from scipy.special import betaln

    place = np.linspace(0, 1, 801)
    found = np.empty(len(shape))
    for start in range(0, len(shape), 2000):
        part = slice(start, start + 2000)
        r, scale = shape[part, None], (horizon / rate)[part, None]
        first, second = a[part, None], kept[part, None]
        low, high = -36 / first - 10, 36 / second + 10
        logit = low + (high - low) * place
        log_p, log_rest = -np.logaddexp(0, -logit), -np.logaddexp(0, logit)
        p = np.exp(log_p)
        few = p * scale * r < 1e-12
        bought = np.where(
            few, r * scale, -np.expm1(-r * np.log1p(p * scale)) / np.maximum(p, np.finfo(float).tiny)
        )
        density = np.exp(first * log_p + second * log_rest - betaln(first, second))
        found[part] = (density * bought).sum(axis=1) * (high - low)[:, 0] / (len(place) - 1)
    return found


def objective(found: Distinct, *, at_once: int) -> Objective:
    """The log-likelihood of all clients and its derivatives, at the logarithms of r, alpha, a, b.

    What depends on one of frequency, recency and T alone is computed once for each of its values; only the
    odds of having left take one exponential and one logarithm per distinct history.
    """
    from scipy.special import betaln, digamma, gammaln

    x, t_x, T = found.levels
    n_x, n_T = (np.bincount(found.places[each], found.counts, len(found.levels[each])) for each in (0, 2))
    x_at_T = np.bincount(found.places[2], found.counts * x[found.places[0]], len(T))
    clients = float(found.counts.sum())
    can = x[found.places[0]] + at_once > 0
    at_x, at_t_x, at_T = (places[can] for places in found.places)
    counts = found.counts[can]

    def of(place: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = np.exp(place)
        u, v, kept = np.log(alpha + T), np.log(alpha + t_x), b + x + at_once
        # A client who cannot have left is not among the rows, and kept - 1 is 0 or less for no other.
        over = np.where(x + at_once > 0, 1 / np.where(x + at_once > 0, kept - 1, 1.0), 1.0)
        shape, base, over_T, over_t_x = r + x, np.log(a * over), 1 / (alpha + T), 1 / (alpha + t_x)
        still, sums = r * n_T + x_at_T, np.zeros(5)
        # Blocks of rows fit into the processor's cache, and no product of vectors is so long that BLAS starts
        # threads, which cost more than they save.
        for start in range(0, len(counts), _BLOCK):
            block = slice(start, start + _BLOCK)
            i, j, k, count = at_x[block], at_t_x[block], at_T[block], counts[block]
            longer, bought = u[k] - v[j], shape[i]
            odds = base[i] + bought * longer
            small = np.exp(-np.abs(odds))
            left = count * np.where(odds > 0, 1.0, small) / (1 + small)
            sums[0] += count @ (np.maximum(odds, 0) + np.log(1 + small))
            sums[1] += left @ longer
            sums[2] += (left * bought) @ (over_T[k] - over_t_x[j])
            sums[3] += left.sum()
            sums[4] += left @ over[i]
        value = (
            n_x @ (gammaln(shape) + betaln(a, kept))
            + clients * (r * np.log(alpha) - gammaln(r) - betaln(a, b))
            - (still * u).sum()
            + sums[0]
        )
        both, later = digamma(a + b), digamma(a + kept)
        slope = np.array(
            [
                n_x @ digamma(shape) + clients * (np.log(alpha) - digamma(r)) - (n_T * u).sum() + sums[1],
                clients * r / alpha - (still * over_T).sum() + sums[2],
                clients * both - n_x @ later + sums[3] / a,
                n_x @ (digamma(kept) - later) + clients * (both - digamma(b)) - sums[4],
            ]
        )
        return float(value), slope * np.exp(place)

    return of


def starts(found: Distinct) -> list[list[float]]:
    """Parameters from which to climb: unequal and equal rates, few and many who leave."""
    rate = found.total(0) / found.total(2)
    return [[r, r / rate / 2, a, b] for r, a, b in ((0.5, 0.8, 2.5), (1.5, 0.5, 5.0), (0.3, 1.5, 1.5))]


def simulate(
    columns: list[Floats], T: Floats, generator: np.random.Generator, *, at_once: int
) -> tuple[Floats, Floats]:
    """Frequency and recency of made-up clients, each of shape (clients,).

    Of the purchases that a client would make if staying, those up to the one after which they leave count;
    when the k-th of m such purchases happens is a beta share of T.
    """
    r, alpha, a, b = columns
    rate = generator.gamma(r, 1 / alpha, len(T))
    leaves = np.maximum(generator.beta(a, b, len(T)), 1e-12)
    would = generator.poisson(rate * T)
    last = generator.geometric(leaves) - at_once
    x = np.minimum(would, last).astype(float)
    share = generator.beta(np.maximum(x, 1), np.maximum(would - x, 0) + 1)
    return x, np.where(x > 0, T * share, 0.0)
