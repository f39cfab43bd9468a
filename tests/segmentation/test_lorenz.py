import numpy as np
import pytest

from crmkit.segmentation import lorenz
from crmkit.statistics.resampling import bootstrap

NAMES = ("top", "needed", "half", "gini")


def figures(money, top=0.2, goals=(0.8, 0.5)):
    ordered = np.sort(np.asarray(money, dtype=float))[::-1]
    return dict(zip(NAMES, lorenz.figures(ordered, np.ones((1, len(ordered))), top=top, goals=goals)[0]))


def adjusted_gini(money):
    """Formula of Chen, Tsaur and Rhai (1982) as corrected by Berrebi and Silber (1985), written out."""
    share = np.sort(money) / np.sum(money)
    size = len(share)
    order = np.arange(1, size + 1)
    plain = 2 / size * (order * share).sum() - (size + 1) / size
    last = np.flatnonzero(share.cumsum() <= 0)[-1] + 1
    low = share[:last]
    adjust = 2 / size * (order[:last] * low).sum()
    adjust += low.sum() / size * (low.sum() / share[last] - (1 + 2 * last))
    return plain, plain / (1 + adjust)


def test_the_gini_coefficient_with_negative_totals_is_the_one_of_the_literature():
    households = np.array([-500, -300, -300, -100, 200, 300, 300, 400, 500, 500])
    plain, adjusted = adjusted_gini(households)
    assert plain == pytest.approx(1.94)  # printed in Chen, Tsaur and Rhai (1982)
    assert figures(households)["gini"] == pytest.approx(adjusted)


def test_without_negative_totals_gini_is_half_the_mean_difference_over_the_mean():
    money = np.random.default_rng(3).gamma(0.4, 100, 300)
    differences = np.abs(money[:, None] - money[None, :]).mean()
    assert figures(money)["gini"] == pytest.approx(differences / (2 * money.mean()))


def test_pareto_clients_have_the_shares_of_theory():
    alpha, size = 2.0, 500_000
    money = ((np.arange(size) + 0.5) / size) ** (-1 / alpha)
    found = figures(money)
    assert found["top"] == pytest.approx(0.2 ** (1 - 1 / alpha), abs=1e-3)
    assert found["needed"] == pytest.approx(0.8 ** (alpha / (alpha - 1)), abs=1e-3)
    assert found["half"] == pytest.approx(0.5 ** (alpha / (alpha - 1)), abs=1e-3)
    assert found["gini"] == pytest.approx(1 / (2 * alpha - 1), abs=1e-3)


def test_equal_clients_bring_equal_shares():
    assert figures(np.full(7, 3.0)) == pytest.approx({"top": 0.2, "needed": 0.8, "half": 0.5, "gini": 0})


def test_weights_count_like_clients_repeated():
    money = np.array([9.0, 5, 5, 2, -1])
    weights = np.array([[2.0, 0, 1, 3, 1]])
    repeated = np.repeat(money, weights[0].astype(int))
    assert lorenz.figures(money, weights, top=0.2, goals=(0.8, 0.5))[0] == pytest.approx(
        list(figures(repeated).values())
    )


def test_a_total_that_is_not_positive_has_no_shares():
    assert np.isnan(list(figures([3, -3]).values())).all()
    assert np.isnan(list(figures([-1, -2]).values())).all()


def test_groups_of_neighbours_give_the_figures_and_intervals_of_single_clients():
    money = np.sort(np.random.default_rng(4).lognormal(0, 1.5, 20_000))[::-1]
    means, counts = lorenz.neighbours(money)
    assert len(counts) == 2000
    assert counts.sum() == len(money)
    assert (means * counts).sum() == pytest.approx(money.sum())

    def of(values):
        return lambda weights: lorenz.figures(values, weights, top=0.2, goals=(0.8, 0.5))

    single = of(money)(np.ones((1, len(money))))[0]
    assert of(means)(counts[None, :])[0] == pytest.approx(single, abs=1e-4)
    by_group = bootstrap(of(means), counts, replicates=1000, seed=1).std(axis=0)
    by_client = bootstrap(of(money), np.ones(len(money)), replicates=300, seed=2).std(axis=0)
    assert by_group == pytest.approx(by_client, rel=0.15)


def test_few_clients_stay_single():
    money = np.array([3.0, 2, 1])
    means, counts = lorenz.neighbours(money)
    assert means.tolist() == [3, 2, 1]
    assert counts.tolist() == [1, 1, 1]
