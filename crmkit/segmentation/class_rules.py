"""The rules of the classes, applied to the evidence: every client in exactly one of VIP, A, B, C and D."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmkit.book.sections import Classes
from crmkit.segmentation.class_names import VIP, A, B, C, D
from crmkit.segmentation.contribution import Outlook, choose_vip, contribution, foresee
from crmkit.segmentation.evidence import Evidence
from crmkit.segmentation.growth import Growth, fit_growth
from crmkit.segmentation.potential import Potential, fit_potential
from crmkit.segmentation.standing import standing
from crmkit.segmentation.still_clients import still_clients
from crmkit.segmentation.trust import Trust, fit_trust

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Verdict:
    """Classes of all clients on one day, and what they rest on; arrays of shape (clients,).

    Attributes
    ----------
    code
        Place in CLASSES; -1 for who was not a client yet.
    window
        The measure of the last window.
    kept
        Contribution of the last window; NaN where costs are not known.
    outlook
        The coming window: NaN where costs are not known.
    edge
        The measure of the window from which on a client is VIP; NaN if nobody is.
    trust, potential, growth
        The models of A and B.
    chances
        Probability of each class if the clients' real rates were known, shape (clients, classes): see
        ``standing``.
    """

    code: NDArray[np.int64]
    window: Array
    kept: Array
    outlook: Outlook
    edge: float
    trust: Trust
    potential: Potential
    growth: Growth
    chances: Array

    @property
    def missing(self) -> Array:
        """How much more of the measure would make each client VIP; 0 for who is, NaN if nobody is."""
        return np.where(self.code == VIP, 0.0, np.maximum(self.edge - np.maximum(self.window, 0), 0))


def judge(evidence: Evidence, rules: Classes, *, expected: Array | None = None, seed: int = 0) -> Verdict:
    """Apply the rules. `expected` replaces the expected contribution where it is not NaN."""
    seen = evidence.seen
    by_period = contribution(evidence)
    kept = by_period[:, -evidence.window :].sum(axis=1)
    there = still_clients(evidence, seed=seed)
    outlook = Outlook(kept, kept, kept) if np.isnan(kept).all() else foresee(evidence, by_period, there)
    if expected is not None:
        known = ~np.isnan(expected)
        outlook = Outlook(
            np.where(known, expected, outlook.record),
            np.where(known, expected, outlook.expected),
            np.where(known, 0.0, outlook.spread),
        )
    loses = seen & (kept < 0) & (outlook.record < 0) & ~evidence.nobody
    window = evidence.value[:, -evidence.window :].sum(axis=1)
    vip = _choose(evidence, window, rules, barred=loses)
    trust = fit_trust(evidence)
    reached = trust.estimate[vip]
    gap = _below(trust, float(np.median(reached)) if vip.any() else 0.0)
    bought = seen & (evidence.last("purchase_days") > 0)
    answered = sum(
        (taken[:, -evidence.window :].sum(axis=1) for taken, _ in evidence.periods.answers.values()), 0.0
    )
    in_touch = bought | (seen & (np.broadcast_to(answered, bought.shape) > 0))
    potential = fit_potential(evidence, lambda then: who_is_vip(then, rules), trust.estimate, seed=seed)
    if potential.learned:
        likely = potential.trusted >= rules.potential_times * potential.average
    elif potential.enough:
        # Long enough a history in which those who became VIP were like the others: it cannot be told.
        likely = np.zeros(len(seen), dtype=bool)
    else:
        likely = _frequent_buyers(evidence, vip)
    small = small_orders(evidence, vip)
    not_yet = gap >= rules.trust_gap_probability if trust.items else small
    offered = evidence.typical_log("prices", "log_price", "log_price_squares")
    growth = fit_growth(evidence, bought, offered, trust.estimate)
    chances = standing(evidence, there=there, vip=vip, loses=loses, trust=trust, gap=gap, growth=growth)
    ready = in_touch & likely & not_yet & ~evidence.nobody
    rising = (growth.probability >= rules.growing_probability).any(axis=0) & bought & (window > 0)
    rising &= ~evidence.nobody
    code = np.select([~seen, loses, vip, ready, rising], [-1, D, VIP, A, B], C)
    edge = float(window[vip].min()) if vip.any() else np.nan
    return Verdict(code, window, kept, outlook, edge, trust, potential, growth, chances)


def who_is_vip(evidence: Evidence, rules: Classes) -> Flags:
    """Who is VIP by the rule alone, nobody barred."""
    window = evidence.value[:, -evidence.window :].sum(axis=1)
    return _choose(evidence, window, rules, barred=np.zeros(len(window), dtype=bool))


def _choose(evidence: Evidence, window: Array, rules: Classes, *, barred: Flags) -> Flags:
    # Who stands for nobody in particular is not one client: neither in the count nor in the goal.
    clients = evidence.seen & ~evidence.nobody
    return choose_vip(window, clients, barred, share=rules.vip_margin_share, most=rules.vip_client_share)


def _below(trust: Trust, reference: float) -> Array:
    from scipy.special import ndtr

    return ndtr((reference - trust.estimate) / trust.deviation)


def small_orders(evidence: Evidence, vip: Flags) -> Flags:
    """Who buys less at a time than the middle VIP; nobody where the ledger holds no money."""
    size = evidence.typical_log("purchase_days", "log_amount", "log_amount_squares")
    return size < np.median(size[vip]) if vip.any() else np.zeros(len(size), dtype=bool)


def _frequent_buyers(evidence: Evidence, vip: Flags) -> Flags:
    """Where history is too short: who lately bought on at least as many days as the middle VIP."""
    lately = evidence.last("purchase_days", max(evidence.window // 2, 1))
    return lately >= max(np.median(lately[vip]), 1) if vip.any() else np.zeros(len(lately), dtype=bool)
