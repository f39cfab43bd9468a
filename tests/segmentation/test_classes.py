import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

import crmkit as ck
from crmkit.segmentation.class_names import CLASSES
from crmkit.segmentation.contribution import choose_vip


def made_ledger(clients=120, months=30, seed=0):
    """Clients of very different size who buy at steady rates."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2022-07-01", periods=round(months * 30.4))
    size = rng.lognormal(4, 1.2, clients)
    parts = [
        pd.DataFrame(
            {
                "date": rng.choice(days, size=rng.integers(3, 30)),
                "client_id": f"K{number:03d}",
                "spread": rng.lognormal(0, 0.3),
                "size": size[number],
            }
        )
        for number in range(clients)
    ]
    frame = pd.concat(parts, ignore_index=True)
    frame["amount"] = (frame.pop("size") * frame.pop("spread")).round(2)
    return frame


def served(ledger, minutes):
    """One visit for each line, as long as `minutes` says of its client."""
    return pd.DataFrame(
        {
            "contact_id": [f"R{row}" for row in range(len(ledger))],
            "client_id": ledger["client_id"],
            "kind": "visit",
            "planned_at": ledger["date"],
            "status": "kept",
            "minutes": ledger["client_id"].map(minutes).astype(float),
        }
    )


def book_of(ledger, **tables):
    return ck.open_book({"ledger": ledger, **tables})


@pytest.fixture(scope="module")
def ledger():
    return made_ledger()


@pytest.fixture(scope="module")
def classes(ledger):
    return ck.segmentation.classify(book_of(ledger))


def test_every_client_is_in_exactly_one_class_with_a_reason(ledger, classes):
    table = classes.table
    assert sorted(table["client_id"]) == sorted(ledger["client_id"].unique())
    assert table["class"].isin(CLASSES).all()
    assert (table["reason"].str.len() > 10).all()
    assert not table["reason"].str.contains(r"[{}]").any()
    assert classes.shares["clients"].sum() == len(table)


def test_vip_are_the_fewest_who_reach_the_goal():
    value = np.array([50.0, 5, 30, 10, 5])
    everybody, nobody = np.ones(5, dtype=bool), np.zeros(5, dtype=bool)
    chosen = choose_vip(value, everybody, nobody, share=0.8, most=1.0)
    assert chosen.tolist() == [True, False, True, False, False]


def test_vip_are_cut_at_their_share_of_clients():
    value = np.ones(100)
    everybody, nobody = np.ones(100, dtype=bool), np.zeros(100, dtype=bool)
    assert choose_vip(value, everybody, nobody, share=0.8, most=0.2).sum() == 20


def test_a_client_who_cancelled_everything_is_not_vip(ledger):
    day = pd.Timestamp("2024-06-01")
    extra = pd.DataFrame(
        {"date": [day, day], "client_id": ["cancelled"] * 2, "amount": [900_000.0, -900_000.0]}
    )
    found = ck.segmentation.classify(book_of(pd.concat([ledger, extra]))).table.set_index("client_id")
    assert found.loc["cancelled", "class"] != "VIP"
    assert found.loc["cancelled", "amount"] == 0


def test_nobody_is_d_because_cost_is_unknown(classes):
    assert (classes.table["class"] != "D").all()
    assert "nobody is put in D" in str(classes.explain("en"))


def with_costs(ledger):
    clients = sorted(ledger["client_id"].unique())
    minutes = dict.fromkeys(clients, 5.0) | {clients[0]: 5000.0}
    staff = pd.DataFrame({"resource_id": ["S1"], "skills": ["all"], "hours_week": [40.0], "wage": [30.0]})
    tables = {"contacts": served(ledger, minutes), "staff": staff}
    return clients, book_of(ledger.assign(cost=ledger["amount"] / 2), **tables)


def test_who_costs_more_than_they_leave_is_d(ledger):
    clients, book = with_costs(ledger)
    found = ck.segmentation.classify(book).table.set_index("client_id")
    assert found.loc[clients[0], "class"] == "D"
    assert found.loc[clients[0], "contribution"] < 0
    rows = ledger[(ledger["client_id"] == clients[1]) & (ledger["date"] > found_start(book))]
    assert found.loc[clients[1], "margin"] == pytest.approx(rows["amount"].sum() / 2)
    expected = rows["amount"].sum() / 2 - 5 * len(rows) * 30 / 60
    assert found.loc[clients[1], "contribution"] == pytest.approx(expected, abs=0.01)


def found_start(book):
    return book.as_of - pd.DateOffset(months=12)


def test_who_is_expected_to_pay_again_is_not_d(ledger):
    clients, book = with_costs(ledger)
    hope = pd.DataFrame({"client_id": [clients[0]], "expected": [100.0]})
    found = ck.segmentation.classify(book, expected=hope).table.set_index("client_id")
    assert found.loc[clients[0], "class"] != "D"
    assert found.loc[clients[0], "expected"] == 100


def test_two_purchases_do_not_make_a_trend_but_many_do(ledger):
    recent = pd.date_range("2024-08-01", ledger["date"].max(), freq="3D")
    twice, often = recent[:2], recent
    old = pd.DatetimeIndex(["2022-08-01", "2023-02-01", "2023-08-01"])
    extra = [
        pd.DataFrame({"date": old.append(days), "client_id": name, "amount": 1.0})
        for name, days in (("twice", twice), ("often", often))
    ]
    found = ck.segmentation.classify(book_of(pd.concat([ledger, *extra])))
    growth = found.verdict.growth
    clients = found.evidence.periods.client_id.tolist()
    chance = growth.probability[growth.streams.index("purchases")]
    assert chance[clients.index("often")] > 0.95
    assert chance[clients.index("twice")] < 0.8
    assert found.table.set_index("client_id").loc["often", "class"] in ("A", "B")


def test_an_earlier_day_knows_nothing_of_later_ones(ledger):
    day = "2024-03-31"
    whole = ck.segmentation.classify(book_of(ledger), as_of=day).table
    cut = ck.segmentation.classify(ck.open_book({"ledger": ledger[ledger["date"] <= day]}, as_of=day)).table
    pd.testing.assert_frame_equal(whole, cut)


def test_the_reason_of_c_says_how_much_of_the_staff_time_and_of_the_result(ledger):
    clients = sorted(ledger["client_id"].unique())
    book = book_of(ledger, contacts=served(ledger, dict.fromkeys(clients, 10.0) | {clients[5]: 90.0}))
    found = ck.segmentation.classify(book)
    row = found.table[found.table["class"] == "C"].nlargest(1, "minutes").iloc[0]
    taken = row["minutes"] / found.table["minutes"].sum()
    brought = row["amount"] / found.table["amount"].sum()
    say = found.context.speaker("en")
    assert f"Took {say.percent(float(f'{taken:.3g}'), 2)} of the staff time" in row["reason"]
    assert f"{say.percent(float(f'{brought:.3g}'), 2)} of all" in row["reason"]


def test_without_costs_nothing_is_said_about_who_costs_more(classes):
    text = str(classes.explain("en"))
    assert "cannot be told without costs" in text
    assert "cost more than they leave" not in text


def test_a_ledger_shorter_than_the_window_is_not_called_twelve_months():
    found = ck.segmentation.classify(book_of(made_ledger(60, 7)))
    assert "in the last 7 months" in str(found.explain("en"))
    assert found.table["reason"].str.contains("in 7 months").any()
    assert not found.table["reason"].str.contains("12 months").any()


def test_chances_of_the_classes_add_up(classes):
    chances = classes.verdict.chances[classes.verdict.code >= 0]
    assert chances.sum(axis=1) == pytest.approx(1.0)
    assert (chances >= 0).all()
    assert chances[:, 0].sum() == pytest.approx((classes.table["class"] == "VIP").sum(), rel=0.02)


def test_clients_whose_purchases_were_cancelled_are_not_vip_in_a_real_shop(shared_data):
    """16446 bought for 168,469.60 and cancelled it, all but 2.90; 12346 cancelled all."""
    classes = ck.segmentation.classify(ck.open_book(shared_data / "online_retail.csv.gz"))
    table = classes.table.set_index("client_id")
    assert table.loc["16446", "amount"] == pytest.approx(2.90)
    assert table.loc["12346", "amount"] == pytest.approx(0.0)
    assert (table["class"] == "VIP").sum() > 400
    assert not (table.loc[["16446", "12346"], "class"] == "VIP").any()


def test_distance_is_what_is_missing_to_the_last_vip(classes):
    table = classes.table
    edge = table.loc[table["class"] == "VIP", classes.measure].min()
    rest = table[table["class"].isin(["A", "B", "C"])]
    assert rest["distance"].to_numpy() == pytest.approx(
        np.maximum(edge - rest[classes.measure].clip(lower=0), 0), abs=0.01
    )


@pytest.mark.parametrize(("clients", "months"), [(1, 12), (4, 14), (40, 24), (60, 3)])
def test_small_and_short_ledgers_are_classified(clients, months):
    found = ck.segmentation.classify(book_of(made_ledger(clients, months)))
    assert len(found.table) == clients
    assert len(str(found.explain("en"))) > 100
    pyplot.close(found.plot().figure)


def test_a_ledger_without_amounts_goes_by_purchase_days(ledger):
    found = ck.segmentation.classify(book_of(ledger.drop(columns="amount")))
    assert found.measure == "purchase_days"
    assert (found.table["class"] == "VIP").sum() == 24
    assert found.decisions.empty


def test_thresholds_come_from_the_settings(ledger, classes):
    settings = ck.Settings().replace("classes", vip_client_share=0.05)
    few = ck.segmentation.classify(ck.open_book({"ledger": ledger}, config=settings))
    assert (few.table["class"] == "VIP").sum() == 6 < (classes.table["class"] == "VIP").sum()


def test_the_same_book_gives_the_same_table(ledger, classes):
    again = ck.segmentation.classify(book_of(ledger)).table
    pd.testing.assert_frame_equal(again, classes.table)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window_months": 0}, "not a number of months"),
        ({"as_of": "soon"}, "is not a day"),
        ({"as_of": "2100-01-01"}, "is after"),
        ({"expected": pd.DataFrame({"client_id": ["K001"]})}, "no column expected"),
        ({"expected": pd.DataFrame({"client_id": ["a", "a"], "expected": [1, 2]})}, "more than once"),
    ],
)
def test_unusable_options_are_refused(ledger, options, message):
    with pytest.raises(ck.BookError, match=message):
        ck.segmentation.classify(book_of(ledger), **options)


def test_plot_data_adds_up(classes):
    data = classes.plot_data()
    assert data.groupby("measure")["share"].sum().dropna().round(6).eq(1).loc[["clients", "amount"]].all()
