"""What does a client bring on a purchase day? Expected spend, margin and cost, and how they may fall out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.book.errors import BookError
from crmkit.statistics.shrinkage import shrink
from crmkit.value.gamma_gamma import GammaGammaModel

if TYPE_CHECKING:
    from crmkit.book import Book

Floats = NDArray[np.float64]

LONG_AGO = "1900-01-01"
_LARGEST_COUNT = 50
_ALIKE = 1e-9


@dataclass(frozen=True)
class Spend:
    """Money of a purchase day, by client; arrays of shape (clients,) in money.

    Attributes
    ----------
    basis
        ``"gamma-gamma"``; ``"related"``, ``"heavy"`` or ``"few"`` (own means, drawn towards those of clients
        who buy as often: because spend and frequency are related, the mean of the model would be infinite, or
        it could not be fitted); ``"constant"``.
    own, expected
        Sales of a purchase day so far, and those to come.
    kept
        Share of sales that stays after returns, and after the cost of goods where it is known.
    drift, drift_error
        What a purchase day brings now as a multiple of what earlier ones promised, from the hold-out, and its
        standard error; see :func:`find_drift`.
    cost
        Of serving the client, per purchase day; 0 where it is not known.
    has_margin, has_cost
        Whether the cost of goods, and that of serving, is known.
    shape
        Of the gamma distribution of one purchase day around the client's mean; infinite if they are constant.
    """

    basis: str
    own: Floats
    expected: Floats
    kept: Floats
    cost: Floats
    has_margin: bool
    has_cost: bool
    shape: float
    drift: float
    drift_error: float
    _days: Floats
    _log_spread: Floats
    _model: GammaGammaModel | None

    @property
    def net(self) -> Floats:
        """What a purchase day is expected to bring: after returns, and after known costs."""
        return (self.expected * self.kept - self.cost) * self.drift

    @property
    def net_variance(self) -> Floats:
        """Variance of what one purchase day brings around the client's mean."""
        return (self.expected * self.kept * self.drift) ** 2 / self.shape

    def parameters(self, draws: int, *, seed: int) -> Floats | None:
        """Parameters of gamma-gamma that the data would also allow, shape (draws, 3); None without it."""
        return None if self._model is None else self._model.draw_parameters(draws, seed=seed)

    def draw(
        self,
        clients: NDArray[np.int64],
        bought: Floats,
        generator: np.random.Generator,
        parameters: Floats | None,
    ) -> Floats:
        """What so many purchase days might bring: each client's mean is drawn, then the days around it.

        Parameters
        ----------
        clients
            Places of the clients.
        bought
            Purchase days, shape (draws, clients).
        generator
            Of the random numbers.
        parameters
            From :meth:`parameters`, with as many draws.
        """
        days, shape = self._days[clients], self.shape
        if parameters is not None:
            p, q, gamma = parameters.T[:, :, None]
            # Where the drawn parameters leave no mean, a long tail of one client would stand for all.
            rate = generator.standard_gamma(p * days + np.maximum(q, 1.05))
            mean, shape = p * (gamma + days * self.own[clients]) / rate, p
        else:
            spread = self._log_spread[clients]
            noise = generator.standard_normal(bought.shape) * np.sqrt(spread) - spread / 2
            mean = self.expected[clients] * np.exp(noise)
        total = mean * bought
        if np.isfinite(self.shape):
            total = mean * generator.standard_gamma(shape * bought) / shape
        return (total * self.kept[clients] - self.cost[clients] * bought) * self.drift


