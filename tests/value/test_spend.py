import numpy as np
import pandas as pd
import pytest

from crmkit.value.spend import find_drift, find_spend, towards_all
from tests.value.worlds import AS_OF, opened, world


def spend_of(ledger):
    book = opened(ledger)
    summary = book.client_summary()
    return find_spend(book, summary.loc[summary["purchase_days"] > 0, "client_id"])


def test_independent_spend_follows_gamma_gamma():
    found = spend_of(world(3000))
    assert found.basis == "gamma-gamma"
    assert found.shape == pytest.approx(6.0, rel=0.25)


def test_spend_that_depends_on_frequency_is_drawn_towards_clients_who_buy_as_often():
    ledger = world(3000)
    ledger["amount"] *= ledger.groupby("client_id")["date"].transform("size") ** 0.7
    found = spend_of(ledger)
    assert found.basis == "related"
    assert np.isfinite(found.expected).all()
    assert (found.expected > 0).all()


def test_what_is_expected_adds_up_to_what_was_sold():
    ledger = world(800)
    ledger["amount"] *= ledger.groupby("client_id")["date"].transform("size") ** 0.7
    book = opened(ledger)
    summary = book.client_summary()
    found = find_spend(book, summary["client_id"])
    assert found.net @ summary["purchase_days"] == pytest.approx(summary["amount"].sum())


def test_heavy_tails_do_not_make_the_mean_infinite():
    rng = np.random.default_rng(0)
    ledger = world(800)
    scale = pd.Series(rng.pareto(0.6, 800) + 1, index=np.unique(ledger["client_id"]))
    ledger["amount"] = (scale[ledger["client_id"]].to_numpy() * 10).round(2)
    found = spend_of(ledger)
    assert found.basis == "heavy"
    assert np.isfinite(found.net).all()


def test_drawn_money_has_the_expected_mean():
    found = spend_of(world(1500))
    clients, bought = np.arange(50), np.full((4000, 50), 3.0)
    parameters = np.tile(list(found._model.params_.values()), (4000, 1))
    drawn = found.draw(clients, bought, np.random.default_rng(0), parameters).mean(axis=0)
    assert drawn == pytest.approx(3 * found.net[:50], rel=0.08)


def test_prices_that_rise_are_seen_in_the_holdout():
    ledger = world(3000)
    split = AS_OF - pd.Timedelta(days=240)
    held = ledger[(ledger["date"] > split) & (ledger["date"] <= AS_OF)].drop_duplicates(["client_id", "date"])
    known = np.unique(ledger.loc[ledger["date"] <= split, "client_id"])
    counts = held.groupby("client_id").size().reindex(known).fillna(0.0)
    frame = pd.DataFrame({"client_id": known, "purchases_made": counts.to_numpy()})
    assert find_drift(opened(ledger), frame, split) == (1.0, 0.0)
    dearer = ledger.assign(amount=ledger["amount"].where(ledger["date"] <= split, ledger["amount"] * 1.4))
    drift, error = find_drift(opened(dearer), frame, split)
    assert abs(drift - 1.4) < 3 * error


def test_equal_values_have_no_noise():
    found = towards_all(np.full(10, 3.0), np.arange(1.0, 11))
    assert found.noise == 0
    assert found.mean == pytest.approx(np.full(10, 3.0))
