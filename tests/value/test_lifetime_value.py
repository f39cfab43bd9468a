"""Lifetime value at the level of a book: what it promises, and what it says about ledgers at the edge."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

import crmkit as ck
from crmkit.statistics import DECISION_COLUMNS
from crmkit.wording import LANGUAGES, VOCABULARY
from tests.value.worlds import AS_OF, later, opened, world

CLINIC = Path(__file__).parents[2] / "data/clinic"
INTERVAL = re.compile(r"\[[^\[\]–]+ – [^\[\]–]+\]")
GAP = re.compile(r"–|\bnan\b|None|NaT|\binf\b|\b1 (clients|days|months)\b|{\w*}")


@pytest.fixture(scope="module")
def ledger():
    return world(900, season=[0.8, 0.9, 1.1, 1.2, 1.2, 1, 0.7, 0.5, 1, 1.3, 1.3, 1])


@pytest.fixture(scope="module")
def found(ledger):
    return ck.value.lifetime_value(opened(ledger))


def test_the_parts_add_up(found):
    table = found.table
    assert found.value("purchases") == pytest.approx(table["expected_purchases"].sum())
    assert found.value("margin") == pytest.approx(table["expected_margin"].sum())
    assert found.value("residual") == pytest.approx(table["residual_value"].sum())
    assert found.by_month["expected_purchases"].sum() == pytest.approx(found.value("purchases"))
    assert found.by_month["expected_margin"].sum() == pytest.approx(found.value("margin"))
    assert found.by_month["ds"].tolist() == list(pd.date_range("2025-01-01", periods=12, freq="MS"))
    discounted = found.by_month["expected_margin"] @ found.by_month["discount_factor"]
    assert discounted == pytest.approx(found.value("residual"))


def test_realised_value_is_the_past_and_no_part_of_the_residual(found, ledger):
    past = ledger[ledger["date"] <= AS_OF].groupby("client_id")["amount"].sum()
    assert found.table.set_index("client_id")["realised_value"].to_numpy() == pytest.approx(past.to_numpy())
    assert found.value("realised") == pytest.approx(past.sum())
    assert pd.isna(found.value("realised", "lo"))


def test_discounting_is_a_factor_a_month_from_the_middle_of_each(found, ledger):
    factors = 1.1 ** (-(np.arange(12) + 0.5) / 12)
    assert found.by_month["discount_factor"].to_numpy() == pytest.approx(factors)
    free = ck.value.lifetime_value(opened(ledger), discount_rate=0.0)
    assert free.value("residual") == pytest.approx(free.value("margin"))


def test_months_begin_on_the_day_after_the_book_ends(ledger):
    book = ck.open_book({"ledger": ledger}, as_of="2024-12-11")
    found = ck.value.lifetime_value(book, horizon_months=2)
    assert found.by_month["ds"].dt.strftime("%F").tolist() == ["2024-12-12", "2025-01-12"]


def test_classes_add_up_to_the_months_of_all(ledger):
    book = opened(ledger)
    ids = book.client_summary()["client_id"]
    classes = pd.Series(np.where(np.arange(len(ids)) % 3, "C", "A"), index=ids).drop(ids[:5])
    found = ck.value.lifetime_value(book, horizon_months=6, classes=classes)
    assert set(found.by_class["class"]) == {"", "A", "C"}
    assert found.of_class["clients"].sum() == len(ids)
    assert found.of_class["expected_margin"].sum() == pytest.approx(found.value("margin"))
    summed = found.by_class.groupby("ds")[["expected_purchases", "expected_margin"]].sum()
    assert summed.to_numpy() == pytest.approx(
        found.by_month[["expected_purchases", "expected_margin"]].to_numpy()
    )


def test_the_same_seed_gives_the_same_figures_and_intervals_hold_the_estimate(found, ledger):
    again = ck.value.lifetime_value(opened(ledger))
    pd.testing.assert_frame_equal(found.table, again.table)
    pd.testing.assert_frame_equal(found.by_month, again.by_month)
    for low, middle, high in (
        ("purchases_lo", "expected_purchases", "purchases_hi"),
        ("value_lo", "residual_value", "value_hi"),
    ):
        assert (found.table[low] <= found.table[middle]).all()
        assert (found.table[middle] <= found.table[high]).all()


def test_what_clients_did_later_lies_inside_the_intervals(found, ledger):
    after = later(ledger, found.table["client_id"])
    made = after.groupby("client_id")["date"].nunique().reindex(found.table["client_id"]).fillna(0.0)
    inside = made.to_numpy() <= found.table["purchases_hi"].to_numpy()
    inside &= made.to_numpy() >= found.table["purchases_lo"].to_numpy()
    assert inside.mean() > 0.93


@pytest.mark.slow
@pytest.mark.parametrize("clients", [400, 2500])
def test_intervals_of_totals_hold_what_happens_as_often_as_they_say(clients, capsys):
    worlds, inside = 40, {"purchases": 0, "margin": 0}
    for seed in range(worlds):
        # Slow enough that hardly anybody buys twice a day, which the model of purchase days does not know.
        ledger = world(clients, seed=1000 + seed, weeks=9.0)
        found = ck.value.lifetime_value(opened(ledger), discount_rate=0.0)
        after = later(ledger, found.table["client_id"])
        made = {
            "purchases": len(after.drop_duplicates(["client_id", "date"])),
            "margin": after["amount"].sum(),
        }
        for measure, figure in made.items():
            inside[measure] += found.value(measure, "lo") <= figure <= found.value(measure, "hi")
    with capsys.disabled():
        shares = ", ".join(f"{name} {count / worlds:.0%}" for name, count in inside.items())
        print(
            f"\n{worlds} worlds of {clients:,} clients; 95 % intervals of totals hold what happened: {shares}"
        )
    assert all(count / worlds >= 0.88 for count in inside.values())


@pytest.fixture(scope="module")
def clinic():
    book = ck.open_book(CLINIC)
    channel = book.table("clients").set_index("client_id")["source_channel"]
    return ck.value.lifetime_value(book, discount_rate=0.0, classes=channel)


@pytest.fixture(scope="module")
def truth():
    import json

    read = json.loads((CLINIC / "truth.json").read_text(encoding="utf-8"))["clients"]
    frame = pd.DataFrame(read).set_index("client_id")
    return frame["margin after 2025-06-30"] - frame["staff cost after 2025-06-30"]


def test_the_clinics_true_value_lies_inside_the_intervals(clinic, truth):
    real = truth.reindex(clinic.table["client_id"]).to_numpy()
    assert clinic.value("margin", "lo") <= real.sum() <= clinic.value("margin", "hi")
    inside = (real >= clinic.table["value_lo"]) & (real <= clinic.table["value_hi"])
    assert inside.mean() > 0.94
    assert clinic.table["residual_value"].corr(pd.Series(real), "spearman") > 0.75


def test_the_clinics_true_value_by_channel_lies_inside_the_intervals(clinic, truth):
    channel = ck.open_book(CLINIC).table("clients").set_index("client_id")["source_channel"]
    ids = clinic.table["client_id"]
    real = truth.reindex(ids).groupby(channel.reindex(ids).fillna("").to_numpy()).sum()
    table = clinic.of_class.set_index("class")
    assert len(table) == 8
    assert ((real >= table["amount_lo"]) & (real <= table["amount_hi"])).all()


def test_the_clinics_season_is_in_the_months(clinic):
    months = clinic.by_month.set_index(clinic.by_month["ds"].dt.month)["expected_purchases"]
    assert clinic.choice.clock.seasonal
    assert months[[7, 8]].mean() < 0.8 * months[[10, 11]].mean()


def test_every_column_has_a_term_and_every_picture_its_data(found):
    frames = [found.table, found.total, found.by_month, found.choice.table, found.influence[0]]
    for frame in frames:
        assert set(frame.columns) <= set(VOCABULARY), set(frame.columns) - set(VOCABULARY)
    for view in found.views:
        for lang in LANGUAGES:
            axes = found.plot_view(view, lang=lang)
            assert axes.get_title(loc="left")
            assert axes.get_xlabel()
            assert axes.get_ylabel()
            assert axes.figure.alt_text
            assert not GAP.search(axes.figure.alt_text)
            pyplot.close("all")
        assert len(found.view_data(view))
    with pytest.raises(ValueError, match="view must be one of"):
        found.plot_view("nothing")


def test_decisions_have_the_shape_of_the_house(found):
    assert tuple(found.decisions.columns) == DECISION_COLUMNS
    assert found.decisions["id"].tolist()[0] == "value-assign"
    for row in found.decisions.itertuples():
        assert row.lo <= row.amount <= row.hi
        assert found.decided_clients[row.id].sum() == pytest.approx(row.amount, abs=0.01)


def known(ledger):
    return ledger[ledger["date"] <= AS_OF]


def edge(name):
    ledger = world(300, seed=2)
    match name:
        case "no amounts":
            return ledger.drop(columns="amount")
        case "all bought once":
            return ledger.drop_duplicates("client_id")
        case "one cohort":
            first = ledger.groupby("client_id")["date"].transform("min")
            return ledger[first <= first.min() + pd.Timedelta(days=150)]
        case "everything negative":
            return ledger.assign(amount=-ledger["amount"])
        case "negative totals of some":
            some = ledger["client_id"] < "C000040"
            return ledger.assign(amount=ledger["amount"].where(~some, -ledger["amount"]))
        case "returns outweigh sales":
            back = known(ledger).assign(amount=lambda lines: -1.3 * lines["amount"], date=AS_OF)
            return pd.concat([ledger, back], ignore_index=True)
        case "zero margins":
            return ledger.assign(cost=ledger["amount"])
        case "losses":
            return ledger.assign(cost=(ledger["amount"] * 1.3).round(2))
        case "constant spend":
            return ledger.drop_duplicates(["client_id", "date"]).assign(amount=50.0)
        case "no time":
            return ledger.assign(date=AS_OF)
        case "one client with 2,000 purchases":
            days = AS_OF - pd.to_timedelta(np.arange(2000) % 729, unit="D")
            many = pd.DataFrame({"client_id": "C999999", "date": days, "amount": 40.0})
            return pd.concat([ledger, many], ignore_index=True)
        case "spend without a mean":
            rng = np.random.default_rng(0)
            scale = pd.Series(rng.pareto(0.5, 300) + 1, index=np.unique(ledger["client_id"]))
            return ledger.assign(amount=(10 * scale[ledger["client_id"]].to_numpy()).round(2))
        case "nothing bought lately":
            return ledger[ledger["date"] < AS_OF - pd.Timedelta(days=260)]
        case "a short history":
            return world(200, days=100)
        case "nobody leaves":
            days = pd.date_range(AS_OF - pd.Timedelta(days=700), AS_OF, freq="7D")
            rows = [(f"C{n:06}", day + pd.Timedelta(days=int(n % 7))) for n in range(80) for day in days]
            frame = pd.DataFrame(rows, columns=["client_id", "date"]).assign(amount=20.0)
            return frame[frame["date"] <= AS_OF]
    raise ValueError(name)


REFUSED = {
    "all bought once": "clients who bought again: 0",
    "everything negative": "clients who bought: 0",
    "no time": "clients who bought again: 0",
}
ANSWERED = (
    "no amounts",
    "one cohort",
    "negative totals of some",
    "returns outweigh sales",
    "zero margins",
    "losses",
    "constant spend",
    "one client with 2,000 purchases",
    "spend without a mean",
    "nobody leaves",
    "nothing bought lately",
    "a short history",
)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_told_is_refused_in_a_sentence(name):
    with pytest.raises(ck.BookError, match=REFUSED[name]):
        ck.value.lifetime_value(opened(edge(name)))


@pytest.mark.parametrize("name", ANSWERED)
def test_ledgers_at_the_edge_have_an_answer_without_gaps(name):
    found = ck.value.lifetime_value(opened(edge(name)))
    numbers = found.table.select_dtypes("number").to_numpy(float)
    assert np.isfinite(numbers).all()
    assert np.isfinite(found.by_month.select_dtypes("number").to_numpy(float)).all()
    for lang in LANGUAGES:
        said = str(found.explain(lang))
        assert not GAP.search(INTERVAL.sub("", said)), said
        assert found.explain(lang)._repr_markdown_()
        found.plot(lang=lang)
        pyplot.close("all")
    assert (found.decisions["lo"] <= found.decisions["hi"]).all()


def said_of(name):
    return str(ck.value.lifetime_value(opened(edge(name))).explain("en"))


def test_without_amounts_only_purchases_are_spoken_of():
    found = ck.value.lifetime_value(opened(edge("no amounts")))
    assert "purchases only" in str(found.explain("en"))
    assert "€" not in str(found.explain("en"))
    assert "residual_value" not in found.table
    assert found.decisions.empty
    assert "concentration" not in found.views


def test_revenue_is_not_called_margin_and_a_known_cost_makes_it_one():
    assert "this is revenue and not margin" in said_of("constant spend")
    assert "this is revenue and not margin" not in said_of("zero margins")


def test_zero_margins_are_worth_nothing_and_nobody_is_assigned_for_them():
    found = ck.value.lifetime_value(opened(edge("zero margins")))
    assert found.value("margin") == pytest.approx(0, abs=1e-6)
    assert found.decisions.empty


def test_losses_are_told_as_losses():
    found = ck.value.lifetime_value(opened(edge("losses")))
    assert found.value("residual", "hi") < 0
    assert found.decisions.empty


def test_clients_who_kept_no_purchase_are_left_out_and_counted():
    found = ck.value.lifetime_value(opened(edge("negative totals of some")))
    assert found.left_out == 40
    assert "left out: 40 clients" in str(found.explain("en"))


def test_constant_spend_is_used_as_it_is():
    found = ck.value.lifetime_value(opened(edge("constant spend")))
    assert found.table["net_per_purchase"].to_numpy() == pytest.approx(np.full(len(found.table), 50.0))
    assert "All clients spend the same" in str(found.explain("en"))


def test_the_client_with_2000_purchases_is_named_as_moving_the_fit():
    found = ck.value.lifetime_value(opened(edge("one client with 2,000 purchases")))
    table, without = found.influence
    assert table["client_id"].iloc[0] == "C999999"
    assert without is not None
    assert "C999999" in str(found.explain("en"))


def test_wishes_that_cannot_be_are_refused(ledger):
    book = opened(ledger)
    for wish in ({"horizon_months": 0}, {"horizon_months": 1.5}, {"discount_rate": -0.1}):
        with pytest.raises(ck.BookError, match=next(iter(wish))):
            ck.value.lifetime_value(book, **wish)
