"""What the models of clients without a contract share: the questions that a purchase history answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from crmkit.value.distinct import Distinct, distinct, distinct_with_rows
from crmkit.value.frames import Floats, histories, refuse_no_repeat
from crmkit.value.maximum import Objective
from crmkit.value.model import Model, at_each


class PurchaseModel(Model, ABC):
    """A model of clients who buy at their own rate until they leave without saying so.

    All times are in one unit, the user's own (weeks, say); rates are per that unit. A frame has one row per
    client, or per kind of client with a column ``weights`` (their number):

    - ``frequency``: repeat purchases, that is, without the first;
    - ``recency``: time from the first purchase to the last;
    - ``T``: time from the first purchase to the end of what is known.

    A client whose T is 0 counts, but says nothing; one who buys for the first time today is asked about as
    frequency 0, recency 0, T 0. Clients who bought once must be in the frame: without them the rates and the
    chances of leaving are far from the truth.
    """

    def fit(self, frame: pd.DataFrame) -> Self:
        """Find the parameters under which these histories are most likely.

        Parameters
        ----------
        frame
            Columns frequency, recency, T, and weights if rows stand for several clients.

        Returns
        -------
        PurchaseModel
            Itself.

        Raises
        ------
        BookError
            If a column is missing or a value cannot be (see ``frames``), or nobody bought again.
        """
        x, t_x, T, weights = self._read(frame)
        found = distinct(x, t_x, T, weights=weights)
        refuse_no_repeat(found.levels[0], found.levels[2], model=type(self).__name__)
        return self._keep(self._highest(self._objective, found, self._starts(found)), len(found))

    def log_likelihood(self, frame: pd.DataFrame, *, parameters: ArrayLike | None = None) -> Floats:
        """How likely each client's history is, as a logarithm.

        Parameters
        ----------
        frame
            As for :meth:`fit`; weights are not used.
        parameters
            Shape (parameters,) or (draws, parameters); default: the fitted ones.

        Returns
        -------
        numpy.ndarray
            Shape (clients,) or (draws, clients).
        """
        return self._of_each(self._log_likelihood, frame, parameters)

    def probability_alive(self, frame: pd.DataFrame, *, parameters: ArrayLike | None = None) -> Floats:
        """The probability that each client has not left by T.

        Parameters
        ----------
        frame
            As for :meth:`fit`; weights are not used.
        parameters
            Shape (parameters,) or (draws, parameters); default: the fitted ones.

        Returns
        -------
        numpy.ndarray
            Shape (clients,) or (draws, clients).
        """
        return self._of_each(self._probability_alive, frame, parameters)

    def expected_purchases(
        self, horizon: float, frame: pd.DataFrame, *, parameters: ArrayLike | None = None
    ) -> Floats:
        """How many purchases each client will make in the time (T, T + horizon].

        Parameters
        ----------
        horizon
            In the frame's time unit.
        frame
            As for :meth:`fit`; weights are not used.
        parameters
            Shape (parameters,) or (draws, parameters); default: the fitted ones.

        Returns
        -------
        numpy.ndarray
            Shape (clients,) or (draws, clients).

        Raises
        ------
        ValueError
            If the horizon is negative.
        """
        time = float(self._horizons(horizon))
        return self._of_each(
            lambda columns, *history: self._expected_purchases(columns, time, *history), frame, parameters
        )

    def expected_purchases_of_a_new_client(
        self, horizon: ArrayLike, *, parameters: ArrayLike | None = None
    ) -> Floats:
        """How many repeat purchases a client makes in the time after the first purchase.

        Parameters
        ----------
        horizon
            One length of time, or several.
        parameters
            Shape (parameters,) or (draws, parameters); default: the fitted ones.

        Returns
        -------
        numpy.ndarray
            Shape (horizons,) or (draws, horizons); without the last axis for a single horizon.

        Raises
        ------
        ValueError
            If a horizon is negative.
        """
        horizons, single = at_each(self._horizons(horizon))
        found = self._expected_of_new(self._columns(parameters), horizons)
        return found[..., 0][()] if single else found

    def probability_of_n_purchases(
        self, n: ArrayLike, horizon: float, *, parameters: ArrayLike | None = None
    ) -> Floats:
        """The probability that a new client makes n repeat purchases in the time after the first.

        Parameters
        ----------
        n
            A whole number, or several.
        horizon
            In the frame's time unit.
        parameters
            Shape (parameters,) or (draws, parameters); default: the fitted ones.

        Returns
        -------
        numpy.ndarray
            Shape (numbers,) or (draws, numbers); without the last axis for a single n.

        Raises
        ------
        ValueError
            If an n is not a whole number of 0 or more, or the horizon is negative.
        """
        numbers, single = at_each(n)
        if not ((numbers >= 0) & (numbers == np.floor(numbers))).all():
            raise ValueError("n must be whole numbers of purchases, 0 or more.")
        found = self._probability_of_n(self._columns(parameters), numbers, float(self._horizons(horizon)))
        return found[..., 0][()] if single else found

    def log_likelihood_of_later(self, later: ArrayLike, horizon: float, frame: pd.DataFrame) -> Floats:
        """How likely it was that each client made so many purchases in the time after T, as a logarithm.

        Parameters
        ----------
        later
            Purchases of each client in (T, T + horizon], shape (clients,).
        horizon
            In the frame's time unit.
        frame
            As for :meth:`fit`; weights are not used.

        Returns
        -------
        numpy.ndarray
            Shape (clients,).
        """
        *history, _ = self._read(frame)
        found, rows = distinct_with_rows(*history, np.asarray(later, float))
        x, t_x, T, n = found.columns
        columns = self._columns(None)
        alive = self._probability_alive(columns, x, t_x, T)
        chance = alive * self._probability_of_later(columns, n, float(self._horizons(horizon)), x, T)
        chance = chance + np.where(n == 0, 1 - alive, 0.0)
        return np.log(np.maximum(chance, np.finfo(float).tiny))[rows]

    def draw_later(
        self, horizon: float, frame: pd.DataFrame, *, parameters: Floats, generator: np.random.Generator
    ) -> Floats:
        """Purchases that each client might make in (T, T + horizon]: one future per set of parameters.

        Parameters
        ----------
        horizon
            In the frame's time unit.
        frame
            As for :meth:`fit`; weights are not used.
        parameters
            Shape (draws, parameters).
        generator
            Of the random numbers.

        Returns
        -------
        numpy.ndarray
            Shape (draws, clients).
        """
        x, _, T, _ = self._read(frame)
        sets, which = np.unique(parameters, axis=0, return_inverse=True)
        alive = self.probability_alive(frame, parameters=sets)[which]
        columns = [np.broadcast_to(column, alive.shape) for column in self._columns(parameters)]
        bought = np.zeros(alive.shape)
        here = generator.random(alive.shape) < alive
        x, T = np.broadcast_to(x, alive.shape)[here], np.broadcast_to(T, alive.shape)[here]
        bought[here] = self._draw_while_alive([column[here] for column in columns], horizon, x, T, generator)
        return bought

    @abstractmethod
    def simulate(self, n: int, T: ArrayLike, *, seed: int) -> pd.DataFrame:
        """Histories of made-up clients: columns frequency, recency, T.

        Parameters
        ----------
        n
            How many clients.
        T
            How long they are observed: one number, or shape (n,).
        seed
            Of the random numbers.
        """

    def _read(self, frame: pd.DataFrame) -> tuple[Floats, Floats, Floats, Floats | None]:
        return histories(frame, model=type(self).__name__)

    def _horizons(self, horizon: ArrayLike) -> Floats:
        array = np.asarray(horizon, float)
        if not (np.isfinite(array) & (array >= 0)).all():
            raise ValueError("horizon must be a length of time, 0 or more, in the time unit of the frame.")
        return array

    def _of_each(self, formula, frame, parameters):  # type: ignore[no-untyped-def]
        """A formula at the distinct histories, spread over the clients."""
        x, t_x, T, _ = self._read(frame)
        found, rows = distinct_with_rows(x, t_x, T)
        values = formula(self._columns(parameters), *found.columns)
        return np.broadcast_to(values, (*values.shape[:-1], len(found)))[..., rows]

    @abstractmethod
    def _starts(self, found: Distinct) -> list[list[float]]:
        """Parameters from which to climb."""

    @abstractmethod
    def _objective(self, found: Distinct) -> Objective:
        """The log-likelihood of all clients with its derivatives, at logarithms of parameters."""

    @abstractmethod
    def _log_likelihood(self, columns: list[Floats], x: Floats, t_x: Floats, T: Floats) -> Floats: ...

    @abstractmethod
    def _probability_alive(self, columns: list[Floats], x: Floats, t_x: Floats, T: Floats) -> Floats: ...

    @abstractmethod
    def _expected_purchases(
        self, columns: list[Floats], horizon: float, x: Floats, t_x: Floats, T: Floats
    ) -> Floats: ...

    @abstractmethod
    def _expected_of_new(self, columns: list[Floats], horizons: Floats) -> Floats: ...

    @abstractmethod
    def _probability_of_n(self, columns: list[Floats], n: Floats, horizon: float) -> Floats: ...

    @abstractmethod
    def _probability_of_later(
        self, columns: list[Floats], n: Floats, horizon: float, x: Floats, T: Floats
    ) -> Floats:
        """P(n purchases in (T, T + horizon]) of clients who are there at T; shape (clients,)."""

    @abstractmethod
    def _draw_while_alive(
        self, columns: list[Floats], horizon: float, x: Floats, T: Floats, generator: np.random.Generator
    ) -> Floats:
        """Purchases in (T, T + horizon] of clients who are there at T, drawn; shape (clients,)."""
