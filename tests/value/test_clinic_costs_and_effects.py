"""The truth planted in the clinic lies inside the intervals."""

from pathlib import Path

import numpy as np
import pytest

import crmkit as ck
from crmkit.datasets import clinic_tables
from crmkit.value import acquire_or_retain, acquisition_costs, retention_effects

TRIALS = {
    # By kind and arm: name in the truth, and the sign of a good effect there.
    ("sms", "reminder"): ("reminder", 1),
    ("call", "care"): ("care", 1),
    ("greeting", "greeting"): ("greeting", 1),
    ("mail", "discount"): ("discount", 1),
    ("mail", "attention"): ("attention", 1),
    ("appointment", "call"): ("confirmation", -1),
}
WEEKS = {"sms": 4, "call": 8, "greeting": 8, "mail": 6}


@pytest.fixture(scope="module")
def book():
    return ck.open_book(Path(__file__).parents[2] / "data/clinic")


@pytest.fixture(scope="module")
def truth():
    return clinic_tables(0)[1]


def test_the_elasticities_of_all_channels_lie_inside_their_intervals(book, truth):
    # All four years: the truth is given at the usual budget, which is the mean of all.
    found = acquisition_costs(book, window_months=None, draws=1000).table.set_index("channel")
    for channel, planted in truth["advertising_elasticity"].items():
        assert found.loc[channel, "elasticity_lo"] < planted < found.loc[channel, "elasticity_hi"], channel


def test_the_cost_of_one_more_client_lies_inside_its_interval_at_todays_spend(book, truth):
    found = acquisition_costs(book, draws=1000)
    for channel, law in truth["parameters"]["advertising"]["channels"].items():
        row = found.table[found.table["channel"] == channel].iloc[0]
        if row["kind"] != "paid":
            continue
        noted = 1 - truth["parameters"]["advertising"]["unknown_share"]
        spend = row["spend"] / found.periods
        slope = noted * law["lift"] * law["half"] / (spend + law["half"]) ** 2
        assert row["marginal_lo"] < 1 / slope < row["marginal_hi"], channel
        assert row["marginal_cost"] > row["cost_per_client"]


def test_the_effects_of_all_trials_lie_inside_their_intervals(book, truth):
    found = retention_effects(book, window_days={kind: 7 * weeks for kind, weeks in WEEKS.items()})
    table = found.table.set_index(["kind", "arm"])
    assert set(table.index) == set(TRIALS)
    for place, (name, sign) in TRIALS.items():
        without, with_contact = truth["trials"][name]
        row = table.loc[place]
        assert row["came_lo"] < sign * (with_contact - without) < row["came_hi"], name


def test_a_discount_that_brings_clients_need_not_bring_money(book):
    row = retention_effects(book).table.set_index("arm").loc["discount"]
    assert row["came_lo"] > 0
    assert row["margin_lo"] < 0


def test_the_clinic_should_keep_clients_while_cheap_contacts_are_left(book):
    found = acquire_or_retain(book, draws=500)
    assert found.verdict == "retain"
    kept, won = found.side("retention"), found.side("acquisition")
    assert kept["gain_lo"] > won["gain_hi"]
    assert np.isfinite([kept["marginal_cost"], won["marginal_cost"]]).all()
    assert won["marginal_cost"] > won["average_cost"]
    assert len(found.explain("ru").claims) == len(found.explain().claims)
