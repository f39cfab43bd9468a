"""Which decision comes first where several are about the same clients?"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from crmkit.wording import mark

ORDER = mark(
    "The most money at stake comes first. A client in several decisions belongs to the first of them; each "
    "later one says how many of its clients, and how much of its money, that takes away."
)


def ranked(decisions: pd.DataFrame, clients: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Decisions by the money at stake, the most first, and what is already decided further up.

    Parameters
    ----------
    decisions
        id, action, owner, due, amount, lo, hi, reason, of one or several results. Of equal amounts the
        earlier due comes first, then the id.
    clients
        For decisions about single clients: their money by client_id, by the decision's id.

    Returns
    -------
    DataFrame
        The decisions, with covered_clients and covered_amount: how many of a decision's clients are in an
        earlier one, and their part of its amount in money; NaN where the decision does not say whom it is
        about.

    Examples
    --------
    >>> made = pd.DataFrame({"id": ["call", "visit"], "due": "2025-07-01", "amount": [30.0, 50.0]})
    >>> money = {"call": pd.Series({"a": 10.0, "b": 20.0}), "visit": pd.Series({"b": 50.0})}
    >>> ranked(made, money)[["id", "amount", "covered_clients", "covered_amount"]]
          id  amount  covered_clients  covered_amount
    0  visit    50.0              0.0             0.0
    1   call    30.0              1.0            20.0
    """
    order = decisions.assign(amount=decisions["amount"].astype(float)).sort_values(
        ["amount", "due", "id"], ascending=[False, True, True], na_position="last", ignore_index=True
    )
    decided = pd.Index([])
    covered = []
    for name in order["id"]:
        money = clients.get(name)
        if money is None:
            covered.append((float("nan"), float("nan")))
            continue
        again = money.index.isin(decided)
        covered.append((float(again.sum()), float(money[again].sum())))
        decided = decided.union(money.index)
    return order.assign(
        covered_clients=[count for count, _ in covered], covered_amount=[money for _, money in covered]
    )