def find_spend(book: Book, client_ids: pd.Series, *, until: pd.Timestamp | None = None) -> Spend | None:
    """What these clients bring on a purchase day; None if the ledger has no amounts.

    Parameters
    ----------
    book
        A book with a ledger.
    client_ids
        Of clients who have purchase days.
    until
        Last day that is looked at; default: the book's `as_of`.

    Notes
    -----
    Sales of a purchase day, returns apart, follow gamma-gamma if they have little to do with how often a
    client buys (Spearman's correlation within the limit of the settings). Else own means are drawn towards
    those of clients who buy as often, with the weights that logarithms of own means have by their noise, and
    levelled so that the past adds up. Margins and the cost of serving are drawn towards those of all in the
    same way.
    """
    window = None if until is None else (LONG_AGO, f"{until:%Y-%m-%d}")
    summary = book.client_summary(window).set_index("client_id").loc[client_ids]
    days, sold, amount = (summary[name].to_numpy(float) for name in ("purchase_days", "sold", "amount"))
    if not np.isfinite(sold).all() or not sold.sum() > 0:
        return None
    own = np.maximum(sold, _ALIKE) / days
    basis, expected, spread, shape, model = _expected(own, days, book.settings.value.spend_correlation)
    kept = np.full(len(own), amount.sum() / sold.sum())
    margin = summary["margin"].to_numpy(float)
    known = np.isfinite(margin) & (amount > 0)
    if known.any():
        rate = np.clip(margin / np.where(known, amount, 1.0), -1.0, 1.0)
        drawn = towards_all(np.where(known, rate, np.nan), days).mean
        drawn += (margin[known].sum() - amount[known] @ drawn[known]) / amount[known].sum()
        kept = kept * drawn
    served = book.cost_to_serve(window).set_index("client_id").loc[client_ids, "cost"].to_numpy(float)
    has_cost = bool(np.isfinite(served).any() and np.nansum(served) > 0)
    cost = np.zeros(len(own))
    if has_cost:
        cost = np.maximum(towards_all(served / days, days).mean, 0.0)
        seen = np.isfinite(served)
        cost *= served[seen].sum() / (cost[seen] @ days[seen])
    return Spend(
        basis, own, expected, kept, cost, bool(known.any()), has_cost, shape, 1.0, 0.0, days, spread, model
    )


class Drawn(NamedTuple):
    """Means drawn towards those of all: also their centres, own weights, variances, and that of one value."""

    mean: Floats
    centre: Floats
    weight: Floats
    variance: Floats
    noise: float


def towards_all(values: Floats, counts: Floats, trend: Floats | None = None) -> Drawn:
    """Means of few or many observations, drawn towards those of all as far as noise goes.

    Parameters
    ----------
    values
        Own means, shape (clients,); NaN where there is none.
    counts
        Of how many observations.
    trend
        What all are drawn towards moves along with this, shape (clients,); default: one mean for all.

    Returns
    -------
    Drawn

    Notes
    -----
    The variance between clients and that of one observation are told apart by how the spread of own means
    falls with their number: least squares of squared deviations on 1 / number.

    Examples
    --------
    >>> draw = np.random.default_rng(0)
    >>> counts = draw.integers(1, 20, 5000).astype(float)
    >>> true = draw.normal(0, 1, 5000)
    >>> found = towards_all(true + draw.normal(0, 2 / np.sqrt(counts)), counts)
    >>> bool(3.5 < found.noise < 4.5), bool(np.mean((found.mean - true) ** 2) < 0.4)
    (True, True)
    """
    known = np.isfinite(values)
    design = np.ones((len(values), 1)) if trend is None else np.column_stack([np.ones(len(values)), trend])
    weight = np.minimum(counts, _LARGEST_COUNT)[known] ** 0.5
    line = np.linalg.lstsq(design[known] * weight[:, None], values[known] * weight, rcond=None)[0]
    centre = design @ line
    off = np.where(known, values - centre, np.nan)
    squares = off[known] ** 2
    if squares.sum() <= _ALIKE * (np.abs(values[known]).max() ** 2 + _ALIKE):
        return Drawn(centre, centre, np.zeros(len(values)), np.zeros(len(values)), 0.0)
    part = 1 / np.minimum(counts[known], _LARGEST_COUNT)
    if np.ptp(part) == 0:
        noise = float(squares.mean() / part[0] / 2)
    else:
        slope = np.cov(part, squares)[0, 1] / part.var(ddof=1)
        noise = float(np.clip(slope, 0.02 * squares.mean(), squares.mean() / part.mean()))
    found = shrink(off, np.where(known, noise / counts, np.nan), mean=0.0)
    return Drawn(centre + found.estimate, centre, found.weight, found.variance, noise)


