"""What does a new client cost by channel: the average one, and one more?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError
from crmkit.statistics import Context
from crmkit.statistics.intervals import count_interval
from crmkit.value import worth
from crmkit.value.acquisition_result import AcquisitionCosts
from crmkit.value.arrivals import Arrivals, arrivals
from crmkit.value.client_days import client_days
from crmkit.value.drawing import limits
from crmkit.value.payback import MOST_MONTHS, Cohort, cohort
from crmkit.value.spend_response import LEAST_LEARNED, SpendResponse, spend_response

if TYPE_CHECKING:
    from crmkit.book import Book


def acquisition_costs(
    book: Book,
    *,
    value: object = None,
    window_months: int | None = 12,
    horizon_months: int = 12,
    draws: int = 2000,
    seed: int = 0,
) -> AcquisitionCosts:
    """What a new client costs by channel, what one more costs, and when the money is back.

    Parameters
    ----------
    book
        An open book with spend; better with source_channel and joined in the clients table.
    value
        What each client is still expected to leave: a lifetime-value result, or a frame of client_id, value,
        lo, hi. None: new clients are worth what earlier ones left in their first `horizon_months`.
    window_months
        Months whose spend and new clients are "today"; None: all. The response to spend is learned from all.
    horizon_months
        Months after joining in which a new client's money counts.
    draws, seed
        How many possibilities are drawn to see how sure figures are, and of which random numbers.

    Returns
    -------
    AcquisitionCosts

    Raises
    ------
    BookError
        If there is no spend, or it nets to less than zero in a period of a channel.

    Notes
    -----
    Cost per client: exact limits, see :func:`crmkit.statistics.intervals.count_interval`. One client more:
    the average cost divided by the elasticity at today's spend, see
    :func:`crmkit.value.spend_response.spend_response`. Payback: the first month by whose end clients have
    left what winning them cost on average, resampling clients and drawing the cost.
    """
    if draws < 100 or horizon_months < 1 or (window_months is not None and window_months < 1):
        raise BookError(
            "draws must be at least 100, and horizon_months and window_months at least 1: found {draws}, "
            "{horizon} and {window}.",
            draws=draws,
            horizon=horizon_months,
            window=window_months,
        )
    seen, days = arrivals(book), client_days(book)
    inside = seen.last(window_months)
    rng = np.random.default_rng(seed)
    channels = [*seen.spend.columns] if seen.has_channel else []
    free = sorted({*seen.new["channel"]} - {*channels, ""}) if seen.has_channel else []
    names: list[str | None] = [*channels, *free, None]
    members = [seen.new if name is None else seen.new[seen.new["channel"] == name] for name in names]
    cohorts = [
        cohort(days, each, draws=draws, rng=rng, months=max(MOST_MONTHS, horizon_months)) for each in members
    ]
    value_of = _worth(value, days, seen, [*channels, *free], cohorts, horizon_months, draws, seed)
    responses, rows = [], []
    for place, name in enumerate(names):
        money = (
            seen.spend.sum(axis=1) if name is None else seen.spend.get(name, 0.0 * seen.spend.iloc[:, 0])
        ).to_numpy()
        response = None
        if money.sum() > 0:
            response = spend_response(seen.counts(name), money, season=seen.season(), level=seen.level())
        row = _channel(seen.counts(name)[inside], money[inside], response, cohorts[place], draws, rng)
        kind = "all" if name is None else "paid" if name in channels else "free"
        low, high = limits(value_of.draws[place])
        rows.append(
            {
                "channel": name or "",
                "kind": kind,
                **row,
                "worth": value_of.estimate[place],
                "worth_lo": low,
                "worth_hi": high,
            }
        )
        responses.append(response)
    blank = int(seen.counts("")[inside].sum()) if seen.has_channel else 0
    if blank:
        rows.insert(-1, {"channel": "", "kind": "unknown", "spend": 0.0, "clients": blank})
        responses.insert(-1, None)
    table = pd.DataFrame(rows)
    worths = np.full((len(rows), draws), np.nan)
    worths[table["kind"].to_numpy() != "unknown"] = value_of.draws
    return AcquisitionCosts(
        context=Context.of(book),
        table=table,
        worths=worths,
        responses=tuple(responses),
        period=(seen.starts[inside][0], seen.ends[inside][-1] - pd.Timedelta(days=1)),
        periods=int(inside.sum()),
        years=float((seen.ends[inside][-1] - seen.starts[inside][0]).days / 365.25),
        measure=days.measure,
        basis=value_of.basis,
        months=value_of.months,
        has_channel=seen.has_channel,
        has_joined=seen.has_joined,
    )


def _worth(
    value: object,
    days: Any,
    seen: Arrivals,
    channels: list[str],
    cohorts: list[Cohort],
    months: int,
    draws: int,
    seed: int,
) -> worth.Worth:
    """Worth by channel, and of all together (last)."""
    if value is None:
        whole = worth.first_months(cohorts[-1:], months)
        apart = worth.first_months(cohorts[:-1], months) if channels else None
    else:
        known = worth.check_value(value)
        together = seen.new.assign(channel="all")
        whole = worth.by_value(days, together, ["all"], known, draws=draws, seed=seed)
        apart = worth.by_value(days, seen.new, channels, known, draws=draws, seed=seed) if channels else None
    if apart is None:
        return whole
    return worth.Worth(
        np.append(apart.estimate, whole.estimate),
        np.vstack([apart.draws, whole.draws]),
        whole.basis,
        whole.months,
    )


def _channel(
    counts: np.ndarray,
    money: np.ndarray,
    response: SpendResponse | None,
    lived: Cohort,
    draws: int,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """A row of the table."""
    came, spent = int(counts.sum()), float(money.sum())
    row: dict[str, Any] = {"spend": spent, "clients": came}
    if response is None or not spent > 0:
        return row
    low, high = (float(limit) for limit in count_interval(np.array(came)))
    expected = rng.gamma(came + 0.5, size=draws)
    row |= {
        "cost_per_client": spent / came if came else np.nan,
        "cost_lo": spent / high,
        "cost_hi": spent / low if low > 0 else np.inf,
    }
    if came:
        months = lived.payback_draws(spent / expected)
        row["payback_months"] = lived.payback(spent / came)
        row["payback_lo"], row["payback_hi"] = limits(months)
    at = spent / len(money)
    elasticity = response.draws(at, draws, rng)
    row["learned"] = response.learned(at)
    if row["learned"] < LEAST_LEARNED:
        return row
    more = elasticity * expected / spent
    row["elasticity"] = float(np.median(elasticity))
    row["elasticity_lo"], row["elasticity_hi"] = limits(elasticity)
    row["marginal_cost"] = float(1 / np.median(more))
    fewest, most = limits(more)
    row["marginal_lo"], row["marginal_hi"] = 1 / most, 1 / fewest if fewest > 0 else np.inf
    return row
