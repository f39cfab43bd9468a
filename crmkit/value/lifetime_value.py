"""What will each client bring, and all together? Purchases, margin and residual value, with intervals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.book.errors import BookError
from crmkit.statistics import Context
from crmkit.value.choice import Choice, choose_model
from crmkit.value.clock import month_ends
from crmkit.value.futures import blocks, how_many, parameter_draws
from crmkit.value.influence import influence
from crmkit.value.lifetime_result import LifetimeValue
from crmkit.value.months import limits, spread_over_months
from crmkit.value.spend import Spend, brought, find_drift, find_spend

if TYPE_CHECKING:
    from crmkit.book import Book

Floats = NDArray[np.float64]

MOST_ASSIGNED = 20
"""Clients for whom a manager can be named at once."""


def lifetime_value(
    book: Book,
    *,
    horizon_months: int = 12,
    discount_rate: float | None = None,
    classes: pd.Series | None = None,
    seed: int = 0,
) -> LifetimeValue:
    """What each client, and all together, are expected to bring in the months to come.

    Parameters
    ----------
    book
        A book with a ledger; without amounts only purchases are expected.
    horizon_months
        How far to look ahead: calendar months if `as_of` is the last day of one, else from its day on.
    discount_rate
        By how much less money is worth that comes a year later; default: the settings', 0.1.
    classes
        A class by client_id, so that the months are told by class too.
    seed
        Of the random numbers.

    Returns
    -------
    LifetimeValue
        With ``.table`` (clients), ``.total``, ``.by_month``, ``.explain()``, ``.plot()``, ``.decisions``.

    Raises
    ------
    BookError
        If there are too few clients, too few of them bought again, or the history is too short; or the
        horizon or the discount rate cannot be.

    Notes
    -----
    Residual value is the sum over months of expected margin, discounted by (1 + rate)^(-1/12) a month from
    the middle of the month in which it comes. The intervals come from made-up futures: parameters that the
    data would also allow, whether the client is still there, how often they buy until they leave, and what
    they spend. All futures carry an error in common: as large as the models' totals differ, and as that of
    the hold-out was further off than chance explains. The value of clients who have not come yet is not in
    it.

    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005), "RFM and CLV: using iso-value curves for customer
    base analysis", Journal of Marketing Research 42, 415-430, https://doi.org/10.1509/jmkr.2005.42.4.415.

    Examples
    --------
    >>> import crmkit as ck
    >>> draw = np.random.default_rng(0)
    >>> ledger = pd.DataFrame({
    ...     "date": pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 366, 900), unit="D"),
    ...     "client_id": [f"C{number:03}" for number in draw.integers(0, 100, 900)],
    ...     "amount": draw.gamma(5, 10, 900).round(2)})
    >>> found = lifetime_value(ck.open_book({"ledger": ledger}))
    >>> bool(found.value("purchases", "lo") < 900 < found.value("purchases", "hi"))
    True
    """
    rules = book.settings.value
    rate = rules.discount_rate if discount_rate is None else discount_rate
    if not (isinstance(horizon_months, int | np.integer) and horizon_months >= 1):
        raise BookError(
            "horizon_months: {value} cannot be used; give a whole number of months, 1 or more.",
            value=repr(horizon_months),
        )
    if not 0 <= rate < np.inf:
        raise BookError(
            "discount_rate: {value} cannot be used; give a number of 0 or more, such as 0.1 for 10% a year.",
            value=repr(rate),
        )
    choice = choose_model(book, seed=seed)
    ids = choice.histories["client_id"]
    spend = find_spend(book, ids)
    if spend is not None:
        drift, error = find_drift(book, choice.holdout, choice.split)
        spend = replace(spend, drift=drift, drift_error=error)
    labels, codes = _labels(ids, classes)
    ahead = choice.clock.ahead(book.as_of, int(horizon_months))
    factors = (1 + rate) ** (-(np.arange(horizon_months) + 0.5) / 12)
    net = np.zeros(len(ids)) if spend is None else spend.net
    purchases, worth, months = _expected(choice, ahead, factors, net, codes, len(labels))
    alive = choice.model.probability_alive(choice.histories)
    assigned = _assigned(worth * net)
    drawn = _futures(
        choice, spend, ahead[-1], worth, purchases, codes, len(labels), assigned, rules.draws, seed
    )
    table, total = _tables(book, choice, spend, alive, purchases, worth, net, drawn)
    variance = np.zeros(len(ids)) if spend is None else spend.net_variance
    squares = np.bincount(codes, purchases * (net**2 + variance), len(labels)).astype(float)
    by_month, by_class = _by_month(
        book.as_of, labels, months, factors, drawn, squares, has_money=spend is not None, seed=seed
    )
    return LifetimeValue(
        context=Context.of(book),
        table=table,
        total=total,
        by_month=by_month,
        by_class=None if classes is None else by_class,
        of_class=None if classes is None else _of_class(labels, codes, months, drawn, spend is not None),
        assigned=pd.Series((worth * net)[assigned], index=ids.to_numpy()[assigned]),
        assigned_limits=tuple(limits(drawn["assigned"])),
        influence=influence(choice.model, choice.histories, float(ahead[-1]))
        if choice.model.converged_
        else None,
        choice=choice,
        spend=spend,
        horizon_months=int(horizon_months),
        horizon=float(ahead[-1]),
        discount_rate=float(rate),
        left_out=len(book.client_summary()) - len(ids),
    )


def _labels(ids: pd.Series, classes: pd.Series | None) -> tuple[list[str], NDArray[np.int64]]:
    """Names of the classes, blank for clients without one, and the place of each client's."""
    if classes is None:
        return [""], np.zeros(len(ids), dtype=np.int64)
    names = classes.reindex(ids).astype("object").where(lambda name: name.notna(), "").astype(str)
    found, codes = np.unique(names.to_numpy(dtype=object).astype(str), return_inverse=True)
    return found.tolist(), codes.astype(np.int64)


