"""In made-up worlds with known truth, do the stated intervals hold it as often as they say?"""

import time

import numpy as np
import pandas as pd
import pytest

from crmkit.value import (
    BetaDiscreteWeibullModel,
    BetaGeoBetaBinomialModel,
    BetaGeoModel,
    GammaGammaModel,
    ModifiedBetaGeoModel,
    ParetoNBDModel,
    ShiftedBetaGeometricModel,
)

WORLDS, CLIENTS, LEVEL = 200, 4000, 0.90
TRUTH = {
    BetaGeoModel: {"r": 0.6, "alpha": 4.0, "a": 0.8, "b": 2.5},
    ModifiedBetaGeoModel: {"r": 0.9, "alpha": 5.0, "a": 0.8, "b": 2.5},
    ParetoNBDModel: {"r": 0.8, "alpha": 6.0, "s": 0.7, "beta": 12.0},
    BetaGeoBetaBinomialModel: {"alpha": 1.2, "beta": 0.8, "gamma": 0.7, "delta": 2.8},
    GammaGammaModel: {"p": 6.0, "q": 4.0, "gamma": 16.0},
    ShiftedBetaGeometricModel: {"alpha": 0.7, "beta": 3.8},
    BetaDiscreteWeibullModel: {"alpha": 0.5, "beta": 1.5, "c": 1.4},
}


def world(model, seed):
    """A frame of made-up clients."""
    generator = np.random.default_rng([seed, 1])
    if isinstance(model, GammaGammaModel):
        return model.simulate(generator.poisson(1.5, CLIENTS), seed=seed)
    if isinstance(model, ShiftedBetaGeometricModel | BetaDiscreteWeibullModel):
        return model.simulate(CLIENTS, 10, seed=seed)
    if isinstance(model, BetaGeoBetaBinomialModel):
        return model.simulate(CLIENTS, generator.integers(6, 13, CLIENTS), seed=seed)
    return model.simulate(CLIENTS, generator.integers(182, 547, CLIENTS) / 7, seed=seed)


@pytest.mark.slow
@pytest.mark.parametrize("model_class", TRUTH, ids=lambda each: each.__name__)
def test_intervals_of_parameters_hold_the_truth_as_often_as_they_say(model_class, capsys):
    from scipy.special import ndtri

    true = model_class.from_parameters(**TRUTH[model_class])
    inside, bias, converged, start = [], [], 0, time.process_time()
    for seed in range(WORLDS):
        model = model_class().fit(world(true, seed))
        converged += model.converged_
        off = np.log([model.params_[name] / true.params_[name] for name in true.names])
        inside.append(np.abs(off) < ndtri((1 + LEVEL) / 2) * np.sqrt(np.diag(model.covariance_)))
        bias.append(off)
    table = pd.DataFrame(
        {
            "truth": true.params_,
            "covered": np.mean(inside, axis=0),
            "median_log_error": np.median(bias, axis=0),
        },
        index=list(true.names),
    )
    with capsys.disabled():
        each = (time.process_time() - start) / WORLDS
        print(
            f"\n{model_class.__name__}: {WORLDS} worlds of {CLIENTS:,} clients, {converged} fits converged, "
        )
        print(f"{each:.3f} CPU s per world; 90 % intervals hold the truth:")
        print(table.round(3).to_string())
    assert converged >= 0.98 * WORLDS
    assert table["covered"].between(0.85, 0.95).all()
    assert (table["median_log_error"].abs() < 0.1).all()


@pytest.mark.parametrize("model_class", TRUTH, ids=lambda each: each.__name__)
def test_planted_parameters_are_found_within_their_errors(model_class):
    true = model_class.from_parameters(**TRUTH[model_class])
    model = model_class().fit(world(true, 7))
    assert model.converged_
    off = np.log([model.params_[name] / true.params_[name] for name in true.names])
    # The squared distance in units of the stated errors is about chi-squared: beyond 20 one in 2,000.
    assert off @ np.linalg.solve(model.covariance_, off) < 20
