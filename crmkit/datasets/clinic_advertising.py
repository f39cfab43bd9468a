"""What the made-up clinics spend on advertising, and how many new clients it brings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crmkit.datasets.clinic_days import FIRST_WEEK, WEEKS, company_season, dates
from crmkit.datasets.clinic_frames import Columns
from crmkit.datasets.clinic_policy import Policy
from crmkit.datasets.clinic_truth import CHANNELS, PAID_CHANNELS, Channel, Truth
from crmkit.datasets.draws import Draws

_PRICE_OF_THOUSAND = np.array([6.0, 4.5, 9.0, 14.0])
"""EUR for a thousand impressions, by paid channel."""


def weekly_spend(truth: Truth, draws: Draws, policy: Policy) -> NDArray[np.float64]:
    """Advertising in whole EUR, shape (weeks, paid channels): noise, pauses and pushes unrelated to
    demand."""
    law, week = truth.advertising, np.arange(WEEKS)
    budgets = []
    for position, name in enumerate(PAID_CHANNELS):
        noise = law.spend_noise * draws.normal("spend noise", position, week) - law.spend_noise**2 / 2
        mood = draws.uniform("spend push", position, week // 4)
        push = np.where(mood < law.pause_share, 0.0, np.where(mood > 1 - law.push_share, law.push, law.quiet))
        budgets.append(np.rint(law.channels[name].budget * np.exp(noise) * push))
    spend = np.stack(budgets, axis=1)
    for name, multiplier in policy.advertising.items():
        spend[policy.start_week :, PAID_CHANNELS.index(name)] *= multiplier
    return np.rint(spend)


def adstock(spend: NDArray[np.float64], carry_over: float, start: float) -> NDArray[np.float64]:
    """Weighted mean of present and past spend, EUR a week; before the first week it was `start`."""
    stock = np.empty(len(spend))
    level = start
    for week, amount in enumerate(spend):
        level = carry_over * level + (1 - carry_over) * amount
        stock[week] = level
    return stock


def weekly_arrivals(truth: Truth, spend: NDArray[np.float64]) -> NDArray[np.float64]:
    """Expected new clients, shape (weeks, channels), for the given spend."""
    rates = []
    for name in CHANNELS:
        channel = truth.advertising.channels[name]
        rate = np.full(WEEKS, channel.base)
        if name in PAID_CHANNELS:
            stock = adstock(spend[:, PAID_CHANNELS.index(name)], channel.carry_over, channel.budget)
            rate = rate + channel.lift * stock / (stock + channel.half)
        rates.append(rate)
    return np.stack(rates, axis=1) * company_season(truth.season)[7 * np.arange(WEEKS), None]


def elasticity(channel: Channel) -> float:
    """Long-run elasticity of all new clients of a channel to its spend, at the usual budget."""
    stock = channel.budget
    brought = channel.lift * stock / (stock + channel.half)
    slope = channel.lift * channel.half / (stock + channel.half) ** 2
    return slope * stock / (channel.base + brought)


def spend_table(draws: Draws, spend: NDArray[np.float64]) -> Columns:
    """Columns of the spend table: weeks and channels in which money was spent."""
    week, channel = np.nonzero(spend > 0)
    shown = week >= FIRST_WEEK
    week, channel = week[shown], channel[shown]
    thousands = spend[week, channel] / _PRICE_OF_THOUSAND[channel]
    spread = np.exp(0.1 * draws.normal("impressions", channel, week))
    return {
        "period": dates(7 * week),
        "channel": np.array(PAID_CHANNELS)[channel],
        "amount": spend[week, channel],
        "impressions": np.rint(1000 * thousands * spread),
    }
