import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

import crmkit as ck
from crmkit.value import acquisition_costs
from tests.value.companies import FIRST, LAST, company, tables


@pytest.fixture(scope="module")
def found():
    return acquisition_costs(company(), draws=400)


def opened(made):
    return ck.open_book(made, currency="EUR")


def row(result, channel):
    return result.table[result.table["channel"] == channel].iloc[0]


def test_average_costs_are_those_counted_by_hand_with_exact_limits(found):
    made = tables()
    since, until = found.period[0], found.period[1] + pd.Timedelta(days=1)
    spend, clients = made["spend"], made["clients"]
    mine = spend[(spend["channel"] == "search") & (spend["period"] >= since) & (spend["period"] < until)]
    came = clients[(clients["source_channel"] == "search") & (clients["joined"] >= since)]
    search = row(found, "search")
    assert (search["spend"], search["clients"]) == (mine["amount"].sum(), len(came))
    assert search["cost_per_client"] == pytest.approx(mine["amount"].sum() / len(came))
    assert search["cost_lo"] < search["cost_per_client"] < search["cost_hi"]
    assert until - since == pd.Timedelta(days=52 * 7)


def test_one_more_client_costs_what_the_planted_curve_says(found):
    for channel in ("search", "social"):
        each = row(found, channel)
        spend = each["spend"] / 52
        slope = 12.0 * 300.0 / (spend + 300.0) ** 2
        assert each["marginal_lo"] < 1 / slope < each["marginal_hi"]
        assert each["marginal_cost"] > each["cost_per_client"]


def test_a_client_who_leaves_sixty_at_once_pays_back_in_the_first_month(found):
    assert row(found, "search")["payback_months"] == 1
    dear = tables()
    dear["spend"]["amount"] *= 20
    never = row(acquisition_costs(opened(dear), draws=200), "search")
    assert np.isinf(never["payback_months"])


def test_all_channels_together_are_the_last_row(found):
    whole = found.table.iloc[-1]
    assert whole["kind"] == "all"
    assert whole["spend"] == found.table.loc[found.table["kind"] == "paid", "spend"].sum()


def test_clients_without_a_channel_are_counted_and_said():
    made = tables()
    made["clients"].loc[::10, "source_channel"] = None
    result = acquisition_costs(opened(made), draws=200)
    unknown = result.table[result.table["kind"] == "unknown"].iloc[0]
    assert unknown["clients"] > 0
    assert "is not noted" in str(result.explain())


def test_channels_without_spend_are_named_and_have_no_cost():
    made = tables()
    made["clients"].loc[::7, "source_channel"] = "friends"
    result = acquisition_costs(opened(made), draws=200)
    assert row(result, "friends")["kind"] == "free"
    assert np.isnan(row(result, "friends")["cost_per_client"])
    assert "Without spend came: friends" in str(result.explain())


def test_spend_without_clients_has_a_least_cost_and_is_said():
    made = tables()
    empty = made["spend"][made["spend"]["channel"] == "search"].assign(channel="radio")
    made["spend"] = pd.concat([made["spend"], empty])
    result = acquisition_costs(opened(made), draws=200)
    radio = row(result, "radio")
    assert np.isnan(radio["cost_per_client"])
    # No client is compatible with up to 3.69 of them.
    assert radio["cost_lo"] == pytest.approx(radio["spend"] / 3.689, rel=1e-3)
    assert "Money but no client is noted for: radio" in str(result.explain())


def test_spellings_of_a_channel_are_one_channel():
    made = tables()
    made["clients"]["source_channel"] = made["clients"]["source_channel"].str.upper() + " "
    assert set(acquisition_costs(opened(made), draws=200).table["kind"]) == {"paid", "all"}


def test_without_any_source_channel_spend_is_set_against_all_new_clients():
    made = tables()
    made["clients"] = made["clients"].drop(columns="source_channel")
    result = acquisition_costs(opened(made), draws=200)
    assert result.table["kind"].tolist() == ["all"]
    assert result.table["marginal_cost"].notna().all()
    assert "No client has a source_channel" in str(result.explain())


def test_without_days_of_joining_the_first_purchase_counts_after_a_year():
    made = tables()
    made["clients"] = made["clients"].drop(columns="joined")
    result = acquisition_costs(opened(made), window_months=None, draws=200)
    assert not result.has_joined
    assert result.period[0] >= FIRST + pd.DateOffset(months=12) - pd.Timedelta(days=7)
    # All joined with a purchase, so that nobody is missed or counted twice.
    joined = tables()["clients"]["joined"]
    assert result.table.iloc[-1]["clients"] == pytest.approx((joined >= result.period[0]).sum(), abs=25)


