"""Which model tells best what clients will do? Chosen by purchases that were kept apart, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError
from crmkit.value.beta_geo import BetaGeoModel
from crmkit.value.clock import Clock, monthly_activity, plain_clock, seasonal_clock
from crmkit.value.futures import total_purchases
from crmkit.value.histories import DAYS, purchase_histories
from crmkit.value.modified_beta_geo import ModifiedBetaGeoModel
from crmkit.value.pareto_nbd import ParetoNBDModel
from crmkit.value.purchase_model import PurchaseModel
from crmkit.wording import Message, Speaker

if TYPE_CHECKING:
    from crmkit.book import Book
    from crmkit.book.sections import Value

MODELS: dict[str, type[PurchaseModel]] = {
    "BG/NBD": BetaGeoModel,
    "MBG/NBD": ModifiedBetaGeoModel,
    "Pareto/NBD": ParetoNBDModel,
}
ALIKE = 2.0
"""Log-likelihoods that differ by less do not tell models apart (Edwards 1972, Likelihood)."""
CHANCE_DRAWS = 60
YEAR = DAYS["year"] / DAYS["week"]
"""In weeks, the models' unit."""


@dataclass(frozen=True)
class Choice:
    """A model, why it was chosen, and what it was chosen from.

    Attributes
    ----------
    name, model, clock
        The model's name; the model, fitted to all that is known; the clock in which it was fitted.
    histories
        One row per client, as :func:`crmkit.value.histories.purchase_histories` gives them, with recency and
        T in weeks of the clock.
    table
        One row per candidate: model, clock (``"plain"`` or ``"seasonal"``), log_likelihood (of the hold-out
        purchases, or of all purchases where none were held out), purchases_expected and purchases_made in
        the hold-out, error_per_client (mean absolute error, purchases), converged, error_per_month (of the
        months' shares of all repeat purchases in the hold-out), chosen.
    holdout
        One row per client of the calibration: client_id, frequency, recency, T (weeks of the clock, at the
        split), purchases_expected and purchases_made after it; no rows without a hold-out.
    tracking
        One row per complete month: ds, purchases (repeat, of all clients) and expected (from what was known
        at the split, given who came when).
    split
        Last day of the calibration; not a time without a hold-out.
    excess
        By what share the total of the hold-out differed from the expected one beyond chance; 0 if it did not.
    disagreement
        By what share the other models' totals of a year to come differ from the chosen one's (root mean
        square).
    """

    name: str
    model: PurchaseModel
    clock: Clock
    histories: pd.DataFrame
    table: pd.DataFrame
    holdout: pd.DataFrame
    tracking: pd.DataFrame
    split: pd.Timestamp
    excess: float
    disagreement: float

    @property
    def model_error(self) -> float:
        """The error of a total, as a share, that comes of the model and not of chance or parameters."""
        return float(np.hypot(self.excess, self.disagreement))

    def reason(self, say: Speaker) -> str:
        """Why this model, in a sentence of the speaker's language."""
        if not len(self.holdout):
            return say(
                "{name} fits the purchases best of {models} models. The history is too short to keep a part "
                "of it apart, so that how well it foretells was not tested.",
                name=self.name,
                models=say.number(len(self.table)),
            )
        return say(
            "{name}, chosen among {models}: after {split} clients made {made} purchases, and from what was "
            "known by then it had expected {expected}.",
            name=self.name,
            models=say.number(len(self.table)),
            split=say.date(self.split),
            made=say.number(self.holdout["purchases_made"].sum()),
            expected=say.number(self.holdout["purchases_expected"].sum()),
        )


@dataclass(frozen=True)
class _Fitted:
    name: str
    model: PurchaseModel
    clock: Clock
    frame: pd.DataFrame


