"""Targets of clinics and managers, and the managers' own forecasts made a month ahead."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crmkit.datasets.clinic_deals import FIRST_COMPANY
from crmkit.datasets.clinic_frames import Columns
from crmkit.datasets.clinic_staff import MANAGERS
from crmkit.datasets.clinic_truth import PLACES
from crmkit.datasets.draws import Draws

MONTHS = 48
"""Months in the tables, from July 2021."""
AHEAD = 12
"""Months for which targets exist beyond them."""
FIRST_MONTH = np.datetime64("2021-07", "M")


def monthly_revenue(ledger: Columns, labels: NDArray, names: Sequence[str]) -> NDArray[np.float64]:
    """Net revenue of the ledger lines with each label, by month: shape (names, months)."""
    month = (ledger["date"].astype("datetime64[M]") - FIRST_MONTH).astype(int)
    return np.stack(
        [np.bincount(month[labels == name], ledger["amount"][labels == name], MONTHS) for name in names]
    )


def keeper_of_lines(ledger: Columns, of_people: NDArray, of_companies: NDArray) -> NDArray[np.str_]:
    """Manager of the client of each ledger line; blank without a client."""
    known = ledger["client_id"] != ""
    number = np.ones(len(known), dtype=np.int64)
    number[known] = np.char.lstrip(ledger["client_id"][known], "C").astype(np.int64)
    company = number >= FIRST_COMPANY
    keeper = of_people[np.where(company, 1, number) - 1]
    keeper = np.where(company, of_companies[np.where(company, number - FIRST_COMPANY, 0)], keeper)
    return np.where(known, keeper, "")


def target_table(draws: Draws, by_place: NDArray[np.float64], by_manager: NDArray[np.float64]) -> Columns:
    """Targets (measure revenue) and past forecasts (measure forecast), whole EUR.

    `by_place` and `by_manager` hold the net revenue of each month: shape (owners, months). A target is 1.08
    times the revenue of the same month a year before (in the first year: of that year's usual month with 5 %
    on top).
    """
    rows: list[tuple[int, str, float, str]] = []
    owners = [*PLACES, *MANAGERS]
    revenue = np.concatenate([by_place, by_manager])
    for owner, actual in zip(owners, revenue):
        usual = actual[:12].mean() * 1.05
        aims = np.concatenate([np.full(12, usual), actual * 1.08])[: MONTHS + AHEAD]
        rows += [(month, owner, float(100 * np.rint(aim / 100)), "revenue") for month, aim in enumerate(aims)]
    for position, (owner, manager) in enumerate(MANAGERS.items()):
        noise = manager.noise * draws.normal("forecast", position, np.arange(MONTHS)) - manager.noise**2 / 2
        forecast = by_manager[position] * (1 + manager.bias) * np.exp(noise)
        rows += [
            (month, owner, float(10 * np.rint(value / 10)), "forecast")
            for month, value in enumerate(forecast)
        ]
    rows.sort(key=lambda row: (row[0], row[3], row[1]))
    month = np.array([row[0] for row in rows]).astype("timedelta64[M]")
    return {
        "period": (FIRST_MONTH + month).astype("datetime64[D]"),
        "owner": np.array([row[1] for row in rows]),
        "amount": np.array([row[2] for row in rows]),
        "measure": np.array([row[3] for row in rows]),
    }
