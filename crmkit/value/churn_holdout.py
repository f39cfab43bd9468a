"""Which way of foreseeing purchases was right in the past? A rolling hold-out, nothing later looked at.

At each origin, a past month end, the ways say who will buy in the horizon after it; the classifier and the
rule have learnt from origins whose outcomes were known by then. Then the outcomes are looked up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.statistics.resampling import bootstrap
from crmkit.value.calibration import calibration_line, calibration_table
from crmkit.value.frames import Floats
from crmkit.value.monthly import Monthly
from crmkit.value.purchase_forecasts import WAYS, learn_rule

TESTS = 3
"""Origins at which the ways are judged, the latest ones."""
LEARNT = 3
"""Origins before each of them that are learnt from, where the book is long enough; at least one."""
LEAST_OUTCOMES = 30
"""So many must have bought, and as many not, at the origins learnt from and at those judged."""
MOST_CLIENTS = 20_000
"""Of more clients, so many drawn at random are judged."""
REPLICATES = 1000
PAIRS = (("model", "classifier"), ("model", "rule"), ("classifier", "rule"))


@dataclass(frozen=True)
class Holdout:
    """How the ways did at the origins that are judged.

    Attributes
    ----------
    verdict
        ``"better"``, the way used is better than the purchase model beyond chance; ``"model"``, the purchase
        model is better than both others beyond chance; ``"chance"``, the difference to the best other way
        may be chance; ``"short"``, the book is too short for a hold-out; ``"few"``, too few bought or too few
        did not.
    used
        The way whose probabilities are used: ``"model"``, ``"classifier"`` or ``"rule"``. The purchase model,
        unless another is better than it beyond chance.
    origins
        Last days of the months at which the ways were judged.
    forecasts
        client_id, origin, bought (1 or 0), and the probability of each way: model, classifier, rule.
    scores
        One row per way: way, log_loss, brier (the smaller the better), predicted (mean), observed (share),
        in_the_large and slope with their limits (see :func:`calibration_line`).
    differences
        One row per pair: way, other, log_loss and brier of the first less the other's, with log_loss_lo,
        log_loss_hi, brier_lo, brier_hi: percentile bootstrap over clients, both ways on the same clients.
    calibration
        One row per way and tenth of its forecasts: see :func:`calibration_table`.
    rule_days
        The X of the rule as learnt from all origins; NaN without a hold-out.
    clients
        How many clients were judged.
    """

    verdict: str
    used: str
    origins: pd.DatetimeIndex
    forecasts: pd.DataFrame
    scores: pd.DataFrame
    differences: pd.DataFrame
    calibration: pd.DataFrame
    rule_days: float
    clients: int


def hold_out(monthly: Monthly, horizon: int, *, seed: int = 0) -> tuple[Holdout, Floats]:
    """Judge the ways, and foresee purchases with the best of them.

    Parameters
    ----------
    monthly
        Purchases by month.
    horizon
        Months in which a purchase is foreseen, 1 or more.
    seed
        Of the bootstrap, and of the choice of clients where they are very many.

    Returns
    -------
    tuple
        The :class:`Holdout`, and the probability that each client of `monthly` buys in the horizon after
        `as_of`; shape (clients,).

    Notes
    -----
    Log loss and Brier score are proper: who says what they believe is expected to do best. Gneiting, T. and
    Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and estimation. Journal of the American
    Statistical Association 102, 359-378. https://doi.org/10.1198/016214506000001437.
    """
    last = len(monthly.ends) - 1
    judged = _sample(monthly, seed)
    points = [last - horizon * back for back in range(TESTS + LEARNT, 0, -1)]
    known = {month: _at(monthly, month, horizon, judged) for month in points if month >= horizon}
    usable = [month for month, frame in known.items() if _enough(frame)]
    now = monthly.features(last, horizon)
    tests = usable[1:][-TESTS:]
    if not tests:
        verdict = "short" if len(known) < 2 else "few"
        return _untried(verdict), WAYS["model"](now, now, _days(monthly, last, horizon))
    parts = []
    for test in tests:
        earlier = pd.concat([known[month] for month in usable if month < test], ignore_index=True)
        frame, days = known[test], _days(monthly, test, horizon)
        said = {name: way(earlier, frame, days) for name, way in WAYS.items()}
        parts.append(frame[["client_id", "bought"]].assign(origin=monthly.ends[test], **said))
    forecasts = pd.concat(parts, ignore_index=True)
    differences = _differences(forecasts, seed)
    used, verdict = _judge(differences)
    everything = pd.concat([known[month] for month in usable], ignore_index=True)
    found = Holdout(
        verdict=verdict,
        used=used,
        origins=monthly.ends[tests],
        forecasts=forecasts,
        scores=_scores(forecasts),
        differences=differences,
        calibration=pd.concat(
            [
                calibration_table(forecasts[way].to_numpy(), forecasts["bought"].to_numpy()).assign(way=way)
                for way in WAYS
            ],
            ignore_index=True,
        ),
        rule_days=learn_rule(everything)[0],
        clients=forecasts["client_id"].nunique(),
    )
    return found, WAYS[used](everything, now, _days(monthly, last, horizon))


def _sample(monthly: Monthly, seed: int) -> NDArray[np.bool_]:
    size = len(monthly.client_id)
    if size <= MOST_CLIENTS:
        return np.ones(size, bool)
    chosen = np.random.default_rng(seed).choice(size, MOST_CLIENTS, replace=False)
    return np.isin(np.arange(size), chosen)


def _at(monthly: Monthly, month: int, horizon: int, judged: NDArray[np.bool_]) -> pd.DataFrame:
    """Features frozen at an origin with the outcomes after it."""
    frame = monthly.features(month, horizon).assign(bought=monthly.bought_within(month, horizon))
    return frame[judged[monthly.known(month)]].reset_index(drop=True)


def _enough(frame: pd.DataFrame) -> bool:
    bought = frame["bought"].sum()
    repeats = (frame["frequency"] > 0).sum()
    return bool(min(bought, len(frame) - bought, repeats) >= LEAST_OUTCOMES)


def _days(monthly: Monthly, month: int, horizon: int) -> int:
    after = monthly.ends[month] + pd.Timedelta(days=1) + pd.DateOffset(months=horizon)
    return (after - monthly.ends[month]).days - 1


def _losses(forecasts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Log loss and Brier score of each forecast, one column per way."""
    bought = forecasts["bought"].to_numpy()
    said = forecasts[list(WAYS)]
    logs = said.apply(lambda p: -np.where(bought > 0, np.log(p), np.log1p(-p)))
    return logs, said.apply(lambda p: (bought - p) ** 2)


