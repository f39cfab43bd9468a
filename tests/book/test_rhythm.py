import numpy as np
import pandas as pd
import pytest

import crmkit as ck


def ledger_of(gaps_by_client):
    rows = []
    for client, gaps in gaps_by_client.items():
        days = np.concatenate([[0], np.cumsum(gaps)])
        rows += [(client, pd.Timestamp("2020-01-01") + pd.Timedelta(days=int(day)), 10.0) for day in days]
    return pd.DataFrame(rows, columns=["client_id", "date", "amount"])


@pytest.fixture(scope="module")
def planted():
    """Clients whose true mean gaps spread around 60 days, with between 0 and 20 gaps each."""
    rng = np.random.default_rng(11)
    truth = {f"C{i:04}": gap for i, gap in enumerate(60 * np.exp(rng.normal(0, 0.5, 1500)))}
    counts = rng.integers(0, 21, 1500)
    gaps = {
        name: np.maximum(1, rng.gamma(4, gap / 4, k)).round() for (name, gap), k in zip(truth.items(), counts)
    }
    return pd.Series(truth), ck.open_book({"ledger": ledger_of(gaps)}).rhythm().set_index("client_id")


def test_shrunken_gaps_are_nearer_to_the_truth_than_own_ones(planted):
    truth, rhythm = planted
    known = rhythm["own_gap_days"].notna()
    error = np.log(rhythm["gap_days"] / truth)[known]
    own_error = np.log(rhythm["own_gap_days"] / truth)[known]
    assert (error**2).mean() < 0.9 * (own_error**2).mean()
    few = known & (rhythm["purchase_days"] <= 4)
    assert (error[few] ** 2).mean() < 0.7 * (own_error[few] ** 2).mean()


def test_the_more_gaps_the_more_of_their_own(planted):
    _, rhythm = planted
    weight = rhythm.groupby("purchase_days")["weight"].mean()
    assert weight.is_monotonic_increasing
    assert weight[1] == 0
    assert weight[21] > 0.8
    assert rhythm["weight"].between(0, 1).all()


def test_a_client_who_bought_once_has_the_gap_of_all(planted):
    truth, rhythm = planted
    once = rhythm[rhythm["purchase_days"] == 1]
    assert once["gap_days"].max() == once["gap_days"].min()
    assert once["gap_days"].iloc[0] == pytest.approx(np.exp(np.log(truth).mean()), rel=0.15)
    assert once["basis"].unique().tolist() == ["no gap of their own: the gap of all clients"]


def test_the_spread_of_gaps_is_about_the_planted_one(planted):
    _, rhythm = planted
    # Gamma gaps of shape 4 deviate by half of their mean.
    assert (rhythm["gap_std_days"] / rhythm["gap_days"]).median() == pytest.approx(0.5, abs=0.12)


def test_nobody_with_two_purchases_means_no_rhythm():
    rhythm = ck.open_book({"ledger": ledger_of({"A": [], "B": []})}).rhythm()
    assert rhythm["gap_days"].isna().all()
    assert rhythm["weight"].tolist() == [0, 0]


def test_one_regular_client_keeps_their_gap():
    rhythm = ck.open_book({"ledger": ledger_of({"A": [30] * 10})}).rhythm()
    assert rhythm["gap_days"].tolist() == pytest.approx([30], rel=0.01)


def test_the_words_follow_the_books_language():
    settings = ck.Settings.from_dict({"company": {"language": "ru"}})
    rhythm = ck.open_book({"ledger": ledger_of({"A": [30] * 10})}, config=settings).rhythm()
    assert not rhythm["basis"].str.contains("[a-z]").any()
