"""True classes of the clients, from their traits alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmkit.datasets.clinic_baskets import visit_economics
from crmkit.datasets.clinic_deals import Companies
from crmkit.datasets.clinic_laws import (
    WEEKS_A_YEAR,
    State,
    booking_rate,
    cancel_chance,
    drop_out_hazard,
    no_show_chance,
)
from crmkit.datasets.clinic_people import People
from crmkit.datasets.clinic_products import CORPORATE_COST_SHARE
from crmkit.datasets.clinic_staff import MANAGER_WAGE, wage_by_skill
from crmkit.datasets.clinic_truth import CLASSES, Truth

NOT_SEEN = "-"
_USUAL_HISTORY = 0.08
"""Mean share of earlier no-shows, as NoShow counts it."""
_DEAL_VISITS_COST = 2.6 * 52.5 / 60 * MANAGER_WAGE
"""Mean cost of the managers' visits for one deal, EUR."""


@dataclass(frozen=True)
class Outlook:
    """What the coming year is expected to bring from each client, EUR, from the traits on one day; 0 once
    they left."""

    revenue: NDArray[np.float64]
    margin: NDArray[np.float64]
    staff_cost: NDArray[np.float64]
    full_margin: NDArray[np.float64]
    """Margin if trust were full and nobody left."""


def outlook(truth: Truth, people: People, state: State, companies: Companies) -> Outlook:
    """Expected coming year of people (first) and companies (after them)."""
    who = np.flatnonzero(state.alive)
    trust, growth = state.trust[who], state.growth[who]
    wages = wage_by_skill()
    kept, missed, cancelled = _visits(truth, people, who, trust, growth)
    hazard = drop_out_hazard(truth, people, state.trust)[who]
    stay = (1 - np.exp(-hazard)) / hazard
    revenue, margin, paid = visit_economics(truth, people, who, trust, growth, wages)
    demand = truth.demand
    calls = np.where(people.demanding[who], demand.demanding_calls, demand.usual_calls)
    asking = state.growing[who] * truth.growth.inquiries * truth.growth.inquiry_minutes
    hourly = paid * kept + (calls * demand.call_minutes + asking) / 60 * MANAGER_WAGE
    idle_hours = (missed * demand.no_show_minutes + cancelled * demand.cancel_minutes) / 60
    idle = idle_hours * np.mean(list(wages.values()))
    full = np.ones(len(who))
    full_kept, _, _ = _visits(truth, people, who, full, growth)
    _, full_margin, _ = visit_economics(truth, people, who, full, growth, wages)

    per_year = truth.deals.per_week * WEEKS_A_YEAR * companies.weight
    mean_amount = companies.amount * np.exp(truth.deals.amount_sigma**2 / 2)
    company_margin = per_year * mean_amount * (1 - CORPORATE_COST_SHARE)

    def whole(values: NDArray, company: NDArray) -> NDArray[np.float64]:
        spread = np.zeros(len(people.trust))
        spread[who] = values
        return np.concatenate([spread, company])

    return Outlook(
        revenue=whole(revenue * kept * stay, per_year * companies.win * mean_amount),
        margin=whole(margin * kept * stay, company_margin * companies.win),
        staff_cost=whole((hourly + idle) * stay, per_year * _DEAL_VISITS_COST),
        full_margin=whole(full_margin * full_kept, company_margin),
    )


def _visits(
    truth: Truth, people: People, who: NDArray, trust: NDArray, growth: NDArray
) -> tuple[NDArray, NDArray, NDArray]:
    """Kept, missed and cancelled appointments a year, of which some are booked again.

    No-shows are those at the median lead time, of a client with the usual history.
    """
    law = truth.no_show
    booked = booking_rate(truth, people, who, trust, growth)
    nothing = np.zeros(len(who))
    cancels = cancel_chance(truth, people, trust, who)
    chance = no_show_chance(truth, nothing + law.lead_median, nothing + _USUAL_HISTORY, nothing, nothing)
    misses = (1 - cancels) * chance
    again = law.rebooked_after_no_show * misses + law.rebooked_after_cancellation * cancels
    booked = booked / (1 - again)
    return booked * (1 - cancels - misses), booked * misses, booked * cancels


def true_classes(
    truth: Truth, people: People, state: State, companies: Companies, seen: NDArray[np.bool_]
) -> NDArray[np.str_]:
    """Class of each person and company on one day, '-' for those who have not bought yet.

    D: alive, and the margin expected in the coming year is smaller than the cost of the staff time they are
    expected to take. VIP: the smallest set of the others that brings 80 % of the margin expected from all
    clients, at most 20 % of the clients seen so far. A: not VIP, alive, trust below `truth.potential_trust`,
    and with full trust (and certain to stay) their margin would be that of a VIP. B: alive and in an episode
    of growth. C: everybody else, those who left included.
    """
    expected = outlook(truth, people, state, companies)
    count = len(companies.number)
    alive = np.concatenate([state.alive, np.ones(count, dtype=bool)]) & seen
    trust = np.concatenate([state.trust, companies.win])
    growing = np.concatenate([state.growing, np.zeros(count, dtype=bool)])
    margin = np.where(alive, expected.margin, 0.0)
    loses = alive & (margin < expected.staff_cost)
    ranked = np.where(loses, 0.0, margin)
    order = np.argsort(-ranked, kind="stable")
    reached = np.cumsum(ranked[order])
    enough = int(np.searchsorted(reached, 0.8 * margin.sum())) + 1
    size = min(enough, int(0.2 * seen.sum()))
    vip = np.zeros(len(margin), dtype=bool)
    vip[order[:size]] = True
    edge = ranked[order[size - 1]]
    potential = alive & (trust < truth.potential_trust) & (expected.full_margin >= edge)
    return np.select([~seen, loses, vip, potential, alive & growing], [NOT_SEEN, "D", "VIP", "A", "B"], "C")


def change_matrix(before: NDArray[np.str_], after: NDArray[np.str_]) -> list[list[int]]:
    """Counts of clients by class before (rows) and after (columns), in the order of CLASSES; those seen
    before only."""
    codes = {name: position for position, name in enumerate(CLASSES)}
    known = before != NOT_SEEN
    first = np.array([codes[name] for name in before[known]])
    second = np.array([codes[name] for name in after[known]])
    counts = np.bincount(first * len(CLASSES) + second, minlength=len(CLASSES) ** 2)
    return counts.reshape(len(CLASSES), len(CLASSES)).tolist()
