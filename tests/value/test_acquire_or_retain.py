import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

import crmkit as ck
from crmkit.value import acquire_or_retain
from crmkit.value.ladder import Way, climb, gain, spent
from tests.value.companies import company, tables

QUICK = {"draws": 300}


def opened(made):
    return ck.open_book(made, currency="EUR")


def classes_of(made):
    ids = made["clients"]["client_id"]
    return pd.Series(np.where(np.arange(len(ids)) % 3 == 0, "VIP", "D"), index=ids)


@pytest.fixture(scope="module")
def found():
    made = tables()
    return acquire_or_retain(opened(made), classes=classes_of(made), **QUICK)


def test_the_next_money_brings_what_was_planted_on_both_sides(found):
    # A call for 1 brings back a quarter who leave 80; there is room for those left out in the last year.
    kept, won = found.side("retention"), found.side("acquisition")
    contacts = found.rungs[0].contacts
    assert kept["gain_lo"] < contacts * 0.25 * 80 < kept["gain_hi"]
    # One more client of a saturating channel, who leaves 60 at once and a little more later.
    spend = found.acquisition.table.set_index("channel")["spend"] / 52
    best = max(12 * 300 / (spend[name] + 300) ** 2 for name in ("search", "social"))
    assert won["gain_lo"] < 1000 * best * 66 < won["gain_hi"]


def test_the_answer_is_one_sentence_with_money_and_intervals(found):
    assert found.verdict == "retain"
    text = str(found.explain())
    kept = found.context.speaker().money(found.side("retention")["gain"])
    assert f"the next €1,000 a year brings {kept} [" in text
    assert "Keeping clients brings more." in text
    assert "a plain stand-in" in text or "In place of lifetime value" in text
    assert "five times cheaper" in text
    row = found.decisions.iloc[0]
    assert row["lo"] < row["amount"] < row["hi"]
    assert row["due"] > found.context.as_of


def test_only_as_much_is_spent_on_contacts_as_there_are_occasions(found):
    room = found.retention.table["room"].iloc[0]
    assert found.side("retention")["spent"] == pytest.approx(min(1000, room * 1.0))
    assert "Only €" in str(found.explain())


def test_costly_contacts_without_effect_turn_the_answer():
    dear = acquire_or_retain(company(effect=0.0, contact_cost=300.0, base=0.2, lift=40.0), **QUICK)
    assert dear.verdict in ("acquire", "unclear")
    assert dear.side("retention")["gain"] == 0
    assert "No contact is expected to bring more than it costs" in str(dear.explain())


def test_where_the_intervals_overlap_the_smallest_test_is_named():
    made = tables(effect=0.1, base=0.2, lift=40.0)
    result = acquire_or_retain(opened(made), **QUICK)
    assert result.verdict == "unclear"
    arm, size = result.test_size()
    assert arm == "care"
    # Told apart are what it brings and what it would have to bring for both sides to be even.
    spread = result.retention.table["margin_spread"].iloc[0]
    needed = abs(result.lead[0]) / result.rungs[0].contacts
    assert size == pytest.approx(2 * (2.8 * spread / needed) ** 2, rel=0.01)
    assert "The smallest test that would tell: care to" in str(result.explain())
    assert result.decisions["id"].tolist() == ["acquire-or-retain-test"]


def test_without_arms_the_stated_range_decides_and_is_called_an_assumption():
    made = tables()
    made["contacts"] = made["contacts"].drop(columns="arm")
    narrow = acquire_or_retain(opened(made), retention_range=(0.0, 0.01), **QUICK)
    wide = acquire_or_retain(opened(made), retention_range=(0.2, 0.4), **QUICK)
    assert narrow.stated
    assert narrow.side("retention")["gain"] < wide.side("retention")["gain"]
    assert "is an assumption" in str(wide.explain())
    assert "one contact to each client" in str(wide.explain())


def test_the_stated_range_is_worth_the_value_given():
    made = tables()
    made["contacts"] = made["contacts"].drop(columns="arm")
    value = pd.DataFrame({"client_id": made["clients"]["client_id"], "value": 500.0})
    result = acquire_or_retain(opened(made), value=value, retention_range=(0.1, 0.1), **QUICK)
    assert result.side("retention")["gain"] == pytest.approx(1000 * 0.1 * 500, rel=0.01)
    assert "so far and as expected" in str(result.explain())


