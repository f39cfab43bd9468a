"""Random draws belong to a purpose and keys, and are uniform and independent."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from scipy import stats

from crmkit.datasets.draws import Draws, pick


def test_a_draw_does_not_depend_on_the_others():
    draws = Draws(3)
    grid = draws.uniform("visit", np.arange(50)[:, None], np.arange(20))
    assert grid.shape == (50, 20)
    assert draws.uniform("visit", 17, 5)[0] == grid[17, 5]


def test_a_draw_is_that_of_plain_integer_arithmetic():
    step, size = 0x9E3779B97F4A7C15, 2**64

    def mix(bits):
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9 % size
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB % size
        return bits ^ (bits >> 31)

    state = mix((12 + zlib.crc32(b"visit") * step) % size)
    for key in (40, 7):
        state = mix((state + (key + 1) * step) % size)
    assert Draws(12).uniform("visit", 40, 7)[0] == ((state >> 11) + 0.5) / 2**53


@pytest.mark.parametrize("change", ["seed", "purpose", "key"])
def test_neighbouring_draws_are_uniform_and_independent(change):
    key = np.arange(20_000)
    first = Draws(0).uniform("visit", key)
    second = {
        "seed": lambda: Draws(1).uniform("visit", key),
        "purpose": lambda: Draws(0).uniform("visits", key),
        "key": lambda: Draws(0).uniform("visit", key + 1),
    }[change]()
    assert stats.kstest(second, "uniform").pvalue > 0.001
    assert abs(stats.spearmanr(first, second).statistic) < 0.03


def test_other_distributions_have_their_moments():
    draws, key = Draws(5), np.arange(40_000)
    normal, gamma = draws.normal("n", key), draws.gamma(2.0, "g", key)
    assert normal.mean() == pytest.approx(0, abs=0.02)
    assert normal.std() == pytest.approx(1, abs=0.02)
    assert gamma.mean() == pytest.approx(1, abs=0.02)
    assert gamma.var() == pytest.approx(0.5, abs=0.03)


def test_pick_follows_the_weights_of_all_or_of_each_row():
    uniforms = np.array([0.0, 0.24, 0.26, 0.999999])
    assert pick(np.array([1.0, 3.0]), uniforms).tolist() == [0, 0, 1, 1]
    each = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 3.0], [2.0, 0.0]])
    assert pick(each, uniforms).tolist() == [0, 1, 1, 0]
