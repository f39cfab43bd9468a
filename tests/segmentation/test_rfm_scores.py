import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

import crmkit as ck
from crmkit.segmentation.rfm_scores import place_scores

SCORES = ["recency_score", "frequency_score", "monetary_score"]


def book(ledger, **wishes):
    return ck.open_book({"ledger": pd.DataFrame(ledger)}, **wishes)


def shop(clients=400, seed=0):
    rng = np.random.default_rng(seed)
    counts = 1 + rng.poisson(rng.gamma(0.8, 5, clients))
    client = np.repeat(np.arange(clients), counts)
    return pd.DataFrame(
        {
            "client_id": [f"C{number:04d}" for number in client],
            "date": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 365, len(client)), unit="D"),
            "amount": rng.lognormal(3, 1, len(client)).round(2),
        }
    )


def test_places_without_ties_are_cut_into_equal_parts():
    values = np.random.default_rng(1).permutation(1000.0 * np.arange(1, 101))
    scores = place_scores(values, 5)
    assert np.bincount(scores).tolist() == [0, 20, 20, 20, 20, 20]
    expected = pd.qcut(pd.Series(values), 5, labels=False).to_numpy() + 1
    assert np.array_equal(scores, expected)


def test_ties_share_their_middle_place():
    values = np.array([7.0, 1, 1, 1, 1, 1, 1, 3, 3, 9])
    place = pd.Series(values).rank(method="average").to_numpy() - 0.5
    assert np.array_equal(place_scores(values, 5), np.ceil(place / 10 * 5))


def test_equal_values_put_everybody_in_the_middle():
    assert place_scores(np.ones(8), 5).tolist() == [3] * 8


def test_the_features_and_scores_equal_a_second_computation():
    ledger = shop()
    found = ck.segmentation.rfm(book(ledger)).table.set_index("client_id")
    end = ledger["date"].max()
    days = ledger.groupby(["client_id", "date"])["amount"].sum().reset_index().groupby("client_id")
    by_hand = pd.DataFrame(
        {
            "recency_days": (end - days["date"].max()).dt.days,
            "frequency": days.size(),
            "monetary": days["amount"].sum(),
        }
    )
    assert found["recency_days"].tolist() == by_hand["recency_days"].tolist()
    assert found["frequency"].tolist() == by_hand["frequency"].tolist()
    assert np.allclose(found["monetary"], by_hand["monetary"])
    better = by_hand.assign(recency_days=-by_hand["recency_days"])
    scores = np.ceil((better.rank(method="average") - 0.5) / len(better) * 5).astype(int)
    scores.loc[by_hand["frequency"] <= 1, "frequency"] = 1
    assert np.array_equal(found[SCORES].to_numpy(), scores.to_numpy())
    assert found["cell"].tolist() == scores.astype(str).agg("".join, axis=1).tolist()


def test_equal_clients_always_get_equal_scores():
    table = ck.segmentation.rfm(book(shop())).table
    for feature, score in zip(["recency_days", "frequency", "monetary"], SCORES):
        assert len(table[[feature, score]].drop_duplicates()) == table[feature].nunique()


def test_neither_row_order_nor_the_unit_of_money_matters():
    ledger = shop()
    found = ck.segmentation.rfm(book(ledger)).table
    mixed = ck.segmentation.rfm(book(ledger.sample(frac=1, random_state=1))).table
    pd.testing.assert_frame_equal(found, mixed)
    cents = ck.segmentation.rfm(book(ledger.assign(amount=ledger["amount"] * 100))).table
    columns = ["client_id", *SCORES, "cell", "group"]
    pd.testing.assert_frame_equal(found[columns], cents[columns])


def test_groups_hold_all_clients_and_all_money_returns_included():
    ledger = pd.concat(
        [shop(), pd.DataFrame({"client_id": ["R1", "C0001"], "date": "2024-06-01", "amount": [-70, -5000]})]
    )
    found = ck.segmentation.rfm(book(ledger))
    assert found.groups["clients"].sum() == ledger["client_id"].nunique()
    assert found.groups["amount"].sum() == pytest.approx(ledger["amount"].sum())
    assert found.groups["client_share"].sum() == pytest.approx(1)
    assert found.groups["amount_share"].sum() == pytest.approx(1)
    assert set(found.bands.groupby("measure")["clients"].sum()) == {ledger["client_id"].nunique()}