def _expected(
    choice: Choice, ahead: Floats, factors: Floats, net: Floats, codes: NDArray[np.int64], classes: int
) -> tuple[Floats, Floats, Floats]:
    """Purchases by client; the same with each discounted; purchases and margin by month and class."""
    before, worth = np.zeros(len(net)), np.zeros(len(net))
    months = np.zeros((2, len(ahead), classes))
    for month, end in enumerate(ahead):
        until = choice.model.expected_purchases(float(end), choice.histories)
        more = np.maximum(until - before, 0.0)
        worth += more * factors[month]
        months[0, month] = np.bincount(codes, more, classes)
        months[1, month] = np.bincount(codes, more * net, classes)
        before = until
    return before, worth, months


def _assigned(value: Floats) -> NDArray[np.int64]:
    """Places of the clients of the highest value, at most so many, and at most those who bring half."""
    order = np.argsort(-value.round(6), kind="stable")
    running = np.maximum(value[order], 0.0).cumsum()
    if not len(running) or running[-1] <= 0:
        return order[:0]
    return order[: min(MOST_ASSIGNED, int(np.searchsorted(running, running[-1] / 2)) + 1)]


def _futures(
    choice: Choice,
    spend: Spend | None,
    horizon: float,
    worth: Floats,
    purchases: Floats,
    codes: NDArray[np.int64],
    classes: int,
    assigned: NDArray[np.int64],
    wished: int,
    seed: int,
) -> dict[str, Floats]:
    """Limits by client, and draws of the totals: purchases and margin by class, and the values."""
    model, frame = choice.model, choice.histories[["frequency", "recency", "T"]]
    draws = how_many(wished, len(frame))
    parameters = parameter_draws(model, draws, seed=seed)
    of_spend = None if spend is None else spend.parameters(draws, seed=seed)
    generator = np.random.default_rng([seed, 2])
    common = np.maximum(1 + choice.model_error * generator.standard_normal(draws), 0.0)
    level = common
    if spend is not None:
        level = common * np.maximum(
            1 + spend.drift_error / spend.drift * generator.standard_normal(draws), 0.0
        )
    discount = np.divide(worth, purchases, out=np.ones(len(worth)), where=purchases > 0)
    is_assigned = np.zeros(len(frame))
    is_assigned[assigned] = 1
    found = {
        "purchases": np.zeros((draws, classes)),
        "margin": np.zeros((draws, classes)),
        "value": np.zeros(draws),
        "assigned": np.zeros(draws),
        "purchase_limits": np.zeros((2, len(frame))),
        "value_limits": np.zeros((2, len(frame))),
    }
    for block in blocks(frame, draws):
        bought = model.draw_later(horizon, frame.iloc[block], parameters=parameters, generator=generator)
        member = np.eye(classes)[codes[block]]
        found["purchases"] += (bought @ member) * common[:, None]
        found["purchase_limits"][:, block] = limits(bought)
        if spend is not None:
            margin = spend.draw(block, bought, generator, of_spend) * level[:, None]
            value = margin * discount[block]
            found["margin"] += margin @ member
            found["value"] += value.sum(axis=1)
            found["assigned"] += value @ is_assigned[block]
            found["value_limits"][:, block] = limits(value)
    return found


