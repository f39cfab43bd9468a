"""Do the intervals of the moves hold the planted rates of change, and are they still of use?"""

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.segmentation.chances import Chances

SEEDS = range(6)
PERIOD = "2024-06-30 to 2025-06-30"


def planted(seed):
    return np.array(ck.datasets.clinic(seed).truth["class_changes"][PERIOD], dtype=float)


def moved(counts):
    known = counts[:5]
    return 1 - np.trace(known) / known.sum()


def cells(found):
    """Limits and estimates of the known clients' moves, shape (classes, classes) each."""
    names = ["probability_lo", "probability", "probability_hi"]
    return found.table.iloc[:25][names].to_numpy().T.reshape(3, 5, 5)


def hits(found, counts):
    low, _, high = cells(found)
    rate = counts / counts.sum(axis=1, keepdims=True)
    return (low <= rate) & (rate <= high)


@pytest.fixture(scope="module")
def first():
    return ck.segmentation.migration(ck.datasets.clinic(0))


@pytest.fixture(scope="module")
def results(first):
    others = {seed: ck.segmentation.migration(ck.datasets.clinic(seed)) for seed in SEEDS if seed}
    return {0: first} | others


def test_the_planted_rates_lie_inside_the_intervals(first):
    assert hits(first, planted(0)).all()


def test_chance_is_told_from_real_change(first):
    """Twice as many classes change as the traits behind them; the estimate comes near the truth."""
    true = moved(planted(0))
    assert moved(first.moves.found) > 1.5 * true
    assert abs(moved(first.moves.likely) - true) < 0.03
    assert moved(first.moves.fewest) < true < moved(first.moves.most)


@pytest.mark.slow
def test_planted_rates_of_many_clinics_lie_inside_intervals_that_say_something(results):
    inside = np.mean([hits(found, planted(seed)).mean() for seed, found in results.items()])
    width = np.mean([cells(found)[2] - cells(found)[0] for found in results.values()])
    print(f"inside {inside:.3f}, mean width {width:.3f}")
    assert inside >= 0.95
    assert width < 0.27


@pytest.mark.slow
def test_the_estimate_is_nearer_to_the_truth_than_the_moves_found(results):
    distance = {"estimate": [], "found": []}
    for seed, found in results.items():
        counts = planted(seed)
        rate = counts / counts.sum(axis=1, keepdims=True)
        seen = found.moves.found[:5]
        distance["estimate"].append(np.abs(cells(found)[1] - rate).mean())
        distance["found"].append(np.abs(seen / seen.sum(axis=1, keepdims=True) - rate).mean())
    print(pd.DataFrame(distance).mean())
    assert np.mean(distance["estimate"]) < 0.7 * np.mean(distance["found"])


@pytest.mark.slow
def test_rates_of_the_classes_as_found_lie_where_the_sizes_ahead_take_them_from(results):
    """The rates of a world are those of its other seeds together: the same rules, other luck."""
    inside = []
    for seed, found in results.items():
        others = sum(results[other].moves.found[:5] for other in SEEDS if other != seed)
        rate = others / others.sum(axis=1, keepdims=True)
        draws = Chances(found.moves.found).draw(4000, np.random.default_rng(0))[:, :5]
        low, high = np.quantile(draws, [0.025, 0.975], axis=0)
        inside.append(((low <= rate) & (rate <= high)).mean())
    print(f"inside {np.mean(inside):.3f}")
    assert 0.9 <= np.mean(inside) <= 0.99
