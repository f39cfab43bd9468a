import itertools

import numpy as np
import pandas as pd
import pytest

from crmkit.book.errors import BookError
from crmkit.value.campaigns import best_contacts, contact_profit
from crmkit.value.drawing import REACH
from crmkit.value.trials import difference, smallest_test


@pytest.mark.parametrize("seed", range(8))
def test_no_other_set_of_clients_leaves_more(seed):
    rng = np.random.default_rng(seed)
    profit = contact_profit(rng.uniform(0, 0.3, 9), rng.gamma(1, 200, 9), 8.0, incentive=5.0)
    fixed = 20.0
    best = best_contacts(profit, fixed_cost=fixed)
    every = [
        sum(profit[list(some)]) - (fixed if some else 0)
        for size in range(10)
        for some in itertools.combinations(range(9), size)
    ]
    assert best.profit[0] == pytest.approx(max(every))
    assert profit[best.contacted].sum() - fixed * best.contacted.any() == pytest.approx(max(every))


def test_a_limit_on_contacts_keeps_the_best():
    best = best_contacts([1.0, 9.0, 4.0], most=2)
    assert best.contacted.tolist() == [False, True, True]


def test_nobody_is_contacted_where_every_contact_loses():
    best = best_contacts(contact_profit(np.full(5, 0.01), 100.0, 8.0))
    assert (best.share, best.profit) == (0.0, (0.0, 0.0, 0.0))


def test_draws_give_the_profit_of_the_chosen_an_interval():
    rng = np.random.default_rng(0)
    profit = contact_profit(rng.beta(2, 8, (50, 1000)), 100.0, 8.0)
    best = best_contacts(profit)
    assert best.profit[1] < best.profit[0] < best.profit[2]
    assert best.profit[0] == pytest.approx(profit[best.contacted].mean(axis=1).sum())


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"probability": [1.2], "value": 1.0, "cost": 1.0}, "between 0 and 1"),
        ({"probability": [np.nan], "value": 1.0, "cost": 1.0}, "between 0 and 1"),
        ({"probability": [0.2], "value": np.nan, "cost": 1.0}, "must be known"),
        ({"probability": [0.2], "value": 1.0, "cost": -1.0}, "not negative"),
    ],
)
def test_figures_that_make_no_sense_are_refused(wrong, words):
    with pytest.raises(BookError, match=words):
        contact_profit(**wrong)


def test_the_difference_allows_for_several_occasions_of_one_client():
    rng = np.random.default_rng(0)
    once = rng.normal(0, 1, 200)
    arm, none = np.repeat([True, False], 100), np.zeros(200, int)
    single = difference(once, arm, none, np.arange(200))
    # Ten copies of each occasion are no more information.
    copies = np.tile(np.arange(200), 10)
    copied = difference(once[copies], arm[copies], none[copies], copies)
    assert copied.estimate == pytest.approx(single.estimate)
    assert copied.error == pytest.approx(single.error)


def test_campaigns_of_unlike_clients_are_not_mixed():
    # Mostly contacted where all come anyway, mostly not where nobody does: pooled, contacts look good.
    outcome = np.repeat([1.0, 1.0, 0.0, 0.0], [90, 10, 10, 90])
    arm = np.repeat([True, False, True, False], [90, 10, 10, 90])
    found = difference(outcome, arm, np.repeat([0, 1], 100), np.arange(200))
    assert outcome[arm].mean() - outcome[~arm].mean() == pytest.approx(0.8)
    assert found.estimate == pytest.approx(0)


def test_an_empty_arm_says_nothing():
    found = difference(np.ones(5), np.ones(5, bool), np.zeros(5, int), np.arange(5))
    assert np.isnan(found.estimate)


def test_a_test_of_the_stated_size_finds_the_difference_as_often_as_stated():
    size = int(smallest_test(1.0, 0.25))
    rng = np.random.default_rng(1)
    found = [
        difference(rng.normal(0, 1, 2 * size) + 0.25 * arm, arm, np.zeros(2 * size, int), np.arange(2 * size))
        for arm in [np.repeat([True, False], size)] * 400
    ]
    assert np.mean([abs(each.estimate) > REACH * each.error for each in found]) == pytest.approx(
        0.8, abs=0.06
    )


# Hillstrom's e-mail challenge (2008): means, and uplifts with their 95% limits.
VISITS = {"Mens E-Mail": 0.182757, "Womens E-Mail": 0.1514, "No E-Mail": 0.106167}
SPEND = {"Mens E-Mail": 1.422617, "Womens E-Mail": 1.077202, "No E-Mail": 0.652789}
UPLIFTS = {
    ("Mens", 1): (0.0826, 0.0734, 0.0917),
    ("Mens", 0): (0.0692, 0.0595, 0.0788),
    ("Womens", 1): (0.0731, 0.0641, 0.0822),
    ("Womens", 0): (0.0111, 0.0024, 0.0197),
}


@pytest.fixture(scope="module")
def mails(shared_data):
    return pd.read_csv(shared_data / "hillstrom_email.csv.gz")


@pytest.mark.parametrize(("mail", "womens"), list(UPLIFTS))
def test_uplifts_of_the_e_mail_challenge(mails, mail, womens):
    some = mails[mails["segment"].isin([f"{mail} E-Mail", "No E-Mail"]) & (mails["womens"] == womens)]
    arm = (some["segment"] != "No E-Mail").to_numpy()
    found = difference(some["visit"].to_numpy(), arm, np.zeros(len(some), int), np.arange(len(some)))
    limits = (found.estimate, found.estimate - REACH * found.error, found.estimate + REACH * found.error)
    assert limits == pytest.approx(UPLIFTS[mail, womens], abs=6e-5)


def test_means_of_the_e_mail_challenge(mails):
    assert mails.groupby("segment")["visit"].mean().to_dict() == pytest.approx(VISITS, abs=1e-6)
    for mail in ("Mens E-Mail", "Womens E-Mail"):
        some = mails[mails["segment"].isin([mail, "No E-Mail"])]
        arm = (some["segment"] == mail).to_numpy()
        found = difference(some["spend"].to_numpy(), arm, np.zeros(len(some), int), np.arange(len(some)))
        assert found.without == pytest.approx(SPEND["No E-Mail"], abs=1e-6)
        assert found.with_contact == pytest.approx(SPEND[mail], abs=1e-6)
