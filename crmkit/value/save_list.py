"""Whom to call so that they stay: money at risk, times the chance to save it, less what the call costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError
from crmkit.statistics import LEVEL
from crmkit.value.frames import Floats
from crmkit.value.modified_beta_geo import ModifiedBetaGeoModel

if TYPE_CHECKING:
    from crmkit.book import Book

DRAWS = 2000


class CallCost(NamedTuple):
    """What a call costs, in money, and where that is known from.

    Attributes
    ----------
    cost
        Money of one call; 0 if not known.
    basis
        ``"given"``, ``"settings"``, ``"contacts"`` (their minutes), ``"minutes"`` (those of the settings) or
        ``"unknown"`` (nobody says what a minute costs).
    """

    cost: float
    basis: str


def call_cost(book: Book, given: float | None = None) -> CallCost:
    """What a call to a client costs.

    Parameters
    ----------
    book
        With staff and contacts, or settings, that say it.
    given
        The cost itself, in money; default: call_cost of the settings, else mean minutes of calls in the
        contacts (call_minutes of the settings without them) at minute_rate of the settings or the mean wage,
        and what calls cost beside.

    Raises
    ------
    BookError
        If the given cost is negative or not a number.
    """
    if given is not None:
        if not (np.isfinite(given) and given >= 0):
            raise BookError("call_cost: {cost} is not a cost. Give money of 0 or more.", cost=given)
        return CallCost(float(given), "given")
    rules = book.settings.value
    if rules.call_cost:
        return CallCost(rules.call_cost, "settings")
    rate = book.settings.costs.minute_rate or _minute_rate(book)
    minutes, beside, basis = rules.call_minutes, 0.0, "minutes"
    columns = book.filled_columns.get("contacts", frozenset())
    if "minutes" in columns:
        contacts = book.table("contacts")
        calls = contacts[(contacts["kind"] == "call") & (contacts["planned_at"] <= book.as_of)]
        if calls["minutes"].notna().any():
            minutes, basis = float(calls["minutes"].mean()), "contacts"
            if "cost" in columns and calls["cost"].notna().any():
                beside = float(calls["cost"].mean())
    if not rate:
        return CallCost(beside, "contacts" if beside else "unknown")
    return CallCost(minutes * rate + beside, basis)


def saved_range(book: Book, effect: float | tuple[float, float] | None) -> tuple[float, float]:
    """The share of clients about to leave who stay if called: smallest and largest.

    Parameters
    ----------
    book
        Whose settings say it where `effect` does not.
    effect
        A share from 0 to 1, or the limits of one, measured elsewhere (in randomised contacts, say).

    Raises
    ------
    BookError
        If a share is not between 0 and 1, or the limits are the wrong way round.
    """
    rules = book.settings.value
    if effect is None:
        low, high = rules.saved_least, rules.saved_most
    else:
        low, high = (effect, effect) if isinstance(effect, int | float) else effect
    if not 0 <= low <= high <= 1:
        raise BookError(
            "effect: {low} to {high} is not a range of shares. Give the smallest and the largest share, from "
            "0 to 1, of clients about to leave who stay if called.",
            low=low,
            high=high,
        )
    return float(low), float(high)


def expected_saved(
    value: Floats,
    alive: Floats,
    *,
    shares: tuple[float, float],
    cost: float,
    lost_probability: float,
) -> Floats:
    """The money that a call to each client is expected to save, its cost taken off.

    Parameters
    ----------
    value
        Money a year of each client if they stay, shape (clients,).
    alive
        Probability that each still is a client.
    shares
        Smallest and largest share of those about to leave who stay if called; their middle is expected.
    cost
        Of a call, in money.
    lost_probability
        Whoever is less likely than this still a client is lost, and nothing is saved by a call.

    Returns
    -------
    numpy.ndarray
        Money, shape (clients,).

    Examples
    --------
    >>> alive = np.array([0.9, 0.4, 0.05])
    >>> rules = {"shares": (0.1, 0.3), "cost": 5.0, "lost_probability": 0.1}
    >>> expected_saved(np.full(3, 1000.0), alive, **rules)
    array([ 15., 115.,  -5.])
    """
    saveable = np.where(alive >= lost_probability, (1 - alive) * sum(shares) / 2, 0.0)
    return value * saveable - cost


def saved_interval(
    model: ModifiedBetaGeoModel,
    histories: pd.DataFrame,
    value: Floats,
    *,
    shares: tuple[float, float],
    cost: float,
    seed: int,
) -> tuple[float, float]:
    """Limits of the money that calls to some clients save together, their cost taken off.

    Parameters
    ----------
    model, histories
        The purchase model, and the histories of the clients on the list.
    value
        Their money a year, shape (clients,).
    shares, cost
        As for :func:`expected_saved`.
    seed
        Of the draws.

    Returns
    -------
    tuple
        Lower and upper limit, in money: over the parameters, a share anywhere in its range, and who happens
        to be saved.
    """
    generator = np.random.default_rng(seed)
    parameters = model.draw_parameters(DRAWS, seed=seed) if model.converged_ else None
    leaving = 1 - model.probability_alive(histories, parameters=parameters)
    share = generator.uniform(*shares, size=(DRAWS, 1))
    saved = generator.random((DRAWS, len(value))) < np.broadcast_to(leaving, (DRAWS, len(value))) * share
    money = saved @ value - cost * len(value)
    low, high = np.quantile(money, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _minute_rate(book: Book) -> float:
    """Mean cost of a minute of the people in the staff table; 0 where no wage is known."""
    if "wage" not in book.filled_columns.get("staff", frozenset()):
        return 0.0
    staff = book.table("staff")
    if "kind" in staff.columns:
        staff = staff[staff["kind"].fillna("person") == "person"]
    wage = staff["wage"].mean()
    return float(wage) / 60 if np.isfinite(wage) else 0.0