def test_monthly_spend_is_counted_by_months():
    made = tables()
    months = made["spend"]["period"].dt.to_period("M").dt.to_timestamp()
    made["spend"] = made["spend"].assign(period=months).groupby(["period", "channel"], as_index=False).sum()
    result = acquisition_costs(opened(made), draws=200)
    assert result.period == (pd.Timestamp("2023-12-01"), pd.Timestamp("2024-11-30"))
    assert result.periods == 12


def test_one_period_of_spend_has_an_average_but_no_cost_of_one_more():
    made = tables()
    made["spend"] = pd.DataFrame({"period": ["2024-11-01"], "channel": "search", "amount": 900.0})
    result = acquisition_costs(opened(made), draws=200)
    search = row(result, "search")
    assert search["cost_per_client"] > 0
    assert "marginal_cost" not in result.table or np.isnan(search["marginal_cost"])
    assert "cannot be told" in str(result.explain())


def test_a_channel_paid_for_in_one_month_only_has_an_answer():
    made = tables()
    once = pd.DataFrame({"period": [pd.Timestamp("2024-06-03")], "channel": "radio", "amount": 500.0})
    made["spend"] = pd.concat([made["spend"], once])
    radio = row(acquisition_costs(opened(made), draws=200), "radio")
    assert radio["spend"] == 500.0
    assert radio["clients"] == 0


def test_no_spend_table_is_refused():
    with pytest.raises(ck.BookError, match="needs the table spend"):
        acquisition_costs(company(without=["spend"]))


def test_spend_below_zero_is_refused_and_money_given_back_within_a_period_is_not():
    made = tables()
    back = made["spend"].iloc[[5]].assign(amount=-10.0)
    made["spend"] = pd.concat([made["spend"], back])
    acquisition_costs(opened(made), draws=200)
    made["spend"] = pd.concat([made["spend"], back.assign(amount=-1e6)])
    with pytest.raises(ck.BookError, match="is negative"):
        acquisition_costs(opened(made), draws=200)


def test_spend_after_the_last_day_or_of_nothing_is_refused():
    made = tables()
    made["spend"] = pd.DataFrame({"period": [LAST], "channel": "search", "amount": 0.0})
    with pytest.raises(ck.BookError, match="no money"):
        acquisition_costs(opened(made))
    made["spend"] = pd.DataFrame({"period": [LAST], "channel": "search", "amount": 5.0})
    with pytest.raises(ck.BookError, match="no period has ended"):
        acquisition_costs(opened(made))


def test_wishes_that_make_no_sense_are_refused():
    for wish in ({"draws": 5}, {"horizon_months": 0}, {"window_months": 0}):
        with pytest.raises(ck.BookError, match="at least"):
            acquisition_costs(company(), **wish)


def test_a_given_value_is_added_to_what_new_clients_have_left_so_far():
    made = tables()
    ids = made["clients"]["client_id"]
    value = pd.DataFrame({"client_id": ids, "value": 40.0, "lo": 30.0, "hi": 50.0})
    result = acquisition_costs(opened(made), value=value, draws=400)
    plain = acquisition_costs(opened(made), value=value.assign(value=0.0, lo=0.0, hi=0.0), draws=400)
    assert result.table["worth"].to_numpy() == pytest.approx(plain.table["worth"].to_numpy() + 40, abs=4)
    width = result.table["worth_hi"] - result.table["worth_lo"]
    assert (width > plain.table["worth_hi"] - plain.table["worth_lo"]).all()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (pd.DataFrame({"client_id": ["a"]}), "columns client_id and value"),
        (3.0, "columns client_id and value"),
        (pd.DataFrame({"client_id": ["a", "a"], "value": [1.0, 2.0]}), "more than once"),
    ],
)
def test_a_value_that_is_no_table_of_clients_is_refused(value, words):
    with pytest.raises(ck.BookError, match=words):
        acquisition_costs(company(), value=value)


def test_the_same_seed_gives_the_same_figures():
    first, second = (acquisition_costs(company(), draws=200, seed=7).table for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_the_picture_shows_the_table_in_both_languages(found):
    for language in ("en", "ru"):
        axes = found.plot(lang=language)
        assert axes.get_xlabel()
        assert axes.get_title(loc="left")
        pyplot.close(axes.figure)
    assert found.plot_data()["channel"].tolist() == ["search", "social"]
    assert len(str(found.explain("ru"))) > 200
    assert "Канал" in repr(found.show(lang="ru"))


def test_spend_from_before_any_newcomer_could_be_seen_does_not_count():
    made = tables()
    weeks = pd.date_range("2019-01-07", periods=100, freq="7D")
    early = pd.DataFrame({"period": weeks, "channel": "search", "amount": 900.0})
    later = acquisition_costs(opened(made), window_months=None, draws=200)
    made["spend"] = pd.concat([early, made["spend"]])
    found = acquisition_costs(opened(made), window_months=None, draws=200)
    assert found.table["spend"].tolist() == later.table["spend"].tolist()
