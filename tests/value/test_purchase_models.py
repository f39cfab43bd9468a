"""What holds for every model of clients without a contract, computed a second way."""

import numpy as np
import pandas as pd
import pytest

from crmkit.value import (
    BetaGeoBetaBinomialModel,
    BetaGeoModel,
    ModifiedBetaGeoModel,
    ParetoNBDModel,
)
from crmkit.value.distinct import distinct

MODELS = {
    BetaGeoModel: {"r": 0.6, "alpha": 5.0, "a": 0.8, "b": 2.5},
    ModifiedBetaGeoModel: {"r": 0.9, "alpha": 6.0, "a": 0.7, "b": 2.0},
    ParetoNBDModel: {"r": 0.7, "alpha": 8.0, "s": 0.6, "beta": 11.0},
    BetaGeoBetaBinomialModel: {"alpha": 1.2, "beta": 0.9, "gamma": 0.7, "delta": 2.8},
}
CLIENTS = pd.DataFrame(
    {"frequency": [0, 1, 2, 4, 9], "recency": [0, 1, 11, 6, 12], "T": [12, 12, 12, 12, 12]}
).astype(float)
HORIZON, DISCOUNT = 7, 0.02

every_model = pytest.mark.parametrize("model_class", MODELS, ids=lambda each: each.__name__)


def known(model_class):
    return model_class.from_parameters(**MODELS[model_class])


@pytest.fixture(scope="module")
def by_integration(over_gamma, over_beta):
    """Likelihood, probability alive, purchases to come and discounted purchases of one client.

    From what the model says of a client with known rates, averaged over the rates of all clients.
    """

    def of(model_class, x, t_x, T):
        first, second, third, fourth = MODELS[model_class].values()
        if model_class is BetaGeoBetaBinomialModel:
            buys, weight = (each[:, None] for each in over_beta(first, second))
            leaves, other = over_beta(third, fourth)
            rest = (1 - buys) ** (T - x)
            alive = buys**x * rest * (1 - leaves) ** T
            left = sum(
                buys**x * (1 - buys) ** (lived - x) * leaves * (1 - leaves) ** lived
                for lived in range(int(t_x), int(T))
            )
            later = buys * sum((1 - leaves) ** step for step in range(1, HORIZON + 1))
            discounted = 0.0
        elif model_class is ParetoNBDModel:
            rate, weight = (each[:, None] for each in over_gamma(first, second))
            leaves, other = over_gamma(third, fourth)
            both = rate + leaves
            alive = rate**x * np.exp(-both * T)
            left = rate**x * leaves / both * np.exp(-both * t_x) * -np.expm1(-both * (T - t_x))
            later = rate * -np.expm1(-leaves * HORIZON) / leaves
            discounted = rate / (leaves + DISCOUNT)
        else:
            at_once = model_class is ModifiedBetaGeoModel
            rate, weight = (each[:, None] for each in over_gamma(first, second))
            leaves, other = over_beta(third, fourth)
            alive = rate**x * (1 - leaves) ** (x + at_once) * np.exp(-rate * T)
            left = 0.0 * alive
            if x + at_once > 0:
                left = rate**x * leaves * (1 - leaves) ** (x + at_once - 1) * np.exp(-rate * t_x)
            later = -np.expm1(-rate * leaves * HORIZON) / leaves
            discounted = 0.0
        weights = weight * other
        total, there = (weights * (alive + left)).sum(), (weights * alive).sum()
        return np.array(
            [
                np.log(total),
                there / total,
                (weights * alive * later).sum() / total,
                (weights * alive * discounted).sum() / total,
            ]
        )

    return of


@every_model
def test_formulas_agree_with_numerical_integration_over_the_rates(model_class, by_integration):
    model = known(model_class)
    expected = np.array([by_integration(model_class, *client) for client in CLIENTS.to_numpy()]).T
    assert model.log_likelihood(CLIENTS) == pytest.approx(expected[0], abs=1e-8)
    assert model.probability_alive(CLIENTS) == pytest.approx(expected[1], rel=1e-8)
    assert model.expected_purchases(HORIZON, CLIENTS) == pytest.approx(expected[2], rel=1e-7)
    if model_class is ParetoNBDModel:
        assert model.discounted_purchases(DISCOUNT, CLIENTS) == pytest.approx(expected[3], rel=1e-7)


