"""What does a new client leave in the months after joining, and when is the money for winning them back?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmkit.statistics.shrinkage import shrink
from crmkit.value.client_days import ClientDays, day_numbers

MOST_MONTHS = 36
LEAST_CLIENTS = 10
"""A month after joining counts if so many clients have lived through it."""


@dataclass(frozen=True)
class Cohort:
    """What clients of one channel left on average, month after month since joining.

    Attributes
    ----------
    running
        Money for each client by the end of each month, shape (months,); as long as enough have lived so far.
    draws
        The same with other clients of the same kind, shape (draws, months).
    """

    running: np.ndarray
    draws: np.ndarray

    def payback(self, cost: float) -> float:
        """Months until a client has left what winning them cost; infinite if not within those seen."""
        return _first_reached(self.running[None], np.array([cost]))[0]

    def payback_draws(self, costs: np.ndarray) -> np.ndarray:
        """The same for each draw, with its own cost."""
        return _first_reached(self.draws, costs)


def _first_reached(running: np.ndarray, costs: np.ndarray) -> np.ndarray:
    reached = running >= costs[:, None]
    months = np.argmax(reached, axis=1) + 1.0 if running.shape[1] else np.zeros(len(costs))
    return np.where(reached.any(axis=1), months, np.inf)


def cohort(
    days: ClientDays,
    clients: pd.DataFrame,
    *,
    draws: int,
    rng: np.random.Generator,
    months: int = MOST_MONTHS,
) -> Cohort:
    """The average client month by month, from all for as long as each has been seen.

    Parameters
    ----------
    days
        Money by client and day.
    clients
        client_id and joined, of one channel.
    draws
        How often to resample the clients.
    months
        Look no further.
    """
    clients = clients[(clients["joined"] >= days.first) & (clients["joined"] <= days.last)]
    bounds = np.rint(np.arange(months + 1) * 365.25 / 12).astype(np.int64)
    lived = (day_numbers(pd.Series([days.last]))[0] + 1 - day_numbers(clients["joined"]))[:, None] >= bounds[
        1:
    ]
    months = int((lived.sum(axis=0) >= LEAST_CLIENTS).sum()) if len(clients) else 0
    if not months:
        return Cohort(np.empty(0), np.empty((draws, 0)))
    left = np.stack(
        [
            days.money(
                clients["client_id"],
                clients["joined"] + pd.Timedelta(days=int(bounds[month])),
                int(bounds[month + 1] - bounds[month]),
            )
            for month in range(months)
        ],
        axis=1,
    )
    lived = lived[:, :months]
    left = left * lived
    weights = rng.multinomial(len(clients), np.full(len(clients), 1 / len(clients)), size=draws).astype(float)
    seen = np.maximum(weights @ lived, 1.0)
    return Cohort((left.sum(0) / lived.sum(0)).cumsum(), (weights @ left / seen).cumsum(axis=1))


def drawn_together(estimates: np.ndarray, draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Figures of several channels drawn towards their common mean as far as each is uncertain.

    Parameters
    ----------
    estimates
        Shape (channels,); NaN for a channel without data, which gets the common mean.
    draws
        Shape (channels, draws).

    Returns
    -------
    tuple
        Estimates and draws: :func:`crmkit.statistics.shrinkage.shrink`, the draws moved and scaled with it.
    """
    known = np.isfinite(estimates)
    noise = np.where(known, draws.var(axis=1), np.nan)
    unsure = noise > 0
    if unsure.sum() < 2:
        # Nothing to draw together; a channel without data gets the mean of the others.
        common = estimates[known].mean() if known.any() else np.nan
        pool = draws[known].mean(axis=0) if known.any() else np.full(draws.shape[1], np.nan)
        return np.where(known, estimates, common), np.where(known[:, None], draws, pool)
    found = shrink(np.where(unsure, estimates, np.nan), np.where(unsure, noise, np.nan))
    pool = draws[unsure].mean(axis=0)
    centred = np.where(unsure[:, None], draws - draws.mean(axis=1, keepdims=True), pool - pool.mean())
    scale = np.sqrt(found.variance) / np.where(unsure, np.sqrt(noise), pool.std())
    moved = found.estimate[:, None] + centred * scale[:, None]
    sure = known & ~unsure
    return np.where(sure, estimates, found.estimate), np.where(sure[:, None], draws, moved)
