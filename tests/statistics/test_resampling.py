import numpy as np

from crmkit.statistics.resampling import bootstrap, leave_one_out


def mean_of(values):
    return lambda weights: weights @ values[:, None] / weights.sum(axis=1, keepdims=True)


def test_the_spread_of_a_mean_is_the_one_of_the_textbook():
    values = np.random.default_rng(1).exponential(10, 400)
    replicates = bootstrap(mean_of(values), np.ones(400), replicates=4000, seed=2)
    assert replicates.shape == (4000, 1)
    assert np.isclose(replicates.std(), values.std() / 20, rtol=0.05)
    assert np.isclose(replicates.mean(), values.mean(), atol=0.05)


def test_the_same_seed_gives_the_same_replicates_and_another_seed_others():
    values = np.arange(50.0)
    one, same, other = (
        bootstrap(mean_of(values), np.ones(50), replicates=20, seed=seed) for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_replicates_do_not_depend_on_how_many_fit_into_memory(monkeypatch):
    values = np.arange(50.0)
    at_once = bootstrap(mean_of(values), np.ones(50), replicates=30, seed=3)
    monkeypatch.setattr("crmkit.statistics.resampling.CELLS", 200)
    assert np.array_equal(bootstrap(mean_of(values), np.ones(50), replicates=30, seed=3), at_once)


def test_a_group_of_equal_units_is_resampled_like_its_units():
    grouped = bootstrap(mean_of(np.array([0.0, 1.0])), np.array([300.0, 100.0]), replicates=4000, seed=4)
    assert np.isclose(grouped.std(), np.sqrt(0.25 * 0.75 / 400), rtol=0.05)


def test_leaving_one_out_equals_doing_it_by_hand(monkeypatch):
    monkeypatch.setattr("crmkit.statistics.resampling.CELLS", 7)
    values = np.array([1.0, 4.0, 10.0])
    left_out, counts = leave_one_out(mean_of(values), np.array([2.0, 1.0, 1.0]))
    assert np.allclose(left_out[:, 0], [(1 + 4 + 10) / 3, (1 + 1 + 10) / 3, (1 + 1 + 4) / 3])
    assert counts.tolist() == [2, 1, 1]
