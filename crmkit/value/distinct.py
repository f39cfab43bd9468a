"""How many clients share one history? Models are fitted to the distinct histories with their counts.

A million clients of daily data have some ten thousand distinct histories; their likelihood is the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    """

    levels: tuple[Floats, ...]
    places: tuple[Places, ...]
    counts: Floats

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
        How many clients each row stands for, shape (rows,); rows that stand for nobody are left out. Default:
        one each.

    Returns
    -------
    Distinct

    Examples
    --------
    >>> found = distinct(np.array([2.0, 0.0, 2.0]), np.array([1.5, 0.0, 1.5]))
    >>> found.columns, found.counts
    ((array([0., 2.]), array([0. , 1.5])), array([1., 2.]))
    """
    if weights is not None:
        kept = weights > 0
        found, rows = distinct_with_rows(*(column[kept] for column in columns))
        return replace(found, counts=np.bincount(rows, weights[kept], len(found)).astype(float))
    levels, codes = zip(*(_levels(column) for column in columns))
    sizes = [len(values) for values in levels]
    if math.prod(sizes) > _LARGEST_CODE:
        return distinct_with_rows(*columns)[0]
    # Sorting codes is several times as fast as finding where each went.
    kinds, counts = np.unique(_code(codes, sizes), return_counts=True)
    places: list[Places] = []
    for size in reversed(sizes):
        kinds, place = np.divmod(kinds, size)
        places.insert(0, place)
    return Distinct(tuple(levels), tuple(places), counts.astype(float))


def distinct_with_rows(*columns: Floats) -> tuple[Distinct, Places]:
    """As :func:`distinct`, and which of the distinct rows each row is, shape (rows,).

    >>> distinct_with_rows(np.array([2.0, 0.0, 2.0]))[1]
    array([1, 0, 1])
    """
    levels, codes = zip(*(_levels(column) for column in columns))
    rows, kinds = pd.factorize(_code(codes, [len(values) for values in levels]), sort=True)
    first = np.empty(len(kinds), dtype=np.int64)
    first[rows] = np.arange(len(rows))
    counts = np.bincount(rows, minlength=len(kinds)).astype(float)
    return Distinct(tuple(levels), tuple(each[first] for each in codes), counts), rows


def _levels(column: Floats) -> tuple[Floats, Places]:
    codes, values = pd.factorize(column, sort=True)
    return np.asarray(values, float), codes.astype(np.int64)


def _code(codes: Sequence[Places], sizes: Sequence[int]) -> Places:
    """One whole number for each row, in the order of the rows."""
    code, size = codes[0], sizes[0]
    for each, more in zip(codes[1:], sizes[1:]):
        if size * more > _LARGEST_CODE:
            code, kinds = pd.factorize(code, sort=True)
            size = len(kinds)
        code, size = code * more + each, size * more
    return code
