"""The beta-Bernoulli purchases and beta-geometric lifetimes of BG/BB, as formulas on arrays.

At the beginning of each opportunity a client leaves with a probability from a beta (gamma, delta); one who is
there buys with a probability from a beta (alpha, beta). A history is x purchases in n opportunities, the last
at t_x. The likelihood is a sum over the opportunities after t_x at which the client may have left; its terms
depend on whole numbers only, so that logarithms of gamma functions are looked up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crmkit.value.distinct import Distinct
from crmkit.value.maximum import Objective

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


def endings(t_x: Floats, n: Floats) -> tuple[Places, Floats]:
    """All numbers of opportunities that a client may have lived through: t_x, t_x + 1, …, n.

    Returns
    -------
    tuple
        Whose they are, and the numbers, each of shape (endings,), by client; the last of each is n.

    Examples
    --------
    >>> endings(np.array([1.0, 3.0]), np.array([3.0, 3.0]))
    (array([0, 0, 0, 1]), array([1., 2., 3., 3.]))
    """
    count = (n - t_x).astype(np.int64) + 1
    whose = np.repeat(np.arange(len(n)), count)
    within = np.arange(len(whose)) - np.repeat(count.cumsum() - count, count)
    return whose, t_x[whose] + within


def _log_parts(columns: list[Floats], x: Floats, t_x: Floats, n: Floats) -> tuple[Floats, Places]:
    """Logarithm of the probability of a history and each of its endings, on the last axis; whose they are."""
    from scipy.special import betaln

    alpha, beta, gamma, delta = columns
    whose, lived = endings(t_x, n)
    number, last = x[whose], lived == n[whose]
    bought = betaln(alpha + number, beta + lived - number) - betaln(alpha, beta)
    lasted = betaln(gamma + np.where(last, 0.0, 1.0), delta + lived) - betaln(gamma, delta)
    return bought + lasted, whose


def log_likelihood(columns: list[Floats], x: Floats, t_x: Floats, n: Floats) -> Floats:
    """Logarithm of the likelihood of histories; shape (clients,) or (draws, clients)."""
    parts, whose = _log_parts(columns, x, t_x, n)
    return _log_sums(parts, whose)


def probability_alive(columns: list[Floats], x: Floats, t_x: Floats, n: Floats) -> Floats:
    """P(has not left up to and including opportunity n); shapes as in :func:`log_likelihood`."""
    parts, whose = _log_parts(columns, x, t_x, n)
    ends = np.append(np.flatnonzero(np.diff(whose)), len(whose) - 1)
    return np.exp(parts[..., ends] - _log_sums(parts, whose))


def expected_purchases(columns: list[Floats], horizon: float, x: Floats, t_x: Floats, n: Floats) -> Floats:
    """Purchases expected at the next `horizon` opportunities; shapes as in :func:`log_likelihood`."""
    alpha, beta, gamma, delta = columns
    buys = (alpha + x) / (alpha + beta + n)
    return probability_alive(columns, x, t_x, n) * buys * times_there(gamma, delta + n, horizon)


def expected_of_new(columns: list[Floats], horizons: Floats) -> Floats:
    """Purchases expected at the first opportunities; shape (horizons,) or (draws, horizons)."""
    alpha, beta, gamma, delta = columns
    each = [times_there(gamma, delta, horizon) for horizon in horizons]
    return alpha / (alpha + beta) * np.concatenate(each, axis=-1)


def times_there(gamma: Floats, delta: Floats, horizon: float) -> Floats:
    """Expected number of the next opportunities that a client lives through.

    The sum of B(gamma, delta + j) / B(gamma, delta) over j from 1 to the horizon, which needs no special case
    at gamma = 1 as the closed form does.
    """
    gamma, delta = np.broadcast_arrays(gamma, delta)
    total, there = np.zeros(gamma.shape), np.ones(gamma.shape)
    for step in range(int(horizon)):
        there = there * (delta + step) / (gamma + delta + step)
        total += there
    return total


def probability_of_n(columns: list[Floats], number: Floats, horizon: float) -> Floats:
    """P(number purchases at the first opportunities); shape (numbers,) or (draws, numbers)."""
    from scipy.special import gammaln

    lives, zero = np.full(len(number), horizon), np.minimum(number, horizon)
    parts, whose = _log_parts(columns, zero, zero, lives)
    _, lived = endings(zero, lives)
    bought = zero[whose]
    ways = gammaln(lived + 1) - gammaln(bought + 1) - gammaln(lived - bought + 1)
    return np.where(number <= horizon, np.exp(_log_sums(parts + ways, whose)), 0.0)


def probability_of_later(
    columns: list[Floats], number: Floats, horizon: float, x: Floats, n: Floats
) -> Floats:
    """P(number purchases at the next `horizon` opportunities) of clients who are there after n of them.

    The sum over how many of them the client lives through; all arrays have the shape (clients,).
    """
    from scipy.special import betaln, gammaln

    alpha, beta, gamma, delta = columns
    bought, unused, since = alpha + x, beta + n - x, delta + n
    total = np.zeros(np.broadcast_shapes(number.shape, x.shape))
    for lives in range(int(horizon) + 1):
        end = betaln(gamma if lives == horizon else gamma + 1, since + lives) - betaln(gamma, since)
        known = np.minimum(number, lives)
        ways = gammaln(lives + 1) - gammaln(known + 1) - gammaln(lives - known + 1)
        share = betaln(bought + known, unused + lives - known) - betaln(bought, unused)
        total += np.where(number <= lives, np.exp(end + ways + share), 0.0)
    return total


def draw_while_alive(
    columns: list[Floats], horizon: float, x: Floats, n: Floats, generator: np.random.Generator
) -> Floats:
    """Purchases at the next `horizon` opportunities of clients who are there after n; shape (clients,)."""
    alpha, beta, gamma, delta = columns
    buys = generator.beta(alpha + x, beta + n - x)
    leaves = np.maximum(generator.beta(gamma, delta + n), 1e-12)
    lives = np.minimum(generator.geometric(leaves) - 1, int(horizon))
    return generator.binomial(lives, buys).astype(float)


def _log_sums(parts: Floats, whose: Places) -> Floats:
    starts = np.append(0, np.flatnonzero(np.diff(whose)) + 1)
    top = np.maximum.reduceat(parts, starts, axis=-1)
    return top + np.log(np.add.reduceat(np.exp(parts - top[..., whose]), starts, axis=-1))


def objective(found: Distinct) -> Objective:
    """The log-likelihood of all clients and its derivatives, at the logarithms of the four parameters."""
    from scipy.special import betaln, digamma, gammaln

    x, t_x, n = found.columns
    whose, lived = endings(t_x, n)
    last = lived == n[whose]
    bought, lived = x[whose].astype(np.int64), lived.astype(np.int64)
    numbers = np.arange(int(n.max()) + 1)
    counts, clients = found.counts, float(found.counts.sum())

    def of(place: Floats) -> tuple[float, Floats]:
        alpha, beta, gamma, delta = np.exp(place)

        def parts(function):  # type: ignore[no-untyped-def]
            return (
                function(alpha + numbers)[bought],
                function(beta + numbers)[lived - bought],
                function(alpha + beta + numbers)[lived],
                np.where(last, function(gamma), function(gamma + 1)),
                function(delta + numbers)[lived],
                np.where(last, function(gamma + delta + numbers)[lived], 0)
                + np.where(last, 0, function(gamma + delta + 1 + numbers)[lived]),
            )

        logs = parts(gammaln)
        total = logs[0] + logs[1] - logs[2] + logs[3] + logs[4] - logs[5]
        each = _log_sums(total, whose)
        value = (counts * each).sum() - clients * (betaln(alpha, beta) + betaln(gamma, delta))
        share = np.exp(total - each[whose]) * counts[whose]
        bends = [(share * part).sum() for part in parts(digamma)]
        own = clients * digamma(np.array([alpha, beta, gamma, delta]))
        both = clients * digamma(np.array([alpha + beta, alpha + beta, gamma + delta, gamma + delta]))
        slope = np.array([bends[0] - bends[2], bends[1] - bends[2], bends[3] - bends[5], bends[4] - bends[5]])
        return float(value), (slope - own + both) * np.exp(place)

    return of


def simulate(columns: list[Floats], n: Places, generator: np.random.Generator) -> tuple[Floats, Floats]:
    """Frequency and recency of made-up clients, each of shape (clients,)."""
    alpha, beta, gamma, delta = columns
    buys = generator.beta(alpha, beta, len(n))
    leaves = np.maximum(generator.beta(gamma, delta, len(n)), 1e-12)
    lives = np.minimum(generator.geometric(leaves) - 1, n)
    x, t_x = np.zeros(len(n)), np.zeros(len(n))
    for opportunity in range(1, int(n.max(initial=0)) + 1):
        bought = (opportunity <= lives) & (generator.random(len(n)) < buys)
        x += bought
        t_x[bought] = opportunity
    return x, t_x
