"""Who bought lately, often and for much, and what to do with each kind of client?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError
from crmkit.book.sections import Rfm as RfmRules
from crmkit.segmentation.action_groups import ACTION_GROUPS, CELL_GROUPS
from crmkit.segmentation.measures import FEATURES, a_year, rfm_features
from crmkit.segmentation.rfm_result import Rfm
from crmkit.statistics import Context

if TYPE_CHECKING:
    from crmkit.book import Book


def rfm(
    book: Book,
    *,
    cuts: Mapping[str, Sequence[float]] | None = None,
    window: int | tuple[Any, Any] | None = None,
) -> Rfm:
    """Score every client by recency, frequency and money, and name what to do.

    Parameters
    ----------
    book
        An open book.
    cuts
        Cut points of your own, ascending: ``recency_days`` (up to 30 days is best with ``[30, 90, 180,
        365]``), ``frequency`` (purchase days) and ``monetary`` (net money; the score rises from each cut
        point on). What is not given is taken from the settings (section rfm), else cut into equal parts of
        all clients.
    window
        The part of the ledger to look at: None (all of it), a number of months, or (start, end).

    Returns
    -------
    Rfm
        With ``.table``, ``.groups``, ``.bands``, ``.explain()``, ``.plot()``, ``.decisions``.

    Raises
    ------
    BookError
        If nobody bought in the window, or cut points are not ascending numbers.

    Notes
    -----
    A client's place is the share of clients below plus half of those equal, so ties always get the same score
    and a measure on which all are equal puts everybody in the middle. One purchase day always scores 1: it is
    not a habit. The money score does not depend on the currency unit.

    Hughes, A. M. (1994), "Strategic Database Marketing", Probus; Bult, J. R. and Wansbeek, T. (1995),
    "Optimal selection for direct mail", Marketing Science 14, 378-394, doi:10.1287/mksc.14.4.378.
    """
    summary = book.client_summary(window)
    table = rfm_features(summary)
    limits = _limits(cuts, book.settings.rfm)
    scores: dict[str, int] = {}
    for feature in FEATURES:
        values = table[feature].to_numpy(dtype=float)
        if feature == "monetary" and np.isnan(values).all():
            table["monetary_score"], scores[feature] = table["frequency_score"], scores["frequency"]
        elif feature in limits:
            table[_score(feature)] = _cut(feature, values, limits[feature])
            scores[feature] = len(limits[feature]) + 1
        else:
            scores[feature] = book.settings.rfm.quantiles
            table[_score(feature)] = place_scores(
                -values if feature == "recency_days" else values, scores[feature]
            )
            if feature == "frequency":
                table.loc[table["frequency"] <= 1, "frequency_score"] = 1
    # Who gave everything back has no last purchase to be recent.
    table.loc[table["frequency"] == 0, _score("recency_days")] = 1
    fifths = [_fifth(table[_score(feature)].to_numpy(), scores[feature]) for feature in FEATURES]
    table["cell"] = _join([table[_score(feature)] for feature in FEATURES])
    table["group"] = CELL_GROUPS[tuple(fifth - 1 for fifth in fifths)]
    first, last = summary["first_date"].min(), summary["last_date"].max()
    return Rfm(
        context=Context.of(book),
        table=table,
        groups=_groups(table),
        bands=pd.concat([_bands(table, feature) for feature in FEATURES], ignore_index=True),
        scores=scores,
        ranked=tuple(
            name
            for name in FEATURES
            if name not in limits and (name != "monetary" or table[name].notna().any())
        ),
        away_days=_away_days(book, first),
        last=last,
        yearly=a_year(book, window, first),
    )


def _away_days(book: Book, first: pd.Timestamp) -> int:
    """Who bought in the window of the classes is theirs; in a short ledger half of its days must do."""
    window = pd.DateOffset(months=book.settings.classes.window_months)
    return min((book.as_of - (book.as_of - window)).days, ((book.as_of - first).days + 1) // 2)


def place_scores(values: np.ndarray, parts: int) -> np.ndarray:
    """Scores 1 to `parts` by a client's place among all; ties share their middle place.

    Parameters
    ----------
    values
        Shape (clients,), larger is better; unknown values (NaN) are placed lowest, as equals.
    parts
        How many equal parts the places are cut into.

    Returns
    -------
    numpy.ndarray
        Whole numbers, shape (clients,).

    Examples
    --------
    >>> place_scores(np.array([1, 1, 1, 1, 2, 2, 3, 4, 5, 90]), 5).tolist()
    [1, 1, 1, 1, 3, 3, 4, 4, 5, 5]
    """
    known = np.where(np.isnan(values), -np.inf, values)
    _, place, count = np.unique(known, return_inverse=True, return_counts=True)
    # In whole numbers, so that a place exactly between two parts does not hang on the last digit of a float.
    twice_middle = 2 * count.cumsum() - count
    return -(-twice_middle * parts // (2 * len(values)))[place]


def _cut(feature: str, values: np.ndarray, points: tuple[float, ...]) -> np.ndarray:
    """Scores by cut points; a client exactly at one has the better score."""
    if feature == "recency_days":
        return 1 + len(points) - np.searchsorted(points, values, "left")
    return 1 + np.searchsorted(points, np.where(np.isnan(values), -np.inf, values), "right")


def _score(feature: str) -> str:
    return feature.removesuffix("_days") + "_score"


def _fifth(scores: np.ndarray, parts: int) -> np.ndarray:
    """The score on the scale from 1 to 5 on which the groups are written."""
    return -(-5 * (2 * scores - 1) // (2 * parts))


def _join(scores: list[pd.Series]) -> pd.Series:
    wide = any(score.max() > 9 for score in scores)
    first, second, third = (score.astype(str) for score in scores)
    between = "-" if wide else ""
    return first + between + second + between + third


def _limits(cuts: Mapping[str, Sequence[float]] | None, rules: RfmRules) -> dict[str, tuple[float, ...]]:
    given = dict(cuts or {})
    for name in given:
        if name not in FEATURES:
            raise BookError(
                "cuts: '{name}' is not known: expected some of {known}.", name=name, known=", ".join(FEATURES)
            )
    limits = {name: tuple(given.get(name, getattr(rules, name))) for name in FEATURES}
    for name, points in limits.items():
        numbers = np.array(points, dtype=float)
        if not (np.isfinite(numbers).all() and (np.diff(numbers) > 0).all()):
            raise BookError(
                "cut points of {name}: expected ascending numbers such as [30, 90, 180, 365], found "
                "{points}.",
                name=name,
                points=list(points),
            )
    return {name: points for name, points in limits.items() if points}


def _groups(table: pd.DataFrame) -> pd.DataFrame:
    order = [group.name for group in ACTION_GROUPS]
    grouped = table.groupby("group", sort=False)
    groups = grouped.agg(
        clients=("client_id", "size"),
        amount=("monetary", lambda money: money.sum(min_count=1)),
        median_recency_days=("recency_days", "median"),
        median_frequency=("frequency", "median"),
    )
    groups = (
        groups.reindex([name for name in order if name in groups.index]).rename_axis("group").reset_index()
    )
    total = groups["amount"].sum(min_count=1)
    groups.insert(2, "client_share", groups["clients"] / len(table))
    groups.insert(4, "amount_share", groups["amount"] / total if total > 0 else np.nan)
    return groups


def _bands(table: pd.DataFrame, feature: str) -> pd.DataFrame:
    bands = (
        table.groupby(_score(feature))[feature]
        .agg(lo="min", hi="max", clients="size")
        .reset_index(names="score")
    )
    return bands.assign(measure=feature)[["measure", "score", "lo", "hi", "clients"]]