def _expected(
    own: Floats, days: Floats, most: float
) -> tuple[str, Floats, Floats, float, GammaGammaModel | None]:
    """Basis, expected spend, variance of its logarithm, shape of one purchase day, and the model if any."""
    if np.ptp(own) <= 1e-6 * own.max():
        return "constant", own, np.zeros(len(own)), np.inf, None
    frame = pd.DataFrame({"frequency": days, "monetary_value": own})
    basis = "related"
    if np.ptp(days) == 0 or abs(frame.corr("spearman").iloc[0, 1]) <= most:
        try:
            model = GammaGammaModel().fit(frame)
        except BookError:
            basis = "heavy"
        else:
            if model.converged_ and model.params_["q"] > 1:
                expected = model.expected_spend(frame)
                return "gamma-gamma", expected, np.zeros(len(own)), model.params_["p"], model
            basis = "few"
    found = towards_all(np.log(own), days, np.log(days))
    alike = np.exp(found.centre)
    alike *= (own @ days) / (alike @ days)
    expected = alike + found.weight * (own - alike)
    expected *= (own @ days) / (expected @ days)
    return basis, expected, found.variance, 1 / np.expm1(max(found.noise, 1e-6)), None


def brought(book: Book, client_ids: pd.Series, spend: Spend, window: tuple[str, str] | None) -> Floats:
    """What these clients brought in a window: margin, or revenue where it is not known, less cost of serving.

    Parameters
    ----------
    book
        A book with a ledger.
    client_ids
        Of the clients.
    spend
        Says what is known.
    window
        As for :meth:`crmkit.book.Book.client_summary`.
    """
    summary = book.client_summary(window).set_index("client_id").reindex(client_ids)
    amount = summary["amount"].to_numpy(float)
    money = summary["margin"].to_numpy(float) if spend.has_margin else amount
    money = np.nan_to_num(np.where(np.isfinite(money), money, amount))
    if spend.has_cost:
        served = book.cost_to_serve(window).set_index("client_id")["cost"].reindex(client_ids)
        money = money - np.nan_to_num(served.to_numpy(float))
    return money


def find_drift(book: Book, holdout: pd.DataFrame, split: pd.Timestamp) -> tuple[float, float]:
    """What purchase days in the hold-out brought, as a multiple of what those before had promised.

    Parameters
    ----------
    book
        A book with a ledger that holds amounts.
    holdout
        client_id and purchases_made (after the split), of clients known at the split.
    split
        Last day before the hold-out.

    Returns
    -------
    tuple
        The multiple and its standard error; 1 and 0 if it is no further from 1 than two standard errors, or
        there is no hold-out.
    """
    if not holdout["purchases_made"].sum() > 0:
        return 1.0, 0.0
    early = find_spend(book, holdout["client_id"], until=split)
    if early is None:
        return 1.0, 0.0
    window = (f"{split + pd.Timedelta(days=1):%Y-%m-%d}", f"{book.as_of:%Y-%m-%d}")
    made = brought(book, holdout["client_id"], early, window)
    hoped = early.net * holdout["purchases_made"].to_numpy()
    if not (made.sum() > 0 and hoped.sum() > 0):
        return 1.0, 0.0
    drift = float(made.sum() / hoped.sum())
    error = float(np.sqrt(((made - drift * hoped) ** 2).sum()) / hoped.sum())
    return (drift, error) if abs(drift - 1) > 2 * error else (1.0, 0.0)
