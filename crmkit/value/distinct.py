"""How many clients share one history? Models are fitted to the distinct histories with their counts.

A million clients of daily data have some ten thousand distinct histories; their likelihood is the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

_LARGEST_CODE = 2**62


@dataclass(frozen=True)
class Distinct:
    """Distinct rows of several columns.

    Attributes
    ----------
    levels
        Sorted values of each column: one array per column.
    places
        Where in the levels each distinct row's value is: one array of shape (distinct,) per column. What
        depends on one column alone is computed once per level.
    counts
        How many clients have each distinct row, shape (distinct,).
    rows
        The distinct row of each row that was given, shape (rows,).
    """

    levels: tuple[Floats, ...]
    places: tuple[Places, ...]
    counts: Floats
    rows: Places

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def columns(self) -> tuple[Floats, ...]:
        """The values themselves: one array of shape (distinct,) per column."""
        return tuple(levels[places] for levels, places in zip(self.levels, self.places))

    def total(self, column: int) -> float:
        """The sum of a column over all clients."""
        return float((self.counts * self.levels[column][self.places[column]]).sum())

    def thinned(self, clients: int) -> Distinct:
        """So many clients, picked at even steps through the sorted rows: few rows that stand for all."""
        end = self.counts.cumsum()
        picked = np.searchsorted(end, (np.arange(clients) + 0.5) * (end[-1] / clients))
        hits = np.bincount(np.minimum(picked, len(self) - 1), minlength=len(self))
        kept = hits > 0
        return distinct(*(column[kept] for column in self.columns), weights=hits[kept].astype(float))


def distinct(*columns: Floats, weights: Floats | None = None) -> Distinct:
    """Find the distinct rows of some columns, sorted by the first, then by the second, and so on.

    Parameters
    ----------
    columns
        Arrays of shape (rows,), without missing values.
    weights
        How many clients each row stands for, shape (rows,); default: one.

    Returns
    -------
    Distinct

    Examples
    --------
    >>> found = distinct(np.array([2.0, 0.0, 2.0]), np.array([1.5, 0.0, 1.5]))
    >>> found.columns, found.counts
    ((array([0., 2.]), array([0. , 1.5])), array([1., 2.]))
    """
    levels, codes = zip(*(_levels(column) for column in columns))
    code, size = codes[0], len(levels[0])
    for values, each in zip(levels[1:], codes[1:]):
        if size * len(values) > _LARGEST_CODE:
            code, kinds = pd.factorize(code, sort=True)
            size = len(kinds)
        code, size = code * len(values) + each, size * len(values)
    rows, kinds = pd.factorize(code, sort=True)
    counts = np.bincount(rows, weights=weights, minlength=len(kinds)).astype(float)
    first = np.empty(len(kinds), dtype=np.int64)
    first[rows] = np.arange(len(rows))
    return Distinct(tuple(levels), tuple(each[first] for each in codes), counts, rows)


def _levels(column: Floats) -> tuple[Floats, Places]:
    codes, values = pd.factorize(column, sort=True)
    return np.asarray(values, float), codes.astype(np.int64)
