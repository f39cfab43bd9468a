"""Who may become VIP: whose behaviour resembles that of clients who later did.

The book's own history is the teacher: what was known about each client at the ends of earlier periods, and
who of them was VIP one window later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from crmkit.segmentation.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Callable

Array = NDArray[np.float64]

LEAST_OUTCOMES = 20
"""So many must have become VIP, and so many not, for history to teach."""
MOST_ROWS = 200_000
SURELY = 1.96
"""The model must be better than the average by so many standard errors."""
LEVELS = ("rate", "size", "window", "largest")
"""The features that rise with trust."""


@dataclass(frozen=True)
class Potential:
    """The chance of becoming VIP within a window.

    Attributes
    ----------
    probability
        As things are, shape (clients,); NaN where history is too short.
    trusted
        If the client trusted as the middle VIP does, shape (clients,).
    average
        Share of clients who were not VIP and became so.
    outcomes
        How many did, in how many (client, day) pairs.
    calibration
        Expected number over the number found among clients held out, by cross-validation: 1 is calibrated.
    error
        Brier score over that of the average, on clients held out; below 1 the model tells something.
    doubt
        Standard error of `error`.
    """

    probability: Array
    trusted: Array
    average: float
    outcomes: tuple[int, int]
    calibration: float
    error: float
    doubt: float

    @property
    def enough(self) -> bool:
        """Whether the history holds cases enough to learn from."""
        return not np.isnan(self.average)

    @property
    def learned(self) -> bool:
        """Whether the history was long enough, and taught more than the average alone beyond chance."""
        return self.enough and self.error + SURELY * self.doubt < 1


def features(evidence: Evidence) -> dict[str, Array]:
    """What the chance rests on, by name, each of shape (clients,)."""
    memory = evidence.memory(1.0)
    years = np.maximum(evidence.exposure @ memory, 0.02)
    bought = evidence["purchase_days"] @ memory
    seen = evidence.seen
    usual = max(bought[seen].sum() / max(years[seen].sum(), 1e-9), 1e-6)
    rate = (bought + 1) / (years + 1 / usual)
    recency = np.maximum(evidence.recency, 0.0)
    recency = np.where(np.isfinite(recency), recency, 0.0)
    return {
        "rate": np.log(rate),
        "size": evidence.typical_log("purchase_days", "log_amount", "log_amount_squares"),
        "window": np.log1p(np.maximum(evidence.value[:, -evidence.window :].sum(axis=1), 0)),
        "largest": np.log1p(evidence["largest"].max(axis=1)),
        "quiet": np.log1p(recency / 365.25 * rate),
        "recency": np.log1p(recency),
        "half": np.log1p(evidence.last("purchase_days", max(evidence.window // 2, 1))),
        "tenure": np.log(evidence.tenure + 0.1),
        "offered": evidence.typical_log("prices", "log_price", "log_price_squares"),
    }


def fit_potential(
    evidence: Evidence,
    vip: Callable[[Evidence], NDArray[np.bool_]],
    trust: Array,
    *,
    seed: int,
) -> Potential:
    """Logistic regression with a quadratic penalty on the book's own history.

    Parameters
    ----------
    evidence
        Up to the day in question.
    vip
        Tells who is VIP by given evidence.
    trust
        Trust of each client today.
    seed
        Of the folds and of the sample taken from very large books.

    References
    ----------
    Brier, G. (1950). Verification of forecasts expressed in terms of probability. Monthly Weather Review
    78, 1-3. Folds by client, so that nobody is on both sides: Roberts, D. et al. (2017). Ecography 40,
    913-929, https://doi.org/10.1111/ecog.02881.
    """
    now = features(evidence)
    clients = len(trust)
    step = max(evidence.window // 2, 1)
    ends = range(evidence.count - evidence.window, evidence.window - 1, -step)
    rows, outcomes, groups = [], [], []
    today = np.column_stack(list(now.values()))
    for end in ends:
        then, later = evidence.upto(end), evidence.upto(end + evidence.window)
        candidates = np.flatnonzero(then.seen & ~vip(then))
        rows.append(np.column_stack(list(features(then).values()))[candidates])
        outcomes.append(vip(later)[candidates])
        groups.append(candidates)
    became = int(sum(part.sum() for part in outcomes))
    total = int(sum(map(len, outcomes)))
    unknown = np.full(clients, np.nan)
    if became < LEAST_OUTCOMES or total - became < LEAST_OUTCOMES:
        return Potential(unknown, unknown, np.nan, (became, total), np.nan, np.nan, np.nan)
    x, y, who = np.concatenate(rows), np.concatenate(outcomes), np.concatenate(groups)
    if len(y) > MOST_ROWS:
        some = np.sort(np.random.default_rng(seed).choice(len(y), MOST_ROWS, replace=False))
        x, y, who = x[some], y[some], who[some]
    model = _model().fit(x, y)
    checked = _checked(x, y, who, seed)
    probability = model.predict_proba(today)[:, 1]
    trusted = model.predict_proba(_if_trusted(evidence, now, trust, vip(evidence)))[:, 1]
    return Potential(probability, trusted, became / total, (became, total), *checked)


def _model():  # type: ignore[no-untyped-def]
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, solver="newton-cholesky"))


def _checked(x: Array, y: NDArray[np.bool_], who: NDArray[np.int64], seed: int) -> tuple[float, float, float]:
    """Calibration and relative Brier score on clients held out, and its standard error."""
    fold = np.random.default_rng(seed).permutation(who.max() + 1)[who] % 5
    held_out = np.full(len(y), y.mean())
    for part in range(5):
        inside = fold != part
        if y[inside].any() and not y[inside].all() and not inside.all():
            held_out[~inside] = _model().fit(x[inside], y[inside]).predict_proba(x[~inside])[:, 1]
    found, usual = (held_out - y) ** 2, (y.mean() - y) ** 2
    error = found.sum() / max(usual.sum(), 1e-12)
    # One client stands in several cases: the error's own error is that of a ratio of sums over clients.
    off = np.bincount(who, found - error * usual)
    doubt = np.sqrt((off**2).sum()) / max(usual.sum(), 1e-12)
    return float(held_out.sum() / y.sum()), float(error), float(doubt)


def _if_trusted(evidence: Evidence, now: dict[str, Array], trust: Array, vips: NDArray[np.bool_]) -> Array:
    """The features, with the levels raised by what goes with the trust that is missing to the middle VIP's.

    How much goes with trust is a regression over the active clients of equal tenure and offers: an
    association.
    """
    active = evidence.seen & (evidence.last("purchase_days") > 0)
    missing = np.maximum(np.median(trust[vips]) - trust, 0) if vips.any() else np.zeros(len(trust))
    raised = dict(now)
    if active.sum() > 10 and trust[active].std() > 0:
        tenure = now["tenure"]
        beside = np.column_stack(
            [
                np.ones(active.sum()),
                trust[active],
                tenure[active],
                tenure[active] ** 2,
                now["offered"][active],
            ]
        )
        for name in LEVELS:
            slope = np.linalg.lstsq(beside, now[name][active], rcond=None)[0][1]
            raised[name] = now[name] + max(slope, 0.0) * missing
    return np.column_stack(list(raised.values()))
