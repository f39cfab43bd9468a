"""The laws of the clients' lives, as functions of their traits: booking, missing, cancelling, leaving."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmkit.datasets.clinic_people import People
from crmkit.datasets.clinic_truth import CHANNELS, Truth

WEEKS_A_YEAR = 365.25 / 7


@dataclass(frozen=True)
class State:
    """Traits of all candidates on one day."""

    trust: NDArray[np.float64]
    growth: NDArray[np.float64]
    growing: NDArray[np.bool_]
    alive: NDArray[np.bool_]


def drop_out_hazard(truth: Truth, people: People, trust: NDArray[np.float64]) -> NDArray[np.float64]:
    """Yearly hazard of leaving, from trust and source channel."""
    by_channel = np.array([truth.drop_out.by_channel[name] for name in CHANNELS])
    group = np.searchsorted(truth.drop_out.trust_edges, trust, side="right")
    return np.asarray(truth.drop_out.by_trust)[group] * by_channel[people.channel]


def booking_rate(
    truth: Truth, people: People, who: NDArray, trust: NDArray[np.float64], growth: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Bookings a year of these clients (with this trust and growth) without season and contacts."""
    return (
        people.rate[who] * trust**truth.purchase.trust_on_rate * np.exp(truth.growth.share_on_rate * growth)
    )


def no_show_chance(
    truth: Truth, lead: NDArray, past: NDArray, first: NDArray, called: NDArray | int
) -> NDArray[np.float64]:
    """Probability that an appointment which is not cancelled is missed."""
    law = truth.no_show
    odds = law.intercept + law.log_lead * np.log1p(lead) + law.past_share * past
    odds = odds + law.first_visit * first + law.confirmation_call * called
    return 1 / (1 + np.exp(-odds))


def cancel_chance(
    truth: Truth, people: People, trust: NDArray[np.float64], who: NDArray
) -> NDArray[np.float64]:
    """Probability that an appointment is cancelled or moved."""
    intercept, slope = truth.no_show.cancelled
    return intercept + slope * trust + truth.no_show.cancelled_demanding * people.demanding[who]
