"""What does the next money bring: in winning new clients, and in keeping those we have?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError
from crmkit.statistics import LEVEL, Context
from crmkit.value import ladder
from crmkit.value.acquisition_costs import acquisition_costs
from crmkit.value.acquisition_result import AcquisitionCosts
from crmkit.value.answer_result import AcquireOrRetain
from crmkit.value.class_answers import class_answers
from crmkit.value.contact_ways import contact_ways, stated_ways
from crmkit.value.drawing import limits
from crmkit.value.retention_effects import WINDOW, retention_effects
from crmkit.value.retention_result import RetentionEffects
from crmkit.value.spend_response import LEAST_LEARNED
from crmkit.value.tornado import Inputs, tornado
from crmkit.value.worth import check_value

if TYPE_CHECKING:
    from crmkit.book import Book


def acquire_or_retain(
    book: Book,
    *,
    value: object = None,
    classes: pd.Series | None = None,
    budget_step: float = 1000.0,
    horizon_months: int = 12,
    window_months: int = 12,
    window_days: int | Mapping[str, int] = WINDOW,
    margin_days: int = 91,
    control: str | None = None,
    retention_range: tuple[float, float] = (0.0, 0.05),
    contact_cost: float | None = None,
    draws: int = 2000,
    seed: int = 0,
) -> AcquireOrRetain:
    """What the next money a year brings in winning new clients, and in keeping those we have.

    Parameters
    ----------
    book
        An open book with spend; better with channels and days of joining of the clients, and contacts with
        randomised arms.
    value
        Money that each client is still expected to leave: a lifetime-value result, or a frame of client_id,
        value, lo, hi. None: new clients are worth what earlier ones left in their first `horizon_months`,
        and clients we have what they left in the last 12 months.
    classes
        Class of each client, by client_id, to answer by class too.
    budget_step
        The next money, a year.
    horizon_months
        Months in which a new client's money counts.
    window_months
        Months whose spend is today's.
    window_days, margin_days, control
        As in :func:`crmkit.value.retention_effects`.
    retention_range
        Where no contact was randomised: what share of the clients contacted would stay because of it, from
        and to; anything between is equally likely.
    contact_cost
        Money for one contact, where the contacts do not say.
    draws, seed
        How many possibilities are drawn to see how sure figures are, and of which random numbers.

    Returns
    -------
    AcquireOrRetain
        With ``.table``, ``.explain()``, ``.plot()``, ``.decisions``, ``.tornado``, ``.by_class``.

    Raises
    ------
    BookError
        If there is no spend, it is negative, or a wish makes no sense.

    Notes
    -----
    Both sides are compared by what one step more brings, not by average costs: Pfeifer, P. (2005), "The
    optimal ratio of acquisition and retention costs", Journal of Targeting, Measurement and Analysis for
    Marketing 13, 179-188. Winning: the step goes to the channel in which it is expected to bring most.
    Keeping: it goes to the contacts that bring most for their money, while occasions without one are left.
    """
    _check(budget_step, retention_range, contact_cost)
    known = None if value is None else check_value(value)
    won = acquisition_costs(
        book, value=value, window_months=window_months, horizon_months=horizon_months, draws=draws, seed=seed
    )
    kept = retention_effects(
        book, classes=classes, control=control, window_days=window_days, margin_days=margin_days
    )
    rng = np.random.default_rng(seed)
    channels = _channels(won, budget_step, draws, rng)
    stated = not kept.table["margin_error"].notna().any()
    if stated:
        ways = stated_ways(book, known, retention_range, contact_cost, draws, rng)
    else:
        ways = contact_ways(kept.table, kept.costs, contact_cost, draws, rng)
    rungs = ladder.climb(ways, budget_step)
    best = max(channels, key=lambda way: way["gain"], default=None)
    rows = [_retention(ways, rungs, kept, draws), _acquisition(best, won)]
    rows += [_single(way, budget_step, kept) for way in ways]
    rows += [_channel_row(each, won) for each in channels]
    kept_draws = ladder.gain_draws(rungs, draws) if ways else np.full(draws, np.nan)
    won_draws = best["draws"] if best else np.full(draws, np.nan)
    lead = kept_draws - ladder.spent(rungs) - (won_draws - budget_step)
    return AcquireOrRetain(
        context=Context.of(book),
        table=pd.DataFrame(rows),
        verdict=_verdict(
            lead, won_draws - budget_step, known=bool(ways) and best is not None, buys=bool(rungs)
        ),
        lead=(float(np.mean(lead)), *limits(lead)),
        budget_step=float(budget_step),
        acquisition=won,
        retention=kept,
        rungs=tuple(rungs),
        stated=stated,
        retention_range=retention_range,
        horizon_months=horizon_months,
        valued=value is not None,
        tornado=tornado(Context.of(book), _inputs(ways, best, budget_step)),
        by_class=None
        if classes is None
        else class_answers(book, classes, known, kept, contact_cost, budget_step, draws, seed),
    )


def _check(step: float, effect: tuple[float, float], cost: float | None) -> None:
    if not step > 0:
        raise BookError("budget_step: {step} is no budget. Give money a year, more than 0.", step=step)
    if not 0 <= effect[0] <= effect[1] <= 1:
        raise BookError(
            "retention_range: {low} to {high} is no range of shares. Give two shares from 0 to 1, the "
            "smaller first, such as (0.0, 0.05).",
            low=effect[0],
            high=effect[1],
        )
    if cost is not None and cost < 0:
        raise BookError("contact_cost: {cost} is less than 0.", cost=cost)


def _channels(
    won: AcquisitionCosts, step: float, draws: int, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """What the step brings in each channel of which the ups and downs of spend taught something."""
    found = []
    wanted = "paid" if won.has_channel else "all"
    for place, row in enumerate(won.table.to_dict("records")):
        response = won.responses[place]
        if row["kind"] != wanted or response is None or not row.get("learned", 0) >= LEAST_LEARNED:
            continue
        at, more = row["spend"] / won.periods, step * won.years / won.periods
        rise = rng.choice(response.rise(at, more), size=draws, p=response.weight)
        clients = rng.gamma(row["clients"] + 0.5, size=draws) / won.years * rise
        money = clients * won.worths[place]
        if np.isfinite(money).all():
            found.append(
                {"row": row, "draws": money, "gain": float(money.mean()), "clients": clients, "step": step}
            )
    return found


def _row(side: str, way: str, spent: float, drawn: np.ndarray, **others: float) -> dict[str, Any]:
    low, high = limits(drawn)
    return {
        "side": side,
        "way": way,
        "spent": spent,
        "gain": float(np.mean(drawn)),
        "gain_lo": low,
        "gain_hi": high,
        "probability": float(np.mean(drawn > spent)) if np.isfinite(drawn).all() else np.nan,
        **others,
    }


def _retention(
    ways: list[ladder.Way], rungs: list[ladder.Rung], kept: RetentionEffects, draws: int
) -> dict[str, Any]:
    drawn = ladder.gain_draws(rungs, draws) if ways else np.full(draws, np.nan)
    spent = ladder.spent(rungs)
    each = [_costs(rung.way, kept) for rung in rungs]
    share = np.array([rung.contacts for rung in rungs])
    costs = {}
    if rungs and spent > 0:
        # Of all contacts of the step together: money by clients who came, and by clients who came because.
        for name, place in (("average_cost", 0), ("marginal_cost", 1)):
            clients = float((share * [pair[place] for pair in each]).sum())
            costs[name] = spent / clients if clients > 0 else np.nan
    room = (
        float(sum(way.room * way.cost for way in {way.kind: way for way in ways}.values()))
        if ways
        else np.nan
    )
    return _row("retention", "", spent, drawn, room=room, **costs)


def _costs(way: ladder.Way, kept: RetentionEffects) -> tuple[float, float]:
    """Clients who came for each contact, and clients who came because of it; NaN where not known."""
    row = kept.table[(kept.table["kind"] == way.kind) & (kept.table["arm"] == way.arm)]
    if row.empty:
        return np.nan, np.nan
    return float(row["came_with"].iloc[0]), float(row["came_more"].iloc[0])


def _acquisition(best: dict[str, Any] | None, won: AcquisitionCosts) -> dict[str, Any]:
    if best is None:
        return _row("acquisition", "", np.nan, np.array([np.nan]))
    return {**_channel_row(best, won), "way": ""}


def _single(way: ladder.Way, step: float, kept: RetentionEffects) -> dict[str, Any]:
    contacts = min(way.room, step / way.cost) if way.cost > 0 else way.room
    came, because = _costs(way, kept)
    return _row(
        "retention",
        way.arm,
        contacts * way.cost,
        contacts * way.draws,
        average_cost=way.cost / came if came > 0 else np.nan,
        marginal_cost=way.cost / because if because > 0 else np.nan,
        room=way.room * way.cost,
    )


def _channel_row(each: dict[str, Any], won: AcquisitionCosts) -> dict[str, Any]:
    row = each["row"]
    return _row(
        "acquisition",
        row["channel"],
        each["step"],
        each["draws"],
        average_cost=row.get("cost_per_client", np.nan),
        marginal_cost=each["step"] / float(np.median(each["clients"])),
    )


def _verdict(lead: np.ndarray, profit: np.ndarray, *, known: bool, buys: bool) -> str:
    """What the draws of the lead, and of what winning leaves after its cost, say together."""
    if not known:
        return "missing"
    tail = (1 - LEVEL) / 2
    if not buys and float(np.mean(profit > 0)) <= tail:
        return "neither"
    ahead = float(np.mean(lead > 0))
    return "retain" if ahead >= 1 - tail else "acquire" if ahead <= tail else "unclear"


def _inputs(
    ways: list[ladder.Way],
    best: dict[str, Any] | None,
    step: float,
) -> Inputs | None:
    if best is None or not ways:
        return None
    row = best["row"]
    return Inputs(
        step=step,
        ways=tuple(ways),
        clients=(float(np.mean(best["clients"])), *limits(best["clients"])),
        worth=(row["worth"], row["worth_lo"], row["worth_hi"]),
    )
