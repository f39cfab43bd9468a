"""BG/BB: the figures of Fader, Hardie and Shang (2010) on the donations of 11,104 people."""

import numpy as np
import pandas as pd
import pytest

from crmkit.value import BetaGeoBetaBinomialModel

# Frequency, recency and number of people after six yearly appeals, from the paper.
DONATIONS = [
    *[(0, 0, 3464), (1, 1, 1091), (1, 2, 277), (1, 3, 129), (1, 4, 78), (1, 5, 119), (1, 6, 129)],
    *[(2, 2, 613), (2, 3, 255), (2, 4, 155), (2, 5, 173), (2, 6, 234), (3, 3, 322), (3, 4, 181)],
    *[(3, 5, 225), (3, 6, 357), (4, 4, 240), (4, 5, 284), (4, 6, 512), (5, 5, 335), (5, 6, 728)],
    (6, 6, 1203),
]


@pytest.fixture(scope="module")
def donations():
    return pd.DataFrame(DONATIONS, columns=["frequency", "recency", "weights"]).assign(T=6)


@pytest.fixture(scope="module")
def model(donations):
    return BetaGeoBetaBinomialModel().fit(donations)


def test_the_published_fit(model):
    assert model.converged_
    assert [round(value, 3) for value in model.params_.values()] == [1.204, 0.750, 0.657, 2.783]
    assert round(model.log_likelihood_, 1) == -33225.6
    assert model.n_distinct_ == 22


def test_the_published_donations_to_come(model):
    people = pd.DataFrame({"frequency": [6, 5, 4, 5, 0], "recency": [6, 6, 6, 5, 0], "T": 6})
    assert model.expected_purchases(5, people).round(2).tolist() == [3.75, 3.23, 2.71, 1.81, 0.07]


def test_expected_numbers_of_donors_add_up_to_those_there_are(model, donations):
    chance = model.probability_of_n_purchases(range(7), 6)
    actual = donations.groupby("frequency")["weights"].sum()
    people = actual.sum()
    assert chance.sum() == pytest.approx(1)
    # The paper shows the fit of this histogram as close; a share is off by 2 points at most.
    assert (actual / people).tolist() == pytest.approx(chance.tolist(), abs=0.02)


def test_opportunities_are_whole_numbers(model):
    person = pd.DataFrame({"frequency": [1], "recency": [1], "T": [6]})
    with pytest.raises(ValueError, match="whole number of opportunities"):
        model.expected_purchases(2.5, person)


def test_what_comes_later_has_the_expected_mean_and_chances_that_add_up_to_one(model, donations):
    clients = donations[["frequency", "recency", "T"]]
    expected = model.expected_purchases(5, clients)
    chances = np.exp([model.log_likelihood_of_later(np.full(len(clients), n), 5, clients) for n in range(6)])
    assert chances.sum(axis=0) == pytest.approx(np.ones(len(clients)))
    assert (np.arange(6)[:, None] * chances).sum(axis=0) == pytest.approx(expected)
    fitted = np.tile([list(model.params_.values())], (20_000, 1))
    drawn = model.draw_later(5, clients, parameters=fitted, generator=np.random.default_rng(0))
    assert drawn.mean(axis=0) == pytest.approx(expected, abs=0.06)
