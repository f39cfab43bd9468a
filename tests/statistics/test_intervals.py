import numpy as np
import pytest

from crmkit.statistics.intervals import bca_interval, total_interval
from crmkit.statistics.resampling import bootstrap, leave_one_out


def spread_of(values):
    """The usual deviation, a skewed statistic, for weights."""

    def statistic(weights):
        share = weights / weights.sum(axis=1, keepdims=True)
        mean = share @ values
        return np.sqrt(share @ values**2 - mean**2)[:, None]

    return statistic


def test_bca_agrees_with_scipy():
    from scipy.stats import bootstrap as scipy_bootstrap

    values = np.random.default_rng(5).exponential(1, 60)
    statistic, ones = spread_of(values), np.ones(60)
    lo, hi = bca_interval(
        statistic(ones[None, :])[0],
        bootstrap(statistic, ones, replicates=20_000, seed=1),
        *leave_one_out(statistic, ones),
    )
    theirs = scipy_bootstrap(
        (values,), np.std, n_resamples=20_000, method="BCa", rng=np.random.default_rng(2)
    ).confidence_interval
    assert lo[0] == pytest.approx(theirs.low, abs=0.01)
    assert hi[0] == pytest.approx(theirs.high, abs=0.015)


def test_bca_takes_the_percentiles_when_there_is_neither_bias_nor_skewness():
    values = np.concatenate([np.arange(-50.0, 0), np.arange(1.0, 51)])
    ones = np.ones(100)

    def mean(weights):
        return (weights @ values / weights.sum(axis=1))[:, None]

    replicates = bootstrap(mean, ones, replicates=4000, seed=1)
    bca = bca_interval(np.median(replicates, axis=0), replicates, *leave_one_out(mean, ones))
    percentiles = np.quantile(replicates, [0.025, 0.975], axis=0)
    assert np.allclose(bca, percentiles, atol=0.05)


def test_a_figure_without_meaning_in_some_replicates_has_limits_only_while_these_are_rare():
    rng = np.random.default_rng(1)
    replicates, left_out = rng.normal(size=(1000, 2)), rng.normal(scale=0.01, size=(10, 2))
    replicates[:20, 0] = np.nan
    replicates[:200, 1] = np.nan
    lo, hi = bca_interval(np.zeros(2), replicates, left_out, np.ones(10))
    assert lo[0] < hi[0]
    assert np.isnan([lo[1], hi[1]]).all()


def test_a_figure_that_never_changes_is_its_own_interval():
    same = np.full((100, 1), 0.2)
    assert bca_interval(np.array([0.2]), same, np.full((10, 1), 0.2), np.ones(10)) == (
        pytest.approx([0.2]),
        pytest.approx([0.2]),
    )


@pytest.mark.parametrize(
    ("events", "lo", "hi"), [(1, 0.0253, 5.572), (10, 4.795, 18.390), (50, 37.11, 65.92)]
)
def test_equal_parts_have_the_exact_poisson_limits(events, lo, hi):
    """Garwood (1936), Biometrika 28, as printed in tables of Poisson limits."""
    assert total_interval(np.full(events, 3.0)) == (
        pytest.approx(3 * lo, rel=1e-3),
        pytest.approx(3 * hi, rel=1e-3),
    )


def test_limits_of_unequal_parts_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(8)
    sizes = rng.lognormal(0, 1, 40)
    times = rng.poisson(1.0, (500, 40))
    limits = [total_interval(np.repeat(sizes, row)) for row in times if row.any()]
    held = np.mean([lo <= sizes.sum() <= hi for lo, hi in limits])
    assert held >= 0.93


def test_negative_parts_have_limits_around_the_total():
    lo, hi = total_interval(np.array([100.0, -40.0]))
    assert lo < 60 < hi
    assert hi - 60 == pytest.approx(60 - lo)


def test_a_total_of_nothing_is_nothing():
    assert total_interval(np.array([])) == (0.0, 0.0)
