"""Do our clients fall into kinds by themselves, and what is each kind like?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError
from crmkit.segmentation import cluster_choice
from crmkit.segmentation.cluster_result import LEAST_CLIENTS, Clusters
from crmkit.segmentation.measures import FEATURES, rfm_features
from crmkit.statistics import Context

if TYPE_CHECKING:
    from crmkit.book import Book


def cluster(
    book: Book,
    *,
    number: int | None = None,
    window: int | tuple[Any, Any] | None = None,
    seed: int = 0,
) -> Clusters:
    """Find the kinds of clients that the data hold, if there are any.

    Parameters
    ----------
    book
        An open book.
    number
        How many clusters to make. None: as many as are stable and stand apart, or none.
    window
        The part of the ledger to look at: None (all of it), a number of months, or (start, end).
    seed
        Of sampling, resampling and the starts of k-means.

    Returns
    -------
    Clusters
        With ``.table``, ``.profiles``, ``.choice``, ``.explain()``, ``.plot()``.

    Raises
    ------
    BookError
        If nobody bought in the window, or `number` is not from 2 to the number of different clients.

    Notes
    -----
    The method and its sources: :func:`crmkit.segmentation.cluster_choice.try_numbers`. The number is chosen
    on at most 1,000 clients and the centres are found from at most 50,000, so that a million clients take
    seconds.
    """
    summary = book.client_summary(window)
    table = rfm_features(summary)
    rules = book.settings.segmentation
    points = cluster_choice.features(table)
    choice = pd.DataFrame(columns=["clusters", "stability", "separation", "reference"])
    if number is not None:
        different = len(np.unique(points, axis=0)) if points.shape[1] else 1
        if different < 2:
            raise BookError(
                "number: all clients are equal in recency, frequency and money, so that there is nothing to "
                "divide them by. Leave number out."
            )
        if not 2 <= number <= different:
            raise BookError(
                "number={number}: expected from 2 to {different}, as many as there are clients who differ in "
                "recency, frequency or money.",
                number=number,
                different=different,
            )
        verdict, chosen = "wished", number
    elif len(table) < LEAST_CLIENTS:
        verdict, chosen = "few", 1
    elif points.shape[1] == 0:
        verdict, chosen = "alike", 1
    else:
        few = points[cluster_choice.sample(len(points), cluster_choice.SAMPLE, seed)]
        most = min(rules.clusters_most, len(np.unique(few, axis=0)) - 1)
        if most >= 2:
            choice = cluster_choice.try_numbers(few, most, seed)
        choice["excess"] = choice["separation"] - choice["reference"]
        good = choice[
            (choice["stability"] >= rules.cluster_stability) & (choice["excess"] >= rules.cluster_separation)
        ]
        # Of numbers that do about as well, the smallest: fewer kinds are easier to serve.
        near = good[good["excess"] >= good["excess"].max() - rules.cluster_separation / 2]
        chosen = int(near["clusters"].min()) if len(near) else 1
        choice = choice.drop(columns="excess")
        verdict = "clusters" if len(good) else "none"
    table["cluster"] = _by_money(table, cluster_choice.assign(points, chosen, seed))
    return Clusters(
        context=Context.of(book),
        table=table,
        profiles=_profiles(table),
        choice=choice,
        verdict=verdict,
        last=summary["last_date"].max(),
        rules=rules,
    )


def _by_money(table: pd.DataFrame, labels: np.ndarray) -> np.ndarray:
    """Labels from 1, the cluster with most money per client first (purchase days where there is no money)."""
    counts = np.bincount(labels)
    worth = table["monetary"] if table["monetary"].notna().any() else table["frequency"]
    means = np.bincount(labels, weights=np.nan_to_num(worth.to_numpy(dtype=float))) / np.maximum(counts, 1)
    rank = np.empty(len(counts), dtype=int)
    rank[np.lexsort((-counts, -means))] = np.arange(1, len(counts) + 1)
    return rank[labels]


def _profiles(table: pd.DataFrame) -> pd.DataFrame:
    grouped = table.groupby("cluster")
    profiles = pd.DataFrame(
        {
            "clients": grouped.size(),
            "client_share": grouped.size() / len(table),
            "amount": grouped["monetary"].sum(min_count=1),
        }
    )
    total = table["monetary"].sum(min_count=1)
    profiles["amount_share"] = profiles["amount"] / total if total > 0 else np.nan
    for feature in FEATURES:
        medians = grouped[feature].median()
        everyone = np.sort(table[feature].dropna().to_numpy())
        below, above = (np.searchsorted(everyone, medians, side) for side in ("left", "right"))
        profiles[feature] = medians
        profiles[feature.removesuffix("_days") + "_place"] = (
            (below + above) / (2 * len(everyone)) if len(everyone) else np.nan
        )
    return profiles.reset_index()
