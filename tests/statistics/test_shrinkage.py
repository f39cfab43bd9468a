import numpy as np
import pytest

from crmkit.statistics.shrinkage import shrink, shrink_shares

# Hits in the first 45 times at bat of 18 players, 1970 (Efron and Morris 1975, table 1).
HITS = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7])


def test_equal_variances_give_the_published_james_stein_estimates_of_batting_averages():
    averages = HITS / 45
    noise = averages.mean() * (1 - averages.mean()) / 45
    result = shrink(averages, np.full(18, noise))
    # Efron and Morris, Scientific American 236(5), 1977: factor .212, Clemente .400 to .294, Alvis .156 to
    # .242.
    assert result.mean == pytest.approx(0.265, abs=0.0005)
    assert result.weight == pytest.approx(0.212, abs=0.0005)
    assert result.estimate[[0, -1]] == pytest.approx([0.294, 0.242], abs=0.0005)


def test_shrunken_estimates_are_nearer_to_the_planted_truth_and_cover_it():
    rng = np.random.default_rng(3)
    truth = rng.normal(5, 1, 4000)
    noise = rng.uniform(0.2, 4, 4000)
    own = rng.normal(truth, np.sqrt(noise))
    result = shrink(own, noise)
    assert ((result.estimate - truth) ** 2).mean() < 0.6 * ((own - truth) ** 2).mean()
    assert result.spread == pytest.approx(1, rel=0.15)
    assert result.mean == pytest.approx(5, abs=0.08)
    inside = np.abs(result.estimate - truth) < 1.96 * np.sqrt(result.variance)
    assert inside.mean() == pytest.approx(0.95, abs=0.015)


def test_estimates_that_differ_by_noise_alone_all_become_the_mean():
    result = shrink([1.0, 1.1, 0.9, 1.05], [1.0, 1.0, 1.0, 1.0])
    assert result.spread == 0
    assert result.estimate == pytest.approx(1.0125)
    assert (result.weight == 0).all()


def test_a_thing_without_data_gets_the_mean_and_no_weight():
    result = shrink([1.0, np.nan, 9.0, 5.0, 2.0], [0.01, np.nan, 0.01, 0.01, 0.01])
    assert result.weight[1] == 0
    assert result.estimate[1] == pytest.approx(result.mean)
    assert result.variance[1] >= result.spread


def test_a_known_mean_is_what_is_drawn_to():
    result = shrink([np.nan, np.nan], [np.nan, np.nan], mean=3.0)
    assert result.estimate.tolist() == [3.0, 3.0]


@pytest.mark.parametrize(
    ("estimate", "variance", "message"),
    [
        ([1.0], [0.0], "must be positive"),
        ([1.0], [1.0, 2.0], "one shape"),
        ([np.nan], [1.0], "nothing has data"),
    ],
)
def test_what_cannot_be_shrunk_is_refused(estimate, variance, message):
    with pytest.raises(ValueError, match=message):
        shrink(estimate, variance)


def test_shares_drawn_with_the_planted_strength_are_nearer_to_the_truth_than_their_own():
    rng = np.random.default_rng(0)
    rates = rng.beta(6, 14, 5000)
    tries = rng.integers(0, 12, 5000)
    yes = rng.binomial(tries, rates)
    result = shrink_shares(np.column_stack([yes, tries - yes]), strength=20)
    assert result.prior[0] == pytest.approx(0.3, abs=0.01)
    own = yes / np.maximum(tries, 1)
    assert ((result.shares[:, 0] - rates) ** 2).mean() < 0.4 * ((own - rates) ** 2).mean()


def test_shares_of_several_kinds_add_up_and_keep_rows_without_counts_at_the_prior():
    counts = np.array([[8, 1, 1], [0, 0, 0], [1, 5, 4], [3, 3, 3]])
    result = shrink_shares(counts, strength=4)
    assert result.shares.sum(axis=1) == pytest.approx(1)
    assert result.shares[1] == pytest.approx(result.prior)
    assert result.parameters(counts)[0].sum() == pytest.approx(10 + 4)


def test_negative_counts_are_refused():
    with pytest.raises(ValueError, match="not negative"):
        shrink_shares([[1, -1]], strength=4)
