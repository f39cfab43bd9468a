from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

import crmkit as ck
from crmkit.segmentation.class_names import CLASSES
from crmkit.segmentation.contribution import _variances, choose_vip, most_vip
from crmkit.segmentation.evidence import gather


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


@pytest.fixture(scope="module")
def on_the_clinic():
    return ck.segmentation.classify(ck.datasets.clinic(0))


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


def chosen_among(values, *, share=0.8, most=0.2):
    everybody, nobody = np.ones(len(values), dtype=bool), np.zeros(len(values), dtype=bool)
    return choose_vip(np.array(values, dtype=float), everybody, nobody, share=share, most=most)


def test_vip_are_cut_at_their_share_of_clients():
    assert chosen_among(np.arange(100) + 100).nonzero()[0].tolist() == list(range(80, 100))


def test_equal_clients_are_vip_together_or_not_at_all():
    assert not chosen_among([100] * 100).any()
    assert chosen_among([500, 100, 100, 1, 1, 1, 1, 1, 1, 1]).tolist() == [True] + [False] * 9
    # The goal is reached with two, but the third is their equal and there is room for three.
    assert chosen_among([40, 40, 40, 1], share=0.6, most=0.8).tolist() == [True, True, True, False]


def test_of_fewer_clients_than_make_one_vip_nobody_is():
    assert not chosen_among([50, 4, 3, 2]).any()
    assert chosen_among([50, 4, 3, 2, 1]).sum() == 1
    assert most_vip(np.array([4, 5, 14, 15]), 0.2).tolist() == [0, 1, 2, 3]


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
    assert "left less than nothing" not in text


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
    assert edge > table.loc[table["class"] != "VIP", classes.measure].max()
    rest = table[table["class"].isin(["A", "B", "C"])]
    assert rest["distance"].to_numpy() == pytest.approx(
        np.maximum(edge - rest[classes.measure].clip(lower=0), 0), abs=0.01
    )


@pytest.mark.parametrize(("clients", "months"), [(1, 12), (4, 14), (40, 24), (60, 3)])
def test_small_and_short_ledgers_are_classified(clients, months):
    found = ck.segmentation.classify(book_of(made_ledger(clients, months)))
    assert len(found.table) == clients
    assert (found.table["class"] == "VIP").sum() <= 0.2 * clients
    pyplot.close(found.plot().figure)


def test_few_clients_are_not_called_vip():
    said = str(ck.segmentation.classify(book_of(made_ledger(4, 14))).explain("en"))
    assert "Nobody is VIP: 20% of the clients (4 clients in all) is less than one." in said


def chance_ledger(seed=0, clients=300, sales=3000):
    """Who buys what when is drawn by lot: nobody differs from anybody."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "client_id": [f"C{number:03d}" for number in rng.integers(0, clients, sales)],
            "date": pd.Timestamp("2024-12-31") - pd.to_timedelta(rng.integers(0, 1400, sales), unit="D"),
            "amount": rng.lognormal(3, 1, sales).round(2),
        }
    )


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_where_only_chance_decides_nobody_is_a_and_leaders_are_not_to_be_served_differently(seed):
    found = ck.segmentation.classify(book_of(chance_ledger(seed)))
    assert found.verdict.potential.enough
    assert not found.verdict.potential.learned
    assert not (found.table["class"] == "A").any()
    said = str(found.explain("en"))
    assert "Who may become VIP cannot be told" in said
    assert found.flat
    assert "carry no information" in said
    assert found.decisions.empty
    assert ck.segmentation.concentration(book_of(chance_ledger(seed))).verdict == "flat"


def steady(clients=60, *, years=3):
    """Clients who buy for about the same once a month, each half of it margin."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2022-01-01", periods=12 * years, freq="MS")
    parts = [
        pd.DataFrame(
            {
                "date": days + pd.Timedelta(days=int(rng.integers(0, 28))),
                "client_id": f"S{number:02d}",
                "amount": 40.0 + number,
                "cost": (40.0 + number) * rng.uniform(0.4, 0.6, len(days)),
            }
        )
        for number in range(clients)
    ]
    return pd.concat(parts, ignore_index=True)


def test_one_bad_day_is_not_a_bad_year():
    ledger = steady()
    day = ledger["date"].max()
    newcomer = pd.DataFrame({"date": [day], "client_id": "NEW", "amount": [10.0], "cost": [50.0]})
    found = ck.segmentation.classify(book_of(pd.concat([ledger, newcomer])))
    row = found.table.set_index("client_id").loc["NEW"]
    assert row["contribution"] == -40
    assert row["expected"] > -40
    assert "classes-d" not in set(found.decisions["id"])


