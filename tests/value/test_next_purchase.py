"""Closed forms of the next purchase against integrals done by brute force, and against made-up clients."""

import numpy as np
import pandas as pd
import pytest

from crmkit.value import ModifiedBetaGeoModel
from crmkit.value.next_purchase import chance_of_purchase, wait

MODEL = ModifiedBetaGeoModel.from_parameters(r=0.9, alpha=5.0, a=0.8, b=2.5)


@pytest.mark.parametrize(("x", "t_x", "T"), [(0, 0.0, 8.0), (3, 12.0, 14.0), (3, 4.0, 14.0), (9, 30.0, 52.0)])
@pytest.mark.parametrize("horizon", [0.0, 2.0, 26.0])
def test_the_chance_of_a_purchase_is_the_integral_over_rates_and_chances_to_leave(
    over_gamma, over_beta, x, t_x, T, horizon
):
    rate, of_rate = over_gamma(MODEL.params_["r"], MODEL.params_["alpha"])
    leave, of_leave = over_beta(MODEL.params_["a"], MODEL.params_["b"])
    alive = (of_leave @ (1 - leave) ** (x + 1)) * rate**x * np.exp(-rate * T)
    gone = (of_leave @ (leave * (1 - leave) ** x)) * rate**x * np.exp(-rate * t_x)
    expected = of_rate @ (alive * -np.expm1(-rate * horizon)) / (of_rate @ (alive + gone))
    frame = pd.DataFrame({"frequency": [x], "recency": [t_x], "T": [T]})
    assert chance_of_purchase(MODEL, frame, horizon)[0] == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_who_is_still_a_client_buys_within_the_wait_as_often_as_said():
    rng = np.random.default_rng(1)
    clients = 20_000
    rate = rng.gamma(0.9, 1 / 5.0, clients)
    T = 10.0
    # Who has not left, and bought exactly twice more by then: their rate is what the second draw keeps.
    bought = rng.poisson(rate * T) == 2
    later = rng.exponential(1 / rate[bought])
    frame = pd.DataFrame({"frequency": [2.0], "recency": [9.0], "T": [T]})
    for chance in (0.1, 0.5, 0.9):
        assert (later <= wait(MODEL, frame, chance)[0]).mean() == pytest.approx(chance, abs=0.03)


def test_the_longer_the_silence_the_less_likely_a_purchase():
    frame = pd.DataFrame({"frequency": 4.0, "recency": 20.0, "T": np.arange(20.0, 120.0)})
    assert (np.diff(chance_of_purchase(MODEL, frame, 8.0)) < 0).all()
