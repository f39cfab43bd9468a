"""Who is leaving, what money goes with them, and whom to call so that they stay?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError
from crmkit.statistics import Context
from crmkit.value.churn_holdout import hold_out
from crmkit.value.churn_result import NEXT_LEVEL, Churn
from crmkit.value.client_worth import given_worth, yearly_worth
from crmkit.value.modified_beta_geo import ModifiedBetaGeoModel
from crmkit.value.monthly import Monthly, monthly
from crmkit.value.next_purchase import wait
from crmkit.value.save_list import call_cost as cost_of_call
from crmkit.value.save_list import expected_saved, saved_range

if TYPE_CHECKING:
    from crmkit.book import Book

LEAST_CLIENTS = 30
LEAST_REPEAT = 10
LEAST_DAYS = 60
MOST_MONTHS = 12


def churn(
    book: Book,
    *,
    horizon_months: int | None = None,
    value: pd.Series | pd.DataFrame | None = None,
    effect: float | tuple[float, float] | None = None,
    call_cost: float | None = None,
    seed: int = 0,
) -> Churn:
    """Who is leaving, what money goes with them, and whom to call so that they stay?

    Parameters
    ----------
    book
        An open book with a ledger. Nothing after its `as_of` is looked at.
    horizon_months
        Months ahead in which a purchase is foreseen, and by which the ways to foresee it are judged. Default:
        the usual gap of the middle client in months, rounded up, at most 12.
    value
        Expected money a year of each client if they stay: a Series by client_id, or a frame with client_id
        and value. Default: margin of the last 12 months, or net revenue where the margin is not known, the
        money per purchase drawn towards that of all.
    effect
        The share of clients about to leave who stay if called, or its limits, from 0 to 1. Default:
        saved_least and saved_most of the settings, an assumption until it is measured.
    call_cost
        Money that a call costs. Default: from the settings, or minutes of calls at what a minute costs.
    seed
        Of the bootstrap and of draws.

    Returns
    -------
    Churn
        With ``.table``, ``.save_list``, ``.explain()``, ``.plot()``, ``.decisions``, ``.by_group()``,
        ``.history()``, ``.holdout``, ``.cohorts``.

    Raises
    ------
    BookError
        If the ledger holds fewer than 30 clients, 10 who bought again, or 60 days; or a wish cannot be used.

    Notes
    -----
    Whether a client has left is never seen: the MBG/NBD model weighs the silence against the client's own
    rhythm. Batislam, E. P., Denizel, M. and Filiztekin, A. (2007). Empirical validation and comparison of
    models for customer base analysis. International Journal of Research in Marketing 24, 201-209.
    https://doi.org/10.1016/j.ijresmar.2006.12.005. The money saved by a call: Neslin, S. A., Gupta, S.,
    Kamakura, W., Lu, J. and Mason, C. H. (2006). Defection detection. Journal of Marketing Research 43,
    204-211. https://doi.org/10.1509/jmkr.43.2.204.
    """
    shares, cost = saved_range(book, effect), cost_of_call(book, call_cost)
    months = monthly(book)
    _refuse_little(months)
    rhythm = book.rhythm().set_index("client_id").loc[months.client_id]
    horizon = _horizon(horizon_months, rhythm["gap_days"])
    last = len(months.ends) - 1
    histories = months.histories(last)
    model = ModifiedBetaGeoModel().fit(histories)
    found, chance = hold_out(months, horizon, seed=seed)
    worth = yearly_worth(book, months.client_id) if value is None else given_worth(value, months.client_id)
    money = worth.value.to_numpy(float)
    alive = model.probability_alive(histories)
    rules = book.settings.value
    saved = expected_saved(
        money, alive, shares=shares, cost=cost.cost, lost_probability=rules.lost_probability
    )
    silent = (histories["T"] - histories["recency"]).astype(int)
    gap = rhythm["gap_days"].to_numpy(float)
    table = pd.DataFrame(
        {
            "client_id": histories["client_id"].astype("str"),
            "last_date": book.as_of - pd.to_timedelta(silent, unit="D").astype("timedelta64[us]"),
            "purchase_days": (histories["frequency"] + 1).astype(int),
            "recency_days": silent,
            "gap_days": gap,
            "overdue_days": np.maximum(silent - gap, 0.0).round().astype(int),
            "probability_alive": alive,
            "probability_purchase": chance,
            "next_date": _after(book.as_of, wait(model, histories, 0.5)),
            "next_lo": _after(book.as_of, wait(model, histories, (1 - NEXT_LEVEL) / 2)),
            "next_hi": _after(book.as_of, wait(model, histories, (1 + NEXT_LEVEL) / 2)),
            "value": money,
            "value_at_risk": money * (1 - alive),
            "saved": saved,
        }
    )
    return Churn(
        context=Context.of(book),
        table=table,
        model=model,
        monthly=months,
        holdout=found,
        horizon=horizon,
        measure=worth.measure,
        shares=shares,
        measured=effect is not None,
        call=cost,
        rules=rules,
        seed=seed,
    )


def _refuse_little(months: Monthly) -> None:
    """Refuse a book from which nothing can be learnt about leaving."""
    clients = len(months.client_id)
    repeats = int((months.bought[:, -1] > 1).sum())
    days = months.days(-1) - int(months.first_day.min()) if clients else 0
    if min(clients - LEAST_CLIENTS, repeats - LEAST_REPEAT, days - LEAST_DAYS) < 0:
        raise BookError(
            "ledger: {clients} clients bought, {repeats} of them again, in {days} days. Who is leaving can "
            "be told from {least_clients} clients, {least_repeats} who bought again, and {least_days} days "
            "on. Give a longer period, or all clients and not only some.",
            clients=clients,
            repeats=repeats,
            days=days,
            least_clients=LEAST_CLIENTS,
            least_repeats=LEAST_REPEAT,
            least_days=LEAST_DAYS,
        )


def _horizon(wish: int | None, gaps: pd.Series) -> int:
    if wish is None:
        return int(np.clip(np.ceil(gaps.median() / (365.25 / 12)), 1, MOST_MONTHS))
    if isinstance(wish, bool) or not isinstance(wish, int) or not 1 <= wish <= MOST_MONTHS:
        raise BookError(
            "horizon_months: {wish!r} is not a number of months from 1 to {most}.",
            wish=wish,
            most=MOST_MONTHS,
        )
    return wish


def _after(day: pd.Timestamp, days: np.ndarray) -> pd.Series:
    """Days after a day; blank where they lie further away than can be said."""
    known = pd.Series(np.where(days < 36500, np.round(days), np.nan))
    return day + pd.to_timedelta(known, unit="D").astype("timedelta64[us]")
