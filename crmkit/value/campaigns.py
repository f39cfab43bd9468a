"""Whom does it pay to contact, and how many?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crmkit.book.errors import BookError
from crmkit.value.drawing import limits

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Campaign:
    """The contacts that leave most.

    Attributes
    ----------
    contacted
        Whether each client is to be contacted, shape (clients,).
    share
        Share of the clients contacted.
    profit
        Money that the campaign leaves, its costs taken off: expected, lower and upper limit (the same as
        expected, where no draws are given).
    curve
        contacts, share, profit: running over clients, the best first.
    """

    contacted: NDArray[np.bool_]
    share: float
    profit: tuple[float, float, float]
    curve: pd.DataFrame


def contact_profit(
    probability: ArrayLike, value: ArrayLike, cost: ArrayLike, *, incentive: ArrayLike = 0.0
) -> Floats:
    """Money that contacting each client is expected to leave.

    Parameters
    ----------
    probability
        Chance that the contact makes the difference: that a client stays or buys who would not have without
        it. The chance of an answer alone counts those who would have come anyway.
    value
        Money that the client then leaves.
    cost
        Money for the contact, whatever comes of it.
    incentive
        Money for a gift or discount, where it makes the difference.

    Returns
    -------
    numpy.ndarray
        probability x (value - incentive) - cost, of the shape that the four have together.

    Raises
    ------
    BookError
        If a probability is not between 0 and 1, or a cost is negative.

    Notes
    -----
    Neslin, S., Gupta, S., Kamakura, W., Lu, J., Mason, C. (2006), "Defection detection", Journal of Marketing
    Research 43, 204-211, doi:10.1509/jmkr.43.2.204.

    Examples
    --------
    >>> contact_profit([0.02, 0.2], value=300.0, cost=8.0).tolist()
    [-2.0, 52.0]
    """
    chance, price = np.asarray(probability, dtype=float), np.asarray(cost, dtype=float)
    if not ((chance >= 0) & (chance <= 1)).all():
        raise BookError("probability: every chance must be known and between 0 and 1; 20% is written 0.2.")
    if not (price >= 0).all():
        raise BookError("cost: what a contact costs must be known and not negative.")
    worth = np.asarray(value, dtype=float)
    if np.isnan(worth).any():
        raise BookError("value: what a client leaves must be known. Leave out clients without a value.")
    return chance * (worth - np.asarray(incentive, dtype=float)) - price


def best_contacts(profit: ArrayLike, *, fixed_cost: float = 0.0, most: int | None = None) -> Campaign:
    """Contact those who are expected to leave more than they cost, the best first.

    Parameters
    ----------
    profit
        Money that contacting each client leaves, from :func:`contact_profit`; shape (clients,), or (clients,
        draws) of possibilities, the mean of which decides.
    fixed_cost
        Money for the campaign itself, whatever the number of contacts: if they do not bring it in, nobody is
        contacted.
    most
        At most so many contacts.

    Returns
    -------
    Campaign

    Notes
    -----
    Profits of clients add up, so the running sum over clients in falling order is concave, and its top is the
    best of all sets of clients, not only of those with the best first.

    Examples
    --------
    >>> best = best_contacts([5.0, -1.0, 3.0, 0.5], fixed_cost=2.0)
    >>> best.contacted.tolist(), best.share, best.profit[0]
    ([True, False, True, True], 0.75, 6.5)
    """
    table = np.asarray(profit, dtype=float)
    expected = table if table.ndim == 1 else table.mean(axis=1)
    order = np.argsort(-expected, kind="stable")
    running = np.append(0.0, expected[order].cumsum() - fixed_cost)
    allowed = running if most is None else running[: most + 1]
    count = int(allowed.argmax())
    contacted = np.zeros(len(expected), dtype=bool)
    contacted[order[:count]] = True
    size = max(len(expected), 1)
    best = float(running[count])
    low, high = best, best
    if table.ndim == 2 and count:
        low, high = limits(table[contacted].sum(axis=0) - fixed_cost)
    steps = np.arange(len(expected) + 1)
    curve = pd.DataFrame({"contacts": steps, "share": steps / size, "profit": running})
    return Campaign(contacted, count / size, (best, low, high), curve)
