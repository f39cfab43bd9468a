import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

import crmkit as ck
from crmkit.segmentation.concentrations import _top_members

QUICK = ck.Settings().replace("segmentation", bootstrap=200)


def book(ledger, **wishes):
    return ck.open_book({"ledger": pd.DataFrame(ledger)}, config=QUICK, **wishes)


def purchases(rates, *, seed=0, ticket=None, days=365):
    """A ledger of clients who buy at their own rate a year, evenly over a year."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rates)
    client = np.repeat(np.arange(len(counts)), counts)
    price = np.ones(len(counts)) if ticket is None else ticket
    return pd.DataFrame(
        {
            "client_id": [f"C{number:04d}" for number in client],
            "date": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(rng.integers(0, days, len(client)), unit="D"),
            "amount": (rng.gamma(4, 25, len(client)) * price[client]).round(2),
        }
    )


def unequal(seed=0, clients=300):
    rng = np.random.default_rng(seed)
    return purchases(rng.gamma(1, 12, clients), seed=seed, ticket=rng.lognormal(0, 1, clients))


def of_a_giant(amount=10_000):
    """Twelve equal purchases of one client, over a year."""
    return pd.DataFrame(
        {"client_id": "Giant", "date": pd.date_range("2024-01-10", periods=12, freq="MS"), "amount": amount}
    )


def row(result, measure):
    return result.table.set_index("measure").loc[measure]


def test_the_shares_are_those_counted_by_hand_with_limits_around_them():
    ledger = unequal()
    found = ck.segmentation.concentration(book(ledger))
    money = ledger.groupby("client_id")["amount"].sum().sort_values(ascending=False).to_numpy()
    running = money.cumsum() / money.sum()
    size = len(money)
    assert row(found, "all_clients")["clients"] == size
    assert row(found, "all_clients")["amount"] == pytest.approx(money.sum())
    top, needed = int(np.ceil(0.2 * size)), 1 + int(np.argmax(running >= 0.8))
    assert row(found, "top_share")["estimate"] == pytest.approx(running[top - 1])
    assert row(found, "top_share")[["clients", "amount"]].tolist() == pytest.approx([top, money[:top].sum()])
    assert row(found, "needed_share")["estimate"] == pytest.approx(needed / size)
    assert row(found, "needed_share")["amount"] == pytest.approx(money[:needed].sum())
    assert row(found, "largest_share")["estimate"] == pytest.approx(running[0])
    for measure in ("top_share", "needed_share", "half_share", "gini", "largest_share", "kept_share"):
        assert row(found, measure)["lo"] < row(found, measure)["estimate"] < row(found, measure)["hi"]


def test_leaders_who_stay_leaders_are_told_with_the_few_who_bring_half():
    ledger = unequal()
    found = ck.segmentation.concentration(book(ledger, currency="EUR"))
    assert found.verdict == "lasting"
    assert "leaders stay leaders" in str(found.explain())
    assert row(found, "top_share")["clients"] == int(np.ceil(0.2 * 278))
    money = ledger.groupby("client_id")["amount"].sum().sort_values(ascending=False)
    half = 1 + int((money.cumsum() < money.sum() / 2).sum())
    assert f"50% from {half} clients" in str(found.explain())


def test_equal_clients_make_classes_that_carry_no_information():
    days = pd.date_range("2024-01-15", periods=12, freq="30D")
    ledger = pd.DataFrame(
        [(f"C{n}", day, 100) for n in range(50) for day in days], columns=["client_id", "date", "amount"]
    )
    found = ck.segmentation.concentration(book(ledger))
    assert found.verdict == "flat"
    assert row(found, "gini")["estimate"] == pytest.approx(0)
    assert row(found, "top_share")["estimate"] == pytest.approx(0.2)
    assert "Here classes by this measure carry no information" in str(found.explain())
    assert found.decisions.empty


def test_differences_by_chance_alone_carry_no_information():
    verdicts = []
    for seed in range(12):
        found = ck.segmentation.concentration(book(purchases(np.full(200, 4.0), seed=seed)))
        assert row(found, "top_share")["estimate"] > 0.33
        verdicts.append(found.verdict)
    assert verdicts.count("flat") >= 11
    assert "equal clients would bring 20%" in str(found.explain())


def test_rare_large_purchases_of_equal_clients_do_not_make_lasting_leaders():
    lucky, lasting = 0, 0
    for seed in range(12):
        ledger = purchases(np.full(100, 6.0), seed=seed)
        rare = np.random.default_rng(seed).lognormal(0, 2, len(ledger))
        found = ck.segmentation.concentration(book(ledger.assign(amount=(10 * rare).round(2))))
        lucky += row(found, "kept_share")["estimate"] > 0.25
        lasting += found.verdict == "lasting"
    assert lucky >= 3
    assert lasting <= 1


def test_clients_who_tie_at_the_limit_share_the_places():
    assert np.allclose(_top_members(np.full(10, 5.0), 0.2), 0.2)
    assert np.allclose(_top_members(np.array([9.0, 5, 5, 5, 1]), 0.4), [1, 1 / 3, 1 / 3, 1 / 3, 0])


def test_few_returning_clients_cannot_tell_whether_leaders_stay():
    found = ck.segmentation.concentration(book(unequal(clients=25)))
    assert row(found, "kept_share")["estimate"] > 0.25
    assert found.verdict == "unclear"


def test_the_money_of_a_decision_is_that_of_a_year():
    ledger = pd.concat([unequal(), of_a_giant()])
    longer = pd.concat(
        [ledger.assign(date=ledger["date"] - pd.Timedelta(days=366 * back)) for back in range(3)]
    )
    one = ck.segmentation.concentration(book(ledger)).decisions["amount"][0]
    three = ck.segmentation.concentration(book(longer)).decisions["amount"][0]
    assert three == pytest.approx(one, rel=0.01)


def test_a_year_ends_with_the_book_and_not_with_the_last_purchase():
    ledger = pd.concat([unequal(), of_a_giant()])
    half_year_on = book(ledger, as_of="2025-06-30")
    later = ck.segmentation.concentration(half_year_on)
    assert later.decisions["amount"][0] == pytest.approx(120_000 * 365.25 / 547, rel=0.01)
    assert later.yearly == ck.segmentation.rfm(half_year_on).yearly


def test_one_purchase_each_cannot_tell_whether_leaders_stay():
    rng = np.random.default_rng(1)
    ledger = {
        "client_id": [f"C{n}" for n in range(200)],
        "date": pd.date_range("2024-01-01", periods=200),
        "amount": rng.lognormal(4, 1.5, 200).round(2),
    }
    found = ck.segmentation.concentration(book(ledger))
    assert found.verdict == "unclear"
    assert "cannot be told" in str(found.explain())
    assert "The test:" in str(found.explain())


def test_one_large_client_is_named_as_a_risk():
    ledger = unequal(clients=200)
    giant = ledger["amount"].sum() / 2 / 12
    ledger = pd.concat([ledger, of_a_giant(giant)])
    found = ck.segmentation.concentration(book(ledger))
    assert "One client (Giant) brought 33%" in str(found.explain())
    risk = found.decisions.set_index("id").loc["concentration-risk-1"]
    assert risk["amount"] == pytest.approx(12 * giant, rel=0.01)
    assert risk["lo"] < risk["amount"] < risk["hi"]
    assert found.decided_clients["concentration-risk-1"].index.tolist() == ["Giant"]


def test_a_large_client_who_stays_away_is_no_longer_counted_on():
    ledger = pd.concat([unequal(clients=50), of_a_giant(20_000)])
    ledger = pd.concat([ledger, ledger[ledger["client_id"] != "Giant"].assign(date="2026-03-01")])
    found = ck.segmentation.concentration(book(ledger))
    said = str(found.explain())
    assert "have bought nothing for a year: 1 client" in said
    assert "losing" not in said
    assert found.decisions.empty


def test_limits_that_cannot_be_told_are_called_unknown():
    ledger = {"client_id": list("ABCDEF"), "date": "2024-01-01", "amount": [100, 0, 0, 0, 0, 0]}
    said = str(ck.segmentation.concentration(book(ledger)).explain())
    assert "the top 20% of clients (2 of 6) brought 100% [limits unknown]" in said


def test_few_large_clients_are_counted():
    ledger = pd.DataFrame(
        {
            "client_id": ["A", "B", "C", *(f"s{n}" for n in range(20))],
            "date": "2024-03-01",
            "amount": [300, 200, 100, *[20] * 20],
        }
    )
    said = str(ck.segmentation.concentration(book(ledger)).explain())
    assert "3 brought 10% or more each, 60% together; the largest of these (A) brought 30%" in said


def test_money_reconciles_when_some_returned_more_than_they_bought():
    ledger = pd.concat(
        [
            unequal(clients=100),
            pd.DataFrame({"client_id": ["R1", "R2"], "date": "2024-05-05", "amount": [-900, -100]}),
        ]
    )
    found = ck.segmentation.concentration(book(ledger))
    below = row(found, "below_zero")
    assert (below["clients"], below["amount"]) == (2, -1000)
    assert found.curve["amount"].iloc[-1] == pytest.approx(ledger["amount"].sum())
    assert found.curve["amount_share"].iloc[-1] == pytest.approx(1)
    assert found.curve["amount_share"].max() > 1
    assert "Returned more than they bought in this period: 2 clients, -1,000 together" in str(found.explain())


@pytest.mark.parametrize(
    ("amounts", "words"),
    [
        ([-10.0, -20, -30], "the total of 3 clients is -60"),
        ([0.0, 0, 0], "the total of 3 clients is 0"),
        ([50.0, -20, -30], "nothing to share out"),
    ],
)
def test_a_total_that_is_not_positive_has_no_shares_and_says_so(amounts, words):
    ledger = {"client_id": ["A", "B", "C"], "date": "2024-01-01", "amount": amounts}
    found = ck.segmentation.concentration(book(ledger))
    assert found.verdict == "undefined"
    assert words in str(found.explain())
    assert found.table["measure"].tolist() == ["all_clients"]
    assert found.decisions.empty
    assert found.plot().get_title(loc="left") == "Nothing to share out among clients"
    pyplot.close("all")


def test_one_client_has_nobody_to_compare_with():
    found = ck.segmentation.concentration(book({"client_id": ["A"], "date": ["2024-01-01"], "amount": [120]}))
    assert found.verdict == "undefined"
    assert "there is one client, who brought everything (120)" in str(found.explain())


def test_two_clients_get_an_answer():
    ledger = {
        "client_id": ["A", "B", "A"],
        "date": ["2024-01-01", "2024-02-01", "2024-03-01"],
        "amount": [90, 10, 100],
    }
    found = ck.segmentation.concentration(book(ledger))
    assert row(found, "largest_share")["estimate"] == pytest.approx(0.95)
    assert found.verdict == "few"
    said = str(found.explain())
    assert "the largest of 2 clients brought 95%" in said
    assert "(A)" in said
    assert "the top 20% of clients" not in said
    assert found.plot().get_title(loc="left") == "Net revenue: the largest of 2 clients brought 95%"
    pyplot.close("all")


def test_returns_that_outweigh_the_second_half_are_not_called_few_clients():
    early = purchases(np.full(60, 6.0), days=180)
    late = early.assign(date=early["date"] + pd.Timedelta(days=180), amount=-early["amount"] / 2)
    found = ck.segmentation.concentration(book(pd.concat([early, late])))
    assert found.verdict == "used_up"
    said = str(found.explain())
    assert "returns or losses outweigh" in said
    assert "too few clients" not in said


def test_a_ledger_without_money_is_compared_by_purchase_days():
    found = ck.segmentation.concentration(book(unequal()[["client_id", "date"]]))
    assert found.measure == "purchase_days"
    assert "The ledger holds no money" in str(found.explain())
    assert row(found, "all_clients")["amount"] == unequal().drop_duplicates(["client_id", "date"]).shape[0]
    assert found.decisions.empty


def test_margin_is_chosen_where_it_is_known_and_can_be_refused():
    ledger = unequal()
    ledger["cost"] = (ledger["amount"] * 0.6).round(2)
    found = ck.segmentation.concentration(book(ledger))
    assert str(found.explain()).startswith("Margin from 1 January 2024 to 30 December 2024: the top 20%")
    assert row(found, "all_clients")["amount"] == pytest.approx((ledger["amount"] - ledger["cost"]).sum())
    assert ck.segmentation.concentration(book(ledger), measure="amount").measure == "amount"


def test_a_client_sold_to_below_cost_brings_a_loss_and_not_returns():
    ledger = unequal(clients=50)
    ledger["cost"] = (ledger["amount"] * 0.6).round(2)
    ledger.loc[ledger["client_id"] == "C0007", "cost"] *= 3
    said = str(ck.segmentation.concentration(book(ledger)).explain())
    assert "Brought a loss in this period: 1 client, -" in said
    assert "Returned" not in said


def test_clients_without_a_known_margin_are_left_out_and_counted():
    ledger = unequal(clients=100)
    ledger["cost"] = (ledger["amount"] * 0.6).where(ledger["client_id"] > "C0009").round(2)
    unknown = ledger.loc[ledger["cost"].isna(), "client_id"].nunique()
    assert ck.segmentation.concentration(book(ledger)).measure == "amount"
    found = ck.segmentation.concentration(book(ledger), measure="margin")
    assert row(found, "left_out")["clients"] == unknown
    assert f"Left out, because the measure is not known for them: {unknown} clients" in str(found.explain())


def test_wishes_that_cannot_be_met_say_what_can():
    with pytest.raises(ck.BookError, match="expected one of margin, amount, purchase_days"):
        ck.segmentation.concentration(book(unequal()), measure="profit")
    with pytest.raises(ck.BookError, match=r"margin is not known for any client\. Add the column cost"):
        ck.segmentation.concentration(book(unequal()), measure="margin")
    with pytest.raises(ck.BookError, match="no client bought anything in the chosen window"):
        ck.segmentation.concentration(book(unequal()), window=("2020-01-01", "2020-12-31"))


def test_neither_row_order_nor_the_unit_of_money_matters():
    ledger = unequal(clients=80)
    found = ck.segmentation.concentration(book(ledger))
    mixed = ck.segmentation.concentration(book(ledger.sample(frac=1, random_state=1)))
    pd.testing.assert_frame_equal(found.table, mixed.table)
    cents = ck.segmentation.concentration(book(ledger.assign(amount=ledger["amount"] * 100)))
    columns = ["estimate", "lo", "hi"]
    pd.testing.assert_frame_equal(found.table[columns], cents.table[columns])


def test_it_speaks_russian_and_shows_its_table():
    found = ck.segmentation.concentration(book(unequal(), currency="RUB"))
    assert "₽" in repr(found.show(lang="ru"))
    assert "Share brought by the top 20%" in repr(found.show(lang="en"))
    assert len(found.explain("ru").claims) == len(found.explain("en").claims)


def test_the_picture_shows_the_curve_and_states_the_finding():
    found = ck.segmentation.concentration(book(unequal(), currency="EUR"))
    axes = found.plot()
    share = f"{row(found, 'top_share')['estimate']:.0%}"
    assert axes.get_title(loc="left") == f"Net revenue: the top 20% of clients bring {share}"
    assert np.array_equal(axes.lines[0].get_ydata(), found.plot_data()["amount_share"])
    assert axes.get_xlabel()
    assert axes.get_ylabel()
    pyplot.close("all")


def test_online_retail_top_fifth_brings_73_to_74_per_cent(shared_data):
    real = ck.open_book(shared_data / "online_retail.csv.gz")
    found = ck.segmentation.concentration(real)
    assert row(found, "all_clients")["clients"] == 4372
    assert 0.73 <= row(found, "top_share")["estimate"] <= 0.74
    assert found.verdict == "lasting"
