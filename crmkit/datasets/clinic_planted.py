"""The truth of one made-up world as it is written to ``truth.json``: parameters, traits, classes and true
effects."""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crmkit.datasets.clinic_advertising import elasticity
from crmkit.datasets.clinic_classes import change_matrix, outlook, true_classes
from crmkit.datasets.clinic_days import WEEKS, dates, day_number, days
from crmkit.datasets.clinic_deals import Companies
from crmkit.datasets.clinic_frames import Columns, client_ids
from crmkit.datasets.clinic_laws import WEEKS_A_YEAR, drop_out_hazard
from crmkit.datasets.clinic_life import Life
from crmkit.datasets.clinic_people import NEVER, People
from crmkit.datasets.clinic_products import LIFTS, PLACE_TASTE
from crmkit.datasets.clinic_staff import MANAGERS
from crmkit.datasets.clinic_truth import (
    AS_OF,
    CATEGORIES,
    CHANNELS,
    CLASS_DATES,
    CLASSES,
    PAID_CHANNELS,
    START,
    TASTES,
    TRUTH,
)

_SEASONS = ("winter", "summer", "neither")


def planted(
    people: People,
    life: Life,
    companies: Companies,
    shown: NDArray[np.int64],
    companies_shown: NDArray[np.int64],
    ledger: Columns,
    visits: Columns,
    category_chances: NDArray[np.float64],
) -> dict[str, Any]:
    """Everything planted, as numbers, texts, lists and dicts.

    Parameters
    ----------
    shown, companies_shown
        Indices of the people and of the companies in the clients table.
    visits, category_chances
        Visits that took place, and the true chance of each category at each of them.
    """
    ids = client_ids(np.concatenate([people.number, companies.number]))
    listed = np.concatenate([shown, len(people.number) + companies_shown])
    first = _first_purchase(ledger, ids)
    classes = {
        date: true_classes(TRUTH, people, state, companies, first <= day_number(date))
        for date, state in life.states.items()
    }
    return {
        "about": {"start": START, "as_of": AS_OF, "currency": "EUR", "class_order": list(CLASSES)},
        "parameters": asdict(TRUTH),
        "managers": {name: asdict(manager) for name, manager in MANAGERS.items()},
        "lifts": {f"{main}+{extra}": lift for (main, extra), lift in LIFTS.items()},
        "place_taste": PLACE_TASTE,
        "advertising_elasticity": {
            name: round(elasticity(TRUTH.advertising.channels[name]), 3) for name in PAID_CHANNELS
        },
        "category_season": _category_season(visits, category_chances),
        "trials": {name: _rounded(means, 4) for name, means in life.trial_means.items()},
        "by_channel": _by_channel(people, life, shown),
        "by_class": _by_class(people, life, classes),
        "class_counts": {
            date: {name: int((labels == name).sum()) for name in CLASSES} for date, labels in classes.items()
        },
        "class_changes": {
            f"{before} to {after}": change_matrix(classes[before], classes[after])
            for before, after in pairwise(CLASS_DATES)
        },
        "classes": {date: labels[listed].tolist() for date, labels in classes.items()},
        "clients": _traits(people, life, companies, shown, listed, ids),
    }


def _rounded(values: Any, digits: int) -> list[float]:
    return [float(value) for value in np.round(values, digits)]


def _first_purchase(ledger: Columns, ids: NDArray[np.str_]) -> NDArray[np.int64]:
    """Day of the first ledger line of each id; far in the future for those who never bought."""
    known = ledger["client_id"] != ""
    order = np.argsort(ids)
    place = order[np.searchsorted(ids, ledger["client_id"][known], sorter=order)]
    first = np.full(len(ids), 7 * NEVER)
    np.minimum.at(first, place, (ledger["date"][known] - dates(np.array([0]))).astype(np.int64))
    return first


