"""What will one new client of each channel leave?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError
from crmkit.value.client_days import ClientDays
from crmkit.value.payback import LEAST_CLIENTS, Cohort, drawn_together


@dataclass(frozen=True)
class Worth:
    """Money that a new client of each channel will leave.

    Attributes
    ----------
    estimate, draws
        Shapes (channels,) and (channels, draws); drawn towards each other as far as each is uncertain.
    basis
        ``"first_months"``: what clients left in the first months after joining; ``"value"``: what those who
        joined within a year have left so far, and the value expected of them.
    months
        How many months the first basis could count: fewer than wished where the ledger is young.
    """

    estimate: np.ndarray
    draws: np.ndarray
    basis: str
    months: int


def first_months(cohorts: Sequence[Cohort], months: int) -> Worth:
    """Worth by what earlier clients left in their first months."""
    seen = [min(months, len(each.running)) for each in cohorts]
    own = np.array([each.running[n - 1] if n else np.nan for each, n in zip(cohorts, seen)])
    drawn = np.stack(
        [each.draws[:, n - 1] if n else np.full(len(each.draws), np.nan) for each, n in zip(cohorts, seen)]
    )
    return Worth(*drawn_together(own, drawn), "first_months", max(seen, default=0))


def by_value(
    days: ClientDays,
    new: pd.DataFrame,
    channels: Sequence[str],
    value: pd.DataFrame,
    *,
    draws: int,
    seed: int,
) -> Worth:
    """Worth by the value of the clients who joined in the last year.

    Parameters
    ----------
    new
        client_id, channel, joined.
    value
        As :func:`check_value` returns it; clients not in it are expected to leave nothing.
    """
    rng = np.random.default_rng(seed)
    fresh = new[new["joined"] > days.last - pd.DateOffset(years=1)]
    lasted = (days.last - fresh["joined"]).dt.days.to_numpy() + 1
    so_far = days.money(fresh["client_id"], fresh["joined"], lasted)
    residual = value.set_index("client_id").reindex(fresh["client_id"]).fillna(0.0)
    shock = rng.standard_normal(draws)
    own, drawn = np.full(len(channels), np.nan), np.full((len(channels), draws), np.nan)
    for place, channel in enumerate(channels):
        member = np.flatnonzero((fresh["channel"] == channel).to_numpy())
        if len(member) < LEAST_CLIENTS:
            continue
        money = so_far[member] + residual["value"].to_numpy()[member]
        weights = rng.multinomial(len(member), np.full(len(member), 1 / len(member)), size=draws) / len(
            member
        )
        own[place] = money.mean()
        drawn[place] = weights @ money + shock * residual["error"].to_numpy()[member].mean()
    return Worth(*drawn_together(own, drawn), "value", 0)


def check_value(value: object) -> pd.DataFrame:
    """The value of each client, as client_id, value and error, one standard deviation.

    Parameters
    ----------
    value
        A frame, or a result whose table is one: client_id, value (money still to come over the horizon), and
        its limits lo and hi where they are known. The errors of all clients are taken to lie on the same
        side, as those of a model's parameters do: totals come out rather too unsure than too sure.

    Raises
    ------
    BookError
        If a column is missing, or a client is there twice.
    """
    from crmkit.value.drawing import REACH

    frame = value if isinstance(value, pd.DataFrame) else getattr(value, "table", None)
    if not isinstance(frame, pd.DataFrame) or not {"client_id", "value"} <= set(frame.columns):
        raise BookError(
            "value: expected a table with the columns client_id and value (and lo, hi): the money that each "
            "client is still expected to leave."
        )
    if frame["client_id"].duplicated().any():
        raise BookError("value: a client is there more than once. Give one row per client.")
    limits = {"lo", "hi"} <= set(frame.columns)
    error = (frame["hi"] - frame["lo"]).astype(float) / (2 * REACH) if limits else 0.0
    found = pd.DataFrame({"client_id": frame["client_id"], "value": frame["value"].astype(float)})
    return found.assign(error=error).fillna({"value": 0.0, "error": 0.0})
