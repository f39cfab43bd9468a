"""Who brings the money: how much of it comes from how few clients, and does that last?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.book.sections import Segmentation
from crmkit.segmentation import lorenz
from crmkit.segmentation.concentration_result import LEAST_RETURNING, Concentration
from crmkit.segmentation.evidence import LONG_AGO
from crmkit.segmentation.measures import a_year, choose_measure
from crmkit.statistics import LEVEL, Context
from crmkit.statistics.intervals import bca_interval, total_interval
from crmkit.statistics.resampling import bootstrap, leave_one_out

if TYPE_CHECKING:
    from crmkit.book import Book


def concentration(
    book: Book,
    *,
    measure: str | None = None,
    window: int | tuple[Any, Any] | None = None,
    seed: int = 0,
) -> Concentration:
    """How much of the money comes from how few clients, and does that last?

    Parameters
    ----------
    book
        An open book.
    measure
        ``"margin"``, ``"amount"`` (net revenue) or ``"purchase_days"``. None: the margin if it is known for
        every client, else net revenue if the ledger holds amounts, else purchase days.
    window
        The part of the ledger to look at: None (all of it), a number of months, or (start, end).
    seed
        Of the bootstrap.

    Returns
    -------
    Concentration
        With ``.table``, ``.explain()``, ``.plot()``, ``.decisions``.

    Raises
    ------
    BookError
        If nobody bought in the window, or the measure is unknown.

    Notes
    -----
    A client's returns are taken off what the client bought, and shares are of the net total of all clients,
    so that they reconcile. Whether the differences are more than chance is judged by time: the clients of the
    first half of the window are ranked by it, and equal clients' ranks would not agree with the second
    half's.

    Lorenz, M. O. (1905), "Methods of measuring the concentration of wealth", Publications of the American
    Statistical Association 9, 209-219, doi:10.2307/2276207. The figures:
    :func:`crmkit.segmentation.lorenz.figures`; their intervals:
    :func:`crmkit.statistics.intervals.bca_interval`.
    """
    summary = book.client_summary(window)
    measure, values = choose_measure(summary, measure)
    known = np.isfinite(values)
    clients, money = summary[known].reset_index(drop=True), values[known]
    rules = book.settings.segmentation
    total = float(money.sum())
    large = _large(clients, money, rules)
    halfway = _halfway(clients)
    rows = [_row("all_clients", 1.0, 1.0, 1.0, clients=len(money), amount=total)]
    verdict = "undefined"
    if total > 0 and len(money) > 1:
        verdict = "few"
        if len(money) * rules.top_client_share >= 1:
            rows += _shares(money, rules, seed)
            kept, verdict = _lasting(book, clients, measure, money, halfway, rules)
            rows.append(kept)
            if rows[1]["estimate"] <= rules.flat_ratio * rows[1]["clients"] / len(money):
                verdict = "flat"
        largest = large.iloc[0]
        rest = total - largest["amount"]
        limits = (largest[end] / (largest[end] + rest) if rest > 0 else np.nan for end in ("lo", "hi"))
        rows.append(
            _row("largest_share", largest["amount_share"], *limits, clients=1, amount=largest["amount"])
        )
        below = money[money < 0]
        if len(below):
            rows.append(_row("below_zero", below.sum() / total, clients=len(below), amount=below.sum()))
    if not known.all():
        rows.append(_row("left_out", clients=int((~known).sum())))
    return Concentration(
        context=Context.of(book),
        table=pd.DataFrame(rows),
        curve=_curve(money),
        measure=measure,
        verdict=verdict,
        halfway=halfway,
        large=large,
        period=(clients["first_date"].min(), clients["last_date"].max()),
        yearly=a_year(book, window, clients["first_date"].min()),
        rules=rules,
    )


def is_flat(book: Book, *, measure: str, as_of: pd.Timestamp) -> bool:
    """Whether classes by `measure` carry no information up to a day: see :func:`concentration`."""
    summary = book.client_summary((LONG_AGO, str(as_of.date())))
    values = summary[measure].to_numpy(dtype=float, na_value=np.nan)
    known = np.isfinite(values)
    clients, money = summary[known].reset_index(drop=True), values[known]
    rules = book.settings.segmentation
    top = rules.top_client_share * len(money)
    if money.sum() <= 0 or top < 1:
        return False
    even = np.sort(money)[::-1][: _whole(top)].sum() / money.sum()
    if even <= rules.flat_ratio * _whole(top) / len(money):
        return True
    return _lasting(book, clients, measure, money, _halfway(clients), rules)[1] == "flat"


def _row(
    measure: str,
    estimate: float = np.nan,
    lo: float = np.nan,
    hi: float = np.nan,
    *,
    clients: int,
    amount: float = np.nan,
) -> dict[str, Any]:
    return {
        "measure": measure,
        "estimate": estimate,
        "lo": lo,
        "hi": hi,
        "clients": clients,
        "amount": amount,
    }


def _halfway(clients: pd.DataFrame) -> pd.Timestamp:
    first, last = clients["first_date"].min(), clients["last_date"].max()
    return (first + (last - first) / 2).normalize()


def _shares(money: np.ndarray, rules: Segmentation, seed: int) -> list[dict[str, Any]]:
    ordered = np.sort(money)[::-1]
    total, size = float(ordered.sum()), len(ordered)
    top = _whole(rules.top_client_share * size)

    def figures(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
        return lorenz.figures(values, weights, top=top / size, goals=(rules.money_share, 0.5))

    share, *needed, gini = figures(ordered, np.ones((1, size)))[0]
    means, counts = lorenz.neighbours(ordered)
    lo, hi = bca_interval(
        figures(means, counts[None, :])[0],
        bootstrap(lambda weights: figures(means, weights), counts, replicates=rules.bootstrap, seed=seed),
        *leave_one_out(lambda weights: figures(means, weights), counts),
        level=LEVEL,
    )
    rows = [_row("top_share", share, lo[0], hi[0], clients=top, amount=ordered[:top].sum())]
    for place, name in enumerate(("needed_share", "half_share")):
        few = _whole(needed[place] * size)
        low, high = lo[place + 1], max(hi[place + 1], few / size)
        rows.append(_row(name, few / size, low, high, clients=few, amount=ordered[:few].sum()))
    return [*rows, _row("gini", gini, lo[-1], hi[-1], clients=size, amount=total)]


def _large(clients: pd.DataFrame, money: np.ndarray, rules: Segmentation) -> pd.DataFrame:
    share = money / money.sum() if money.sum() > 0 else np.full(len(money), np.nan)
    order = np.argsort(-money, kind="stable")
    chosen = order[: max(1, int((share >= rules.dependence_share).sum()))]
    days = np.maximum(clients["purchase_days"].to_numpy()[chosen], 1)
    limits = [total_interval(np.full(n, money[i] / n), level=LEVEL) for n, i in zip(days, chosen)]
    return pd.DataFrame(
        {
            "client_id": clients["client_id"].to_numpy()[chosen],
            "amount": money[chosen],
            "amount_share": share[chosen],
            "last_date": clients["last_date"].to_numpy()[chosen],
            "lo": [low for low, _ in limits],
            "hi": [high for _, high in limits],
        }
    )


def _whole(clients: float) -> int:
    """The smallest whole number of clients, safe against the last digit of a float."""
    return math.ceil(clients - 1e-6)


def _lasting(
    book: Book,
    clients: pd.DataFrame,
    measure: str,
    money: np.ndarray,
    halfway: pd.Timestamp,
    rules: Segmentation,
) -> tuple[dict[str, Any], str]:
    """What the top of the first half brought in the second, and whether ranks last: row and verdict."""
    from scipy.special import ndtri

    early = book.client_summary((clients["first_date"].min(), halfway))
    before = pd.Series(early[measure].to_numpy(dtype=float, na_value=np.nan), index=early["client_id"])
    before = before.reindex(clients["client_id"]).to_numpy()
    seen = np.isfinite(before)
    before = before[seen]
    # Rounded, so that what the subtraction of floats leaves behind does not count as money.
    after = np.round(money[seen] - before, 6)
    returning = int((clients["last_date"] > halfway).to_numpy()[seen].sum())
    size, total = len(before), float(after.sum())
    if size < 2 or total <= 0:
        return _row("kept_share", clients=0), "unclear" if returning < LEAST_RETURNING else "used_up"
    member = _top_members(before, rules.top_client_share)
    share = float(member @ after) / total
    error = float(np.sqrt(np.sum(((member - share) * after) ** 2))) / total
    reach = float(ndtri((1 + LEVEL) / 2))
    row = _row(
        "kept_share",
        share,
        min(share, max(0.0, share - reach * error)),
        max(share, min(1.0, share + reach * error)),
        clients=_whole(rules.top_client_share * size),
        amount=share * total,
    )
    if returning < LEAST_RETURNING:
        return row, "unclear"
    if np.ptp(before) == 0 or np.ptp(after) == 0 or share <= rules.flat_ratio * rules.top_client_share:
        return row, "flat"
    agreement = np.corrcoef(pd.Series(before).rank(), pd.Series(after).rank())[0, 1]
    return row, "lasting" if agreement > reach / math.sqrt(size - 1) else "flat"


def _top_members(values: np.ndarray, share: float) -> np.ndarray:
    """Who belongs to the top `share`: 1, 0, and a part for clients who tie at the limit."""
    places = share * len(values)
    limit = np.sort(values)[::-1][_whole(places) - 1]
    above, tied = values > limit, values == limit
    return above + tied * (places - above.sum()) / tied.sum()


def _curve(money: np.ndarray) -> pd.DataFrame:
    ordered = np.sort(money)[::-1]
    size = len(ordered)
    ranks = np.unique(
        np.concatenate([np.arange(min(size, 10) + 1), np.linspace(0, size, 201).round().astype(int)])
    )
    running = np.append(0.0, ordered.cumsum())[ranks]
    total = running[-1]
    return pd.DataFrame(
        {
            "client_share": ranks / size,
            "amount_share": running / total if total > 0 else np.nan,
            "clients": ranks,
            "amount": running,
        }
    )
