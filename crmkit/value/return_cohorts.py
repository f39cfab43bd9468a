"""Do clients come back? Of those who first bought in one quarter, the share who buy in each later one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmkit.value.calibration import share_interval
from crmkit.value.monthly import Monthly

MONTHS = 3


def return_cohorts(monthly: Monthly) -> pd.DataFrame:
    """The share of each cohort who bought in each quarter since the first.

    Parameters
    ----------
    monthly
        Purchases by month.

    Returns
    -------
    DataFrame
        cohort (first day of the quarter of the first purchase), quarter (0 for that quarter itself), clients
        (of the cohort), active (who bought in the quarter), active_share, share_lo and share_hi (exact
        limits). Quarters are three months each, counted back from the book's `as_of`. The first cohort holds
        all who were clients before the book begins.
    """
    months = len(monthly.ends)
    last_of = np.arange(months - 1, -1, -MONTHS)[::-1]
    upto = monthly.bought[:, last_of]
    bought = np.diff(upto, axis=1, prepend=0) > 0
    quarters = len(last_of)
    first = bought.argmax(axis=1)
    sizes = np.bincount(first, minlength=quarters)
    active = np.stack([np.bincount(first, bought[:, place], quarters) for place in range(quarters)], axis=1)
    cohort, since = np.divmod(np.arange(quarters**2), quarters)
    keep = (cohort + since < quarters) & (sizes[cohort] > 0)
    cohort, since = cohort[keep], since[keep]
    bought_then, clients = active[cohort, cohort + since].astype(int), sizes[cohort]
    lo, hi = share_interval(bought_then, clients)
    after = monthly.ends[last_of] + pd.Timedelta(days=1)
    starts = pd.DatetimeIndex([end - pd.DateOffset(months=MONTHS) for end in after])
    return pd.DataFrame(
        {
            "cohort": starts[cohort],
            "quarter": since,
            "clients": clients,
            "active": bought_then,
            "active_share": bought_then / clients,
            "share_lo": lo,
            "share_hi": hi,
        }
    )
