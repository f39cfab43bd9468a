"""A small made-up company with channels, spend and a trial, whose truth the tests know."""

from __future__ import annotations

import numpy as np
import pandas as pd

import crmkit as ck

FIRST, LAST = pd.Timestamp("2022-01-03"), pd.Timestamp("2024-12-29")


def tables(seed=0, *, effect=0.25, contact_cost=1.0, occasions=1500, base=4.0, lift=12.0, half=300.0):
    """Tables of 156 weeks: two channels whose spend pauses and is pushed; calls that bring back some clients.

    Each client leaves 60 at joining; whoever comes back leaves 80.
    """
    rng = np.random.default_rng(seed)
    weeks = pd.date_range(FIRST, periods=156, freq="7D")
    clients, spend, sales = [], [], []
    for channel in ("search", "social"):
        mood = np.repeat(rng.choice([0.0, 1.0, 2.0], 39), 4)
        money = np.rint(300 * mood * rng.lognormal(0, 0.2, 156))
        came = rng.poisson(base + lift * money / (money + half))
        joined = np.repeat(weeks, came) + pd.to_timedelta(rng.integers(0, 7, came.sum()), unit="D")
        clients.append(pd.DataFrame({"source_channel": channel, "joined": joined}))
        spend.append(pd.DataFrame({"period": weeks, "channel": channel, "amount": money}))
    people = pd.concat(clients, ignore_index=True)
    people.insert(0, "client_id", [f"C{n:05d}" for n in range(len(people))])
    sales.append(pd.DataFrame({"client_id": people["client_id"], "date": people["joined"], "amount": 60.0}))
    early = people[people["joined"] < LAST - pd.Timedelta(days=300)]
    who = early.sample(occasions, random_state=seed).reset_index(drop=True)
    day = who["joined"] + pd.to_timedelta(rng.integers(30, 180, occasions), unit="D")
    arm = rng.random(occasions) < 0.5
    back = rng.random(occasions) < 0.1 + effect * arm
    contacts = pd.DataFrame(
        {
            "contact_id": [f"K{n:05d}" for n in range(occasions)],
            "client_id": who["client_id"],
            "kind": "call",
            "planned_at": day,
            "status": np.where(arm, "answered", "cancelled"),
            "campaign_id": "care",
            "arm": np.where(arm, "care", "control"),
            "cost": np.where(arm, contact_cost, np.nan),
        }
    )
    later = day + pd.Timedelta(days=10)
    sales.append(pd.DataFrame({"client_id": who["client_id"], "date": later, "amount": 80.0})[back])
    last = pd.DataFrame({"client_id": [people["client_id"].iloc[0]], "date": [LAST], "amount": [1.0]})
    ledger = pd.concat([*sales, last], ignore_index=True)
    ledger = ledger[ledger["date"] <= LAST].reset_index(drop=True)
    return {
        "ledger": ledger,
        "clients": people,
        "contacts": contacts,
        "spend": pd.concat(spend, ignore_index=True).query("amount > 0").reset_index(drop=True),
    }


def company(seed=0, *, without=(), **wishes):
    """A book of these tables, those in `without` left out."""
    made = {name: frame for name, frame in tables(seed, **wishes).items() if name not in without}
    return ck.open_book(made, currency="EUR")
