"""BG/NBD: the figures of Fader, Hardie and Lee (2005), and what is known to go wrong elsewhere."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import betaln

from crmkit.value import BetaGeoModel
from crmkit.value.purchase_process import purchases_while_alive

PUBLISHED = BetaGeoModel.from_parameters(r=0.24259, alpha=4.41353, a=0.79289, b=2.42575)


def test_the_published_fit_of_cdnow(cdnow):
    model = BetaGeoModel().fit(cdnow)
    assert model.converged_
    assert model.params_ == pytest.approx(PUBLISHED.params_, rel=5e-5)
    assert {name: round(value, 3) for name, value in model.params_.items()} == {
        "r": 0.243,
        "alpha": 4.414,
        "a": 0.793,
        "b": 2.426,
    }
    assert model.log_likelihood_ == pytest.approx(-9582.4256, abs=5e-5)


def test_the_published_purchases_of_a_new_client():
    weeks = [1 / 7, 1, 3, 223 / 7, 32, 78, 52]
    found = PUBLISHED.expected_purchases_of_a_new_client(weeks)
    assert found.round(4)[:-1].tolist() == [0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8579]
    assert found[-2:].round(3).tolist() == [1.858, 1.444]


def test_the_published_clients():
    model = BetaGeoModel.from_parameters(r=0.243, alpha=4.414, a=0.793, b=2.426)
    two = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})
    assert model.expected_purchases(39, two).round(3).tolist() == [1.226]
    assert model.probability_alive(two).round(4).tolist() == [0.7266]
    often = pd.DataFrame({"frequency": [26], "recency": [30.857], "T": [31]})
    assert PUBLISHED.expected_purchases(52, often) == pytest.approx(25.757, abs=1e-3)
    assert PUBLISHED.probability_alive(often).round(5).tolist() == [0.96885]


def test_the_published_hold_out_of_cdnow(cdnow_holdout):
    model = BetaGeoModel().fit(cdnow_holdout)
    expected = model.expected_purchases(39, cdnow_holdout)
    group = np.minimum(cdnow_holdout["frequency"], 7)
    actual = cdnow_holdout["later"].groupby(group).mean().round(4)
    assert actual.tolist() == [0.2367, 0.697, 1.3925, 1.56, 2.5323, 2.9474, 3.8621, 6.3594]
    printed = [0.2251, 0.5231, 1.0441, 1.5203, 2.1638, 2.6538, 3.504, 6.157]
    assert pd.Series(expected).groupby(group).mean().tolist() == pytest.approx(printed, abs=3e-4)
    assert cdnow_holdout["later"].sum() == 1882
    assert expected.sum() == pytest.approx(1653.4, abs=0.05)


def test_where_nobody_can_leave_it_is_the_nbd_model(cdnow):
    nbd = BetaGeoModel.from_parameters(r=0.3848, alpha=12.072, a=1e-12, b=1.0)
    assert nbd.log_likelihood(cdnow).sum() == pytest.approx(-9763.66, abs=5e-3)


def test_a_client_without_repeat_purchases_is_alive_for_certain_and_the_docstring_says_so():
    silent = pd.DataFrame({"frequency": [0, 0], "recency": [0, 0], "T": [1, 5000]})
    assert PUBLISHED.probability_alive(silent).tolist() == [1, 1]
    assert "exactly 1 for" in " ".join(BetaGeoModel.__doc__.split())


def test_leaving_out_one_time_clients_gives_other_rates(cdnow):
    model = BetaGeoModel().fit(cdnow[cdnow["frequency"] > 0])
    assert round(model.params_["r"], 2) == 2.88


def test_one_client_with_two_thousand_purchases_moves_the_rates_of_all(cdnow):
    one = pd.DataFrame({"frequency": [2000], "recency": [38.5], "T": [38.86]})
    model = BetaGeoModel().fit(pd.concat([cdnow, one]))
    assert model.converged_
    assert round(model.params_["r"], 3) == 0.171


def test_the_log_likelihood_is_that_of_the_users_time_unit(cdnow):
    weeks = BetaGeoModel().fit(cdnow)
    days = BetaGeoModel().fit(cdnow.assign(recency=cdnow["recency"] * 7, T=cdnow["T"] * 7))
    assert days.params_["alpha"] == pytest.approx(7 * weeks.params_["alpha"], rel=1e-5)
    assert days.params_["r"] == pytest.approx(weeks.params_["r"], rel=1e-5)
    change = np.log(7) * cdnow["frequency"].sum()
    assert days.log_likelihood_ == pytest.approx(weeks.log_likelihood_ - change)


def by_quadrature(shape, rate, a, kept, horizon):
    """The mean of (1 - exp(-rate p t)) / p, piece by piece on the logit of p."""

    def integrand(logit):
        log_p, log_rest = -np.logaddexp(0, -logit), -np.logaddexp(0, logit)
        p = np.exp(log_p)
        few = shape * horizon / rate
        bought = -np.expm1(-shape * np.log1p(p * horizon / rate)) / p if p > 1e-300 else few
        return np.exp(a * log_p + kept * log_rest - betaln(a, kept)) * bought

    turn = np.log(a / kept)
    ends = sorted([-60 / a - 20, -20 / a, -5 / a, turn - 5, turn, turn + 3, turn + 8, 10, 40 / kept + 20])
    pieces = pairwise(ends)
    return sum(quad(integrand, low, high, epsrel=1e-11, epsabs=0)[0] for low, high in pieces)


@pytest.mark.parametrize(
    ("shape", "a", "kept"),
    [
        (0.5, 1.0, 2.4),
        (0.5, 1 + 1e-9, 2.4),
        (3.0, 1 - 4e-4, 5.0),
        (0.5, 1.0011, 2.4),
        (0.5, 0.4, 0.6),
        (0.5, 0.4, 0.6 + 1e-7),
        (80.0, 0.8, 2.0),
        (80.0, 3.0, 90.0),
        (2000.0, 0.8, 2002.0),
        (0.2, 6.0, 0.7),
    ],
)
@pytest.mark.parametrize("horizon", [0.5, 40.0, 4000.0])
def test_purchases_to_come_are_right_at_singularities_and_for_extreme_parameters(shape, a, kept, horizon):
    found = purchases_while_alive(*(np.array([value]) for value in (shape, 40.0, a, kept)), horizon)
    assert found[0] == pytest.approx(by_quadrature(shape, 40.0, a, kept, horizon), rel=2e-9)
