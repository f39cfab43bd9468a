"""How likely is each class for each client, given that the records of a window are partly chance?

The rules go by what happened. What a client is usually like is known less surely: the probabilities here are
those of the classes that the rules would give if each client's real rates were known.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crmkit.segmentation.class_names import CLASSES, VIP, A, B, C, D
from crmkit.segmentation.evidence import Evidence, days_since_1970
from crmkit.segmentation.growth import Growth
from crmkit.segmentation.potential import features
from crmkit.segmentation.rising import rising
from crmkit.segmentation.trust import Trust

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

RATIO_PURCHASES = 3.0
"""The company's margin per money counts as much as so many purchases of the client's own."""
COST_HALF_LIFE = 2.0


def standing(
    evidence: Evidence,
    *,
    there: Array,
    vip: Flags,
    loses: Flags,
    trust: Trust,
    gap: Array,
    growth: Growth,
) -> Array:
    """Probability of each class, shape (clients, classes); rows add up to 1, or 0 for who was no client yet.

    Who has left is C. Who has not is D, VIP, A, B or C in this order, by four questions: do they cost more
    than they leave; do they bring as much as a VIP; would they, and do they trust less; are they growing.
    Logarithms of rates are taken to be normal around their estimates, with the variance of counts and of
    amounts. As many are expected to be VIP as the rules choose.

    Parameters
    ----------
    evidence
        Up to the day in question.
    there
        Probability that each client is still one.
    vip, loses
        Who is VIP and who is D by the rules.
    trust, gap, growth
        Trust of each client, the probability that it is less than the middle VIP's, and the model of B.
    """
    from scipy.special import ndtr

    # Who stands for nobody in particular is C, whatever they bring.
    there = np.where(evidence.nobody, 0.0, there)
    worth, spread = _worth(evidence)
    costly = _costly(evidence, loses)
    free = there * (1 - costly)
    edge = _edge(worth, spread, free, int(vip.sum()))
    best = ndtr((worth - edge) / spread)
    raised = worth + _lift(evidence, vip, trust.estimate, worth)
    able = gap * ndtr((raised - edge) / spread)
    grows = rising(growth, evidence.seen & (evidence.last("purchase_days") > 0))
    chances = np.zeros((len(there), len(CLASSES)))
    chances[:, D] = there * costly
    chances[:, VIP] = free * best
    chances[:, A] = free * (1 - best) * able
    chances[:, B] = free * (1 - best) * (1 - able) * grows
    chances[:, C] = np.where(evidence.seen, 1 - chances.sum(axis=1), 0.0)
    return np.maximum(chances, 0.0)


def _amount_noise(evidence: Evidence) -> float:
    """Variance of the logarithm of what one client pays at different times."""
    count, logs, squares = (
        evidence[name].sum(axis=1) for name in ("purchase_days", "log_amount", "log_amount_squares")
    )
    repeated = evidence.seen & (count > 1)
    inside = (squares - logs**2 / np.maximum(count, 1))[repeated].sum()
    return float(max(inside, 0.0) / max((count[repeated] - 1).sum(), 1))


def _worth(evidence: Evidence) -> tuple[Array, Array]:
    """Logarithm of what each client brings a year while they are one, and its standard deviation."""
    memory = evidence.memory(1.0)
    years, counted = evidence.exposure @ memory, evidence["purchase_days"] @ memory
    # The first purchase made the client: it says nothing about how often they come.
    first = evidence.first_day >= days_since_1970(evidence.periods.starts[0])
    began = memory[(evidence["purchase_days"] > 0).argmax(axis=1)] * first
    repeated = np.maximum(counted - began, 0.0)
    seen = evidence.seen
    usual = max(float(repeated[seen].sum()) / max(float(years[seen].sum()), 1e-9), 1e-6)
    rate = np.log((repeated + 1) / (years + 1 / usual))
    if evidence.measure == "purchase_days":
        return rate, 1 / np.sqrt(repeated + 1)
    value, amount = evidence.value.sum(axis=1), np.nan_to_num(evidence["amount"]).sum(axis=1)
    typical = max(float(value.sum()), 1e-9) / max(float(amount.sum()), 1e-9)
    own = np.divide(value, amount, out=np.full(len(value), typical), where=amount > 0)
    kept = (own * counted + typical * RATIO_PURCHASES) / (counted + RATIO_PURCHASES)
    bought = evidence["purchase_days"].sum(axis=1)
    spread = np.sqrt(1 / (repeated + 1) + _amount_noise(evidence) / (bought + 1))
    size = features(evidence)["size"]
    return rate + size + np.log(np.maximum(kept, 0.05 * typical)), spread


def _costly(evidence: Evidence, loses: Flags) -> Array:
    """Probability that a client costs more than they leave; by the rule alone where costs are not known."""
    from scipy.special import ndtr

    ruled = loses.astype(float)
    cost = evidence["cost"]
    if evidence.measure == "purchase_days" or np.isnan(cost).all() or not np.nansum(cost) > 0:
        return ruled
    memory = evidence.memory(COST_HALF_LIFE)
    counted, spent, left = (
        grid @ memory for grid in (evidence["purchase_days"], np.nan_to_num(cost), evidence.value)
    )
    if not left.sum() > 0:
        return ruled
    size = features(evidence)["size"]
    noise = max(_amount_noise(evidence), 0.01)
    ratio = left.sum() / max(float((np.nan_to_num(evidence["amount"]) @ memory).sum()), 1e-9)
    usual_left = np.exp(size + noise / 2) * ratio
    usual_spent = _spent_at_once(size, counted, spent)
    # One usual purchase is added to each record: nobody is judged by a single one.
    floor = 1e-3 * left.sum() / max(counted.sum(), 1e-9)
    balance = np.log((spent + usual_spent) / np.maximum(left + usual_left, floor))
    return ndtr(balance / np.sqrt(noise / (2 * (counted + 1)) + 0.03))


def _spent_at_once(size: Array, counted: Array, spent: Array) -> Array:
    """What one purchase of such a size usually costs in staff time."""
    bought = counted > 0
    usual = spent.sum() / max(counted.sum(), 1e-9)
    if bought.sum() < 3:
        return np.full(len(size), usual)
    weight = np.sqrt(counted[bought])
    columns = np.column_stack([np.ones(len(size)), size])
    logs = np.log(np.maximum(spent[bought] / counted[bought], 0.01 * usual))
    slope = np.linalg.lstsq(columns[bought] * weight[:, None], logs * weight, rcond=None)[0]
    return np.exp(columns @ slope)


def _edge(worth: Array, spread: Array, free: Array, vips: int) -> float:
    """From what worth on a client counts as VIP, for as many to be expected as there are."""
    from scipy.special import ndtr

    low, high = float((worth - 6 * spread).min()), float((worth + 6 * spread).max())
    for _ in range(60):
        middle = (low + high) / 2
        many = float(free @ ndtr((worth - middle) / spread)) > vips
        low, high = (middle, high) if many else (low, middle)
    return high


def _lift(evidence: Evidence, vip: Flags, trust: Array, worth: Array) -> Array:
    """By how much the worth would rise with the trust of the middle VIP: what goes with trust today."""
    active = evidence.seen & (evidence.last("purchase_days") > 0)
    if not vip.any() or active.sum() <= 10 or not trust[active].std() > 0:
        return np.zeros(len(worth))
    found = features(evidence)
    beside = np.column_stack([np.ones(len(worth)), trust, found["tenure"], found["offered"]])[active]
    slope = max(float(np.linalg.lstsq(beside, worth[active], rcond=None)[0][1]), 0.0)
    return slope * np.maximum(np.median(trust[vip]) - trust, 0.0)
