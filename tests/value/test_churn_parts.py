"""The parts of a churn result, each against a second way of computing or a planted truth."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import crmkit as ck
from crmkit.value import ModifiedBetaGeoModel
from crmkit.value.calibration import calibration_line, calibration_table, share_interval
from crmkit.value.client_worth import given_worth, yearly_worth
from crmkit.value.drop_out import drop_out_by_group, money_left
from crmkit.value.histories import purchase_histories
from crmkit.value.monthly import monthly
from crmkit.value.purchase_forecasts import WAYS, learn_rule
from crmkit.value.return_cohorts import return_cohorts
from crmkit.value.save_list import call_cost, expected_saved, saved_interval, saved_range


@pytest.fixture(scope="module")
def book(churn_ledger):
    return ck.open_book({"ledger": churn_ledger()}, as_of="2024-12-31")


def test_what_was_known_at_a_month_end_is_what_a_book_of_that_day_knows(churn_ledger, book):
    months = monthly(book)
    for month in (-1, -2, -9):
        until = months.ends[month].strftime("%Y-%m-%d")
        then = ck.open_book({"ledger": churn_ledger()}, as_of=until)
        expected = purchase_histories(then, unit="day")[["client_id", "frequency", "recency", "T"]]
        found = months.histories(month % len(months.ends))
        assert found["client_id"].tolist() == expected["client_id"].tolist()
        np.testing.assert_allclose(found.iloc[:, 1:], expected.iloc[:, 1:])


def test_features_at_an_origin_are_the_same_when_the_book_goes_on(churn_ledger, book):
    months = monthly(book)
    origin = len(months.ends) - 7
    then = ck.open_book({"ledger": churn_ledger()}, as_of=months.ends[origin].strftime("%Y-%m-%d"))
    early = monthly(then)
    pd.testing.assert_frame_equal(
        months.features(origin, 3), early.features(len(early.ends) - 1, 3), check_exact=False, rtol=1e-6
    )


def test_who_bought_after_an_origin_is_seen_in_the_ledger(churn_ledger, book):
    months = monthly(book)
    origin = len(months.ends) - 4
    ledger = churn_ledger()
    later = ledger[(ledger["date"] > months.ends[origin]) & (ledger["date"] <= months.ends[origin + 2])]
    expected = np.isin(months.client_id[months.known(origin)], later["client_id"])
    assert (months.bought_within(origin, 2) == expected).all()


def test_cohorts_are_those_that_a_pivot_counts(churn_ledger, book):
    ledger = churn_ledger()
    quarter = ledger["date"].dt.to_period("Q")
    first = quarter.groupby(ledger["client_id"]).transform("min")
    since = (quarter - first).map(lambda gap: gap.n)
    counted = ledger.assign(cohort=first, quarter=since).groupby(["cohort", "quarter"])["client_id"].nunique()
    found = return_cohorts(monthly(book))
    found = found[found["active"] > 0]
    found = found.set_index([found["cohort"].dt.to_period("Q"), "quarter"])["active"]
    assert found.tolist() == counted.reindex(found.index).tolist()
    assert len(found) == len(counted)


def test_limits_of_a_share_are_those_of_the_beta_quantiles():
    lo, hi = share_interval([3, 0, 8], [8, 8, 8])
    assert lo == pytest.approx([stats.beta.ppf(0.025, 3, 6), 0, stats.beta.ppf(0.025, 8, 1)])
    assert hi == pytest.approx([stats.beta.ppf(0.975, 4, 5), stats.beta.ppf(0.975, 1, 8), 1])


def test_forecasts_that_are_true_are_found_calibrated_and_bold_ones_bold():
    rng = np.random.default_rng(0)
    truth = rng.beta(1.0, 2.0, 20_000).clip(0.01, 0.99)
    came = (rng.random(20_000) < truth).astype(float)
    client = np.arange(20_000)
    line = calibration_line(truth, came, client)
    assert line["slope_lo"] < 1 < line["slope_hi"]
    assert line["in_the_large_lo"] < 0 < line["in_the_large_hi"]
    logits = 2 * np.log(truth / (1 - truth))
    assert calibration_line(1 / (1 + np.exp(-logits)), came, client)["slope"] == pytest.approx(0.5, abs=0.03)
    table = calibration_table(truth, came)
    assert table["clients"].tolist() == [2000] * 10
    assert table["predicted"].between(table["share_lo"], table["share_hi"]).sum() >= 9


def test_limits_are_wider_when_each_client_is_counted_twice():
    rng = np.random.default_rng(0)
    truth, client = rng.uniform(0.1, 0.9, 2000), np.arange(2000)
    came = (rng.random(2000) < truth).astype(float)
    once = calibration_line(truth, came, client)
    twice = calibration_line(*(np.tile(each, 2) for each in (truth, came, client)))
    assert twice["in_the_large_hi"] == pytest.approx(once["in_the_large_hi"], abs=1e-9)
    assert twice["slope_hi"] == pytest.approx(once["slope_hi"], abs=1e-6)


def test_equal_forecasts_have_no_slope():
    line = calibration_line(np.full(50, 0.4), np.repeat([0.0, 1.0], 25), np.arange(50))
    assert np.isnan(line["slope"])


def test_the_rule_is_the_best_of_all_silences():
    rng = np.random.default_rng(2)
    silent = rng.integers(0, 60, 500)
    bought = (rng.random(500) < np.where(silent > 33, 0.1, 0.6)).astype(int)
    limit, long, short = learn_rule(pd.DataFrame({"silent_days": silent, "bought": bought}))

    def fit(days):
        said = np.where(silent > days, *[_share(bought[side]) for side in (silent > days, silent <= days)])
        return np.log(np.where(bought == 1, said, 1 - said)).sum()

    assert limit == max(np.unique(silent), key=fit)
    assert long < 0.2 < 0.5 < short


def _share(bought):
    return (bought.sum() + 1) / (len(bought) + 2)


def test_the_classifier_learns_what_the_rule_cannot_see():
    rng = np.random.default_rng(3)
    gap = rng.choice([7.0, 90.0], 3000)
    silent = rng.uniform(0, 4, 3000) * gap
    bought = (rng.random(3000) < np.where(silent < 1.5 * gap, 0.8, 0.1)).astype(float)
    frame = pd.DataFrame(
        {
            "client_id": [f"C{number}" for number in range(3000)],
            "frequency": 5.0,
            "recency": 100.0,
            "T": 100.0 + silent,
            "silent_days": silent,
            "gap_days": gap,
            "lately": 2.0,
            "spend": 0.0,
            "bought": bought,
        }
    )
    earlier, now = frame[:2000], frame[2000:]
    loss = {
        name: -np.log(np.where(now["bought"] > 0, said, 1 - said)).mean()
        for name, said in ((name, WAYS[name](earlier, now, 30)) for name in ("classifier", "rule"))
    }
    assert loss["classifier"] < loss["rule"] - 0.05


def made_up(seed, hazards, clients=600):
    """Histories of groups that leave more or less readily, and who has left."""
    frames = []
    for name, a in hazards.items():
        rng = np.random.default_rng([seed, len(frames)])
        model = ModifiedBetaGeoModel.from_parameters(r=1.5, alpha=6.0, a=a, b=3.0)
        T = rng.uniform(20, 100, clients)
        rate, leave = rng.gamma(1.5, 1 / 6.0, clients), rng.beta(a, 3.0, clients)
        assert model.params_["a"] == a
        most = rng.geometric(leave) - 1
        times = rng.exponential(1 / rate[:, None], (clients, 400)).cumsum(axis=1)
        bought = (times <= T[:, None]).sum(axis=1)
        x = np.minimum(bought, most)
        last = np.where(x > 0, times[np.arange(clients), np.maximum(x - 1, 0)], 0.0)
        frames.append(
            pd.DataFrame(
                {
                    "client_id": [f"{name}{number:04d}" for number in range(clients)],
                    "frequency": x.astype(float),
                    "recency": last,
                    "T": T,
                    "group": name,
                    "gone": bought >= most,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def test_the_share_who_left_lies_inside_its_limits_as_often_as_they_say():
    inside = []
    for seed in range(12):
        world = made_up(seed, {"loyal": 0.3, "usual": 0.6, "fickle": 1.1})
        model = ModifiedBetaGeoModel().fit(world)
        groups = world.set_index("client_id")["group"]
        found = drop_out_by_group(model, world, None, groups, seed=seed).set_index("group")
        truth = world.groupby("group")["gone"].mean().reindex(found.index)
        inside += truth.between(found["share_lo"], found["share_hi"]).tolist()
        # Without its own readiness to leave, the group that leaves most would look much like the others.
        assert found.loc["fickle", "pooled_share"] < found.loc["fickle", "left_share"]
    assert np.mean(inside) >= 0.85


def test_groups_that_are_alike_are_drawn_together():
    world = made_up(5, {"one": 0.6, "two": 0.6})
    found = drop_out_by_group(
        ModifiedBetaGeoModel().fit(world), world, None, world.set_index("client_id")["group"]
    )
    assert found["left_share"].to_numpy() == pytest.approx(found["pooled_share"].to_numpy(), abs=0.03)


def test_worth_is_what_was_brought_in_the_last_year_and_reconciles_about(churn_ledger):
    ledger = churn_ledger().assign(cost=lambda sold: sold["amount"] * 0.4)
    book = ck.open_book({"ledger": ledger}, as_of="2024-12-31")
    clients = monthly(book).client_id
    worth = yearly_worth(book, clients)
    assert worth.measure == "margin"
    year = ledger[ledger["date"] > "2023-12-31"]
    brought = (year["amount"] - year["cost"]).groupby(year["client_id"]).sum().reindex(clients).fillna(0.0)
    assert worth.value.sum() == pytest.approx(brought.sum(), rel=0.05)
    assert (worth.value[brought == 0] == 0).all()
    once = year.groupby("client_id")["date"].nunique().reindex(clients) == 1
    # Of who bought once, the extremes are drawn in.
    assert worth.value[once.to_numpy()].std() < brought[once].std()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (pd.DataFrame({"client_id": ["A"]}), "no column 'value'"),
        (pd.Series([1.0, 2.0], index=["A", "A"]), "occurs twice"),
        (pd.Series([np.nan], index=["A"]), "1 of 1 are blank"),
    ],
)
def test_a_worth_that_cannot_be_used_is_refused(value, words):
    with pytest.raises(ck.BookError, match=words):
        given_worth(value, np.array(["A"], dtype=object))


def test_a_given_worth_is_matched_by_client():
    value = pd.DataFrame({"client_id": ["B", "X", "A"], "value": [5.0, 9.0, -3.0]})
    assert given_worth(value, np.array(["A", "B", "C"], dtype=object)).value.tolist() == [0.0, 5.0, 0.0]


def test_a_call_costs_its_minutes_at_the_mean_wage():
    tables = {
        "ledger": pd.DataFrame({"date": ["2024-01-01"], "client_id": ["A"], "amount": [5.0]}),
        "contacts": pd.DataFrame(
            {
                "contact_id": ["1", "2", "3"],
                "client_id": "A",
                "kind": ["call", "call", "visit"],
                "planned_at": "2024-01-01",
                "status": "answered",
                "minutes": [6.0, 12.0, 60.0],
                "cost": [0.2, 0.4, 9.0],
            }
        ),
        "staff": pd.DataFrame(
            {"resource_id": ["S1", "S2"], "skills": "x", "hours_week": 40, "wage": [20.0, 40.0]}
        ),
    }
    cost, basis = call_cost(ck.open_book(tables))
    assert (round(cost, 6), basis) == (9 * 0.5 + 0.3, "contacts")
    only = ck.open_book({"ledger": tables["ledger"]})
    assert call_cost(only) == (0.0, "unknown")
    assert call_cost(only, 3.0) == (3.0, "given")
    with pytest.raises(ck.BookError, match="not a cost"):
        call_cost(only, -1.0)


@pytest.mark.parametrize("effect", [1.5, (0.3, 0.1), (-0.1, 0.2)])
def test_an_effect_that_is_no_share_is_refused(book, effect):
    with pytest.raises(ck.BookError, match="is not a range of shares"):
        saved_range(book, effect)


def test_limits_of_what_is_saved_hold_what_calls_would_save():
    world = made_up(1, {"all": 0.6}, clients=800)
    model = ModifiedBetaGeoModel().fit(world)
    chosen = world[world["frequency"] > 2].reset_index(drop=True)
    value = np.random.default_rng(0).lognormal(5, 1, len(chosen))
    rules = {"shares": (0.1, 0.3), "cost": 2.0}
    lo, hi = saved_interval(model, chosen, value, seed=0, **rules)
    alive = model.probability_alive(chosen)
    expected = expected_saved(value, alive, lost_probability=0.0, **rules).sum()
    assert lo < expected < hi
    truly = value[chosen["gone"]] @ np.full(int(chosen["gone"].sum()), 0.2) - 2.0 * len(chosen)
    assert lo < truly < hi


def test_limits_of_the_money_that_left_hold_it_as_often_as_they_say():
    inside = []
    for seed in range(20):
        world = made_up(seed, {"all": 0.6}, clients=500)
        value = np.random.default_rng(seed).lognormal(5, 1, len(world))
        lo, hi = money_left(ModifiedBetaGeoModel().fit(world), world, value, seed=seed)
        inside.append(lo < value[world["gone"]].sum() < hi)
    assert np.mean(inside) >= 0.85
