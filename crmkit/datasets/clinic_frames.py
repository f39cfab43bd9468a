"""Columns on the way to a table: what they are, the ids in them, and how they become a DataFrame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Columns: TypeAlias = dict[str, NDArray]
"""Equally long columns by name. A blank text is a gap."""


def client_ids(number: NDArray[np.int64]) -> NDArray[np.str_]:
    """Ids of clients from their numbers: C00001 …"""
    return np.char.add("C", np.char.zfill(number.astype("U5"), 5))


def coded_ids(letter: str, number: NDArray[np.int64], week: NDArray[np.int64]) -> NDArray[np.str_]:
    """Ids of what happens at most once a week to a client: letter, client's number, three digits of the week.

    They do not depend on what else happened, so they are the same in every replay.
    """
    return np.char.add(letter, (number * 1000 + week).astype("U8"))


def appointment_ids(number: NDArray[np.int64], week: NDArray[np.int64]) -> NDArray[np.str_]:
    """Ids of appointments, from client and week of booking."""
    return coded_ids("A", number, week)


def chosen(columns: Columns, rows: NDArray) -> Columns:
    """Some rows (a mask or indices) of all columns."""
    return {name: column[rows] for name, column in columns.items()}


def frame(columns: Mapping[str, NDArray]) -> pd.DataFrame:
    """A table: texts with gaps instead of blanks, datetimes in microseconds."""
    series = {}
    for name, values in columns.items():
        if values.dtype.kind == "M":
            series[name] = pd.Series(values.astype("datetime64[us]"))
        elif values.dtype.kind == "U":
            text = pd.Series(values, dtype="str")
            series[name] = text.mask(text == "")
        else:
            series[name] = pd.Series(values)
    return pd.DataFrame(series)
