import numpy as np
import pytest

from crmkit.value.spend_response import LEAST_LEARNED, spend_response


def world(seed, *, base=1.0, lift=2.4, half=150.0, carry=0.15, budget=380.0, weeks=208):
    """Four years of weeks in which spend pauses and is pushed without regard to demand."""
    rng = np.random.default_rng(seed)
    mood = np.repeat(rng.choice([0.0, 0.9, 2.2], weeks // 4, p=[0.15, 0.65, 0.2]), 4)
    spend = budget * mood * rng.lognormal(-0.06, 0.35, weeks)
    stock, level = np.empty(weeks), budget
    for week, money in enumerate(spend):
        level = carry * level + (1 - carry) * money
        stock[week] = level
    clients = rng.poisson(base + lift * stock / (stock + half))
    truth = lift * half * budget / (budget + half) ** 2 / (base + lift * budget / (budget + half))
    return clients, spend, truth


def interval(response, spend, seed=0):
    drawn = response.draws(spend, 2000, np.random.default_rng(seed))
    return np.quantile(drawn, [0.05, 0.95])


def test_ninety_per_cent_intervals_hold_the_true_elasticity_about_nine_times_in_ten():
    laws = [
        {},
        {"base": 0.5, "lift": 2.2, "half": 180.0, "carry": 0.35, "budget": 260.0},
        {"base": 0.15, "lift": 1.6, "half": 130.0, "carry": 0.45, "budget": 130.0},
    ]
    hits = []
    for seed in range(90):
        law = laws[seed % 3]
        clients, spend, truth = world(seed, **law)
        low, high = interval(spend_response(clients, spend), law.get("budget", 380.0))
        hits.append(low <= truth <= high)
    assert 0.82 <= np.mean(hits) <= 0.99


def test_without_any_effect_the_interval_reaches_down_to_almost_nothing():
    rng = np.random.default_rng(3)
    _, spend, _ = world(3)
    found = spend_response(rng.poisson(20, len(spend)), spend)
    assert interval(found, 380.0)[0] < 0.02
    assert interval(found, 380.0)[1] < 0.15


def test_a_growing_name_is_not_taken_for_an_effect_of_growing_spend():
    rng = np.random.default_rng(4)
    level = np.repeat(np.arange(4), 52)
    spend = (100 + 100 * level) * rng.lognormal(0, 0.3, 208)
    clients = rng.poisson(10.0 * (1 + level))
    apart = spend_response(clients, spend, level=level)
    naive = spend_response(clients, spend)
    assert interval(apart, 250.0)[0] < 0.05
    assert interval(naive, 250.0)[0] > 0.3


def test_spend_that_never_changes_teaches_nothing():
    found = spend_response(np.random.default_rng(0).poisson(5, 60), np.full(60, 100.0))
    assert found.learned(100.0) == pytest.approx(0, abs=1e-6)


def test_one_period_teaches_nothing_and_is_no_error():
    found = spend_response(np.array([7]), np.array([100.0]))
    assert found.learned(100.0) < LEAST_LEARNED


def test_a_channel_paid_for_in_one_month_only_has_an_answer():
    spend = np.zeros(24)
    spend[10] = 500.0
    found = spend_response(np.full(24, 3), spend)
    assert np.isfinite(found.draws(500.0, 100, np.random.default_rng(0))).all()


@pytest.mark.parametrize("spend", [[0.0, 0.0], [10.0, -5.0]])
def test_no_spend_and_negative_spend_are_refused(spend):
    with pytest.raises(ValueError, match="spend"):
        spend_response(np.array([1, 2]), np.array(spend))
