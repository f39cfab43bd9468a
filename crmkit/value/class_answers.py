"""What does the next money bring in each class, and what does the class cost in time?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.value import ladder
from crmkit.value.contact_ways import contact_ways, current_values
from crmkit.value.drawing import limits
from crmkit.value.retention_result import RetentionEffects

if TYPE_CHECKING:
    from crmkit.book import Book


def class_answers(
    book: Book,
    classes: pd.Series,
    value: pd.DataFrame | None,
    kept: RetentionEffects,
    contact_cost: float | None,
    step: float,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """One row per class of the clients who bought within two years.

    Returns
    -------
    DataFrame
        class, clients, value (money of a client on average), minutes and cost (staff time of a client in the
        last 12 months, and what it costs), spent, gain, gain_lo, gain_hi (what the step brings in contacts
        with this class alone; NaN without randomised contacts).
    """
    clients = current_values(book, value)
    served = book.cost_to_serve(12).set_index("client_id")
    clients["class"] = clients["client_id"].map(classes)
    for name in ("minutes", "cost"):
        clients[name] = clients["client_id"].map(served[name])
    rng = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    order = list(dict.fromkeys(["VIP", "A", "B", "C", "D", *sorted(classes.dropna().astype(str).unique())]))
    for name, some in sorted(
        clients.dropna(subset=["class"]).groupby("class"), key=lambda pair: order.index(str(pair[0]))
    ):
        row: dict[str, Any] = {"class": str(name), "clients": len(some), "value": some["value"].mean()}
        row |= {"minutes": some["minutes"].fillna(0.0).mean()}
        row |= {"cost": some["cost"].sum() / len(some) if some["cost"].notna().any() else np.nan}
        effects = (
            kept.by_class[kept.by_class["class"] == name] if kept.by_class is not None else pd.DataFrame()
        )
        ways = contact_ways(effects, kept.costs, contact_cost, draws, rng) if len(effects) else []
        if ways:
            rungs = ladder.climb(ways, step)
            low, high = limits(ladder.gain_draws(rungs, draws))
            row |= {"spent": ladder.spent(rungs), "gain": ladder.gain(rungs), "gain_lo": low, "gain_hi": high}
        rows.append(row)
    columns = ["class", "clients", "value", "minutes", "cost", "spent", "gain", "gain_lo", "gain_hi"]
    return pd.DataFrame(rows, columns=columns)
