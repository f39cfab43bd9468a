"""Which contacts could more money buy, at what cost, with what effect?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmkit.value.ladder import Way
from crmkit.value.retention_effects import VISITS

if TYPE_CHECKING:
    from crmkit.book import Book

ALL_CLIENTS = "contact"
"""The one way there is where no contact was randomised."""


def contact_ways(
    effects: pd.DataFrame,
    costs: pd.DataFrame,
    contact_cost: float | None,
    draws: int,
    rng: np.random.Generator,
) -> list[Way]:
    """Ways out of randomised effects; those whose effect or cost is not known are left out.

    Parameters
    ----------
    effects
        Rows with kind, arm, margin_more, margin_error, room.
    costs
        kind, arm, cost; where that is not known, `contact_cost` is taken.
    """
    price = costs.set_index(["kind", "arm"])["cost"]
    found = []
    for row in effects.to_dict("records"):
        shock = rng.standard_normal(draws)
        cost = price.get((row["kind"], row["arm"]), np.nan)
        if np.isnan(cost) and contact_cost is not None:
            cost = contact_cost
        if np.isfinite(row["margin_more"]) and row["margin_error"] >= 0 and np.isfinite(cost):
            possible = row["margin_more"] + shock * row["margin_error"]
            found.append(
                Way(row["kind"], row["arm"], float(cost), row["margin_more"], float(row["room"]), possible)
            )
    return found


def stated_ways(
    book: Book,
    value: pd.DataFrame | None,
    effect: tuple[float, float],
    contact_cost: float | None,
    draws: int,
    rng: np.random.Generator,
) -> list[Way]:
    """The way that a stated effect opens: one contact to each client of the last two years.

    Each contact keeps a share of the clients within `effect`, and a client kept leaves their value (what they
    left in the last 12 months, where no value is given). None if the cost of a contact is not known.
    """
    cost = noted_cost(book) if contact_cost is None else contact_cost
    clients = current_values(book, value)
    if not np.isfinite(cost) or clients.empty:
        return []
    money = clients["value"].to_numpy()
    spread = money.std() / np.sqrt(len(money)) + clients["error"].mean()
    possible = rng.uniform(*effect, size=draws) * (money.mean() + spread * rng.standard_normal(draws))
    expected = float(np.mean(effect) * money.mean())
    return [Way(ALL_CLIENTS, ALL_CLIENTS, float(cost), expected, float(len(clients)), possible)]


def current_values(book: Book, value: pd.DataFrame | None) -> pd.DataFrame:
    """client_id, value, error of clients who bought within two years; a stand-in where no value is given."""
    recent = book.client_summary(24)[["client_id"]]
    if value is not None:
        return recent.merge(value, on="client_id", how="left").fillna({"value": 0.0, "error": 0.0})
    last = book.client_summary(12).set_index("client_id")
    money = last["margin"] if last["margin"].notna().any() else last["amount"]
    return recent.assign(value=recent["client_id"].map(money).fillna(0.0).astype(float), error=0.0)


def noted_cost(book: Book) -> float:
    """Mean cost noted for a contact that is not a visit; NaN where none is."""
    if "contacts" not in book.tables:
        return np.nan
    contacts = book.table("contacts")
    if "cost" not in contacts.columns:
        return np.nan
    return float(contacts.loc[~contacts["kind"].isin(VISITS), "cost"].mean())
