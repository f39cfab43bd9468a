"""What is bought at a visit, what it costs, and how long it takes; as draws for visits, and as
expectations for the truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crmkit.datasets.clinic_people import People
from crmkit.datasets.clinic_products import (
    ADD_ON,
    ADD_ON_CHANCE,
    ADD_ON_COST,
    ADD_ON_HOURS,
    ADD_ON_PRICE,
    LIFTS,
    MAIN,
    MAIN_CATEGORY,
    MAIN_COST,
    MAIN_HOURS,
    MAIN_PRICE,
    PLACE_TASTE,
)
from crmkit.datasets.clinic_truth import CATEGORIES, PLACES, Truth

ADVANCED = np.array([name not in ("hygiene", "therapy") for name in CATEGORIES])
"""Categories that clients come to only with trust: low trust means a narrow range."""
SMALLEST_SPEND = 15.0
LONGEST_VISIT = 3.5
"""Hours; what takes longer is done in one long visit all the same."""

_PLACE_WEIGHT = np.array([[PLACE_TASTE[place].get(name, 1.0) for name in CATEGORIES] for place in PLACES])
_LIFT = np.array([[LIFTS.get((main.product_id, extra.product_id), 1.0) for extra in ADD_ON] for main in MAIN])
_MOST_UNITS = np.where(
    MAIN_PRICE >= 800, 3, np.where((MAIN_PRICE >= 200) | (CATEGORIES.index("therapy") == MAIN_CATEGORY), 2, 1)
)
_PER_CATEGORY = np.bincount(MAIN_CATEGORY)[MAIN_CATEGORY]


def category_weights(
    people: People, who: NDArray, trust: NDArray, growth: NDArray, place: NDArray
) -> NDArray[np.float64]:
    """Weight of each category for these visits, without season: shape (visits, categories)."""
    reach = (0.15 + 1.1 * trust) * np.exp(0.6 * growth)
    weights = people.preference[who] * _PLACE_WEIGHT[place]
    return weights * np.where(ADVANCED, reach[:, None], 1.0)


def main_chances(
    truth: Truth, weights: NDArray[np.float64], spend: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Chance of each main product for a visit that is going to cost `spend` at today's prices: shape
    (visits, products)."""
    reference = np.log(np.clip(spend, 40.0, 2200.0))[:, None]
    reachable = np.log(MAIN_PRICE * np.sqrt(_MOST_UNITS))
    width = np.sqrt(truth.purchase.price_width**2 + np.log(_MOST_UNITS) ** 2 / 12)
    near = np.exp(-0.5 * ((reference - reachable) / width) ** 2)
    chances = weights[:, MAIN_CATEGORY] * near / _PER_CATEGORY + 1e-9
    return chances / chances.sum(axis=1, keepdims=True)


def units(spend: NDArray[np.float64], main: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of the main product are done, given what the visit costs at today's prices."""
    return np.clip(np.rint(spend / (1.2 * MAIN_PRICE[main])), 1, _MOST_UNITS[main]).astype(np.int64)


def chair_hours(spend: NDArray, main: NDArray[np.int64], count: NDArray[np.int64]) -> NDArray[np.float64]:
    """Standard working time of the main product: work hours of each unit, more (by a square root) for a
    dear one."""
    dearness = spend / (count * MAIN_PRICE[main])
    return np.minimum(MAIN_HOURS[main] * count * np.clip(dearness, 0.5, 2.0) ** 0.5, LONGEST_VISIT)


def add_on_chances(main: NDArray[np.int64], trust: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chance of each add-on at these visits: shape (visits, add-ons)."""
    return np.minimum(ADD_ON_CHANCE * _LIFT[main] * (0.4 + trust[:, None]), 0.95)


def mean_spend(
    truth: Truth, people: People, trust: NDArray[np.float64], growth: NDArray[np.float64], who: NDArray
) -> NDArray[np.float64]:
    """Mean of the main line of a visit at today's prices."""
    share = 1 - truth.growth.share_on_rate
    return people.spend[who] * trust**truth.purchase.trust_on_spend * np.exp(share * growth)


def visit_economics(
    truth: Truth,
    people: People,
    who: NDArray,
    trust: NDArray,
    growth: NDArray,
    wage_by_skill: dict[str, float],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Expected revenue, margin and cost of chair time of one kept visit, EUR at today's prices.

    The expectation is taken over the gamma distribution of spend (at 12 equally likely points) and over the
    choice of treatments, at the client's own clinic, without season and discounts other than the usual ones.
    """
    from scipy.special import gammaincinv

    shape = truth.purchase.spend_shape
    points = gammaincinv(shape, (np.arange(12) + 0.5) / 12) / shape
    points /= points.mean()
    spend = np.maximum(mean_spend(truth, people, trust, growth, who)[:, None] * points, SMALLEST_SPEND)
    weights = np.repeat(category_weights(people, who, trust, growth, people.place[who]), len(points), axis=0)
    flat = spend.ravel()
    chances = main_chances(truth, weights, flat)
    wage = np.array([wage_by_skill[item.skill] for item in MAIN])
    main = np.arange(len(MAIN))
    count = units(flat[:, None], main[None, :])
    hours = chair_hours(flat[:, None], main[None, :], count)
    loyal = truth.purchase.loyalty_discount_share
    off = 0.075 * np.where(np.isin(people.taste[who], (0, 2)), loyal[1], loyal[0])
    direct = flat[:, None] * MAIN_COST[main] / MAIN_PRICE[main]
    shape_back = (len(who), len(points))
    cost = (chances * direct).sum(axis=1).reshape(shape_back).mean(axis=1)
    visit_spread = np.exp(truth.demand.visit_sigma**2 / 2)
    multiple = people.minutes[who] * visit_spread
    paid = (chances * hours * wage).sum(axis=1).reshape(shape_back).mean(axis=1)
    by_main = chances.reshape(*shape_back, len(MAIN)).mean(axis=1)
    extras = np.minimum(ADD_ON_CHANCE * _LIFT, 0.95)
    extra_margin = by_main @ (extras @ (ADD_ON_PRICE - ADD_ON_COST)) * (0.4 + trust)
    extra_revenue = by_main @ (extras @ ADD_ON_PRICE) * (0.4 + trust)
    paid = paid + ((by_main * wage) @ (extras @ ADD_ON_HOURS)) * (0.4 + trust)
    revenue = spend.mean(axis=1) * (1 - off) + extra_revenue
    return revenue, spend.mean(axis=1) * (1 - off) - cost + extra_margin, paid * multiple