def _tables(
    book: Book,
    choice: Choice,
    spend: Spend | None,
    alive: Floats,
    purchases: Floats,
    worth: Floats,
    net: Floats,
    drawn: dict[str, Floats],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row per client, and one per total."""
    ids = choice.histories["client_id"]
    summary = book.client_summary().set_index("client_id").loc[ids]
    (few, many), (low, high) = drawn["purchase_limits"], drawn["value_limits"]
    table = pd.DataFrame(
        {
            "client_id": ids,
            "purchase_days": summary["purchase_days"].to_numpy(),
            "recency_days": summary["recency_days"].to_numpy(),
            "probability_alive": alive,
            "expected_purchases": purchases,
            # The expected value of a client who will hardly buy lies above nearly all futures: it is a limit.
            "purchases_lo": np.minimum(few, purchases),
            "purchases_hi": np.maximum(many, purchases),
        }
    )
    rows = [_total("purchases", purchases.sum(), drawn["purchases"].sum(axis=1))]
    if spend is not None:
        value = worth * net
        past = brought(book, ids, spend, None)
        table = table.assign(
            net_per_purchase=net,
            expected_margin=purchases * net,
            residual_value=value,
            value_lo=np.minimum(low, value),
            value_hi=np.maximum(high, value),
            realised_value=past,
        )
        rows += [
            _total("margin", float(purchases @ net), drawn["margin"].sum(axis=1)),
            _total("residual", float(value.sum()), drawn["value"]),
            {"measure": "realised", "estimate": float(past.sum()), "lo": np.nan, "hi": np.nan},
        ]
    return table, pd.DataFrame(rows)


def _total(measure: str, estimate: float, draws: Floats) -> dict[str, object]:
    lo, hi = limits(draws)
    return {"measure": measure, "estimate": estimate, "lo": min(lo, estimate), "hi": max(hi, estimate)}


def _of_class(
    labels: list[str], codes: NDArray[np.int64], months: Floats, drawn: dict[str, Floats], has_money: bool
) -> pd.DataFrame:
    """The totals of each class."""
    purchases, margin = months.sum(axis=1)
    lo, hi = limits(drawn["purchases"])
    table = pd.DataFrame(
        {
            "class": labels,
            "clients": np.bincount(codes, minlength=len(labels)),
            "expected_purchases": purchases,
            "purchases_lo": np.minimum(lo, purchases),
            "purchases_hi": np.maximum(hi, purchases),
        }
    )
    if not has_money:
        return table
    lo, hi = limits(drawn["margin"])
    return table.assign(
        expected_margin=margin, amount_lo=np.minimum(lo, margin), amount_hi=np.maximum(hi, margin)
    )


def _by_month(
    as_of: pd.Timestamp,
    labels: list[str],
    months: Floats,
    factors: Floats,
    drawn: dict[str, Floats],
    squares: Floats,
    *,
    has_money: bool,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The months of all clients, and of each class."""
    generator = np.random.default_rng([seed, 3])
    ends = month_ends(as_of, len(factors))
    starts = pd.DatetimeIndex([as_of, *ends[:-1]]) + pd.Timedelta(days=1)

    def frame(here: Floats) -> pd.DataFrame:
        found = spread_over_months(
            months[0] @ here,
            drawn["purchases"] @ here,
            months[1] @ here if has_money else None,
            drawn["margin"] @ here,
            float(squares @ here),
            generator,
        )
        found.insert(0, "ds", starts)
        return found.assign(discount_factor=factors) if has_money else found

    everyone = frame(np.ones(len(labels)))
    of_each = [frame(here) for here in np.eye(len(labels))]
    for label, each in zip(labels, of_each):
        each.insert(1, "class", label)
    return everyone, pd.concat(of_each, ignore_index=True)
