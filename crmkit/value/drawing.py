"""Limits and probabilities of figures that are known by their draws."""

from __future__ import annotations

import numpy as np

from crmkit.statistics import LEVEL

REACH = 1.959963984540054
"""So many standard deviations on either side hold 95%."""


def limits(draws: np.ndarray, level: float = LEVEL) -> tuple[float, float]:
    """Lower and upper limit of draws, infinite ones among them; NaN where there are none."""
    known = draws[~np.isnan(draws)]
    if not len(known):
        return np.nan, np.nan
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
    return float(low), float(high)
