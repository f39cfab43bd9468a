"""How many of each cohort are left after each period? A tidy frame as counts of ages."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError
from crmkit.value.frames import Floats, numbers, refuse
from crmkit.wording.message import Message


class Ages(NamedTuple):
    """When clients were lost, over all cohorts.

    Attributes
    ----------
    lost
        Clients lost in period t, shape (periods + 1,); the first is 0.
    kept
        Clients last seen with us at the end of period t, shape (periods + 1,).
    """

    lost: Floats
    kept: Floats


def ages(frame: pd.DataFrame, *, model: str) -> Ages:
    """Count the ages at which clients were lost, and those reached by who is still there.

    Parameters
    ----------
    frame
        Columns period (0, 1, 2, …: renewals that were due) and survivors (clients left), and cohort if there
        are several. Each cohort starts at period 0 and has no gaps.
    model
        Who asks; named in the refusal.

    Returns
    -------
    Ages

    Raises
    ------
    BookError
        If a column is missing or a value cannot be; a cohort does not start at 0, has gaps or grows; there is
        only period 0; or nobody was lost.

    Examples
    --------
    >>> frame = pd.DataFrame({"period": [0, 1, 2], "survivors": [100, 80, 70]})
    >>> ages(frame, model="any")
    Ages(lost=array([ 0., 20., 10.]), kept=array([ 0.,  0., 70.]))
    """
    (period, survivors), _ = numbers(
        frame.drop(columns="weights", errors="ignore"), ("period", "survivors"), model=model
    )
    refuse(period != np.floor(period), "period", Message("periods are counted in whole numbers"), model=model)
    if "cohort" in frame.columns:
        missing = frame["cohort"].isna().to_numpy()
        refuse(missing, "cohort", Message("the cohort is blank"), model=model)
        cohort = pd.factorize(frame["cohort"])[0]
    else:
        cohort = np.zeros(len(frame), np.int64)
    order = np.lexsort((period, cohort))
    cohort, period, survivors = cohort[order], period[order], survivors[order]
    first = np.append(True, cohort[1:] != cohort[:-1])
    last = np.append(first[1:], True)
    back = np.argsort(order)
    expected = np.where(first, 0.0, np.append(0.0, period[:-1]) + 1)
    gap = Message("each cohort has one row for each period, from 0 on and without gaps")
    refuse((period != expected)[back], "period", gap, model=model)
    before = np.where(first, survivors, np.append(0.0, survivors[:-1]))
    grows = Message("a cohort cannot grow: clients who join later are a cohort of their own")
    refuse((survivors > before)[back], "survivors", grows, model=model)
    size = int(period.max()) + 1
    lost = np.bincount(period.astype(int), before - survivors, size)
    kept = np.bincount(period[last].astype(int), survivors[last], size)
    if not lost.sum() > 0:
        raise BookError(
            "{model}: no client was lost, so that nothing is known about how long they stay. Give cohorts "
            "that were observed for longer.",
            model=model,
        )
    return Ages(lost.astype(float), kept.astype(float))
