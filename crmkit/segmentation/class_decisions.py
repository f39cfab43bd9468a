"""What to do about the classes, for whom and for how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.segmentation.class_names import VIP, A
from crmkit.statistics import DAYS_TO_ACT, LEVEL
from crmkit.statistics.intervals import total_interval
from crmkit.wording import Speaker

if TYPE_CHECKING:
    from crmkit.segmentation.class_result import Classification

QUIET_GAPS = 2.0
"""A VIP who has not bought for so many of their own usual gaps is at risk."""
MOST_NAMED = 20
LEAST_GAINED = 0.5
"""Trust that is not expected to make so many VIP is no reason to act."""


def decisions(found: Classification, say: Speaker) -> Sequence[dict[str, Any]]:
    """Rows of the decisions. Where classes carry no information, nobody is served differently for them."""
    if found.measure == "purchase_days" or found.ruling == "undefined":
        return []
    makers = [_set_limits] if found.flat else [_keep_vip, _win_trust, _set_limits]
    return [row for make in makers if (row := make(found, say)) is not None]


def _decision(
    found: Classification,
    name: str,
    who: np.ndarray,
    money: np.ndarray,
    limits: tuple[float, float],
    **words: str,
) -> dict[str, Any]:
    """A row of the decisions about the clients at the places `who`, each with its `money`."""
    return {
        "id": name,
        "due": found.context.as_of + pd.Timedelta(days=DAYS_TO_ACT),
        "amount": round(float(money.sum()), 2),
        "lo": round(min(max(limits[0], 0.0), float(money.sum())), 2),
        "hi": round(limits[1], 2),
        "clients": pd.Series(money, index=found.evidence.periods.client_id[who]),
        **words,
    }


def _keep_vip(found: Classification, say: Speaker) -> dict[str, Any] | None:
    quiet = found.evidence.recency > QUIET_GAPS * found.evidence.gap_days
    who = np.flatnonzero((found.verdict.code == VIP) & quiet)
    if not len(who):
        return None
    stake = found.verdict.window[who]
    return _decision(
        found,
        "classes-vip",
        who,
        stake,
        total_interval(stake, level=LEVEL),
        action=say(
            "Give each VIP who has gone quiet a manager who calls them: {clients}.",
            clients=say.plural("{n} client", "{n} clients", len(who)),
        ),
        owner=say("Head of client service"),
        reason=say(
            "They have not bought for more than {gaps} of their usual gaps. The money is what they "
            "brought in {months}.",
            months=found.period(say),
            gaps=say.number(QUIET_GAPS, 1),
        ),
    )


def _win_trust(found: Classification, say: Speaker) -> dict[str, Any] | None:
    potential = found.verdict.potential
    if not potential.learned or found.ruling != "found":
        return None
    ready = found.verdict.code == A
    more = np.where(ready, np.maximum(potential.trusted - potential.probability, 0.0), 0.0)
    gain = more * np.where(ready, found.verdict.missing, 0.0)
    who = np.argsort(-gain, kind="stable")[: min(MOST_NAMED, int((gain > 0).sum()))]
    if more[who].sum() < LEAST_GAINED:
        return None
    # Whether trust makes the difference is yes or no for each client, at the chance `more`.
    spread = np.sqrt((more[who] * (1 - more[who]) * found.verdict.missing[who] ** 2).sum())
    total = float(gain[who].sum())
    reach = _reach_of(LEVEL) * float(spread)
    return _decision(
        found,
        "classes-a",
        who,
        gain[who],
        (total - reach, total + reach),
        action=say(
            "Win the trust of those of A in whom it would change most: a named contact, and what closes "
            "their gap, for {clients}.",
            clients=say.plural("{n} client", "{n} clients", len(who)),
        ),
        owner=say("Head of sales"),
        reason=say(
            "Of these about {trusted} would become VIP with the trust of VIPs, {now} as things are. The "
            "money is what trust adds in {months}.",
            trusted=say.number(float(potential.trusted[who].sum()), 1),
            now=say.number(float(potential.probability[who].sum()), 1),
            months=found.period(say),
        ),
    )


def _set_limits(found: Classification, say: Speaker) -> dict[str, Any] | None:
    who = np.flatnonzero(found.losing)
    if not len(who):
        return None
    outlook = found.verdict.outlook
    loss = -outlook.expected[who]
    reach = _reach_of(LEVEL) * float(np.sqrt((outlook.spread[who] ** 2).sum()))
    return _decision(
        found,
        "classes-d",
        who,
        loss,
        (float(loss.sum()) - reach, float(loss.sum()) + reach),
        action=say(
            "Set limits for those of D of whom a loss is to be expected again: self-service, prepayment or a "
            "partner, for {clients}.",
            clients=say.plural("{n} client", "{n} clients", len(who)),
        ),
        owner=say("Head of client service"),
        reason=say(
            "They left less than nothing in {months}, and are to be expected to again: the money is that "
            "of as long a time to come, their records drawn towards like clients (Bühlmann and Straub "
            "1970).",
            months=found.period(say),
        ),
    )


def _reach_of(level: float) -> float:
    """So many standard deviations on either side hold the level."""
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))
