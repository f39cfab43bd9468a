"""How much does a client spend on a purchase, once chance is taken out? The gamma-gamma model."""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from crmkit.book.errors import BookError
from crmkit.value.distinct import Distinct, distinct
from crmkit.value.frames import Floats, numbers, refuse
from crmkit.value.maximum import Objective
from crmkit.value.model import Model
from crmkit.wording.message import Message

_ALIKE = 1e-9


class GammaGammaModel(Model):
    """Spend per purchase varies around each client's own mean, and the means vary between clients.

    A client's expected spend is drawn from their own mean towards that of all, the more the fewer purchases
    they made. How much a client spends and how often they buy must be about independent.

    Parameters of ``params_``, all positive:

    - ``p``: shape of the gamma distribution of one purchase; the larger, the steadier each client's spend;
    - ``q``, ``gamma``: the clients' rates are gamma with shape q and rate gamma, so that mean spend is
      p gamma / (q - 1). With q of 1 or less it is infinite, and such a fit is refused.

    ``log_likelihood_`` is that of the mean spends; that of the totals is smaller by the sum of ln(frequency).

    References
    ----------
    Colombo, R. and Jiang, W. (1999). A stochastic RFM model. Journal of Interactive Marketing 13, 2-12.
    https://doi.org/10.1002/(SICI)1520-6653(199922)13:3<2::AID-DIR1>3.0.CO;2-H. Fader, P. S., Hardie,
    B. G. S. and Lee, K. L. (2005). RFM and CLV: using iso-value curves for customer base analysis. Journal
    of Marketing Research 42, 415-430. https://doi.org/10.1509/jmkr.2005.42.4.415.

    Examples
    --------
    >>> model = GammaGammaModel.from_parameters(p=6.25, q=3.74, gamma=15.44)
    >>> clients = pd.DataFrame({"frequency": [2, 0], "monetary_value": [22.35, 0.0]})
    >>> model.expected_spend(clients).round(1)
    array([24.7, 35.2])
    """

    names = ("p", "q", "gamma")

    def fit(self, frame: pd.DataFrame) -> Self:
        """Find the parameters under which these mean spends are most likely.

        Parameters
        ----------
        frame
            Columns frequency (repeat purchases), monetary_value (their mean, in money), and weights if rows
            stand for several clients. Clients without repeat purchases are left out.

        Returns
        -------
        GammaGammaModel
            Itself.

        Raises
        ------
        BookError
            If a column is missing or a value cannot be; nobody bought again; all spend the same; or mean
            spend would be infinite (q of 1 or less).
        """
        name = type(self).__name__
        x, mean, weights = self._read(frame)
        kept = x > 0 if weights is None else (x > 0) & (weights > 0)
        if not kept.any():
            raise BookError(
                "{model}: no client bought again, so that nothing is known about the spend of repeat "
                "purchases. Give a longer period.",
                model=name,
            )
        weights = None if weights is None else weights[kept]
        x, mean = x[kept], mean[kept]
        if np.ptp(mean) <= _ALIKE * mean.max():
            raise BookError(
                "{model}: all clients spend the same ({amount} per purchase), so that there is nothing to "
                "fit. Use this amount as it is.",
                model=name,
                amount=f"{mean[0]:.2f}",
            )
        found = distinct(x, mean, weights=weights)
        top = self._highest(_objective, found, _starts(found))
        q = float(np.exp(top.place[self.names.index("q")]))
        if q <= 1:
            raise BookError(
                "{model}: the spend of clients varies so much (q = {q}, which must be more than 1) that its "
                "mean would be infinite. Look for outliers in monetary_value, or use each client's own mean.",
                model=name,
                q=f"{q:.2f}",
            )
        return self._keep(top, len(found))

    def expected_spend(self, frame: pd.DataFrame, *, parameters: ArrayLike | None = None) -> Floats:
        """What each client is expected to spend on a purchase to come.

        Parameters
        ----------
        frame
            As for :meth:`fit`; of a client with frequency 0 the mean of all is expected, and monetary_value
            is not used.
        parameters
            Shape (3,) or (draws, 3); default: the fitted ones.

        Returns
        -------
        numpy.ndarray
            Shape (clients,) or (draws, clients), in the unit of monetary_value; infinite where
            p frequency + q is 1 or less.
        """
        x, mean, _ = self._read(frame)
        p, q, gamma = self._columns(parameters)
        left = p * x + q - 1
        with np.errstate(divide="ignore"):
            return np.where(left > 0, p * (gamma + x * mean) / np.maximum(left, 0), np.inf)

    def mean_spend(self, *, parameters: ArrayLike | None = None) -> Floats:
        """Mean spend per purchase of all clients, in money: a number, or shape (draws,)."""
        nobody = pd.DataFrame({"frequency": [0.0], "monetary_value": [0.0]})
        return self.expected_spend(nobody, parameters=parameters)[..., 0][()]

    def simulate(self, frequency: ArrayLike, *, seed: int) -> pd.DataFrame:
        """Mean spends of made-up clients with so many repeat purchases: columns frequency, monetary_value.

        Parameters
        ----------
        frequency
            Whole numbers, shape (clients,).
        seed
            Of the random numbers.
        """
        x = np.asarray(frequency, float)
        p, q, gamma = self._columns(None)
        generator = np.random.default_rng(seed)
        rate = generator.gamma(q, 1 / gamma, len(x))
        several = np.maximum(x, 1)
        mean = np.where(x > 0, generator.gamma(p * several) / (rate * several), 0.0)
        return pd.DataFrame({"frequency": x, "monetary_value": mean})

    def _read(self, frame: pd.DataFrame) -> tuple[Floats, Floats, Floats | None]:
        name = type(self).__name__
        if {"frequency", "monetary_value"} <= set(frame.columns):
            # What one-time clients spent on repeat purchases is not there to be read.
            frame = frame.assign(monetary_value=frame["monetary_value"].where(frame["frequency"] != 0, 0.0))
        (x, mean), weights = numbers(frame, ("frequency", "monetary_value"), model=name)
        whole = Message("a number of repeat purchases is whole")
        refuse(x != np.floor(x), "frequency", whole, model=name)
        free = Message("the mean spend of a client who bought again must be more than 0")
        refuse((x > 0) & (mean <= 0), "monetary_value", free, model=name)
        return x, np.where(x > 0, mean, 0.0), weights


