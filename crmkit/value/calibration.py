"""Does an event come as often as was said? Observed shares against forecast probabilities."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from crmkit.statistics import LEVEL
from crmkit.value.frames import Floats

PARTS = 10


def share_interval(yes: ArrayLike, of: ArrayLike, *, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Exact limits of a share.

    Parameters
    ----------
    yes, of
        How many of how many, shape (shares,).
    level
        Confidence level, between 0 and 1.

    Returns
    -------
    tuple
        Lower and upper limits, each of shape (shares,).

    Notes
    -----
    Clopper, C. J. and Pearson, E. S. (1934). Biometrika 26, 404-413. https://doi.org/10.1093/biomet/26.4.404.

    Examples
    --------
    >>> lo, hi = share_interval([0, 5], [10, 10])
    >>> lo.round(3), hi.round(3)
    (array([0.   , 0.187]), array([0.308, 0.813]))
    """
    from scipy.special import betaincinv

    hits, all_ = np.asarray(yes, float), np.asarray(of, float)
    tail = (1 - level) / 2
    low = np.where(hits > 0, betaincinv(np.maximum(hits, 0.5), all_ - hits + 1, tail), 0.0)
    high = np.where(hits < all_, betaincinv(hits + 1, np.maximum(all_ - hits, 0.5), 1 - tail), 1.0)
    return low, high


def calibration_table(probability: Floats, happened: Floats) -> pd.DataFrame:
    """Forecast and observed shares by tenths of the forecasts.

    Parameters
    ----------
    probability, happened
        Forecasts, and 1 or 0 for what came; shape (forecasts,).

    Returns
    -------
    DataFrame
        tenth (1 for the smallest forecasts), clients (forecasts in it), predicted (their mean), observed
        (share that came), share_lo, share_hi (its exact limits). Equal forecasts stay together.
    """
    place = pd.Series(probability).rank(method="average").to_numpy() / len(probability)
    tenth = np.minimum(np.ceil(place * PARTS), PARTS).astype(int)
    found = pd.DataFrame({"tenth": tenth, "predicted": probability, "observed": happened}).groupby("tenth")
    table = found.agg(clients=("observed", "size"), predicted=("predicted", "mean"), came=("observed", "sum"))
    lo, hi = share_interval(table["came"], table["clients"])
    table = table.assign(observed=table["came"] / table["clients"], share_lo=lo, share_hi=hi)
    return table.drop(columns="came").reset_index()


def calibration_line(probability: Floats, happened: Floats, client: ArrayLike) -> dict[str, float]:
    """Calibration in the large, and the slope of what came on what was forecast.

    Parameters
    ----------
    probability, happened
        As in :func:`calibration_table`.
    client
        Whom each forecast is about, shape (forecasts,): forecasts about one client are not independent.

    Returns
    -------
    dict
        in_the_large, observed less predicted mean, with in_the_large_lo and in_the_large_hi; slope of the
        logistic regression on the forecasts' logits, 1 if perfect and less than 1 if they are too bold, with
        slope_lo and slope_hi. Limits rest on errors clustered by client; a slope is NaN where all forecasts
        are equal.

    References
    ----------
    Cox, D. R. (1958). Two further applications of a model for binary regression. Biometrika 45, 562-565.
    https://doi.org/10.1093/biomet/45.3-4.562.
    """
    from scipy.special import expit, logit, ndtri

    reach = float(ndtri((1 + LEVEL) / 2))
    who = pd.factorize(np.asarray(client))[0]
    off = happened - probability
    size = len(off)
    error = float(np.sqrt((np.bincount(who, off - off.mean()) ** 2).sum())) / size
    large = float(off.mean())
    line = {
        "in_the_large": large,
        "in_the_large_lo": large - reach * error,
        "in_the_large_hi": large + reach * error,
    }
    logits = logit(probability)
    slope = slope_error = np.nan
    if np.ptp(logits) > 1e-9 and 0 < happened.sum() < size:
        design = np.column_stack([np.ones(size), logits])
        beta = np.array([0.0, 1.0])
        for _ in range(50):
            fitted = expit(design @ beta)
            bread = np.linalg.pinv((design * (fitted * (1 - fitted))[:, None]).T @ design)
            step = bread @ (design.T @ (happened - fitted))
            beta = beta + step
            if np.abs(step).max() < 1e-10:
                break
        scores = design * (happened - expit(design @ beta))[:, None]
        meat = np.column_stack([np.bincount(who, scores[:, place]) for place in range(2)])
        slope, slope_error = float(beta[1]), float(np.sqrt((bread @ meat.T @ meat @ bread)[1, 1]))
    return line | {
        "slope": slope,
        "slope_lo": slope - reach * slope_error,
        "slope_hi": slope + reach * slope_error,
    }
