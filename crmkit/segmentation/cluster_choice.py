"""Do clients fall into kinds, and into how many? Stability under resampling, and separation beyond chance."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from sklearn.cluster import KMeans

SAMPLE = 1000
"""Clients on whom the number of clusters is chosen: more do not change the choice, only the time it takes."""
FIT_SAMPLE = 50_000
"""Clients from whom the centres are found; all clients are then given to the nearest centre."""
PAIRS, REFERENCES = 8, 5


def features(table: pd.DataFrame) -> np.ndarray:
    """Recency, frequency and money on comparable scales, shape (clients, features).

    Parameters
    ----------
    table
        Columns recency_days, frequency, monetary (NaN throughout if the ledger holds no money).

    Returns
    -------
    numpy.ndarray
        Logarithms (of money with its sign, so that net returns stay below zero), less their median, divided
        by the distance between their quartiles. A measure on which all clients are equal is left out.
    """
    money = table["monetary"].to_numpy(dtype=float)
    columns = [
        np.log1p(table["recency_days"].to_numpy(dtype=float)),
        np.log(np.maximum(table["frequency"].to_numpy(dtype=float), 1)),
    ]
    if not np.isnan(money).all():
        money = np.nan_to_num(money)
        sizes = np.abs(money[money != 0])
        # A small amount of the company's own as the unit keeps the result free of the currency.
        unit = np.quantile(sizes, 0.05) if len(sizes) else 1.0
        columns.append(np.sign(money) * np.log1p(np.abs(money) / unit))
    scaled = [_scale(column) for column in columns if np.ptp(column) > 1e-9]
    return np.column_stack(scaled) if scaled else np.empty((len(table), 0))


def sample(count: int, size: int, seed: int) -> np.ndarray:
    """Places of at most `size` of `count` things, in their order."""
    if count <= size:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, size, replace=False))


def try_numbers(points: np.ndarray, most: int, seed: int) -> pd.DataFrame:
    """How well each number of clusters describes the points.

    Parameters
    ----------
    points
        Shape (clients, features), at most a few thousand.
    most
        The largest number tried; the smallest is 2.
    seed
        Of the resampling.

    Returns
    -------
    pandas.DataFrame
        clusters; stability: mean adjusted Rand index (1: identical, 0: chance) of the clusterings that two
        bootstrap samples give to the same points; separation: mean silhouette (1: far apart, 0: touching);
        reference: the largest silhouette that the same method finds in points without clusters, of the same
        shape and size.

    Notes
    -----
    Stability: Fang, Y. and Wang, J. (2012), "Selection of the number of clusters via the bootstrap method",
    Computational Statistics & Data Analysis 56, 468-477, doi:10.1016/j.csda.2011.09.003, with the index of
    Hubert, L. and Arabie, P. (1985), Journal of Classification 2, 193-218, doi:10.1007/BF01908075.
    Silhouette: Rousseeuw, P. J. (1987), Journal of Computational and Applied Mathematics 20, 53-65,
    doi:10.1016/0377-0427(87)90125-7. Points without clusters: uniform along the principal axes, as in
    Tibshirani, R., Walther, G. and Hastie, T. (2001), Journal of the Royal Statistical Society B 63, 411-423,
    doi:10.1111/1467-9868.00293, and normal with the same covariance.
    """
    from sklearn.metrics import adjusted_rand_score, silhouette_score

    rng = np.random.default_rng(seed)
    size = len(points)
    cloudless = [
        _without_clusters(points, rng, normal=normal) for normal in (False, True) for _ in range(REFERENCES)
    ]
    rows = []
    with _one_thread():
        for number in range(2, most + 1):
            agreement = [
                adjusted_rand_score(
                    *(
                        fit(points[rng.integers(0, size, size)], number, _seed(rng), 3).predict(points)
                        for _ in "ab"
                    )
                )
                for _ in range(PAIRS)
            ]
            separation = [
                silhouette_score(cloud, fit(cloud, number, _seed(rng), 3).labels_)
                for cloud in [points, *cloudless]
            ]
            rows.append((number, float(np.mean(agreement)), separation[0], max(separation[1:])))
    return pd.DataFrame(rows, columns=["clusters", "stability", "separation", "reference"])


def fit(points: np.ndarray, number: int, seed: int, starts: int = 10) -> KMeans:
    """k-means with `number` clusters, the best of several starts."""
    from sklearn.cluster import KMeans

    return KMeans(number, n_init=starts, max_iter=100, random_state=seed).fit(points)


def assign(points: np.ndarray, number: int, seed: int) -> np.ndarray:
    """The cluster of each point, counted from 0, shape (clients,)."""
    if number == 1:
        return np.zeros(len(points), dtype=int)
    with _one_thread():
        return fit(points[sample(len(points), FIT_SAMPLE, seed)], number, seed).predict(points)


def _scale(column: np.ndarray) -> np.ndarray:
    low, middle, high = np.quantile(column, [0.25, 0.5, 0.75])
    # Half of the clients may share one value (one purchase): then the usual deviation stands in.
    return (column - middle) / (high - low if high > low else 1.349 * column.std())


def _without_clusters(points: np.ndarray, rng: np.random.Generator, *, normal: bool) -> np.ndarray:
    centre = points.mean(axis=0)
    axes = np.linalg.svd(points - centre, full_matrices=False)[2]
    along = (points - centre) @ axes.T
    if normal:
        drawn = rng.normal(0, along.std(axis=0), along.shape)
    else:
        drawn = rng.uniform(along.min(axis=0), along.max(axis=0), along.shape)
    return drawn @ axes + centre


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Threads would add up floats in another order from run to run, and are slower on small samples."""
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), warnings.catch_warnings():
        # Fewer different points than clusters: such a clustering is judged by its stability like any other.
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield
