import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from sklearn.metrics import adjusted_rand_score

import crmkit as ck
from crmkit.segmentation import cluster_choice

QUICK = ck.Settings().replace("segmentation", clusters_most=4)
END = pd.Timestamp("2024-12-31")


def book(ledger, **wishes):
    return ck.open_book({"ledger": pd.DataFrame(ledger)}, as_of="2024-12-31", config=QUICK, **wishes)


def ledger_of(recency, frequency, money):
    """A ledger in which each client has exactly these recency, purchase days and net amount."""
    client = np.repeat(np.arange(len(recency)), frequency)
    back = np.arange(len(client)) - np.repeat(np.cumsum(frequency) - frequency, frequency)
    return pd.DataFrame(
        {
            "client_id": [f"C{number:05d}" for number in client],
            "date": END - pd.to_timedelta(np.asarray(recency)[client] + back, unit="D"),
            "amount": (np.asarray(money) / frequency)[client].round(2),
        }
    )


def three_kinds(clients=600, seed=0):
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, clients)
    ledger = ledger_of(
        rng.poisson(np.array([6, 200, 20])[kind]),
        1 + rng.poisson(np.array([25, 5, 0.05])[kind]),
        rng.lognormal(np.array([8.0, 6.0, 3.5])[kind], 0.4),
    )
    return ledger, kind


def continuum(clients=600, seed=0):
    """Clients who differ by degree only: one cloud of logarithms."""
    rng = np.random.default_rng(seed)
    spread = [[1, -0.4, -0.4], [-0.4, 1, 0.6], [-0.4, 0.6, 1]]
    recency, frequency, money = rng.multivariate_normal([0, 0, 0], spread, clients).T
    return ledger_of(
        np.exp(3.5 + 0.6 * recency).astype(int),
        np.exp(2.5 + 0.6 * frequency).astype(int) + 1,
        np.exp(6 + money),
    )


def test_planted_kinds_of_clients_are_found_and_described():
    ledger, kind = three_kinds()
    found = ck.segmentation.cluster(book(ledger, currency="EUR"))
    assert found.verdict == "clusters"
    assert len(found.profiles) == 3
    assert adjusted_rand_score(kind, found.table["cluster"]) > 0.95
    said = [claim.sentence for claim in found.explain("en").claims]
    assert said[0].startswith("Clients fall into 3 clusters.")
    assert "buy often, spend much, and came recently" in said[1]
    assert "have not come for long" in said[2]
    assert "bought once and spend little" in said[3]
    assert "bought once and spend little" in repr(found.show(found.profiles, lang="en"))


def test_clients_who_differ_by_degree_only_are_not_given_clusters():
    for seed in range(2):
        found = ck.segmentation.cluster(book(continuum(seed=seed)), seed=seed)
        assert found.verdict == "none"
        assert set(found.table["cluster"]) == {1}
        assert str(found.explain()).startswith("No clusters worth naming")


def test_clusters_are_numbered_by_money_per_client_and_reconcile():
    ledger, _ = three_kinds()
    found = ck.segmentation.cluster(book(ledger))
    profiles = found.profiles
    assert profiles["cluster"].tolist() == [1, 2, 3]
    assert (profiles["amount"] / profiles["clients"]).is_monotonic_decreasing
    assert profiles["clients"].sum() == len(found.table)
    assert profiles["amount"].sum() == pytest.approx(ledger["amount"].sum())
    medians = found.table.groupby("cluster")[["recency_days", "frequency", "monetary"]].median()
    assert np.allclose(profiles[medians.columns], medians)


def test_the_same_seed_gives_the_same_clusters_in_any_row_order_and_currency():
    ledger, _ = three_kinds(300)
    found = ck.segmentation.cluster(book(ledger), seed=3)
    again = ck.segmentation.cluster(book(ledger.sample(frac=1, random_state=1)), seed=3)
    pd.testing.assert_frame_equal(found.table, again.table)
    pd.testing.assert_frame_equal(found.choice, again.choice)
    cents = ck.segmentation.cluster(book(ledger.assign(amount=ledger["amount"] * 100)), seed=3)
    assert cents.table["cluster"].equals(found.table["cluster"])


def test_a_wished_number_is_made_and_called_so():
    found = ck.segmentation.cluster(book(continuum()), number=4)
    assert found.profiles["cluster"].tolist() == [1, 2, 3, 4]
    assert "as asked" in str(found.explain())
    assert found.choice.empty