def choose_model(book: Book, *, holdout_days: int | None = None, seed: int = 0) -> Choice:
    """Fit BG/NBD, MBG/NBD and Pareto/NBD, in plain and in seasonal time, and choose by hold-out.

    Parameters
    ----------
    book
        A book with a ledger.
    holdout_days
        Length of the hold-out; default: from the settings, see the notes.
    seed
        Of the random numbers with which chance in the hold-out is told.

    Returns
    -------
    Choice

    Raises
    ------
    BookError
        If there are too few clients, too few of them bought again, or the history is too short.

    Notes
    -----
    The models are fitted to what was known before the hold-out: the last months, at most a third of the
    history, and so that the calibration keeps the months that a season needs if that leaves three. The clock
    with the higher log-likelihood of each client's hold-out purchases, given the client's history, goes on;
    within 2 of each other, that which tells better how purchases spread over the months. In that clock the
    models are ranked by this likelihood, by the mean absolute error of the purchases expected of each client
    and by that of their total; the best sum of ranks wins, and is then fitted to all.

    Examples
    --------
    >>> import crmkit as ck
    >>> days = pd.date_range("2024-01-01", "2024-12-31")
    >>> draw = np.random.default_rng(0)
    >>> clients = draw.integers(0, 100, 900)
    >>> ids = [f"C{number:03}" for number in clients]
    >>> ledger = pd.DataFrame({"date": days[draw.integers(0, 366, 900)], "client_id": ids})
    >>> found = choose_model(ck.open_book({"ledger": ledger}))
    >>> found.name in MODELS, found.clock.seasonal, len(found.histories)
    (True, False, 100)
    """
    rules = book.settings.value
    days = purchase_histories(book, unit="day")
    refuse_too_little(days, rules)
    panel = book.panel("purchases")
    split = book.as_of - pd.Timedelta(days=holdout_days or _holdout_days(float(days["T"].max()), rules))
    early = (
        purchase_histories(book, until=f"{split:%Y-%m-%d}", unit="day") if _can(days, split, book) else None
    )
    if early is None or _too_little(early, rules) is not None:
        return _without_holdout(panel, days, book.as_of, rules)
    candidates = _fit_all(panel, early, split, rules)
    later = days.set_index("client_id")["frequency"].reindex(early["client_id"]).to_numpy()
    later = later - early["frequency"].to_numpy()
    rows, outlooks, trackings = [], [], []
    for each in candidates:
        horizon = float(each.clock.between(np.datetime64(split, "D"), np.datetime64(book.as_of, "D")))
        expected = each.model.expected_purchases(horizon, each.frame)
        likely = float(each.model.log_likelihood_of_later(later, horizon, each.frame).sum())
        months = monthly_activity(panel, days, each.model, each.clock, until=book.as_of)
        rows.append(
            _row(each, likely, expected.sum(), later.sum(), np.abs(expected - later).mean())
            | {"error_per_month": _month_error(months[months["ds"] > split])}
        )
        trackings.append(months)
        outlooks.append((horizon, expected))
    table = pd.DataFrame(rows)
    best = _best(table)
    table["chosen"] = table.index == best
    chosen, (horizon, expected) = candidates[best], outlooks[best]
    name, clock = chosen.name, chosen.clock
    if clock.seasonal:
        whole = plain_clock(clock.reason).warped(days, book.as_of)
        clock = seasonal_clock(
            panel, days, MODELS[name]().fit(whole), until=book.as_of, least_months=rules.season_months
        )
    histories = clock.warped(days, book.as_of)
    held = chosen.frame[["client_id", "frequency", "recency", "T"]]
    fitted = {each: kind().fit(histories) for each, kind in MODELS.items()}
    return Choice(
        name=name,
        model=fitted[name],
        clock=clock,
        histories=histories,
        table=table,
        holdout=held.assign(purchases_expected=expected, purchases_made=later),
        tracking=trackings[best],
        split=split,
        disagreement=_disagreement(name, fitted, histories),
        excess=_error_beyond_chance(chosen, horizon, later.sum(), expected.sum(), seed),
    )


def refuse_too_little(days: pd.DataFrame, rules: Value) -> None:
    """Refuse histories (in days) from which no model can be learnt.

    Raises
    ------
    BookError
        With the figure that is too small, and the least.
    """
    problem = _too_little(days, rules)
    if problem is not None:
        raise BookError(
            "What clients will do cannot be told yet: {problem}. The limits are in crmkit.toml, [value].",
            problem=problem,
        )


def _too_little(days: pd.DataFrame, rules: Value) -> Message | None:
    repeat = int((days["frequency"] > 0).sum())
    length = int(days["T"].max()) if len(days) else 0
    if len(days) < rules.least_clients:
        return Message(
            "clients who bought: {found}; at least {least} are needed",
            found=len(days),
            least=rules.least_clients,
        )
    if repeat < rules.least_repeat:
        return Message(
            "clients who bought again: {found}; at least {least} are needed",
            found=repeat,
            least=rules.least_repeat,
        )
    if length < rules.least_days:
        return Message(
            "days since the first purchase: {found}; at least {least} are needed",
            found=length,
            least=rules.least_days,
        )
    return None


def _holdout_days(length: float, rules: Value) -> int:
    month = DAYS["month"]
    held = min(rules.holdout_months * month, length / 3)
    beyond = length - (rules.season_months + 1) * month
    return int(min(held, beyond) if beyond >= 3 * month else held)


def _can(days: pd.DataFrame, split: pd.Timestamp, book: Book) -> bool:
    return book.as_of - split < pd.Timedelta(days=float(days["T"].max()))


