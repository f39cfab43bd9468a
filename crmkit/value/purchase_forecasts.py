"""Three ways to say who will buy in the months ahead: a purchase model, a classifier, and a simple rule.

Each takes what was known at earlier origins with its outcomes, and what is known now, and gives a probability
for each client now. Nothing else reaches them, so that none can see the future.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from crmkit.value.frames import Floats
from crmkit.value.modified_beta_geo import ModifiedBetaGeoModel
from crmkit.value.next_purchase import chance_of_purchase

FOLDS = 3
KNOTS = 4
SMALLEST, LARGEST = 0.001, 0.999
"""No way may be surer than this: one surprise would cost without limit."""

Way = Callable[[pd.DataFrame, pd.DataFrame, int], Floats]


def by_model(earlier: pd.DataFrame, now: pd.DataFrame, days: int) -> Floats:
    """The MBG/NBD model, fitted to the histories that are known now; outcomes are not used.

    Parameters
    ----------
    earlier
        Features of clients at earlier origins, and ``bought``: 1 for who bought in the horizon after.
    now
        Features of the clients now: see :meth:`crmkit.value.monthly.Monthly.features`.
    days
        Length of the horizon.

    Returns
    -------
    numpy.ndarray
        Probability of a purchase in the horizon, shape (clients now,).
    """
    return np.clip(chance_of_purchase(ModifiedBetaGeoModel().fit(now), now, days), SMALLEST, LARGEST)


def by_classifier(earlier: pd.DataFrame, now: pd.DataFrame, days: int) -> Floats:
    """Logistic regression on splines of the features, calibrated on clients it was not fitted to.

    Takes and returns what :func:`by_model` does.

    References
    ----------
    Platt, J. (1999). Probabilistic outputs for support vector machines and comparisons to regularized
    likelihood methods. In Advances in Large Margin Classifiers, 61-74: the sigmoid that calibrates.
    """
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import SplineTransformer

    learner = make_pipeline(
        SplineTransformer(n_knots=KNOTS, extrapolation="linear"),
        LogisticRegression(C=10.0, solver="newton-cholesky", max_iter=200),
    )
    points, asked, bought = _points(earlier), _points(now), earlier["bought"].to_numpy()
    # What is the same for all (no amounts, one cohort) teaches nothing and has no room for knots.
    varied = np.ptp(points, axis=0) > 0
    points, asked = points[:, varied], asked[:, varied]
    # A client stands on one side of a fold with all their rows.
    folds = list(GroupKFold(FOLDS).split(points, bought, groups=earlier["client_id"]))
    fitted = CalibratedClassifierCV(learner, method="sigmoid", cv=folds, ensemble=False).fit(points, bought)
    return np.clip(fitted.predict_proba(asked)[:, 1], SMALLEST, LARGEST)


def by_rule(earlier: pd.DataFrame, now: pd.DataFrame, days: int) -> Floats:
    """The shares who bought of those silent longer than X days and of the others, X learnt from them.

    Takes and returns what :func:`by_model` does.
    """
    limit, long, short = learn_rule(earlier)
    return np.clip(np.where(now["silent_days"] > limit, long, short), SMALLEST, LARGEST)


def learn_rule(earlier: pd.DataFrame) -> tuple[float, float, float]:
    """The silence that best divides who bought from who did not, by likelihood.

    Returns
    -------
    tuple
        Days; the share who bought of those silent longer, and of the others (each with one success and one
        failure added).

    Examples
    --------
    >>> earlier = pd.DataFrame({"silent_days": [5, 10, 20, 90, 95, 99], "bought": [1, 1, 1, 0, 0, 0]})
    >>> learn_rule(earlier)
    (20.0, 0.2, 0.8)
    """
    found = earlier.groupby("silent_days")["bought"].agg(["size", "sum"]).sort_index()
    clients, bought = found["size"].to_numpy(float).cumsum(), found["sum"].to_numpy(float).cumsum()
    below = (bought + 1) / (clients + 2)
    above = (bought[-1] - bought + 1) / (clients[-1] - clients + 2)

    def likelihood(yes: Floats, all_: Floats, share: Floats) -> Floats:
        return yes * np.log(share) + (all_ - yes) * np.log1p(-share)

    fit = likelihood(bought, clients, below)
    fit += likelihood(bought[-1] - bought, clients[-1] - clients, above)
    best = int(fit.argmax())
    return float(found.index[best]), float(above[best]), float(below[best])


WAYS: dict[str, Way] = {"model": by_model, "classifier": by_classifier, "rule": by_rule}


def _points(frame: pd.DataFrame) -> Floats:
    columns = ("frequency", "silent_days", "T", "gap_days", "lately", "spend")
    logs = [np.log1p(frame[name].to_numpy(float)) for name in columns]
    logs.append(np.log1p(frame["silent_days"].to_numpy(float) / frame["gap_days"].to_numpy(float)))
    return np.column_stack(logs)