def _scores(forecasts: pd.DataFrame) -> pd.DataFrame:
    logs, squares = _losses(forecasts)
    bought = forecasts["bought"].to_numpy()
    rows = [
        {
            "way": way,
            "log_loss": float(logs[way].mean()),
            "brier": float(squares[way].mean()),
            "predicted": float(forecasts[way].mean()),
            "observed": float(bought.mean()),
            **calibration_line(forecasts[way].to_numpy(), bought, forecasts["client_id"]),
        }
        for way in WAYS
    ]
    return pd.DataFrame(rows)


def _differences(forecasts: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Mean differences of the ways' losses, clients drawn with all their forecasts."""
    who, clients = pd.factorize(forecasts["client_id"])
    both = _losses(forecasts)
    columns = [loss[way] - loss[other] for way, other in PAIRS for loss in both]
    sums = np.column_stack([np.bincount(who, column, len(clients)) for column in columns])
    counts = np.bincount(who, minlength=len(clients)).astype(float)

    def means(weights: Floats) -> Floats:
        return (weights @ sums) / (weights @ counts)[:, None]

    drawn = bootstrap(means, np.ones(len(clients)), replicates=REPLICATES, seed=seed)
    lo, hi = np.quantile(drawn, [0.025, 0.975], axis=0)
    mean = sums.sum(axis=0) / counts.sum()
    rows = []
    for place, (way, other) in enumerate(PAIRS):
        row: dict[str, object] = {"way": way, "other": other}
        for name, column in (("log_loss", 2 * place), ("brier", 2 * place + 1)):
            row |= {name: mean[column], f"{name}_lo": lo[column], f"{name}_hi": hi[column]}
        rows.append(row)
    return pd.DataFrame(rows)


def _judge(differences: pd.DataFrame) -> tuple[str, str]:
    """The way to use, and how sure that is, by log loss."""
    against = differences.set_index(["way", "other"])
    lo, hi = against["log_loss_lo"], against["log_loss_hi"]
    used = "classifier" if lo["model", "classifier"] > 0 else "model"
    if lo[used, "rule"] > 0:
        used = "rule"
    if used != "model":
        return used, "better"
    surely = hi["model", "classifier"] < 0 and hi["model", "rule"] < 0
    return used, "model" if surely else "chance"


def _untried(verdict: str) -> Holdout:
    nothing = pd.DataFrame()
    return Holdout(
        verdict=verdict,
        used="model",
        origins=pd.DatetimeIndex([]),
        forecasts=nothing,
        scores=nothing,
        differences=nothing,
        calibration=nothing,
        rule_days=float("nan"),
        clients=0,
    )
