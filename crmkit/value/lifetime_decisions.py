"""What to do about the value of clients, for whom and for how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.statistics import DAYS_TO_ACT, LEVEL
from crmkit.wording import Speaker

if TYPE_CHECKING:
    from crmkit.value.lifetime_result import LifetimeValue

MOST_NAMED = 20
UNSURE = (0.2, 0.8)
"""Between these probabilities of being a client still, a call can change something."""


def decisions(found: LifetimeValue, say: Speaker) -> Sequence[dict[str, Any]]:
    """Rows of the decisions; none without money."""
    if not found.has_money:
        return []
    return [row for make in (_assign, _protect) if (row := make(found, say)) is not None]


def _assign(found: LifetimeValue, say: Speaker) -> dict[str, Any] | None:
    money = found.assigned
    if not len(money):
        return None
    lo, hi = found.assigned_limits
    return {
        "id": "value-assign",
        "action": say(
            "Name a manager for each of the clients of the highest residual value, and agree with each what "
            "they need next: {clients}.",
            clients=say.plural("{n} client", "{n} clients", len(money)),
        ),
        "owner": say("Head of sales"),
        "due": found.context.as_of + pd.Timedelta(days=DAYS_TO_ACT),
        "amount": round(float(money.sum()), 2),
        "lo": round(min(lo, float(money.sum())), 2),
        "hi": round(max(hi, float(money.sum())), 2),
        "reason": say(
            "They are expected to bring this in {months}, after known costs and discounted.",
            months=say.plural("{n} month", "{n} months", found.horizon_months),
        ),
        "clients": money,
    }


def _protect(found: LifetimeValue, say: Speaker) -> dict[str, Any] | None:
    from scipy.special import ndtri

    table = found.table
    alive = table["probability_alive"].to_numpy()
    unsure = (alive >= UNSURE[0]) & (alive <= UNSURE[1]) & (table["residual_value"].to_numpy() > 0)
    staying = np.where(unsure, table["residual_value"].to_numpy() / np.maximum(alive, UNSURE[0]), 0.0)
    gain = staying * (1 - alive)
    who = np.argsort(-gain.round(6), kind="stable")[: min(MOST_NAMED, int(unsure.sum()))]
    if not len(who):
        return None
    total = float(gain[who].sum())
    # Whether each of them has left is yes or no.
    reach = float(ndtri((1 + LEVEL) / 2)) * float(
        np.sqrt((alive[who] * (1 - alive[who]) * staying[who] ** 2).sum())
    )
    return {
        "id": "value-protect",
        "action": say(
            "Call those of high value of whom it is not sure that they are clients still: {clients}.",
            clients=say.plural("{n} client", "{n} clients", len(who)),
        ),
        "owner": say("Client managers"),
        "due": found.context.as_of + pd.Timedelta(days=DAYS_TO_ACT),
        "amount": round(total, 2),
        "lo": round(max(total - reach, 0.0), 2),
        "hi": round(total + reach, 2),
        "reason": say(
            "Their silence is long for how they bought: each is a client still with a probability of {low} "
            "to {high}. The money is what they would bring more in {months} if all were; how many a call "
            "brings back, only the answers will tell.",
            low=say.percent(UNSURE[0]),
            high=say.percent(UNSURE[1]),
            months=say.plural("{n} month", "{n} months", found.horizon_months),
        ),
        "clients": pd.Series(gain[who], index=table["client_id"].to_numpy()[who]),
    }
