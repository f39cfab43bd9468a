import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.value import BetaGeoModel, ModifiedBetaGeoModel, ParetoNBDModel
from crmkit.value.choice import MODELS, choose_model
from crmkit.wording import Speaker
from tests.value.worlds import opened, world

MADE_UP = {
    BetaGeoModel: {"r": 0.6, "alpha": 4.0, "a": 0.8, "b": 2.5},
    ModifiedBetaGeoModel: {"r": 0.9, "alpha": 5.0, "a": 0.8, "b": 2.5},
    ParetoNBDModel: {"r": 0.8, "alpha": 6.0, "s": 0.7, "beta": 12.0},
}


@pytest.mark.parametrize("kind", MADE_UP, ids=lambda kind: kind.__name__)
def test_chances_of_later_purchases_add_up_to_one_and_their_mean_is_what_is_expected(kind):
    model = kind.from_parameters(**MADE_UP[kind])
    client = pd.DataFrame({"frequency": [0, 3, 12], "recency": [0.0, 20.0, 50.0], "T": [30.0, 40.0, 52.0]})
    n = np.arange(200)
    rows = client.loc[client.index.repeat(len(n))]
    chance = np.exp(model.log_likelihood_of_later(np.tile(n, 3), 26.0, rows)).reshape(3, -1)
    assert chance.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-6)
    assert chance @ n == pytest.approx(model.expected_purchases(26.0, client), rel=1e-5)


@pytest.mark.parametrize("kind", MADE_UP, ids=lambda kind: kind.__name__)
def test_drawn_futures_have_the_stated_chances(kind):
    model = kind.from_parameters(**MADE_UP[kind])
    client = pd.DataFrame({"frequency": [0, 3, 12], "recency": [0.0, 20.0, 50.0], "T": [30.0, 40.0, 52.0]})
    parameters = np.tile(list(model.params_.values()), (20_000, 1))
    drawn = model.draw_later(26.0, client, parameters=parameters, generator=np.random.default_rng(0))
    assert drawn.mean(axis=0) == pytest.approx(model.expected_purchases(26.0, client), rel=0.05)
    for n in range(4):
        chance = np.exp(model.log_likelihood_of_later(np.full(3, n), 26.0, client))
        assert (drawn == n).mean(axis=0) == pytest.approx(chance, abs=0.012)


def test_the_chosen_model_says_why_and_is_marked_in_the_table():
    found = choose_model(opened(world(1500)))
    assert found.name in MODELS
    assert found.table["chosen"].sum() == 1
    assert found.table.loc[found.table["chosen"], "model"].item() == found.name
    held = found.holdout
    assert (found.table["purchases_made"] == held["purchases_made"].sum()).all()
    assert f"{found.name}, chosen among 3" in found.reason(Speaker())


def test_nothing_after_the_split_is_known_to_the_calibration():
    ledger = world(1500)
    found = choose_model(opened(ledger))
    cut = ledger[ledger["date"] <= found.split]
    seen = cut.groupby("client_id")["date"].nunique() - 1
    held = found.holdout.set_index("client_id")["frequency"]
    assert (seen.reindex(held.index) == held).all()


def test_a_season_is_told_in_the_months_of_the_holdout():
    season = [0.7, 0.8, 1.1, 1.3, 1.3, 1.0, 0.6, 0.4, 1.0, 1.4, 1.4, 1.0]
    found = choose_model(opened(world(4000, days=1200, season=season)))
    assert found.clock.seasonal
    table = found.table.groupby("clock")["error_per_month"].min()
    assert table["seasonal"] < table["plain"] / 2


@pytest.mark.parametrize(
    ("ledger", "says"),
    [
        (world(30), "clients who bought: 30; at least 50 are needed"),
        (world(500).drop_duplicates("client_id"), "clients who bought again: 0; at least 20"),
        (world(500, days=70), "days since the first purchase: "),
    ],
)
def test_too_little_is_refused_with_the_figure_that_is_too_small(ledger, says):
    with pytest.raises(ck.BookError, match=says):
        choose_model(opened(ledger))


def test_a_short_history_is_fitted_and_said_to_be_untested():
    found = choose_model(opened(world(120, days=100)), holdout_days=95)
    assert not len(found.holdout)
    assert "was not tested" in found.reason(Speaker())


def test_cdnow_is_told_at_least_as_well_as_by_pareto_nbd(shared_data):
    ledger = pd.read_csv(shared_data / "cdnow_sample_transactions.csv", parse_dates=["date"])
    ledger = ledger.rename(columns={"dollars": "amount"})[["date", "amount"]].assign(
        client_id="C" + ledger["sample_id"].astype(str)
    )
    # Free discs are purchases in the published data.
    book = ck.open_book({"ledger": ledger.drop(columns="amount")}, as_of="1998-06-30")
    found = choose_model(book, holdout_days=39 * 7)
    table = found.table.set_index("model")
    off = (table["purchases_expected"] - table["purchases_made"]).abs()
    assert len(found.holdout) == 2357
    assert not found.clock.seasonal
    assert off[found.name] <= off["Pareto/NBD"]
    assert table.loc[found.name, "error_per_client"] <= table.loc["Pareto/NBD", "error_per_client"]


def test_a_holdout_further_off_than_chance_explains_is_carried_as_an_error():
    ledger = world(1500)
    usual = choose_model(opened(ledger))
    assert usual.excess == 0
    late = ledger["date"] > usual.split
    lost = ledger[~(late & (np.random.default_rng(0).random(len(ledger)) < 0.4))]
    found = choose_model(opened(lost), holdout_days=(opened(ledger).as_of - usual.split).days)
    assert 0.3 < found.excess < 0.5
    assert found.model_error > found.excess