def test_where_the_cost_of_a_contact_is_not_known_retention_cannot_be_told():
    book = company(without=["contacts"])
    result = acquire_or_retain(book, **QUICK)
    assert result.verdict == "missing"
    assert "what a contact costs is not known" in str(result.explain())
    assert result.decisions.empty
    told = acquire_or_retain(book, contact_cost=1.0, **QUICK)
    assert told.verdict != "missing"


def test_where_spend_never_changed_acquisition_cannot_be_told_and_a_test_is_named():
    made = tables()
    weeks = pd.date_range("2022-01-03", periods=156, freq="7D")
    made["spend"] = pd.DataFrame({"period": weeks, "channel": "search", "amount": 300.0})
    result = acquire_or_retain(opened(made), **QUICK)
    assert result.verdict == "missing"
    assert "halve and double the spend" in str(result.explain())
    assert result.tornado.table.empty
    for each in (result, result.tornado):
        pyplot.close(each.plot().figure)


def test_no_spend_and_negative_spend_are_refused():
    with pytest.raises(ck.BookError, match="needs the table spend"):
        acquire_or_retain(company(without=["spend"]))
    made = tables()
    made["spend"].loc[3, "amount"] = -900.0
    with pytest.raises(ck.BookError, match="is negative"):
        acquire_or_retain(opened(made))


def test_margins_of_zero_bring_nothing_on_either_side():
    made = tables()
    made["ledger"]["cost"] = made["ledger"]["amount"]
    result = acquire_or_retain(opened(made), **QUICK)
    assert result.acquisition.measure == "margin"
    assert result.verdict == "neither"
    assert (result.table["gain"] == 0).all()
    assert "spend it on neither" in str(result.explain())
    assert result.decisions.empty


@pytest.mark.parametrize(
    "wish",
    [
        {"budget_step": 0},
        {"budget_step": -5.0},
        {"retention_range": (0.2, 0.1)},
        {"retention_range": (0.0, 5.0)},
        {"contact_cost": -1.0},
    ],
)
def test_wishes_that_make_no_sense_are_refused(wish):
    with pytest.raises(ck.BookError):
        acquire_or_retain(company(), **wish)


def test_the_class_table_says_what_each_brings_and_costs_in_time(found):
    table = found.by_class
    assert table["class"].tolist() == ["VIP", "D"]
    assert (table["gain_lo"] <= table["gain"]).all()
    assert "VIP, " in str(found.explain())


def test_the_tornado_moves_one_input_at_a_time(found):
    table = found.tornado.table
    widths = (table["lead_high"] - table["lead_low"]).abs()
    assert widths.is_monotonic_decreasing
    effect = table[table["input"] == "effect"].iloc[0]
    rung = found.rungs[0]
    assert effect["lead_high"] - effect["lead_low"] == pytest.approx(
        rung.contacts * (effect["high"] - effect["low"])
    )
    assert found.lead[0] == pytest.approx(found.tornado.lead, rel=0.05)


def test_the_ladder_leaves_more_than_any_other_split():
    rng = np.random.default_rng(0)
    for _ in range(20):
        ways = [
            Way(kind, kind, *rng.uniform([1, 0, 5], [5, 12, 40]), np.zeros(1)) for kind in ("a", "b", "c")
        ]
        rungs = climb(ways, 60.0)
        best = gain(rungs) - spent(rungs)
        splits = rng.dirichlet(np.ones(4), 500)[:, :3] * 60
        for split in splits:
            contacts = np.minimum(split / [way.cost for way in ways], [way.room for way in ways])
            left = sum(n * (way.effect - way.cost) for n, way in zip(contacts, ways))
            tried = sum(n * way.effect for n, way in zip(contacts, ways))
            assert best >= left - 1e-9 or gain(rungs) >= tried - 1e-9


def test_the_same_seed_gives_the_same_answer(found):
    made = tables()
    again = acquire_or_retain(opened(made), classes=classes_of(made), **QUICK)
    pd.testing.assert_frame_equal(found.table, again.table)


def test_pictures_and_words_in_both_languages(found):
    for language in ("en", "ru"):
        for each in (found, found.tornado):
            axes = each.plot(lang=language)
            assert axes.get_title(loc="left")
            assert axes.get_xlabel()
            pyplot.close(axes.figure)
    text = str(found.explain("ru"))
    assert "удержани" in text
    assert "Сторона" in repr(found.show(lang="ru"))