def test_own_cut_points_are_used_and_a_client_at_a_cut_point_has_the_better_score():
    ledger = {
        "client_id": ["A", "A", "B", "C", "D"],
        "date": ["2024-12-31", "2024-12-30", "2024-12-01", "2024-11-30", "2024-01-01"],
        "amount": [60, 40, 100, 99, 500],
    }
    cuts = {"recency_days": [30, 60, 90, 180], "frequency": [2, 3, 5, 10], "monetary": [100, 200, 300, 400]}
    table = ck.segmentation.rfm(book(ledger), cuts=cuts).table.set_index("client_id")
    assert table.loc["A", SCORES].tolist() == [5, 2, 2]
    assert table.loc["B", SCORES].tolist() == [5, 1, 2]
    assert table.loc["C", SCORES].tolist() == [4, 1, 1]
    assert table.loc["D", SCORES].tolist() == [1, 1, 5]
    assert table.loc["B", "group"] == "new"
    assert "Scores compare" not in str(ck.segmentation.rfm(book(ledger), cuts=cuts).explain())
    rules = ck.Settings().replace("rfm", **cuts)
    from_settings = ck.segmentation.rfm(book(ledger, config=rules)).table.set_index("client_id")
    pd.testing.assert_frame_equal(from_settings, table)


def test_three_scores_still_find_the_groups():
    rules = ck.Settings().replace("rfm", quantiles=3)
    table = ck.segmentation.rfm(book(shop(), config=rules)).table
    assert set(table["monetary_score"]) == {1, 2, 3}
    assert set(table.loc[table["cell"] == "333", "group"]) == {"champions"}
    assert set(table.loc[table["cell"] == "133", "group"]) == {"cannot lose"}


@pytest.mark.parametrize(
    ("cuts", "words"),
    [
        ({"recency": [1, 2]}, "'recency' is not known: expected some of recency_days"),
        ({"monetary": [100, 50]}, "expected ascending numbers"),
        ({"frequency": [1, float("nan")]}, "expected ascending numbers"),
    ],
)
def test_cut_points_that_cannot_be_used_are_refused(cuts, words):
    with pytest.raises(ck.BookError, match=words):
        ck.segmentation.rfm(book(shop(20)), cuts=cuts)


def test_everyone_bought_once_leaves_one_score_of_frequency_and_says_so():
    ledger = shop(100).drop_duplicates("client_id")
    found = ck.segmentation.rfm(book(ledger))
    assert set(found.table["frequency_score"]) == {1}
    assert not set(found.table["group"]) & {"champions", "loyal", "cannot lose"}
    assert "Purchase days: scores in use 1 of 5" in str(found.explain())


def test_clients_who_are_all_equal_are_neither_champions_nor_lost():
    ledger = pd.DataFrame(
        [(f"C{n}", day, 50) for n in range(10) for day in ("2024-01-01", "2024-02-01")],
        columns=["client_id", "date", "amount"],
    )
    found = ck.segmentation.rfm(book(ledger))
    assert set(found.table["cell"]) == {"333"}
    assert set(found.table["group"]) == {"needs attention"}
    assert "scores in use 1 of 5" in str(found.explain())


def test_one_client_cannot_be_ranked():
    found = ck.segmentation.rfm(book({"client_id": ["A"], "date": ["2024-01-01"], "amount": [10]}))
    assert str(found.explain()).startswith("Scores compare clients with each other: with 1 client they say")
    assert found.decisions.empty
    assert len(found.table) == 1


def test_two_clients_are_ranked():
    ledger = {
        "client_id": ["A", "A", "B"],
        "date": ["2024-01-01", "2024-03-01", "2024-02-01"],
        "amount": [10, 20, 5],
    }
    table = ck.segmentation.rfm(book(ledger)).table.set_index("client_id")
    assert (table.loc["A", SCORES].to_numpy() > table.loc["B", SCORES].to_numpy()).all()


def test_all_negative_money_is_scored_but_has_no_shares():
    ledger = {"client_id": list("ABCDEF"), "date": "2024-01-01", "amount": [-10, -20, -30, -40, -50, -60]}
    found = ck.segmentation.rfm(book(ledger))
    assert found.table.set_index("client_id")["monetary_score"].is_monotonic_decreasing
    assert found.groups["amount_share"].isna().all()
    assert str(found.explain()).startswith("All clients are in one group")
    assert found.decisions.empty
    pyplot.close(found.plot().figure)


def test_a_ledger_without_money_repeats_the_score_of_purchase_days():
    found = ck.segmentation.rfm(book(shop()[["client_id", "date"]]))
    assert found.table["monetary"].isna().all()
    assert found.table["monetary_score"].equals(found.table["frequency_score"].rename("monetary_score"))
    assert "The ledger holds no money" in str(found.explain())
    assert "Net revenue" not in str(found.explain())
    assert found.decisions.empty
    pyplot.close(found.plot().figure)


