"""How does what is to come spread over the months? Totals with intervals, for plans by month."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.statistics import LEVEL

Floats = NDArray[np.float64]

TAILS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)


def limits(draws: Floats) -> Floats:
    """Lower and upper limit of draws, shape (draws, ...): of shape (2, ...)."""
    return np.asarray(np.quantile(draws, TAILS, axis=0), float)


def spread_over_months(
    purchases: Floats,
    drawn: Floats,
    margin: Floats | None,
    drawn_margin: Floats,
    squares: float,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Expected purchases and margin of each month, with limits.

    Parameters
    ----------
    purchases, margin
        Expected in each month, shape (months,); margin None without money.
    drawn, drawn_margin
        Draws of the totals of all months, shape (draws,).
    squares
        Sum over expected purchases of the squared money that one may bring.
    generator
        Of the random numbers.

    Returns
    -------
    DataFrame
        expected_purchases, purchases_lo, purchases_hi; with money expected_margin, amount_lo, amount_hi.

    Notes
    -----
    Each purchase falls into a month with the chance of the month's expected share, so that a month varies
    more than its share of the total would.

    Examples
    --------
    >>> draw = np.random.default_rng(0)
    >>> months = np.full(12, 100.0)
    >>> found = spread_over_months(months, draw.poisson(1200, 999) * 1.0, None, months, 0.0, draw)
    >>> found.loc[0].round(-1).tolist()
    [100.0, 80.0, 120.0]
    """
    total = float(purchases.sum())
    share = purchases / total if total > 0 else np.full(len(purchases), 1 / len(purchases))
    lo, hi = limits(generator.multinomial(np.rint(drawn).astype(np.int64), share).astype(float))
    found = pd.DataFrame(
        {
            "expected_purchases": purchases,
            "purchases_lo": np.minimum(lo, purchases),
            "purchases_hi": np.maximum(hi, purchases),
        }
    )
    if margin is None:
        return found
    noise = generator.standard_normal((len(drawn), len(share))) * np.sqrt(squares * share * (1 - share))
    part = margin / margin.sum() if margin.sum() != 0 else share
    lo, hi = limits(drawn_margin[:, None] * part + noise)
    return found.assign(
        expected_margin=margin, amount_lo=np.minimum(lo, margin), amount_hi=np.maximum(hi, margin)
    )