@every_model
def test_simulated_clients_buy_as_often_as_the_formulas_say(model_class):
    model, size = known(model_class), 200_000
    made = model.simulate(size, 12, seed=5)
    mean = model.expected_purchases_of_a_new_client(12)
    assert made["frequency"].mean() == pytest.approx(mean, abs=4 * made["frequency"].std() / size**0.5)
    numbers = np.arange(13)
    chance = model.probability_of_n_purchases(numbers, 12)
    seen = np.bincount(made["frequency"].astype(int), minlength=13)[:13] / size
    assert (np.abs(seen - chance) < 4.5 * np.sqrt(chance / size) + 1e-9).all()


@every_model
def test_simulated_clients_return_as_often_as_their_histories_say(model_class):
    model, size = known(model_class), 150_000
    longer = model.simulate(size, 24, seed=6)
    # Purchases in the first half are not seen; those with none after it show what is left to come.
    shorter = model.simulate(size, 12, seed=7)
    later = model.expected_purchases(12, shorter).mean() + shorter["frequency"].mean()
    assert longer["frequency"].mean() == pytest.approx(later, rel=0.02)


@every_model
def test_chances_of_all_numbers_add_up_and_give_the_expected_number(model_class):
    model = known(model_class)
    numbers = np.arange(400)
    chance = model.probability_of_n_purchases(numbers, 12)
    assert chance.sum() == pytest.approx(1, abs=1e-9)
    assert chance @ numbers == pytest.approx(model.expected_purchases_of_a_new_client(12), rel=1e-7)
    assert model.probability_of_n_purchases([0, 1], 0).tolist() == [1, 0]


@every_model
def test_analytic_derivatives_agree_with_differences(model_class):
    made = known(model_class).simulate(300, 15, seed=2)
    found = distinct(*(made[name].to_numpy() for name in ("frequency", "recency", "T")))
    objective = known(model_class)._objective(found)
    generator = np.random.default_rng(3)
    for _ in range(4):
        place = np.log(list(MODELS[model_class].values())) + generator.normal(0, 0.7, 4)
        value, slope = objective(place)
        step = 1e-5 * np.eye(4)
        differences = [(objective(place + each)[0] - objective(place - each)[0]) / 2e-5 for each in step]
        assert slope == pytest.approx(np.array(differences), rel=1e-5, abs=1e-4)
        by_client = known(model_class).log_likelihood(made, parameters=np.exp(place))
        assert value == pytest.approx(by_client.sum(), rel=1e-11)


@every_model
def test_clients_with_weights_count_like_clients_repeated(model_class):
    made = known(model_class).simulate(1500, 20, seed=8)
    kinds = made.groupby(["frequency", "recency", "T"]).size().rename("weights").reset_index()
    single, weighted = model_class().fit(made), model_class().fit(kinds)
    assert weighted.log_likelihood_ == pytest.approx(single.log_likelihood_)
    assert weighted.params_ == pytest.approx(single.params_, rel=1e-4)
    assert single.converged_
    assert single.n_distinct_ == len(kinds)
    assert single.log_likelihood_ == pytest.approx(single.log_likelihood(made).sum())


@pytest.mark.parametrize("model_class", [BetaGeoModel, ParetoNBDModel], ids=lambda each: each.__name__)
def test_starts_tried_on_few_clients_lead_to_the_same_top(model_class, monkeypatch):
    made = known(model_class).simulate(24_000, np.linspace(10, 40, 24_000), seed=3)
    by_few = model_class().fit(made)
    assert by_few.n_distinct_ > 5000
    monkeypatch.setattr("crmkit.value.model.FEW", 10**9)
    at_once = model_class().fit(made)
    assert by_few.converged_
    assert by_few.log_likelihood_ == pytest.approx(at_once.log_likelihood_, abs=1e-6)
    assert by_few.params_ == pytest.approx(at_once.params_, rel=1e-5)
    assert by_few.standard_errors_ == pytest.approx(at_once.standard_errors_, rel=1e-3)


@every_model
def test_no_small_step_away_from_the_fit_is_more_likely(model_class):
    made = known(model_class).simulate(2000, 20, seed=9)
    model = model_class().fit(made)
    fitted = np.array(list(model.params_.values()))
    for step in np.vstack([np.eye(4), -np.eye(4)]):
        moved = model.log_likelihood(made, parameters=fitted * np.exp(0.02 * step)).sum()
        assert moved < model.log_likelihood_
    true = model.log_likelihood(made, parameters=list(MODELS[model_class].values())).sum()
    assert model.log_likelihood_ > true


