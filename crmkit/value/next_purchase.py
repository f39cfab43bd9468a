"""Will a silent client buy again, and when? Closed forms of the MBG/NBD model.

A client of this model leaves only right after a purchase. So who is still a client buys again for certain,
and the time until then has a Lomax (Pareto II) distribution.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmkit.value.frames import Floats
from crmkit.value.modified_beta_geo import ModifiedBetaGeoModel


def chance_of_purchase(model: ModifiedBetaGeoModel, frame: pd.DataFrame, horizon: float) -> Floats:
    """The probability that each client buys at least once in the time (T, T + horizon].

    Parameters
    ----------
    model
        Fitted, or with known parameters.
    frame
        Columns frequency, recency, T, as for the model.
    horizon
        In the frame's time unit, 0 or more.

    Returns
    -------
    numpy.ndarray
        Shape (clients,).

    Notes
    -----
    P(alive) times 1 - ((alpha + T) / (alpha + T + horizon))^(r + x): given x purchases until T, the rate of
    who is alive is gamma with shape r + x and rate alpha + T. Batislam, E. P., Denizel, M. and Filiztekin, A.
    (2007). International Journal of Research in Marketing 24, 201-209.
    https://doi.org/10.1016/j.ijresmar.2006.12.005.

    Examples
    --------
    >>> model = ModifiedBetaGeoModel.from_parameters(r=0.525, alpha=6.183, a=0.891, b=1.614)
    >>> silent = pd.DataFrame({"frequency": [5, 5], "recency": [38.0, 10.0], "T": [38.86, 38.86]})
    >>> chance_of_purchase(model, silent, 10.0).round(2)
    array([0.58, 0.02])
    """
    shape, rate = _posterior(model, frame)
    return model.probability_alive(frame) * -np.expm1(-shape * np.log1p(horizon / rate))


def wait(model: ModifiedBetaGeoModel, frame: pd.DataFrame, chance: float) -> Floats:
    """The time after T within which each client, if still one, buys with a given chance.

    Parameters
    ----------
    model, frame
        As for :func:`chance_of_purchase`.
    chance
        Between 0 and 1: 0.5 for the time as likely passed as not.

    Returns
    -------
    numpy.ndarray
        Shape (clients,), in the frame's time unit.

    Examples
    --------
    >>> model = ModifiedBetaGeoModel.from_parameters(r=0.525, alpha=6.183, a=0.891, b=1.614)
    >>> wait(model, pd.DataFrame({"frequency": [5], "recency": [38.0], "T": [38.86]}), 0.5).round(1)
    array([6.])
    """
    shape, rate = _posterior(model, frame)
    return rate * np.expm1(-np.log1p(-chance) / shape)


def _posterior(model: ModifiedBetaGeoModel, frame: pd.DataFrame) -> tuple[Floats, Floats]:
    """Shape and rate of the gamma distribution of each client's purchase rate, if still a client."""
    known = model.params_
    return (
        known["r"] + frame["frequency"].to_numpy(float),
        known["alpha"] + frame["T"].to_numpy(float),
    )