def test_three_lines_at_a_loss_are_no_forecast():
    days = pd.to_datetime(["2024-06-01", "2024-06-03", "2024-06-04"])
    lines = pd.DataFrame(
        {"date": days, "client_id": ["a", "a", "b"], "amount": 20.0, "cost": [30.0, 30.0, 5.0]}
    )
    found = ck.segmentation.classify(book_of(lines))
    row = found.table.set_index("client_id").loc["a"]
    assert (row["class"], row["contribution"]) == ("D", -20)
    assert np.isnan(row["expected"])
    assert "cannot be told from so short a ledger" in row["reason"]
    assert found.decisions.empty


def test_who_lost_money_all_the_time_is_expected_to_again():
    ledger = steady()
    bad = ledger["client_id"].isin(["S00", "S01", "S02"])
    ledger.loc[bad, "cost"] = ledger.loc[bad, "amount"] + 10
    found = ck.segmentation.classify(book_of(ledger))
    rows = found.table.set_index("client_id").loc[["S00", "S01", "S02"]]
    assert (rows["class"] == "D").all()
    assert rows["contribution"].to_numpy() == pytest.approx(-120)
    assert ((rows["expected"] < -60) & (rows["expected"] > -125)).all()
    decision = found.decisions.set_index("id").loc["classes-d"]
    assert decision["amount"] == pytest.approx(-rows["expected"].sum(), abs=0.02)
    assert decision["lo"] < decision["amount"] < decision["hi"]


def test_the_weight_of_a_clients_own_record_is_that_of_buhlmann_and_straub():
    """Planted variances: 30 of a year within a client, 60 between clients, so that half a year is added."""
    ledger = steady(400)
    evidence = gather(book_of(ledger), window_months=12, as_of=ledger["date"].max())
    rng = np.random.default_rng(5)
    years = evidence.exposure
    own = rng.normal(10, np.sqrt(60), (len(years), 1))
    kept = years * own + rng.normal(size=years.shape) * np.sqrt(30 * years)
    within, between = _variances(evidence, kept, np.zeros(len(years), dtype=int), np.full(len(years), 10.0))
    assert within[0] / between[0] == pytest.approx(0.5, rel=0.2)
    assert within[0] == pytest.approx(30, rel=0.1)


def test_what_is_known_of_costs_is_said(ledger):
    margins = ledger.assign(cost=ledger["amount"] / 2)
    staff = pd.DataFrame({"resource_id": ["S1"], "skills": ["all"], "hours_week": [40.0], "wage": [30.0]})
    visits = {"contacts": served(ledger, dict.fromkeys(ledger["client_id"].unique(), 5.0)), "staff": staff}
    said = {
        "goods": (book_of(margins), "What serving clients costs is not known"),
        "serving": (book_of(ledger, **visits), "What goods cost is not known"),
        "none": (book_of(ledger), "What clients cost is not known"),
        "all": (book_of(margins, **visits), ""),
    }
    for costs, (book, caveat) in said.items():
        found = ck.segmentation.classify(book)
        assert found.evidence.costs == costs
        text = str(found.explain("en"))
        assert caveat in text
        assert ("not known" in text) == bool(caveat)


def test_who_loses_on_goods_is_not_said_to_cost_by_serving():
    ledger = steady()
    bad = ledger["client_id"] == "S05"
    ledger.loc[bad, "cost"] = ledger.loc[bad, "amount"] + 10
    found = ck.segmentation.classify(book_of(ledger)).table.set_index("client_id")
    assert found.loc["S05", "reason"].startswith("Left -120 after the cost of goods in 12 months.")


def test_the_a_decision_counts_only_what_trust_adds(on_the_clinic):
    found = on_the_clinic
    potential, a = found.verdict.potential, found.verdict.code == 1
    gain = np.where(a, (potential.trusted - potential.probability) * found.verdict.missing, 0)
    decision = found.decisions.set_index("id").loc["classes-a"]
    assert decision["amount"] == pytest.approx(np.sort(gain)[-20:].sum(), abs=0.01)
    assert decision["lo"] <= decision["amount"] <= decision["hi"]
    most = potential.trusted * np.where(a, found.verdict.missing, 0)
    assert decision["amount"] < 0.5 * np.sort(most)[-20:].sum()
    clients = found.decided_clients
    for name, row in found.decisions.set_index("id").iterrows():
        assert clients[name].sum() == pytest.approx(row["amount"], abs=0.01)
        assert set(clients[name].index) <= set(found.table["client_id"])


