"""What may clients do next? Made-up futures, over whole arrays of draws by clients."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.value.distinct import distinct_with_rows
from crmkit.value.purchase_model import PurchaseModel

Floats = NDArray[np.float64]

CELLS = 2_000_000
"""Draws times clients held in memory at a time."""
MOST_CELLS = 100_000_000
LEAST_DRAWS = 100
MOST_SETS = 200
"""Sets of parameters; what costs most is computed once for each, and chance within it is drawn anew."""


def how_many(draws: int, clients: int) -> int:
    """Draws that are wished for, or fewer where there are so many clients that it would take minutes."""
    return int(np.clip(MOST_CELLS // max(clients, 1), LEAST_DRAWS, draws))


def parameter_draws(model: PurchaseModel, n: int, *, seed: int) -> Floats:
    """Parameters that the data would also allow; the fitted ones where their uncertainty is not known."""
    if model.converged_:
        sets = model.draw_parameters(min(n, MOST_SETS), seed=seed)
        return np.tile(sets, (-(-n // len(sets)), 1))[:n]
    return np.tile(np.array([model.params_[name] for name in model.names]), (n, 1))


def blocks(frame: pd.DataFrame, draws: int) -> Iterator[NDArray[np.int64]]:
    """Places of clients, like histories together, as many at a time as memory should hold."""
    columns = (frame[name].to_numpy(float) for name in ("frequency", "recency", "T"))
    _, rows = distinct_with_rows(*columns)
    order = np.argsort(rows, kind="stable")
    size = max(1, CELLS // draws)
    for start in range(0, len(order), size):
        yield order[start : start + size]


def total_purchases(
    model: PurchaseModel, frame: pd.DataFrame, horizon: float, *, draws: int, seed: int
) -> Floats:
    """Purchases of all clients together in the time after T: what might come, shape (draws,).

    Parameters
    ----------
    model
        Fitted.
    frame
        Histories, in the model's time unit.
    horizon
        In the model's time unit.
    draws
        How many futures.
    seed
        Of the random numbers.
    """
    parameters = parameter_draws(model, draws, seed=seed)
    generator = np.random.default_rng([seed, 1])
    total = np.zeros(draws)
    for block in blocks(frame, draws):
        some = frame.iloc[block]
        total += model.draw_later(horizon, some, parameters=parameters, generator=generator).sum(axis=1)
    return total