@pytest.mark.parametrize("number", [0, 1, 10_000])
def test_a_number_that_cannot_be_made_is_refused(number):
    with pytest.raises(ck.BookError, match=rf"number={number}: expected from 2 to"):
        ck.segmentation.cluster(book(continuum(50)), number=number)


@pytest.mark.parametrize("clients", [1, 2, 29])
def test_few_clients_are_too_few(clients):
    found = ck.segmentation.cluster(book(continuum(clients)))
    assert set(found.table["cluster"]) == {1}
    assert found.verdict == "few"
    assert f"too few clients ({clients})" in str(found.explain())
    pyplot.close(found.plot().figure)


def test_equal_clients_are_alike():
    found = ck.segmentation.cluster(book(ledger_of([5] * 40, np.full(40, 3), [90.0] * 40)))
    assert found.verdict == "alike"
    assert "all clients are equal" in str(found.explain())
    pyplot.close(found.plot().figure)


def test_equal_clients_cannot_be_divided():
    with pytest.raises(ck.BookError, match="all clients are equal"):
        ck.segmentation.cluster(book(ledger_of([5] * 3, np.full(3, 3), [90.0] * 3)), number=2)


def test_two_different_clients_repeated_are_no_error():
    found = ck.segmentation.cluster(book(ledger_of([5, 300] * 20, np.array([9, 1] * 20), [900.0, 5] * 20)))
    assert found.verdict in ("clusters", "none")
    assert len(found.table) == 40


def test_all_negative_money_and_no_money_get_an_answer():
    negative = continuum().assign(amount=lambda frame: -frame["amount"])
    found = ck.segmentation.cluster(book(negative), number=2)
    assert found.profiles["amount_share"].isna().all()
    assert "returned more than they bought" in str(found.explain())
    pyplot.close(found.plot().figure)
    bare = ck.segmentation.cluster(book(continuum()[["client_id", "date"]]), number=2)
    assert bare.table["monetary"].isna().all()
    assert bare.plot().get_ylabel() == "Purchase days"
    pyplot.close("all")


def test_an_empty_window_says_so():
    with pytest.raises(ck.BookError, match="no client bought anything in the chosen window"):
        ck.segmentation.cluster(book(continuum(50)), window=("1999-01-01", "1999-12-31"))


def test_features_are_free_of_units_and_leave_out_what_is_equal():
    table = pd.DataFrame({"recency_days": [1, 10, 100], "frequency": [2, 2, 2], "monetary": [5.0, -50, 500]})
    points = cluster_choice.features(table)
    assert points.shape == (3, 2)
    assert np.allclose(points, cluster_choice.features(table.assign(monetary=table["monetary"] * 7)))
    assert points[:, 1].argmin() == 1


def test_separated_clouds_beat_the_reference_and_a_single_cloud_does_not():
    rng = np.random.default_rng(2)
    cloud = rng.normal(size=(400, 2))
    apart = cloud + 8 * rng.integers(0, 2, (400, 1))
    single = cluster_choice.try_numbers(cloud, 3, 0)
    double = cluster_choice.try_numbers(apart, 3, 0)
    assert (single["separation"] - single["reference"]).max() < 0.1
    assert double.loc[0, "separation"] - double.loc[0, "reference"] > 0.1
    assert double.loc[0, "stability"] > 0.99


def test_of_numbers_that_do_about_as_well_the_smallest_is_taken(monkeypatch):
    table = {"clusters": [2, 3, 4], "stability": [0.9, 0.9, 0.5], "reference": [0.3, 0.3, 0.3]}
    for separation, number in [([0.50, 0.53, 0.9], 2), ([0.42, 0.53, 0.9], 3), ([0.39, 0.39, 0.9], 1)]:
        choice = pd.DataFrame({**table, "separation": separation})
        monkeypatch.setattr(cluster_choice, "try_numbers", lambda *_, choice=choice: choice)
        assert len(ck.segmentation.cluster(book(continuum(60))).profiles) == number


def test_the_picture_shows_its_data_and_states_the_finding():
    ledger, _ = three_kinds(300)
    found = ck.segmentation.cluster(book(ledger))
    axes = found.plot()
    assert sum(len(points.get_offsets()) for points in axes.collections) == len(found.plot_data())
    assert "Clients fall into 3 clusters" in axes.get_title(loc="left")
    assert axes.get_xlabel()
    pyplot.close("all")
