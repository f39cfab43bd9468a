import numpy as np
import pytest

from crmkit.value.maximum import climb, highest


def rosenbrock(place):
    x, y = place
    value = -((1 - x) ** 2) - 100 * (y - x**2) ** 2
    return float(value), np.array([2 * (1 - x) + 400 * x * (y - x**2), -200 * (y - x**2)])


def test_a_bent_ridge_is_climbed_to_its_top():
    top = climb(rosenbrock, np.array([-1.2, 1.0]))
    assert top.converged
    assert top.place == pytest.approx([1, 1], abs=1e-4)
    exact = np.linalg.inv([[802, -400], [-400, 200]])
    assert top.covariance == pytest.approx(exact, rel=1e-2)


def test_who_starts_at_the_top_stays_there():
    top = climb(rosenbrock, np.array([1.0, 1.0]))
    assert top.converged
    assert top.place.tolist() == [1, 1]


def test_the_highest_of_several_tops_wins():
    def two_tops(place):
        bumps = [(np.exp(-((place[0] - at) ** 2)), at, size) for at, size in ((-2, 1.0), (3, 2.0))]
        value = sum(size * bump for bump, _, size in bumps)
        slope = sum(-2 * (place[0] - at) * size * bump for bump, at, size in bumps)
        return float(value), np.array([slope])

    assert climb(two_tops, np.array([-2.5])).place == pytest.approx([-2], abs=1e-3)
    assert highest(two_tops, [np.array([-2.5]), np.array([2.5])]).place == pytest.approx([3], abs=1e-3)


def test_a_saddle_is_left():
    def saddle(place):
        x, y = place
        value = -(x**2) + y**2 - y**4
        return float(value), np.array([-2 * x, 2 * y - 4 * y**3])

    top = climb(saddle, np.array([1.0, 1e-3]))
    assert abs(top.place[1]) == pytest.approx(0.5**0.5, abs=1e-4)


def test_a_direction_without_end_is_not_called_converged():
    top = climb(lambda place: (-float(np.exp(-place[0])), np.exp(-place)), np.array([0.0]))
    assert not top.converged


def test_a_known_curvature_leads_to_the_same_top():
    assert climb(rosenbrock, np.array([0.9, 0.8]), np.eye(2) * 100).place == pytest.approx([1, 1], abs=1e-4)


def test_places_without_a_likelihood_are_walked_around():
    def narrow(place):
        inside = place[0] < 1
        value = np.log(1 - place[0]) + 3 * place[0] if inside else np.nan
        return float(value), np.array([-1 / (1 - place[0]) + 3]) if inside else np.array([np.nan])

    top = climb(narrow, np.array([-5.0]))
    assert top.converged
    assert top.place == pytest.approx([2 / 3], abs=1e-5)