def test_reasons_of_growth_count_whole_things(on_the_clinic):
    found = on_the_clinic
    growth = found.verdict.growth
    assert (growth.found == np.round(growth.found)).all()
    kinds = found.table["reason"].str.extract(r"Kinds of goods bought in 6 months: ([\d.]+),")[0].dropna()
    assert len(kinds) > 10
    assert (kinds.astype(float) % 1 == 0).all()


@pytest.mark.parametrize(("months", "recent"), [(3, "1 month"), (9, "3 months"), (12, "6 months")])
def test_the_months_that_the_growth_looks_at_are_said(ledger, months, recent):
    found = ck.segmentation.classify(book_of(ledger), window_months=months)
    assert f"{found.verdict.growth.months} month" in recent
    assert any(f"of the last {recent} against" in claim.method for claim in found.explain("en").claims)


def test_what_is_said_to_make_a_client_vip_does(classes):
    rows = classes.table[classes.table["reason"].str.contains("more would make VIP")]
    said = rows["reason"].str.extract(r"([\d,.]+) more would make VIP")[0].str.replace(",", "").astype(float)
    assert len(said) > 50
    assert (said.to_numpy() >= rows["distance"].to_numpy() - 0.005).all()


@pytest.mark.parametrize("name", ["WALK_IN", "Розница"])
def test_who_stands_for_nobody_in_particular_is_c_and_the_reason_says_so(ledger, name):
    extra = ledger.sample(400, random_state=0).assign(client_id=name)
    found = ck.segmentation.classify(book_of(pd.concat([ledger, extra])))
    row = found.table.set_index("client_id").loc[name]
    assert row["class"] == "C"
    assert "nobody in particular" in row["reason"]
    assert row["amount"] > found.verdict.edge
    assert (found.table["class"] == "VIP").sum() <= 24
    assert "stand for nobody in particular are C" in str(found.explain("en"))
    assert found.verdict.chances[found.evidence.nobody].tolist() == [[0, 0, 0, 1, 0]]


def test_the_times_of_the_settings_are_said(on_the_clinic):
    assert "is at least the average of" in str(on_the_clinic.explain("en"))
    found = replace(on_the_clinic, rules=replace(on_the_clinic.rules, potential_times=2.0))
    assert "2 times the average of" in str(found.explain("en"))


def test_without_contacts_and_products_nobody_is_said_to_trust_less(ledger):
    found = ck.segmentation.classify(book_of(made_ledger(400, 48)))
    assert found.verdict.trust.items == ()
    assert "trust" not in str(found.explain("en"))


def test_one_client_is_one_client_not_clients():
    ledger = steady()
    bad = ledger["client_id"] == "S05"
    ledger.loc[bad, "cost"] = ledger.loc[bad, "amount"] + 10
    found = ck.segmentation.classify(book_of(ledger))
    assert (found.table["class"] == "D").sum() == 1
    assert "D is 1 client, who" in str(found.explain("en"))


def test_a_ledger_without_any_client_is_refused(ledger):
    nameless = ledger.assign(client_id=None)
    with pytest.raises(ck.BookError, match="no client bought anything"):
        ck.segmentation.classify(book_of(nameless))
    with pytest.raises(ck.BookError, match="no client bought anything"):
        ck.segmentation.migration(book_of(nameless))


def test_quiet_vip_are_those_whose_own_rhythm_is_broken(ledger, classes):
    vip = classes.table.loc[classes.table["class"] == "VIP", "client_id"]
    book = book_of(ledger)
    gaps = book.rhythm().set_index("client_id")["gap_days"]
    away = book.client_summary().set_index("client_id")["recency_days"]
    quiet = set(vip[(away[vip] > 2 * gaps[vip]).to_numpy()])
    assert quiet
    assert set(classes.decided_clients["classes-vip"].index) == quiet


def test_a_ledger_without_amounts_goes_by_purchase_days(ledger):
    found = ck.segmentation.classify(book_of(ledger.drop(columns="amount")))
    assert found.measure == "purchase_days"
    chosen, days = found.table["class"] == "VIP", found.table["purchase_days"]
    assert 15 < chosen.sum() <= 24
    assert days[chosen].min() > days[~chosen].max()
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
        ({"window_months": True}, "not a number of months"),
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
