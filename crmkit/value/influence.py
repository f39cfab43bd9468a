"""Which few clients move the fit, and what is it without them?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.book.errors import BookError
from crmkit.value.purchase_model import PurchaseModel

Floats = NDArray[np.float64]

_STEP = 1e-4


def influence(
    model: PurchaseModel, histories: pd.DataFrame, horizon: float, *, most: int = 5
) -> tuple[pd.DataFrame, PurchaseModel | None]:
    """The clients whose absence would move the fit most, and the model fitted without them.

    Parameters
    ----------
    model
        Fitted to the histories, and converged.
    histories
        client_id, frequency, recency, T, in the model's time unit.
    horizon
        For the purchases expected of all, in the same unit.
    most
        So many clients are named.

    Returns
    -------
    tuple
        A table, the most influential first: client_id, repeat_purchases, recency, T; shift, by how far the
        parameters would move without the client, in standard errors (root of the quadratic form); and
        purchases_change, by how many the purchases expected of all *other* clients would change. And the
        model without these clients; None if it cannot be fitted.

    Raises
    ------
    ValueError
        If the model did not converge.

    Notes
    -----
    One Newton step from the fit: without a client the parameters move by minus the inverse of the curvature
    times the client's score. Pregibon, D. (1981), "Logistic regression diagnostics", Annals of Statistics 9,
    705-724, https://doi.org/10.1214/aos/1176345513; Cook, R. D. (1986), "Assessment of local influence",
    JRSS B 48, 133-169, https://doi.org/10.1111/j.2517-6161.1986.tb01398.x. Scores are differences, taken at
    the distinct histories.

    Examples
    --------
    >>> from crmkit.value import BetaGeoModel
    >>> true = BetaGeoModel.from_parameters(r=0.6, alpha=4.0, a=0.8, b=2.5)
    >>> usual = true.simulate(2000, 52.0, seed=1)
    >>> odd = pd.DataFrame({"frequency": [400.0], "recency": [51.0], "T": [52.0]})
    >>> clients = pd.concat([usual, odd], ignore_index=True).assign(client_id=lambda f: f.index.astype(str))
    >>> table, _ = influence(BetaGeoModel().fit(clients), clients, 52.0)
    >>> table["client_id"].iloc[0]
    '2000'
    """
    if not model.converged_:
        raise ValueError("influence needs a model that converged: else its curvature is not known.")
    place = np.log([model.params_[name] for name in model.names])
    around = np.exp(place + _STEP * np.vstack([np.eye(len(place)), -np.eye(len(place))]))
    likely = model.log_likelihood(histories, parameters=around)
    scores = (likely[: len(place)] - likely[len(place) :]) / (2 * _STEP)
    moves = -model.covariance_ @ scores
    shift = np.sqrt(np.maximum(np.einsum("ij,ij->j", scores, -moves), 0.0))
    totals = model.expected_purchases(horizon, histories, parameters=around).sum(axis=1)
    slope = (totals[: len(place)] - totals[len(place) :]) / (2 * _STEP)
    first = np.argsort(-shift.round(9), kind="stable")[:most]
    table = histories.iloc[first][["client_id", "frequency", "recency", "T"]].reset_index(drop=True)
    table = table.rename(columns={"frequency": "repeat_purchases"})
    table = table.assign(shift=shift[first], purchases_change=(slope @ moves)[first])
    try:
        without = type(model)().fit(histories.drop(histories.index[first]))
    except BookError:
        return table, None
    return table, without
