"""Who is leaving: what the result says, that it sees no future, and that it tells better from chance."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

import crmkit as ck
from crmkit.statistics import DECISION_COLUMNS
from crmkit.value import churn
from crmkit.value.histories import purchase_histories
from crmkit.value.modified_beta_geo import ModifiedBetaGeoModel
from crmkit.wording.vocabulary import VOCABULARY

AS_OF = "2024-12-31"


def open_ledger(ledger, as_of=AS_OF, **settings):
    config = ck.Settings().replace("costs", minute_rate=0.5)
    for section, values in settings.items():
        config = config.replace(section, **values)
    return ck.open_book({"ledger": ledger}, as_of=as_of, currency="EUR", config=config)


@pytest.fixture(scope="module")
def found(churn_ledger):
    return churn(open_ledger(churn_ledger()))


def test_every_client_has_their_rhythm_silence_and_chance(found, churn_ledger):
    book = open_ledger(churn_ledger())
    table = found.table.set_index("client_id")
    rhythm = book.rhythm().set_index("client_id").loc[table.index]
    summary = book.client_summary().set_index("client_id").loc[table.index]
    assert (table["recency_days"] == summary["recency_days"]).all()
    assert (table["last_date"] == summary["last_date"]).all()
    assert (table["gap_days"] == rhythm["gap_days"]).all()
    assert (
        table["overdue_days"] == (summary["recency_days"] - rhythm["gap_days"]).clip(lower=0).round()
    ).all()
    histories = purchase_histories(book, unit="week")
    alive = ModifiedBetaGeoModel().fit(histories).probability_alive(histories)
    # Fitted in weeks here, in days there.
    np.testing.assert_allclose(table["probability_alive"], alive, atol=2e-4)
    assert (table["next_lo"] <= table["next_date"]).all()
    assert (table["next_date"] <= table["next_hi"]).all()
    assert (table["next_lo"] >= book.as_of).all()
    np.testing.assert_allclose(table["value_at_risk"], table["value"] * (1 - table["probability_alive"]))


def test_purchases_after_the_day_of_the_book_change_nothing(found, churn_ledger):
    ledger = churn_ledger()
    later = ledger.assign(date=ledger["date"] + pd.Timedelta(days=1001))
    assert (later["date"] > AS_OF).any()
    again = churn(open_ledger(pd.concat([ledger, later[later["date"] > AS_OF]])))
    pd.testing.assert_frame_equal(again.table, found.table)
    assert str(again.explain()) == str(found.explain())


def test_the_order_of_rows_changes_nothing_and_the_seed_makes_it_repeatable(found, churn_ledger):
    again = churn(open_ledger(churn_ledger().sample(frac=1, random_state=1)))
    pd.testing.assert_frame_equal(again.table, found.table)
    pd.testing.assert_frame_equal(again.holdout.differences, found.holdout.differences)
    assert again.saved_interval() == found.saved_interval()


def test_a_clients_history_is_what_a_book_of_each_month_says(found, churn_ledger):
    client = found.table.sort_values("purchase_days")["client_id"].iloc[-1]
    history = found.history(client)
    assert history["probability_alive"].iloc[-1] == pytest.approx(
        found.table.set_index("client_id").loc[client, "probability_alive"], abs=1e-9
    )
    for row in history.iloc[[-3, -8]].itertuples():
        then = open_ledger(churn_ledger(), as_of=row.date.strftime("%Y-%m-%d"))
        histories = purchase_histories(then, unit="day")
        place = histories.index[histories["client_id"] == client]
        alive = ModifiedBetaGeoModel().fit(histories).probability_alive(histories)[place[0]]
        assert row.probability_alive == pytest.approx(alive, abs=1e-9)
        assert row.purchase_days == histories["frequency"][place[0]] + 1


def test_the_history_of_nobody_is_refused(found):
    with pytest.raises(ck.BookError, match="is not a client who has bought"):
        found.history("nobody")


def test_a_purchase_brings_a_client_back(churn_ledger):
    ledger = churn_ledger()
    silent = churn(open_ledger(ledger)).table.set_index("client_id")
    back = silent[(silent["probability_alive"] < 0.3) & (silent["purchase_days"] > 3)].index[0]
    today = pd.DataFrame({"client_id": [back], "date": pd.to_datetime([AS_OF]), "amount": [50.0]})
    again = churn(open_ledger(pd.concat([ledger, today]))).table.set_index("client_id")
    assert again.loc[back, "probability_alive"] > 0.8
    assert again.loc[back, "overdue_days"] == 0


def test_the_save_list_is_money_at_risk_times_the_share_saved_less_the_call(found):
    chosen = found.save_list.set_index("client_id")
    table = found.table.set_index("client_id").loc[chosen.index]
    assert found.call == (5.0, "minutes")
    np.testing.assert_allclose(chosen["saved"], table["value_at_risk"] * 0.15 - 5.0)
    assert (chosen["saved"] > 0).all()
    assert chosen["saved"].is_monotonic_decreasing
    assert (table["overdue_days"] > 0).all()
    assert (table["probability_alive"] >= 0.1).all()
    left_out = found.table[~found.table["client_id"].isin(chosen.index)]
    lost = left_out["probability_alive"] < 0.1
    calm = left_out["overdue_days"] == 0
    assert (left_out.loc[~lost & ~calm, "saved"] <= chosen["saved"].min()).all()
    first = chosen.iloc[0]
    assert first["reason"] == (
        f"{first['recency_days']} days silent; usually buys every {first['gap_days']:.0f}; "
        f"€{first['value_at_risk']:,.0f} a year at risk"
    )


def test_who_is_not_overdue_or_is_lost_is_not_called_however_much_they_bring(found, churn_ledger):
    calm = found.table.loc[found.table["overdue_days"] == 0, "client_id"].iloc[0]
    lost = found.table.loc[found.table["probability_alive"].idxmin(), "client_id"]
    late = found.table["overdue_days"].gt(20) & found.table["probability_alive"].between(0.3, 0.7)
    leaving = found.table.loc[late, "client_id"].iloc[0]
    value = pd.Series(1e6, index=[calm, lost, leaving])
    assert churn(open_ledger(churn_ledger()), value=value).save_list["client_id"].tolist() == [leaving]


def test_the_save_list_is_one_decision_about_its_clients(found):
    decision = found.decisions.iloc[0]
    assert tuple(found.decisions.columns) == DECISION_COLUMNS
    assert decision["id"] == "churn-save"
    assert decision["lo"] <= decision["amount"] <= decision["hi"]
    assert decision["due"] == pd.Timestamp("2025-01-14")
    money = found.decided_clients["churn-save"]
    assert money.sum() == pytest.approx(decision["amount"])
    assert money.index.tolist() == found.save_list["client_id"].tolist()


def test_a_measured_effect_a_given_value_and_a_costly_call_are_used(churn_ledger):
    book = open_ledger(churn_ledger())
    clients = book.client_summary()["client_id"]
    value = pd.Series(1000.0, index=clients)
    found = churn(book, value=value, effect=0.5, call_cost=100.0, horizon_months=4)
    assert found.measure == "given"
    assert found.horizon == 4
    table = found.table
    saveable = (1 - table["probability_alive"]).where(table["probability_alive"] >= 0.1, 0.0)
    np.testing.assert_allclose(table["saved"], 1000 * saveable * 0.5 - 100)
    assert "as was given" in str(found.explain())
    assert churn(book, value=value, effect=0.01, call_cost=100.0).save_list.empty


@pytest.mark.parametrize("wish", [0, 13, 1.5, True])
def test_a_horizon_that_is_none_is_refused(churn_ledger, wish):
    with pytest.raises(ck.BookError, match="is not a number of months from 1 to 12"):
        churn(open_ledger(churn_ledger(60)), horizon_months=wish)


def test_where_clients_buy_at_random_the_model_is_not_called_worse(found):
    held = found.holdout
    assert held.used == "model"
    assert held.verdict in {"model", "chance"}
    scores = held.scores.set_index("way")
    assert scores.loc["model", "slope_lo"] < 1 < scores.loc["model", "slope_hi"]
    assert scores.loc["model", "in_the_large_lo"] < 0.03
    assert scores.loc["model", "log_loss"] < scores.loc["rule", "log_loss"]


def test_where_clients_buy_regularly_the_classifier_sees_what_the_model_does_not(churn_ledger):
    found = churn(open_ledger(churn_ledger(600, shape=12.0)))
    assert found.holdout.verdict == "better"
    assert found.holdout.used == "classifier"
    assert "The classifier is used" in str(found.explain("en"))
    row = found.holdout.differences.set_index(["way", "other"]).loc[("model", "classifier")]
    assert row["log_loss_lo"] > 0


def test_scores_are_those_of_the_forecasts(found):
    forecasts = found.holdout.forecasts
    for row in found.holdout.scores.itertuples():
        said, came = forecasts[row.way], forecasts["bought"]
        assert row.log_loss == pytest.approx(-np.log(said.where(came > 0, 1 - said)).mean())
        assert row.brier == pytest.approx(((said - came) ** 2).mean())
    differences = found.holdout.differences
    scores = found.holdout.scores.set_index("way")["log_loss"]
    for row in differences.itertuples():
        assert row.log_loss == pytest.approx(scores[row.way] - scores[row.other])
        assert row.log_loss_lo < row.log_loss < row.log_loss_hi


def test_every_column_has_a_term_and_every_plot_its_data(found):
    frames = {
        "table": found.table,
        "save_list": found.save_list,
        "plot": found.plot_data(),
        "history": found.history("C000"),
        "cohorts": found.cohorts,
        "calibration": found.calibration,
        "scores": found.holdout.scores,
        "differences": found.holdout.differences,
        "forecasts": found.holdout.forecasts,
        "groups": found.by_group(pd.Series("one", index=found.table["client_id"])),
    }
    for name, frame in frames.items():
        assert set(frame.columns) <= set(VOCABULARY), name
        assert "Log loss" not in repr(found.show(frame)) or name in {"scores", "differences"}
    assert "purchase model" in repr(found.show(found.holdout.scores))


def test_plots_draw_their_data(found):
    data = found.plot_data()
    assert data["value_at_risk"].sum() == pytest.approx(found.table["value_at_risk"].sum())
    assert data["clients"].sum() == len(found.table)
    axes = found.plot()
    tops = [bar.get_y() + bar.get_height() for bar in axes.patches]
    assert max(tops) == pytest.approx(data["value_at_risk"].max())
    assert axes.get_ylabel() == "Money at risk, EUR a year"
    history = found.history("C000")
    line = found.plot_history("C000").lines[0]
    np.testing.assert_allclose(line.get_ydata(), history["probability_alive"])
    cohorts = found.cohorts
    image = found.plot_cohorts().images[0].get_array()
    one = cohorts[(cohorts["cohort"] == cohorts["cohort"].iloc[0]) & (cohorts["quarter"] == 2)]
    assert image[0, 1] == one["active_share"].iloc[0]
    calibration = found.plot_calibration()
    model = found.calibration[found.calibration["way"] == "model"]
    np.testing.assert_allclose(calibration.lines[1].get_ydata(orig=False), model["observed"])
    for axes in (found.plot(), found.plot_cohorts(), calibration):
        assert axes.get_title(loc="left")
        assert axes.get_xlabel()
        assert axes.get_ylabel()
        assert axes.figure.alt_text
    pyplot.close("all")


def test_groups_without_clients_and_days_before_the_ledger_are_refused(found):
    with pytest.raises(ck.BookError, match="no client of the ledger"):
        found.by_group(pd.Series(["x"], index=["nobody"]))
    with pytest.raises(ck.BookError, match="occurs twice"):
        found.by_group(pd.Series(["x", "y"], index=["C000", "C000"]))
    with pytest.raises(ck.BookError, match="nobody had bought by"):
        found.by_group(pd.Series("x", index=found.table["client_id"]), known_on="2001-01-01")


def test_russian_is_spoken(found):
    russian = replace(found, context=replace(found.context, language="ru"))
    said = str(russian.explain())
    assert "навсегда ушли" in said
    assert "под угрозой" in russian.save_list["reason"].iloc[0]
    assert "Позвонить" in russian.decisions["action"][0]
