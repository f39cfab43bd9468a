"""How often does each client buy? Their own gaps, drawn towards those of all as far as they are few."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.wording import mark

if TYPE_CHECKING:
    import pandas as pd

    from crmkit.wording import Speaker

COLUMNS = (
    "client_id",
    "purchase_days",
    "gap_days",
    "gap_std_days",
    "own_gap_days",
    "weight",
    "basis",
)
_SHORTEST_DAYS = 0.5


def rhythm(summary: pd.DataFrame, say: Speaker) -> pd.DataFrame:
    """See :meth:`crmkit.book.Book.rhythm`; `summary` is the book's client summary."""
    import numpy as np
    import pandas as pd

    from crmkit.statistics.shrinkage import shrink

    gaps = np.maximum(summary["purchase_days"].to_numpy() - 1, 0)
    own = summary["gap_mean_days"].to_numpy(float)
    deviation = summary["gap_std_days"].to_numpy(float)
    table = pd.DataFrame({"client_id": summary["client_id"], "purchase_days": summary["purchase_days"]})
    if not (gaps > 0).any():
        nothing = np.full(len(table), np.nan)
        table = table.assign(gap_days=nothing, gap_std_days=nothing, own_gap_days=own, weight=0.0)
        table["basis"] = pd.Series(say(_NOBODY), index=table.index, dtype="str")
        return table[list(COLUMNS)]

    relative = _relative_variance(gaps, own, deviation)
    counts = np.maximum(gaps, 1)
    known = gaps > 0
    # The logarithm of a mean of k gaps has about the variance of a gap relative to its square, over k, and
    # lies below the logarithm of the true mean by half of that.
    noise = relative / counts
    mean = shrink(
        np.where(known, np.log(np.maximum(own, _SHORTEST_DAYS)) + noise / 2, np.nan),
        np.where(known, noise, np.nan),
    )
    several = (gaps >= 2) & (deviation > 0)
    if several.any():
        ratio = np.log(
            np.where(several, deviation, 1.0) / np.where(several, np.maximum(own, _SHORTEST_DAYS), 1.0)
        )
        # The logarithm of a deviation from k gaps has about the variance 1 / (2 (k - 1)) for normal gaps,
        # more for skewed ones; the relative variance of a gap stands for the skew.
        noise = (1 + relative) / (2 * np.maximum(gaps - 1, 1))
        spread = shrink(np.where(several, ratio, np.nan), np.where(several, noise, np.nan)).estimate
    else:
        spread = np.full(len(table), 0.5 * np.log(relative))
    table["gap_days"] = np.exp(mean.estimate)
    table["gap_std_days"] = np.exp(mean.estimate + spread)
    table["own_gap_days"] = own
    table["weight"] = np.where(known, mean.weight, 0.0)
    texts = [say(_NONE), say(_MOSTLY_ALL), say(_MOSTLY_OWN)]
    level = np.where(~known, 0, np.where(table["weight"] < 0.5, 1, 2))
    table["basis"] = pd.Series(np.array(texts, dtype=object)[level], index=table.index, dtype="str")
    return table[list(COLUMNS)]


def _relative_variance(gaps, own, deviation):  # type: ignore[no-untyped-def]
    """Variance of a gap over the square of its mean, pooled over the clients with at least two gaps."""
    import numpy as np

    usable = (gaps >= 2) & (own > 0)
    if not usable.any():
        return 1.0
    free = (gaps[usable] - 1).astype(float)
    squares = (deviation[usable] / own[usable]) ** 2
    return float(np.clip((free * squares).sum() / free.sum(), 0.01, 10.0))


_NOBODY = mark("nobody has bought twice, so there is no rhythm")
_NONE = mark("no gap of their own: the gap of all clients")
_MOSTLY_ALL = mark("mostly the gap of all clients: few gaps of their own")
_MOSTLY_OWN = mark("mostly their own gaps")
