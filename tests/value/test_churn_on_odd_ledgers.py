"""What churn says of ledgers at the edge: a stated answer without gaps, or a refusal that says what to do."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

import crmkit as ck
from crmkit.value import churn
from crmkit.wording import LANGUAGES

END = pd.Timestamp("2024-12-31")
INTERVAL = re.compile(r"\[[^\[\]–]+ – [^\[\]–]+\]")
GAP = re.compile(r" – |\bnan\b|None|NaT|\binf\b|\b1 (clients|days|months)\b|{\w*}")


def same_gaps(clients=60, gap=30, times=20):
    rows = [
        (f"C{client:03d}", END - pd.Timedelta(days=gap * time + client % gap), 50.0)
        for client in range(clients)
        for time in range(times)
    ]
    return pd.DataFrame(rows, columns=["client_id", "date", "amount"])


ANSWERED = {
    "ordinary": lambda make: make(),
    "no amounts": lambda make: make()[["client_id", "date"]],
    "one cohort": lambda make: one_cohort(make()),
    "a third of clients negative": lambda make: make().assign(
        amount=lambda ledger: np.where(ledger["client_id"] < "C100", -1, 1) * ledger["amount"]
    ),
    "sold at a loss": lambda make: make().assign(cost=lambda ledger: ledger["amount"] * 2),
    "constant gaps": lambda make: same_gaps(),
    "a quarter of a year": lambda make: make()[lambda ledger: ledger["date"] > "2024-10-01"],
    "nothing for two years": lambda make: make().assign(
        date=lambda ledger: ledger["date"] - pd.Timedelta(days=800)
    ),
    "few bought again": lambda make: few_repeat(make()),
    "nobody leaves": lambda make: make(leave=(0.01, 50.0)),
    "everyone spends the same": lambda make: make().assign(amount=20.0),
    "one client buys every day": lambda make: pd.concat([make(), every_day()]),
}
REFUSED = {
    "all bought once": lambda make: make().drop_duplicates("client_id"),
    "all negative": lambda make: make().assign(amount=-10.0),
    "tiny": lambda make: make(8),
    "all on one day": lambda make: make().assign(date=END),
    "two weeks": lambda make: make()[lambda ledger: ledger["date"] > "2024-12-15"],
}


def one_cohort(ledger):
    first = ledger.groupby("client_id")["date"].transform("min")
    ledger = ledger.assign(date=pd.Timestamp("2022-06-01") + (ledger["date"] - first))
    return ledger[ledger["date"] <= END]


def few_repeat(ledger):
    return pd.concat([ledger.drop_duplicates("client_id"), ledger[ledger["client_id"] < "C030"]])


def every_day():
    days = pd.date_range(END - pd.Timedelta(days=900), END)
    return pd.DataFrame({"client_id": "daily", "date": days, "amount": 5.0})


def book(ledger):
    return ck.open_book({"ledger": ledger}, as_of=END, currency="EUR")


@pytest.mark.parametrize("name", ANSWERED)
def test_odd_ledgers_are_spoken_of_without_gaps(name, churn_ledger):
    found = churn(book(ANSWERED[name](churn_ledger)))
    assert found.table["probability_alive"].between(0, 1).all()
    assert found.table["probability_purchase"].between(0, 1).all()
    money = found.decisions
    assert np.isfinite(money[["amount", "lo", "hi"]].to_numpy(dtype=float)).all()
    assert ((money["amount"] > 0) & (money["lo"] <= money["amount"]) & (money["amount"] <= money["hi"])).all()
    for lang in LANGUAGES:
        spoken = replace(found, context=replace(found.context, language=lang))
        axes = [spoken.plot(), spoken.plot_calibration(), spoken.plot_cohorts()]
        said = [text for each in axes for text in (each.get_title(loc="left"), each.figure.alt_text)]
        pyplot.close("all")
        for claim in spoken.explain().claims:
            said += [claim.sentence, claim.caveat, claim.method]
        said += [*spoken.decisions["action"], *spoken.decisions["reason"], *spoken.save_list["reason"]]
        for text in said:
            assert not GAP.search(INTERVAL.sub("", text)), text


@pytest.mark.parametrize("name", REFUSED)
def test_too_little_is_refused_with_what_would_be_enough(name, churn_ledger):
    with pytest.raises(ck.BookError, match="from 30 clients, 10 who bought again, and 60 days on"):
        churn(book(REFUSED[name](churn_ledger)))


def test_without_amounts_there_are_probabilities_and_no_money(churn_ledger):
    found = churn(book(ANSWERED["no amounts"](churn_ledger)))
    assert found.measure == ""
    assert found.table["value_at_risk"].isna().all()
    assert found.save_list.empty
    assert found.decisions.empty
    said = str(found.explain("en"))
    assert "€" not in said
    assert "there are probabilities only" in said
    assert found.plot().get_title(loc="left").startswith("About ")


def test_what_sells_at_a_loss_is_not_worth_saving(churn_ledger):
    found = churn(book(ANSWERED["sold at a loss"](churn_ledger)))
    assert (found.table["value"] == 0).all()
    assert "There is nobody to call" in str(found.explain("en"))


def test_where_nobody_leaves_nobody_is_said_to_have_left(churn_ledger):
    assert churn(book(same_gaps())).left_share()["left_share"] < 0.01
    left = churn(book(ANSWERED["nobody leaves"](churn_ledger))).left_share()
    assert left["share_lo"] <= 0.02


def test_a_short_book_says_that_ways_cannot_be_told_apart(churn_ledger):
    found = churn(book(ANSWERED["a quarter of a year"](churn_ledger)))
    assert found.holdout.verdict == "short"
    assert found.calibration.empty
    assert "too short for a hold-out" in str(found.explain("en"))


def test_who_returned_everything_has_no_history(churn_ledger):
    found = churn(book(ANSWERED["a third of clients negative"](churn_ledger)))
    assert (found.table["client_id"] >= "C100").all()
