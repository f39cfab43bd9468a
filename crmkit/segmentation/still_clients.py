"""Who is still a client? From how often and how lately each of them bought, nobody saying when they leave."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crmkit.segmentation.evidence import Evidence, days_since_1970

Array = NDArray[np.float64]

MOST_FITTED = 50_000
"""Of more clients, so many drawn at random teach the model."""
STARTS = ((0.0, -0.7, -1.5, 1.0), (0.0, 0.0, -2.5, 3.0))
BOUNDS = ((-4.0, 4.0), (-6.0, 5.0), (-6.0, 3.0), (-3.0, 5.0))


def still_clients(evidence: Evidence, *, seed: int = 0) -> Array:
    """Probability that each client has not left for good, shape (clients,); 0 for who was none yet.

    The modified beta-geometric model: clients buy at random at rates of their own, which have a gamma
    distribution, and may leave after any purchase, the first included, with a chance of their own, which has
    a beta distribution. Both distributions are fitted to the book by maximum likelihood.

    Parameters
    ----------
    evidence
        Up to the day in question.
    seed
        Of the sample taken from very large books.

    References
    ----------
    Batislam, E., Denizel, M., Filiztekin, A. (2007). Empirical validation and comparison of models for
    customer base analysis. International Journal of Research in Marketing 24, 201-209,
    https://doi.org/10.1016/j.ijresmar.2006.12.005.
    """
    from scipy.optimize import minimize

    seen = evidence.seen
    if not seen.any():
        return np.zeros(len(seen))
    begin = np.maximum(evidence.first_day, days_since_1970(evidence.periods.starts[0]))
    bought = evidence["purchase_days"].sum(axis=1)
    repeats = np.maximum(bought - (evidence.first_day >= begin), 0.0)
    last = evidence["last_day"].max(axis=1)
    span = np.maximum(days_since_1970(evidence.periods.end) - begin + 1, 1.0) / 365.25
    until = np.where(repeats > 0, np.clip((last - begin) / 365.25, 0.0, span), 0.0)
    known = np.flatnonzero(seen)
    if len(known) > MOST_FITTED:
        known = np.sort(np.random.default_rng(seed).choice(known, MOST_FITTED, replace=False))
    alike, times = np.unique(
        np.column_stack([repeats, until.round(2), span.round(2)])[known], axis=0, return_counts=True
    )

    def loss(parameters: Array) -> float:
        stayed, left = _likelihoods(*_meaning(parameters), *alike.T)
        return -float(times @ np.logaddexp(stayed, left)) / float(times.sum())

    fits = [minimize(loss, start, method="L-BFGS-B", bounds=BOUNDS) for start in STARTS]
    best = min(fits, key=lambda fit: float(fit.fun)).x
    where = np.where(seen, span, 1.0)
    stayed, left = _likelihoods(*_meaning(best), repeats, np.where(seen, until, 0.0), where)
    return np.where(seen, 1 / (1 + np.exp(left - stayed)), 0.0)


def _meaning(parameters: Array) -> tuple[float, float, float, float]:
    """Shape and rate of the gamma distribution, and the two parameters of the beta distribution."""
    shape, rate, chance, strength = parameters
    mean = 1 / (1 + np.exp(-chance))
    return np.exp(shape), np.exp(rate), mean * np.exp(strength), (1 - mean) * np.exp(strength)


def _likelihoods(
    shape: float, rate: float, leave: float, stay: float, repeats: Array, until: Array, span: Array
) -> tuple[Array, Array]:
    """Logarithms of the likelihood of each record with the client still there, and with the client gone."""
    from scipy.special import betaln, gammaln

    buying = gammaln(shape + repeats) - gammaln(shape) + shape * np.log(rate)
    whole = betaln(leave, stay)
    stayed = betaln(leave, stay + repeats + 1) - whole - (shape + repeats) * np.log(rate + span)
    left = betaln(leave + 1, stay + repeats) - whole - (shape + repeats) * np.log(rate + until)
    return buying + stayed, buying + left
