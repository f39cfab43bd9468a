"""Decisions replayed in the same world change what follows from them, and nothing else."""

from __future__ import annotations

import pandas as pd
import pytest

from crmkit.datasets import clinic_tables

START = "2024-01-01"


def replay(**policy):
    return clinic_tables(0, {"start": START, **policy})[0]


def visits(tables, kept="kept"):
    contacts = tables["contacts"]
    return contacts[(contacts["kind"] == "appointment") & (contacts["status"] == kept)]


@pytest.fixture(scope="module")
def without_reminders():
    return replay(reminder_share=0)


@pytest.fixture(scope="module")
def calls_for_all():
    return replay(call_share=1)


def test_the_usual_policy_is_the_same_world(tables):
    again = replay()
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, again[name])


def test_nothing_changes_before_the_start(tables, without_reminders):
    for name, column in [("ledger", "date"), ("contacts", "planned_at"), ("deals", "created_at")]:
        before = tables[name][tables[name][column] < START].reset_index(drop=True)
        same = without_reminders[name][without_reminders[name][column] < START].reset_index(drop=True)
        assert len(before) > 100
        pd.testing.assert_frame_equal(before, same)


def test_without_reminders_fewer_clients_come(tables, without_reminders):
    contacts = without_reminders["contacts"]
    late = contacts[contacts["planned_at"] >= START]
    assert not (late["campaign_id"] == "recall").any()
    everybody = replay(reminder_share=1)
    assert len(visits(without_reminders)) < len(visits(tables)) < len(visits(everybody))


def test_a_change_leaves_everybody_alone_whom_it_does_not_touch(tables, without_reminders):
    contacts = tables["contacts"]
    late = contacts["planned_at"] >= START
    reminded = set(contacts.loc[late & (contacts["campaign_id"] == "recall"), "client_id"])
    for name in ("ledger", "contacts", "facts"):
        usual, other = tables[name], without_reminders[name]
        usual = usual[~usual["client_id"].isin(reminded)].reset_index(drop=True)
        other = other[~other["client_id"].isin(reminded)].reset_index(drop=True)
        assert usual["client_id"].nunique() > 1000
        pd.testing.assert_frame_equal(usual, other)


def test_confirmation_calls_turn_no_shows_into_visits(tables, calls_for_all):
    nobody = replay(call_share=0)
    late = [
        frame[frame["planned_at"] >= "2024-01-02"]
        for frame in (visits(nobody, "no_show"), visits(calls_for_all, "no_show"))
    ]
    assert len(late[1]) < 0.8 * len(late[0])
    called = calls_for_all["contacts"]
    called = called[(called["campaign_id"] == "confirm") & (called["kind"] == "call")]
    usual = tables["contacts"]
    usual = usual[(usual["campaign_id"] == "confirm") & (usual["kind"] == "call")]
    assert len(called) > 1.5 * len(usual)


def test_a_list_of_appointments_is_called_and_nobody_else(calls_for_all):
    contacts = calls_for_all["contacts"]
    calls = contacts[(contacts["campaign_id"] == "confirm") & (contacts["planned_at"] >= START)]
    calls = calls[calls["kind"] == "call"]
    listed = ["A" + number[1:] for number in calls["contact_id"].iloc[:20]]
    chosen = replay(call_appointments=listed)["contacts"]
    made = chosen[(chosen["campaign_id"] == "confirm") & (chosen["planned_at"] >= START)]
    assert {"A" + number[1:] for number in made["contact_id"]} <= set(listed)
    assert len(made) >= 15


def test_more_advertising_brings_more_new_clients_of_that_channel(tables):
    more = replay(advertising={"search": 3.0})
    usual, other = tables["clients"], more["clients"]
    assert set(usual["client_id"]) <= set(other["client_id"])
    new = other[~other["client_id"].isin(usual["client_id"])]
    assert len(new) > 15
    assert set(new["source_channel"].dropna()) == {"search"}
    assert (new["joined"] >= START).all()
    for name in ("ledger", "contacts", "facts"):
        same = more[name][~more[name]["client_id"].isin(new["client_id"])]
        pd.testing.assert_frame_equal(same.reset_index(drop=True), tables[name])
    spend = (
        more["spend"].set_index(["period", "channel"])["amount"]
        / tables["spend"].set_index(["period", "channel"])["amount"]
    )
    search = spend.xs("search", level="channel")
    assert (search[search.index < START] == 1).all()
    assert search[search.index >= START].between(2.9, 3.1).all()


def test_no_discount_brings_fewer_visits_of_those_who_react_to_it(tables, truth):
    none = replay(offer_discount=0)
    traits = pd.DataFrame(truth["clients"])
    react = traits.loc[traits["reacts_to"].isin(["discount", "both"]), "client_id"]
    usual, other = (visits(world).loc[lambda rows: rows["client_id"].isin(react)] for world in (tables, none))
    assert len(other) < len(usual)
    rest, same = (visits(world).loc[lambda rows: ~rows["client_id"].isin(react)] for world in (tables, none))
    assert rest["contact_id"].tolist() == same["contact_id"].tolist()


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ({"remainder_share": 0.5}, "unknown key 'remainder_share'. The keys are start, reminder_share"),
        ({"reminder_share": 50}, r"policy\['reminder_share'\]: expected a number from 0 to 1, found 50"),
        ({"call_share": "all"}, "expected a number from 0 to 1, found 'all'"),
        ({"offer_discount": 0.95}, "expected a number from 0 to 0.9"),
        ({"start": "2024-13-01"}, "expected an ISO date such as '2024-07-01', found '2024-13-01'"),
        ({"start": "2020-01-01"}, "expected a day from 2021-07-01 to 2025-06-30"),
        ({"advertising": 2}, "expected a dict of channel and multiplier"),
        ({"advertising": {"radio": 2}}, "unknown channel 'radio'. The channels are search, social"),
        ({"advertising": {"search": -1}}, "expected a number from 0 to 10, found -1"),
        ({"reminder_clients": "C00001"}, "expected a list of ids, found one text"),
        ({"call_appointments": [1]}, "expected a list of ids as text"),
        ({"care_clients": 7}, "expected a list of ids, found int"),
        ("none", "policy: expected None or a dict, found str"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(policy, message):
    with pytest.raises(ValueError, match=message):
        clinic_tables(0, policy)
