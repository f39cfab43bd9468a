"""Who the clients of the made-up clinics are: their latent traits, where they came from, and when.

Everybody who may ever come is drawn in advance. Clients who are there at the beginning come first; after them
a row of candidates for each week and channel, of whom those come whose mark is below the rate that
advertising reaches. More advertising therefore brings more of the same people, and changes nothing for the
others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmkit.datasets.clinic_days import WEEKS, client_season
from crmkit.datasets.clinic_truth import CATEGORIES, CHANNELS, Truth
from crmkit.datasets.draws import Draws

EXISTING = -1
"""Week of arrival of clients who were there at the beginning."""
NEVER = 9999
"""Week of arrival of candidates who do not come, and week of leaving of clients who stay."""


@dataclass(frozen=True)
class People:
    """Traits of all candidates; arrays have one entry per candidate unless said otherwise."""

    number: NDArray[np.int64]
    """Number of the client, from 1; it names all their draws."""
    channel: NDArray[np.int64]
    arrival: NDArray[np.int64]
    """Week of the first booking; EXISTING or NEVER."""
    years_before: NDArray[np.float64]
    """For existing clients: years from registration to the beginning."""
    referrer: NDArray[np.int64]
    """Index of the client who referred them, -1 for others."""
    value: NDArray[np.float64]
    """Yearly spend at full trust, EUR."""
    rate: NDArray[np.float64]
    """Bookings a year at full trust."""
    spend: NDArray[np.float64]
    """Mean of the main line of a visit at full trust, EUR."""
    trust: NDArray[np.float64]
    """Trust at the beginning."""
    demanding: NDArray[np.bool_]
    minutes: NDArray[np.float64]
    """Time at the chair as a multiple of the standard."""
    season: NDArray[np.int64]
    """0 winter client, 1 summer client, 2 neither."""
    taste: NDArray[np.int64]
    """What they react to: index into TASTES."""
    growing: NDArray[np.bool_]
    """In an episode of growth when they come."""
    place: NDArray[np.int64]
    preference: NDArray[np.float64]
    """Liking of each category, shape (candidates, categories)."""


def make_people(truth: Truth, draws: Draws, arrivals: NDArray[np.float64]) -> People:
    """Draw everybody who may come, and let those come whom the expected `arrivals` bring."""
    advertising = truth.advertising
    kinds = [advertising.channels[name] for name in CHANNELS]
    # Room for the busiest week, of clients in their own season.
    season = client_season(truth.season)[:, 7 * np.arange(WEEKS)]
    top = max(truth.season.company) * truth.season.promotion_bookings * season.max()
    most = np.ceil(np.array([kind.base + kind.lift for kind in kinds]) * top).astype(np.int64)
    per_week = int(most.sum())
    slot_channel = np.repeat(np.arange(len(CHANNELS)), most)

    existing = advertising.existing_clients
    first_number = np.arange(1, existing + 1)
    week = np.repeat(np.arange(WEEKS), per_week)
    slot = np.tile(np.arange(per_week), WEEKS)
    number = np.concatenate([first_number, existing + 1 + np.arange(len(week))])
    channel = np.concatenate(
        [draws.choice(advertising.existing_channels, "old channel", first_number), slot_channel[slot]]
    )
    mark = draws.uniform("arrival", number[existing:])
    own_season = draws.choice(truth.season.client_shares, "season", number)
    chance = arrivals[week, slot_channel[slot]] / most[slot_channel[slot]]
    chance = chance * season[own_season[existing:], week]
    arrival = np.concatenate([np.full(existing, EXISTING), np.where(mark < chance, week, NEVER)])
    years_before = np.zeros(len(number))
    years_before[:existing] = 0.5 + 6.0 * np.sort(draws.uniform("years before", first_number) ** 1.3)[::-1]

    referrer = np.full(len(number), -1)
    referred = np.flatnonzero((channel == CHANNELS.index("referral")) & (number > existing))
    initial_trust = _trust(truth, draws, number, number <= existing)
    referrer[referred] = draws.choice(initial_trust[:existing], "referrer", number[referred])

    score = draws.normal("value", number)
    correlation = advertising.referral_correlation
    score[referred] = correlation * score[referrer[referred]] + np.sqrt(1 - correlation**2) * score[referred]
    shift = np.array([kind.value_shift for kind in kinds])[channel]
    purchase = truth.purchase
    log_value = shift + purchase.value_sigma * score
    value = purchase.value_median * np.exp(log_value)
    rate = purchase.rate_at_median * np.exp(
        purchase.rate_elasticity * log_value + purchase.rate_sigma * draws.normal("rate", number)
    )
    rate = np.minimum(rate, purchase.most_bookings)
    demanding = draws.uniform("demanding", number) < truth.demand.demanding_share
    minutes = np.where(demanding, truth.demand.demanding_minutes, truth.demand.usual_minutes)
    minutes = minutes * np.exp(truth.demand.minutes_sigma * draws.normal("minutes", number))
    settled = truth.growth.entry_rate / (truth.growth.entry_rate + truth.growth.exit_rate)
    category = np.arange(len(CATEGORIES))
    preference = np.array(purchase.category_taste) * np.exp(
        purchase.preference_sigma * draws.normal("preference", number[:, None], category)
    )
    return People(
        number=number,
        channel=channel,
        arrival=arrival,
        years_before=years_before,
        referrer=referrer,
        value=value,
        rate=rate,
        spend=value / rate,
        trust=initial_trust,
        demanding=demanding,
        minutes=minutes,
        season=own_season,
        taste=draws.choice(truth.contacts.taste_shares, "taste", number),
        growing=draws.uniform("growing", number)
        < np.where(number <= existing, settled, truth.growth.new_client_share),
        place=draws.choice(purchase.place_shares, "place", number),
        preference=preference,
    )


def _trust(
    truth: Truth, draws: Draws, number: NDArray[np.int64], existing: NDArray[np.bool_]
) -> NDArray[np.float64]:
    from scipy.special import betaincinv

    law = truth.trust
    shape_a = law.shape_a + np.where(existing, law.existing_more, 0.0)
    return np.clip(betaincinv(shape_a, law.shape_b, draws.uniform("trust", number)), 0.05, 0.98)