def _fit_all(panel: pd.DataFrame, days: pd.DataFrame, until: pd.Timestamp, rules: Value) -> list[_Fitted]:
    """Every model in plain time and, where there is a season, in seasonal time."""
    plain = plain_clock(
        Message("Time is the calendar's: the seasonal clock told what was kept apart no better.")
    )
    frame = plain.warped(days, until)
    found = [_Fitted(name, kind().fit(frame), plain, frame) for name, kind in MODELS.items()]
    clock = seasonal_clock(panel, days, found[0].model, until=until, least_months=rules.season_months)
    if clock.seasonal:
        warped = clock.warped(days, until)
        found += [_Fitted(name, kind().fit(warped), clock, warped) for name, kind in MODELS.items()]
        return found
    return [_Fitted(each.name, each.model, clock, each.frame) for each in found]


def _row(each: _Fitted, likely: float, expected: float, made: float, error: float) -> dict[str, object]:
    return {
        "model": each.name,
        "clock": "seasonal" if each.clock.seasonal else "plain",
        "log_likelihood": likely,
        "purchases_expected": expected,
        "purchases_made": made,
        "error_per_client": error,
        "converged": each.model.converged_,
    }


def _best(table: pd.DataFrame) -> int:
    """Place of the row to choose."""
    able = table[table["converged"]] if table["converged"].any() else table
    able = able[able["clock"] == _best_clock(able)]
    measures = {
        # Likelihoods that do not tell models apart count as equal.
        "likely": (-able["log_likelihood"]).clip(lower=ALIKE - able["log_likelihood"].max()),
        "off": (able["purchases_expected"] - able["purchases_made"]).abs().fillna(0.0),
        "error": able["error_per_client"].fillna(0.0),
    }
    ranks = pd.DataFrame({name: values.rank(method="min") for name, values in measures.items()})
    order = pd.DataFrame({"ranks": ranks.sum(axis=1), "low": -able["log_likelihood"]})
    return int(order.sort_values(["ranks", "low"], kind="stable").index[0])


def _best_clock(able: pd.DataFrame) -> str:
    """The clock that tells clients better, or the months where both tell clients alike."""
    top = able.groupby("clock")["log_likelihood"].max()
    if len(top) == 1 or top.max() - top.min() > ALIKE:
        return str(top.idxmax())
    return str(able.groupby("clock")["error_per_month"].min().idxmin())


def _disagreement(name: str, fitted: dict[str, PurchaseModel], histories: pd.DataFrame) -> float:
    """How far the totals that the other models expect in a year are from the chosen one's, as a share."""
    totals = {each: float(model.expected_purchases(YEAR, histories).sum()) for each, model in fitted.items()}
    off = [total / totals[name] - 1 for each, total in totals.items() if each != name]
    return float(np.sqrt(np.mean(np.square(off)))) if totals[name] > 0 else 0.0


def _month_error(months: pd.DataFrame) -> float:
    """The share of the purchases that a model put into other months than those in which they were made."""
    made, expected = months["purchases"].to_numpy(), months["expected"].to_numpy()
    if not (made.sum() > 0 and expected.sum() > 0):
        return float("nan")
    return float(np.abs(made / made.sum() - expected / expected.sum()).sum() / 2)


def _without_holdout(panel: pd.DataFrame, days: pd.DataFrame, until: pd.Timestamp, rules: Value) -> Choice:
    candidates = _fit_all(panel, days, until, rules)
    nan = float("nan")
    rows = [
        _row(each, each.model.log_likelihood_, nan, nan, nan) | {"error_per_month": nan}
        for each in candidates
    ]
    table = pd.DataFrame(rows)
    # Likelihoods of histories in different clocks are not of the same data: the plain clock is kept.
    best = _best(table[table["clock"] == "plain"])
    table["chosen"] = table.index == best
    chosen = candidates[best]
    none = chosen.frame[["client_id", "frequency", "recency", "T"]].head(0)
    return Choice(
        name=chosen.name,
        model=chosen.model,
        clock=chosen.clock,
        histories=chosen.frame,
        table=table,
        holdout=none.assign(purchases_expected=0.0, purchases_made=0.0),
        tracking=monthly_activity(panel, days, chosen.model, chosen.clock, until=until),
        split=pd.NaT,
        excess=0.0,
        disagreement=_disagreement(
            chosen.name,
            {each.name: each.model for each in candidates if each.clock is chosen.clock},
            chosen.frame,
        ),
    )


def _error_beyond_chance(chosen: _Fitted, horizon: float, made: float, expected: float, seed: int) -> float:
    """The share by which the model was wrong beyond two standard deviations of chance, else 0."""
    if not expected > 0:
        return 0.0
    futures = total_purchases(chosen.model, chosen.frame, horizon, draws=CHANCE_DRAWS, seed=seed)
    off, chance = made / expected - 1, float(futures.std()) / expected
    return float(np.sqrt(off**2 - chance**2)) if abs(off) > 2 * chance else 0.0