def test_an_empty_window_says_so():
    with pytest.raises(ck.BookError, match="no client bought anything in the chosen window"):
        ck.segmentation.rfm(book(shop(20)), window=("2019-01-01", "2019-12-31"))


def test_decisions_name_those_in_danger_with_their_money_of_a_year():
    found = ck.segmentation.rfm(book(shop()))
    decisions = found.decisions.set_index("id")
    assert set(decisions.index) == {"rfm-cannot-lose", "rfm-at-risk"}
    assert (decisions["lo"] < decisions["amount"]).all()
    assert (decisions["amount"] < decisions["hi"]).all()
    table = found.table.set_index("client_id")
    for name, money in found.decided_clients.items():
        members = table.loc[money.index]
        assert (members["recency_days"] > found.away_days).all()
        assert money.sum() == pytest.approx(members["monetary"].sum() * found.yearly)
        assert money.sum() == pytest.approx(decisions.loc[name, "amount"])


def test_decisions_leave_to_the_classes_whoever_bought_in_their_window():
    gone = shop(200).assign(date=lambda ledger: ledger["date"] - pd.DateOffset(years=2))
    here = shop(200, seed=1).assign(client_id=lambda ledger: "N" + ledger["client_id"])
    found = ck.segmentation.rfm(book(pd.concat([gone, here])))
    assert found.away_days == 366
    decided = pd.concat(found.decided_clients.values()).index
    assert len(decided)
    assert not set(decided) & set(here["client_id"])


def test_in_a_short_ledger_decisions_are_about_the_half_who_have_been_away():
    found = ck.segmentation.rfm(book(shop()))
    assert found.away_days == 182
    assert "nothing for more than 182 days" in found.decisions["reason"][0]


def test_own_cut_points_are_neither_called_ranks_nor_said_to_hold_few_values():
    cuts = {"recency_days": [30, 90, 180, 365], "frequency": [2, 5, 9, 20], "monetary": [1e6, 2e6, 3e6, 4e6]}
    found = ck.segmentation.rfm(book(shop()), cuts=cuts)
    said = f"{found.explain()} {found.explain().claims[0].method}"
    assert "Scored by cut points" in said
    for word in ("scores in use", "placed among all", "more than others", "Scores compare"):
        assert word not in said
    mixed = ck.segmentation.rfm(book(shop()), cuts={"monetary": cuts["monetary"]})
    method = mixed.explain().claims[0].method
    assert "Scored by cut points of the company's own: Net revenue." in method
    assert "placed among all by: Days since the last purchase and Purchase days;" in method


def test_more_than_nine_scores_stay_legible():
    rules = ck.Settings().replace("rfm", quantiles=10)
    table = ck.segmentation.rfm(book(shop(), config=rules)).table
    best = table.loc[table[SCORES].eq(10).all(axis=1), "cell"]
    assert set(best) == {"10-10-10"}


def test_the_picture_and_the_tables_show_the_groups_in_words():
    found = ck.segmentation.rfm(book(shop()))
    axes = found.plot()
    widths = [bar.get_width() for bar in axes.patches]
    assert widths == [*found.plot_data()["client_share"], *found.plot_data()["amount_share"]]
    assert [label.get_text() for label in axes.get_yticklabels()] == found.groups["group"].tolist()
    assert "Thank them in person" in repr(found.show(found.groups, lang="en"))
    assert "Net revenue" in repr(found.show(found.bands, rows=20, lang="en"))
    pyplot.close("all")


def test_online_retail_clients_who_cancelled_everything_are_no_champions(shared_data):
    real = ck.open_book(shared_data / "online_retail.csv.gz")
    table = ck.segmentation.rfm(real).table.set_index("client_id")
    assert len(table) == 4372
    assert table.loc["16446", "monetary"] == pytest.approx(2.90)
    assert table.loc["12346", "monetary"] == pytest.approx(0)
    assert set(table.loc[["16446", "12346"], "monetary_score"]) == {1}


def test_who_gave_everything_back_is_not_welcomed_as_new():
    days = pd.date_range("2024-01-01", periods=12, freq="MS")
    rows = [(day, f"C{n}", 10.0 + n) for n in range(12) for day in days[: n + 1]]
    rows += [(days[-1], "R", 50.0), (days[-1], "R", -50.0)]
    book = ck.open_book({"ledger": pd.DataFrame(rows, columns=["date", "client_id", "amount"])})
    assert ck.segmentation.rfm(book).table.set_index("client_id").loc["R", "group"] == "lost"
