"""What share of each group has left? Each group's own readiness to leave, drawn towards that of all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmkit.statistics import LEVEL
from crmkit.value.frames import Floats
from crmkit.value.modified_beta_geo import ModifiedBetaGeoModel

SHIFTS = np.linspace(-2.5, 2.5, 51)
"""How much readier to leave than all clients a group may be: logarithms of the ratio of parameter a."""
SPREADS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2)
"""Standard deviations of the shifts between groups that are tried."""
DRAWS = 400
CELLS = 2_000_000
"""Draws times clients that are held in memory at a time."""


def drop_out_by_group(
    model: ModifiedBetaGeoModel,
    now: pd.DataFrame,
    then: pd.DataFrame | None,
    groups: pd.Series,
    *,
    seed: int = 0,
) -> pd.DataFrame:
    """The share of each group's clients who have left for good, with its limits.

    Parameters
    ----------
    model
        Fitted to the histories of all.
    now
        client_id, frequency, recency, T: what is known now.
    then
        The same as it was known when the groups were made, for groups that were made from purchases, such as
        classes; None for groups that purchases did not make, such as channels.
    groups
        The group of each client, by client_id; clients without one are left out.
    seed
        Of the draws.

    Returns
    -------
    DataFrame
        group; clients; left_share, with share_lo and share_hi, LEVEL limits that hold the uncertainty of the
        parameters, of the group's shift, and of who left; pooled_share, what it would be if groups did not
        differ in their readiness to leave.

    Notes
    -----
    Parameter a of the MBG/NBD model (the readiness to leave) is multiplied in each group by exp(shift). The
    shifts are normal around 0, their spread and each group's shift are found by the likelihood of its
    histories; where groups were made from purchases, by the likelihood of what came after that, given what
    came before. Morris, C. (1983). Parametric empirical Bayes inference. Journal of the American Statistical
    Association 78, 47-55. https://doi.org/10.1080/01621459.1983.10477920.
    """
    group = groups.reindex(now["client_id"]).to_numpy(dtype=object)
    said = ~pd.isna(group)
    rows, kinds = now[said].reset_index(drop=True), group[said].astype(str)
    places, names = pd.factorize(kinds, sort=True)
    posterior = _posterior(model, rows, then, places, len(names))
    generator = np.random.default_rng(seed)
    place = model.names.index("a")
    parameters = _parameters(model, seed)
    pooled = 1 - model.probability_alive(rows)
    found = []
    for number, name in enumerate(names):
        inside = places == number
        own = parameters.copy()
        own[:, place] *= np.exp(generator.choice(SHIFTS, DRAWS, p=posterior[number]))
        size = int(inside.sum())
        mean, variance = _left(model, rows[inside], own, np.full(size, 1 / size))
        share = np.clip(mean + generator.standard_normal(DRAWS) * np.sqrt(variance), 0.0, 1.0)
        lo, hi = np.quantile(share, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        found.append(
            {
                "group": name,
                "clients": size,
                "left_share": float(mean.mean()),
                "share_lo": float(lo),
                "share_hi": float(hi),
                "pooled_share": float(pooled[inside].mean()),
            }
        )
    return pd.DataFrame(found)


def money_left(
    model: ModifiedBetaGeoModel, rows: pd.DataFrame, value: Floats, *, seed: int = 0
) -> tuple[float, float]:
    """Limits of the money of clients who have left, over the parameters and who left.

    Parameters
    ----------
    model, rows
        The model, and the histories of the clients.
    value
        Money of each, shape (clients,).
    seed
        Of the draws.

    Returns
    -------
    tuple
        Lower and upper limit, in money.
    """
    mean, variance = _left(model, rows, _parameters(model, seed), value)
    money = mean + np.random.default_rng(seed).standard_normal(DRAWS) * np.sqrt(variance)
    low, high = np.quantile(money, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return max(float(low), 0.0), float(high)


def _parameters(model: ModifiedBetaGeoModel, seed: int) -> Floats:
    """Draws of the parameters; the fitted ones where the data leave them open."""
    if model.converged_:
        return model.draw_parameters(DRAWS, seed=seed)
    return np.tile([model.params_[name] for name in model.names], (DRAWS, 1))


def _posterior(
    model: ModifiedBetaGeoModel,
    now: pd.DataFrame,
    then: pd.DataFrame | None,
    places: np.ndarray,
    groups: int,
) -> Floats:
    """How likely each shift is for each group; shape (groups, shifts), rows adding up to 1."""
    parameters = np.tile([model.params_[name] for name in model.names], (len(SHIFTS), 1))
    parameters[:, model.names.index("a")] *= np.exp(SHIFTS)
    of_group = _of_groups(model, now, places, parameters, groups)
    if then is not None and len(then):
        place = pd.Index(now["client_id"]).get_indexer(then["client_id"])
        known = place >= 0
        early = then[known].reset_index(drop=True)
        of_group = of_group - _of_groups(model, early, places[place[known]], parameters, groups)
    of_group = np.exp(of_group - of_group.max(axis=1, keepdims=True))
    priors = [np.exp(-0.5 * (SHIFTS / spread) ** 2) for spread in SPREADS]
    together = [of_group * (prior / prior.sum()) for prior in priors]
    best = max(together, key=lambda both: float(np.log(both.sum(axis=1)).sum()))
    return best / best.sum(axis=1, keepdims=True)


def _of_groups(
    model: ModifiedBetaGeoModel, rows: pd.DataFrame, places: np.ndarray, parameters: Floats, groups: int
) -> Floats:
    """Log-likelihood of each group under each set of parameters; shape (groups, sets)."""
    found = [np.bincount(places, model.log_likelihood(rows, parameters=each), groups) for each in parameters]
    return np.stack(found, axis=1)


def _left(
    model: ModifiedBetaGeoModel, rows: pd.DataFrame, parameters: Floats, weights: Floats
) -> tuple[Floats, Floats]:
    """Weighted sum of who left, and its variance by who did; one of each per set of parameters."""
    means, variances = [], []
    for some in np.array_split(parameters, -(-parameters.shape[0] * len(rows) // CELLS)):
        left = 1 - model.probability_alive(rows, parameters=some)
        means.append(left @ weights)
        variances.append((left * (1 - left)) @ weights**2)
    return np.concatenate(means), np.concatenate(variances)
