"""Gamma-gamma: the published figures of CDNOW, and spends that no model can hold."""

import numpy as np
import pandas as pd
import pytest

from crmkit.book.errors import BookError
from crmkit.value import GammaGammaModel
from crmkit.value.distinct import distinct
from crmkit.value.gamma_gamma import _objective

TRUE = {"p": 6.25, "q": 3.74, "gamma": 15.44}


@pytest.fixture(scope="module")
def made():
    frequency = np.random.default_rng(2).integers(0, 7, 3000)
    return GammaGammaModel.from_parameters(**TRUE).simulate(frequency, seed=3)


def test_the_published_fit_of_cdnow(shared_data):
    frame = pd.read_csv(shared_data / "cdnow_summary_monetary.csv")
    model = GammaGammaModel().fit(frame)
    again = frame["frequency"][frame["frequency"] > 0]
    assert model.converged_
    assert len(again) == 946
    assert list(model.params_.values()) == pytest.approx([6.2488, 3.7446, 15.4477], rel=2e-5)
    assert [round(value, 2) for value in model.params_.values()] == [6.25, 3.74, 15.45]
    assert model.mean_spend().round(2) == 35.17
    assert model.log_likelihood_ == pytest.approx(-4055.92, abs=5e-3)
    assert round(model.log_likelihood_ - np.log(again).sum()) == -4659


def test_the_published_spends_of_the_first_ten_clients(cdnow_holdout):
    model = GammaGammaModel().fit(cdnow_holdout)
    expected = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    assert model.expected_spend(cdnow_holdout.head(10)).round(2).tolist() == expected
    again = cdnow_holdout[cdnow_holdout["frequency"] > 0]
    assert round(again["frequency"].corr(again["monetary_value"]), 2) == 0.11


def test_the_likelihood_is_the_mean_over_the_clients_rates(over_gamma):
    from scipy.stats import gamma as gamma_distribution

    rate, weight = over_gamma(TRUE["q"], TRUE["gamma"])
    clients = np.array([[1, 20.0], [3, 45.0], [8, 12.5]])
    # The mean of x gamma spends of shape p and this rate is gamma of shape p x and rate x times as large.
    each = [
        np.log(weight @ gamma_distribution.pdf(mean, TRUE["p"] * x, scale=1 / (rate * x)))
        for x, mean in clients
    ]
    value, _ = _objective(distinct(*clients.T))(np.log(list(TRUE.values())))
    assert value == pytest.approx(sum(each), rel=1e-9)
    posterior = [
        (weight * gamma_distribution.pdf(mean, TRUE["p"] * x, scale=1 / (rate * x))) for x, mean in clients
    ]
    spends = [(chance @ (TRUE["p"] / rate)) / chance.sum() for chance in posterior]
    frame = pd.DataFrame(clients, columns=["frequency", "monetary_value"])
    found = GammaGammaModel.from_parameters(**TRUE).expected_spend(frame)
    assert found == pytest.approx(spends, rel=1e-8)


def test_analytic_derivatives_agree_with_differences(made):
    again = made[made["frequency"] > 0].head(200)
    objective = _objective(distinct(again["frequency"].to_numpy(), again["monetary_value"].to_numpy()))
    for place in (np.log([6.0, 4.0, 15.0]), np.log([1.0, 0.7, 80.0])):
        steps = 1e-5 * np.eye(3)
        differences = [(objective(place + each)[0] - objective(place - each)[0]) / 2e-5 for each in steps]
        assert objective(place)[1] == pytest.approx(np.array(differences), rel=1e-5, abs=1e-4)


def test_planted_spend_is_found_and_the_unit_of_money_does_not_matter(made):
    model = GammaGammaModel().fit(made)
    for name, value in TRUE.items():
        assert abs(np.log(model.params_[name] / value)) < 3 * model.standard_errors_[name] / value
    cents = GammaGammaModel().fit(made.assign(monetary_value=made["monetary_value"] * 100))
    assert cents.params_["q"] == pytest.approx(model.params_["q"], rel=1e-4)
    assert cents.mean_spend() == pytest.approx(100 * model.mean_spend(), rel=1e-5)


def test_expected_spend_is_nearer_to_the_truth_than_each_clients_own_mean(made):
    model = GammaGammaModel.from_parameters(**TRUE)
    generator = np.random.default_rng(4)
    rate = generator.gamma(TRUE["q"], 1 / TRUE["gamma"], 4000)
    x = generator.integers(1, 4, 4000).astype(float)
    own = generator.gamma(TRUE["p"] * x) / (rate * x)
    spend = model.expected_spend(pd.DataFrame({"frequency": x, "monetary_value": own}))
    truth = TRUE["p"] / rate
    assert ((spend - truth) ** 2).mean() < 0.8 * ((own - truth) ** 2).mean()
    assert spend.mean() == pytest.approx(truth.mean(), rel=0.03)


def test_one_time_clients_are_left_out_of_the_fit_and_get_the_mean(made):
    again = made[made["frequency"] > 0]
    assert GammaGammaModel().fit(made).params_ == GammaGammaModel().fit(again).params_
    once = pd.DataFrame({"frequency": [0, 0], "monetary_value": [np.nan, -5.0]})
    model = GammaGammaModel().fit(made)
    assert model.expected_spend(once) == pytest.approx([model.mean_spend()] * 2)


def test_a_fit_with_infinite_mean_spend_is_refused():
    wild = GammaGammaModel.from_parameters(p=6, q=0.8, gamma=15)
    frame = wild.simulate(np.full(3000, 3), seed=1)
    model = GammaGammaModel()
    with pytest.raises(
        BookError, match=r"q = 0\.\d\d, which must be more than 1\) that its mean would be inf"
    ):
        model.fit(frame)
    assert not hasattr(model, "params_")
    # Known parameters of this kind give infinity, never a negative spend.
    assert wild.mean_spend() == np.inf
    assert (wild.expected_spend(frame) > 0).all()


def test_spend_that_never_differs_is_refused():
    frame = pd.DataFrame({"frequency": [1, 2, 5], "monetary_value": [30.0, 30.0, 30.0]})
    with pytest.raises(BookError, match=r"all clients spend the same \(30\.00 per purchase\)"):
        GammaGammaModel().fit(frame)


def test_spends_of_like_clients_do_not_converge_to_a_difference_between_them():
    generator = np.random.default_rng(5)
    x = generator.integers(1, 6, 800)
    frame = pd.DataFrame({"frequency": x, "monetary_value": generator.gamma(5.0 * x) / x * 10})
    model = GammaGammaModel().fit(frame)
    assert not model.converged_
    assert model.mean_spend() == pytest.approx(frame["monetary_value"].mean(), rel=0.03)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"frequency": [1]}, "no column 'monetary_value'"),
        ({"frequency": [0, 0], "monetary_value": [0, 0]}, "no client bought again"),
        ({"frequency": [1, 2], "monetary_value": [10, 0]}, r"row 1 .* must be more than 0"),
        ({"frequency": [1, 2], "monetary_value": [10, -3]}, r"row 1 .* negative"),
        ({"frequency": [1, 2], "monetary_value": [np.nan, 3]}, r"row 0 .* missing"),
        ({"frequency": [1.5, 2], "monetary_value": [10, 3]}, r"row 0 .* whole"),
    ],
)
def test_frames_that_cannot_be_are_refused(frame, message):
    with pytest.raises(BookError, match=message):
        GammaGammaModel().fit(pd.DataFrame(frame))
