"""What the models of clients with a contract share: who renews, and for how long."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from crmkit.value.cohorts import ages
from crmkit.value.distinct import Distinct, distinct
from crmkit.value.frames import Floats
from crmkit.value.maximum import Objective
from crmkit.value.model import Model, at_each


class ContractModel(Model, ABC):
    """A model of clients who renew a contract each period, or do not, and are then known to be lost.

    Whole cohorts are enough: a frame with columns ``period`` (0, 1, 2, …: renewals that were due) and
    ``survivors`` (clients left), and ``cohort`` if there are several.
    """

    def fit(self, frame: pd.DataFrame) -> Self:
        """Find the parameters under which these losses are most likely.

        Parameters
        ----------
        frame
            One row per cohort and period, each cohort from period 0 on.

        Returns
        -------
        ContractModel
            Itself; ``n_distinct_`` counts the ages at which clients were lost or last seen.

        Raises
        ------
        BookError
            If the frame cannot be (see ``cohorts``), or nobody was lost.
        """
        lost, kept = ages(frame, model=type(self).__name__)
        period = np.arange(len(lost), dtype=float)
        still = np.append(np.zeros(len(lost)), np.ones(len(kept)))
        found = distinct(still, np.append(period, period), weights=np.append(lost, kept))
        return self._keep(self._highest(self._objective, found, self._starts()), len(found))

    def survival(self, periods: ArrayLike, *, parameters: ArrayLike | None = None) -> Floats:
        """The share of a cohort that is left after so many periods.

        Parameters
        ----------
        periods
            One number of periods or several, 0 or more.
        parameters
            Shape (parameters,) or (draws, parameters); default: the fitted ones.

        Returns
        -------
        numpy.ndarray
            Shape (periods,) or (draws, periods); without the last axis for a single number.

        Raises
        ------
        ValueError
            If a number of periods is negative.
        """
        array, single = at_each(periods)
        _refuse_negative(array)
        found = np.exp(self._log_survival(self._columns(parameters), array))
        return found[..., 0][()] if single else found

    def retention(self, periods: ArrayLike, *, parameters: ArrayLike | None = None) -> Floats:
        """The share of those left after period - 1 that is left after the period; 1 for period 0.

        Parameters
        ----------
        periods
            One number of periods or several, 0 or more.
        parameters
            Shape (parameters,) or (draws, parameters); default: the fitted ones.

        Returns
        -------
        numpy.ndarray
            Shape (periods,) or (draws, periods); without the last axis for a single number.

        Raises
        ------
        ValueError
            If a number of periods is negative.
        """
        array, single = at_each(periods)
        _refuse_negative(array)
        columns = self._columns(parameters)
        earlier = self._log_survival(columns, np.maximum(array - 1, 0))
        found = np.exp(self._log_survival(columns, array) - earlier)
        return found[..., 0][()] if single else found

    def residual_lifetime(
        self, renewals: ArrayLike, *, discount: float, parameters: ArrayLike | None = None
    ) -> Floats:
        """Discounted expected number of periods to come, for a client who is about to renew or not (DERL).

        The sum over t = 0, 1, … of P(the renewal after t more periods is made) / (1 + discount)^t.

        Parameters
        ----------
        renewals
            How many renewals the client has made so far: one number or several.
        discount
            Rate per period, more than 0.
        parameters
            Shape (parameters,) or (draws, parameters); default: the fitted ones.

        Returns
        -------
        numpy.ndarray
            Shape (renewals,) or (draws, renewals); without the last axis for a single number. In periods.

        Raises
        ------
        ValueError
            If the discount is not positive: without it the sum may be infinite; or renewals are negative.

        References
        ----------
        Fader, P. S. and Hardie, B. G. S. (2010). Customer-base valuation in a contractual setting: the perils
        of ignoring heterogeneity. Marketing Science 29, 85-93. https://doi.org/10.1287/mksc.1080.0482.
        """
        if not discount > 0:
            raise ValueError(
                "discount must be more than 0: without it the sum over all time may be infinite."
            )
        array, single = at_each(renewals)
        _refuse_negative(array)
        found = self._residual(self._columns(parameters), array, float(discount))
        return found[..., 0][()] if single else found

    def simulate(self, n: int, T: int, *, seed: int) -> pd.DataFrame:
        """A made-up cohort of n clients over T periods: columns period, survivors.

        Parameters
        ----------
        n
            How many clients.
        T
            For how many periods they are observed.
        seed
            Of the random numbers.
        """
        share = self.survival(np.arange(T + 1))
        chances = np.append(share[:-1] - share[1:], share[-1])
        lost = np.random.default_rng(seed).multinomial(n, chances / chances.sum())
        survivors = n - np.append(0, lost[:-1].cumsum())
        return pd.DataFrame({"period": np.arange(T + 1), "survivors": survivors})

    def _residual(self, columns: list[Floats], renewals: Floats, discount: float) -> Floats:
        """Term by term, until what is left to add is nothing."""
        base = self._log_survival(columns, renewals)
        factor = 1 / (1 + discount)
        most = int(np.ceil(np.log(1e-12 * (1 - factor)) / np.log(factor)))
        total = np.zeros(base.shape)
        for step in range(1, most + 1):
            part = np.exp(self._log_survival(columns, renewals + step) - base) * factor ** (step - 1)
            total += part
            if (part <= 1e-12 * total * (1 - factor)).all():
                break
        return total

    def _objective(self, found: Distinct) -> Objective:
        """The log-likelihood of all clients and its derivatives, at the logarithms of the parameters."""
        still, period = found.columns
        gone, counts = still == 0, found.counts
        start, lost, kept = period[gone] - 1, counts[gone], counts[~gone]

        def of(place: Floats) -> tuple[float, Floats]:
            values = np.exp(place)
            before, slopes_before = self._with_slopes(values, start)
            after, slopes_after = self._with_slopes(values, start + 1)
            end, slopes_end = self._with_slopes(values, period[~gone])
            renewed = np.exp(after - before)
            hazard = -np.expm1(after - before)
            value = lost @ (before + np.log(hazard)) + kept @ end
            slope = [
                lost @ ((one - renewed * two) / hazard) + kept @ three
                for one, two, three in zip(slopes_before, slopes_after, slopes_end)
            ]
            return float(value), np.array(slope) * values

        return of

    @abstractmethod
    def _starts(self) -> list[list[float]]:
        """Parameters from which to climb."""

    @abstractmethod
    def _log_survival(self, columns: list[Floats], periods: Floats) -> Floats: ...

    @abstractmethod
    def _with_slopes(self, values: Floats, periods: Floats) -> tuple[Floats, list[Floats]]:
        """Log-survival and its derivative by each parameter, each of shape (periods,)."""


def _refuse_negative(periods: Floats) -> None:
    if not (periods >= 0).all():
        raise ValueError("periods and renewals are counted from 0.")
