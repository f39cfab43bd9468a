"""What the results say about ledgers at the edge: no sentence may hold a gap, or claim what is not known."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

import crmkit as ck
from crmkit.wording import LANGUAGES

QUICK = ck.Settings().replace("segmentation", bootstrap=100, clusters_most=3)
END = pd.Timestamp("2024-12-31")
INTERVAL = re.compile(r"\[[^\[\]–]+ – [^\[\]–]+\]")
GAP = re.compile(r"–|\bnan\b|None|NaT|\binf\b|\b0 more|2,000%|\b1 (clients|days|months|clusters)\b|{\w*}")
"""A dash outside an interval stands for a figure that is not known."""


def gap(text):
    return GAP.search(INTERVAL.sub("", text))


def sales(clients, times, *, days=700, seed=0):
    rng = np.random.default_rng(seed)
    client = np.repeat(np.arange(clients), times)
    return pd.DataFrame(
        {
            "client_id": [f"C{number:03d}" for number in client],
            "date": END - pd.to_timedelta(rng.integers(0, days, len(client)), unit="D"),
            "amount": rng.lognormal(3, 1, len(client)).round(2),
        }
    )


def equal(clients):
    days = pd.date_range(END - pd.Timedelta(days=330), END, periods=12).normalize()
    rows = [(f"C{number:03d}", day, 50.0) for number in range(clients) for day in days]
    return pd.DataFrame(rows, columns=["client_id", "date", "amount"])


LEDGERS = {
    "one client": sales(1, 8),
    "one client, one purchase": sales(1, 1),
    "one client, negative": sales(1, 3).assign(amount=-10.0),
    "two clients": sales(2, 8),
    "seven clients": sales(7, 3),
    "all negative": sales(60, 5).assign(amount=lambda ledger: -ledger["amount"]),
    "nothing sold in the last year": sales(60, 5, days=300).assign(
        date=lambda ledger: ledger["date"] - pd.Timedelta(days=500)
    ),
    "three months": sales(60, 5, days=90),
    "all equal": equal(40),
    "few equal": equal(6),
    "no amounts": sales(60, 5)[["client_id", "date"]],
    "one client, no amounts": sales(1, 4)[["client_id", "date"]],
    "one purchase each": sales(60, 1),
    "only walk-ins": sales(1, 8).assign(client_id="WALK_IN"),
    "walk-ins and two": pd.concat([sales(2, 8), sales(1, 30, seed=1).assign(client_id="WALK_IN")]),
    "everything returned": pd.concat(
        [sales(40, 3), sales(40, 3).assign(amount=lambda ledger: -ledger["amount"])]
    ),
}
QUESTIONS = {
    "concentration": ck.segmentation.concentration,
    "rfm": ck.segmentation.rfm,
    "cluster": ck.segmentation.cluster,
    "two clusters": lambda book: ck.segmentation.cluster(book, number=2),
    "classify": ck.segmentation.classify,
    "migration": lambda book: ck.segmentation.migration(book, months=6),
}
ONE_KIND = ("one client", "all equal", "few equal", "only walk-ins")
"""Ledgers whose clients cannot be divided in two."""
TOO_SHORT = ("three months", "all equal", "few equal")
"""Ledgers of which the classes of half a year ago cannot be told."""


COSTLY = QUICK.replace("costs", minute_rate=1.0)


def book(name, *, costs=False):
    ledger = LEDGERS[name]
    if costs and "amount" in ledger:
        share = np.random.default_rng(1).uniform(0.5, 1.6, len(ledger))
        ledger = ledger.assign(cost=(ledger["amount"].abs() * share).round(2))
    config = COSTLY if costs else QUICK
    return ck.open_book({"ledger": ledger}, as_of=END, currency="EUR", config=config)


def everything_said(result, lang):
    spoken = replace(result, context=replace(result.context, language=lang))
    decisions = spoken.decisions
    axes = spoken.plot()
    pictured = [axes.get_title(loc="left"), axes.figure.alt_text]
    pyplot.close("all")
    claims = spoken.explain().claims
    said = [text for claim in claims for text in (claim.sentence, claim.caveat, claim.method)]
    reasons = set(result.table["reason"]) if "reason" in result.table else ()
    return [*said, *pictured, *decisions["action"], *decisions["reason"], *reasons]


@pytest.mark.parametrize("name", LEDGERS)
def test_odd_ledgers_are_spoken_of_without_gaps(name):
    check(book(name), name, QUESTIONS)


@pytest.mark.parametrize("name", LEDGERS)
def test_classes_of_odd_ledgers_with_costs_are_spoken_of_without_gaps(name):
    check(book(name, costs=True), name, {key: QUESTIONS[key] for key in ("classify", "migration")})


def check(opened, name, questions):
    for question, ask in questions.items():
        if question == "two clusters" and name.startswith(ONE_KIND):
            continue
        if question == "migration" and name in TOO_SHORT:
            with pytest.raises(ck.BookError, match="Choose fewer months"):
                ask(opened)
            continue
        result = ask(opened)
        for lang in LANGUAGES:
            for text in everything_said(result, lang):
                assert not gap(text), f"{question}: {text}"
        money = result.decisions
        assert np.isfinite(money[["amount", "lo", "hi"]].to_numpy(dtype=float)).all()
        assert ((money["amount"] > 0) & (money["lo"] <= money["amount"])).all()
        assert (money["amount"] <= money["hi"]).all()


def test_who_stands_for_nobody_is_not_counted_among_the_clients_to_choose_from():
    said = str(ck.segmentation.classify(book("walk-ins and two")).explain("en"))
    assert "20% of the clients (2 clients in all) is less than one" in said


def test_what_is_past_is_called_past():
    opened = book("nothing sold in the last year")
    for ask in QUESTIONS.values():
        assert "this describes the past" in str(ask(opened).explain())
    assert ck.segmentation.concentration(opened).decisions.empty


def test_without_amounts_nobody_speaks_of_money():
    opened = book("no amounts")
    for question, ask in QUESTIONS.items():
        result = ask(opened)
        assert "revenue" not in str(result.explain()), question
        assert "€" not in str(result.explain()), question
        assert result.decisions.empty


def test_who_kept_nothing_did_not_buy_once():
    for name in ("all negative", "everything returned"):
        said = str(ck.segmentation.cluster(book(name), number=2).explain("en"))
        assert "kept no purchase" in said
        assert "bought once" not in said
        assert "few values differ" not in str(ck.segmentation.rfm(book(name)).explain("en"))


def test_the_gaps_that_are_looked_for_are_found():
    for text in (
        "brought – in all",
        "D is 1 clients",
        "Share: nan",
        "71% [– – –]",
        "– of net revenue",
        "0 more would",
    ):
        assert gap(text)
    for text in ("bring 71% [70% – 73%]", "worth -€5 [-€9 – €3]", "1 client", "21 clients", "20 more"):
        assert not gap(text)