def _category_season(visits: Columns, chances: NDArray[np.float64]) -> dict[str, list[float]]:
    """True share of each category in the visits of each month, relative to its yearly mean."""
    month = days().month[visits["planned"]]
    count = np.bincount(month, minlength=12)
    shares = np.stack([np.bincount(month, chances[:, item], 12) / count for item in range(len(CATEGORIES))])
    return {name: _rounded(shares[item] / shares[item].mean(), 3) for item, name in enumerate(CATEGORIES)}


def _by_channel(people: People, life: Life, shown: NDArray[np.int64]) -> dict[str, dict[str, float]]:
    """Traits of the people each channel brought: mean value, first hazard, share who left."""
    hazard = drop_out_hazard(TRUTH, people, people.trust)
    table = {}
    for position, name in enumerate(CHANNELS):
        who = shown[people.channel[shown] == position]
        table[name] = {
            "clients": len(who),
            "mean_value": round(float(people.value[who].mean()), 1),
            "mean_hazard": round(float(hazard[who].mean()), 4),
            "left": int((life.left[who] < NEVER).sum()),
        }
    return table


def _by_class(
    people: People, life: Life, classes: dict[str, NDArray]
) -> dict[str, dict[str, dict[str, float]]]:
    """Living people of each class on each day: their mean yearly hazard, and the share who left within a
    year."""
    table: dict[str, dict[str, dict[str, float]]] = {}
    for date, state in life.states.items():
        week = round((day_number(date) + 1) / 7)
        hazard = drop_out_hazard(TRUTH, people, state.trust)
        complete = week + 52 < WEEKS
        table[date] = {}
        for name in CLASSES:
            who = np.flatnonzero(state.alive & (classes[date][: len(people.number)] == name))
            row = {"living": len(who), "mean_hazard": round(float(hazard[who].mean()), 4)}
            if complete:
                row["left_within_a_year"] = int((life.left[who] < week + 52).sum())
            table[date][name] = row
    return table


def _traits(
    people: People, life: Life, companies: Companies, shown: NDArray, listed: NDArray, ids: NDArray[np.str_]
) -> dict[str, Any]:
    """Traits in the order of `client_id`; companies come last: a deal is their visit, the chance of
    winning it their trust."""
    count = len(listed) - len(shown)
    index = listed[len(shown) :] - len(people.number)
    deals = TRUTH.deals.per_week * WEEKS_A_YEAR * companies.weight[index]

    def numbers(values: NDArray, digits: int, company: NDArray) -> list[float] | list[int]:
        both = np.round(np.concatenate([values[shown], company]), digits)
        return both.tolist() if digits else both.astype(np.int64).tolist()

    def names(labels: tuple[str, ...], codes: NDArray) -> list[str]:
        return [*np.array(labels)[codes[shown]].tolist(), *["neither"] * count]

    left = life.left[shown]
    day = np.where(left == NEVER, "", np.datetime_as_string(dates(7 * np.minimum(left, WEEKS))))
    zero = np.zeros(count)
    traits: dict[str, Any] = {
        "client_id": ids[listed].tolist(),
        "value": numbers(people.value, 0, deals * companies.amount[index]),
        "bookings_a_year": numbers(people.rate, 2, deals),
        "minutes": numbers(people.minutes, 2, zero + 1),
        "demanding": numbers(people.demanding.astype(float), 0, zero),
        "season": names(_SEASONS, people.season),
        "reacts_to": names(TASTES, people.taste),
        "left": [*day.tolist(), *[""] * count],
    }
    for date, state in life.states.items():
        traits[f"trust {date}"] = numbers(state.trust, 2, companies.win[index])
        traits[f"growth {date}"] = numbers(state.growth, 2, zero)
        traits[f"growing {date}"] = numbers(state.growing.astype(float), 0, zero)
    expected = outlook(TRUTH, people, life.states[AS_OF], companies)
    traits[f"margin after {AS_OF}"] = np.rint(expected.margin[listed]).astype(np.int64).tolist()
    traits[f"staff cost after {AS_OF}"] = np.rint(expected.staff_cost[listed]).astype(np.int64).tolist()
    return traits