def _objective(found: Distinct) -> Objective:
    """The log-likelihood of all clients and its derivatives, at the logarithms of p, q, gamma."""
    from scipy.special import digamma, gammaln

    levels = found.levels[0]
    x, mean = found.columns
    counts, clients = found.counts, float(found.counts.sum())
    n_x = np.bincount(found.places[0], counts, len(levels))
    total, bought = x * mean, counts * x
    # Sums, not products of long vectors: those would start threads that cost more than they save.
    logs, by_log = (counts * np.log(mean)).sum(), (bought * np.log(mean)).sum()
    by_x = n_x @ (levels * np.log(levels))

    def of(place: Floats) -> tuple[float, Floats]:
        p, q, gamma = np.exp(place)
        sums = np.log(gamma + total)
        weighted = (counts * sums).sum(), (bought * sums).sum()
        value = (
            n_x @ (gammaln(p * levels + q) - gammaln(p * levels))
            + clients * (q * np.log(gamma) - gammaln(q))
            + p * by_log
            - logs
            + p * by_x
            - p * weighted[1]
            - q * weighted[0]
        )
        both = digamma(p * levels + q)
        slope_p = (n_x * levels) @ (both - digamma(p * levels)) + by_log + by_x - weighted[1]
        slope_q = n_x @ both + clients * (np.log(gamma) - digamma(q)) - weighted[0]
        slope_gamma = clients * q / gamma - ((p * bought + q * counts) / (gamma + total)).sum()
        return float(value), np.array([slope_p * p, slope_q * q, slope_gamma * gamma])

    return of


def _starts(found: Distinct) -> list[list[float]]:
    typical = found.total(1) / found.counts.sum()
    return [[p, q, typical * (q - 1) / p] for p, q in ((5.0, 4.0), (1.5, 2.5), (20.0, 12.0))]