@every_model
def test_draws_of_parameters_have_the_stated_errors_and_give_one_row_each(model_class):
    made = known(model_class).simulate(2000, 20, seed=10)
    model = model_class().fit(made)
    draws = model.draw_parameters(4000, seed=1)
    assert np.cov(np.log(draws).T) == pytest.approx(model.covariance_, rel=0.15, abs=0.003)
    errors = np.array([model.standard_errors_[name] / model.params_[name] for name in model.names])
    assert np.sqrt(np.diag(model.covariance_)) == pytest.approx(errors)
    assert (draws[:3] == model.draw_parameters(4000, seed=1)[:3]).all()
    few = draws[:3]
    for method in (
        lambda **given: model.probability_alive(made, **given),
        lambda **given: model.expected_purchases(4, made, **given),
        lambda **given: model.log_likelihood(made, **given),
        lambda **given: model.expected_purchases_of_a_new_client([1, 5], **given),
        lambda **given: model.probability_of_n_purchases([0, 1, 2], 5, **given),
    ):
        together = method(parameters=few)
        assert together.shape[0] == 3
        assert together[1] == pytest.approx(method(parameters=few[1]))
    assert model.expected_purchases_of_a_new_client(5, parameters=few).shape == (3,)


@every_model
def test_who_joins_today_is_a_new_client(model_class):
    model = known(model_class)
    today = pd.DataFrame({"frequency": [0], "recency": [0], "T": [0]})
    assert model.log_likelihood(today) == pytest.approx(0, abs=1e-12)
    new = model.expected_purchases_of_a_new_client(8)
    assert model.expected_purchases(8, today)[0] == pytest.approx(new, rel=1e-9)
    assert model.expected_purchases(0, today)[0] == pytest.approx(0, abs=1e-12)
    with_them = pd.concat([model.simulate(2000, 15, seed=4), today], ignore_index=True)
    without = model_class().fit(with_them.iloc[:-1])
    assert model_class().fit(with_them).params_ == pytest.approx(without.params_, rel=1e-4)


@every_model
def test_longer_silence_never_makes_a_client_more_alive(model_class):
    model = known(model_class)
    silence = pd.DataFrame({"frequency": 3.0, "recency": 5.0, "T": np.arange(5.0, 60.0)})
    alive = model.probability_alive(silence)
    assert (np.diff(alive) < 0).all()
    assert (alive > 0).all()
    assert (alive <= 1).all()


@every_model
def test_models_without_a_fit_say_so(model_class):
    with pytest.raises(AttributeError, match="call fit"):
        model_class().probability_alive(CLIENTS)
    with pytest.raises(ValueError, match="uncertainty of the parameters is not known"):
        known(model_class).draw_parameters(5, seed=0)
    with pytest.raises(ValueError, match="positive numbers for"):
        model_class.from_parameters(r=1)


@every_model
def test_questions_that_have_no_answer_are_refused(model_class):
    model = known(model_class)
    with pytest.raises(ValueError, match="horizon"):
        model.expected_purchases(-1, CLIENTS)
    with pytest.raises(ValueError, match="whole numbers"):
        model.probability_of_n_purchases(1.5, 5)
    with pytest.raises(ValueError, match="shape"):
        model.probability_alive(CLIENTS, parameters=[1.0, 2.0])


@every_model
def test_purchases_of_a_client_who_bought_two_thousand_times_are_finite(model_class):
    model = known(model_class)
    often = pd.DataFrame({"frequency": [2000.0], "recency": [2100.0], "T": [2110.0]})
    for found in (
        model.log_likelihood(often),
        model.probability_alive(often),
        model.expected_purchases(52, often),
    ):
        assert np.isfinite(found).all()
    # About 0.95 purchases per time unit for as long as the client stays.
    assert 0 <= model.expected_purchases(52, often)[0] < 50


def test_where_nobody_leaves_the_models_do_not_claim_to_know_who_leaves():
    generator = np.random.default_rng(1)
    bought = generator.poisson(generator.gamma(1, 1 / 10, 600) * 50).astype(float)
    last = np.where(bought > 0, 50 * generator.beta(np.maximum(bought, 1), 1), 0)
    frame = pd.DataFrame({"frequency": bought, "recency": last, "T": 50.0})
    for model_class in (BetaGeoModel, ModifiedBetaGeoModel, ParetoNBDModel):
        model = model_class().fit(frame)
        assert not model.converged_
        assert model.params_["r"] == pytest.approx(1, rel=0.2)
        with pytest.raises(ValueError, match="uncertainty"):
            model.draw_parameters(5, seed=0)
