"""Who is still a client, where there is a yes or no at each opportunity? The BG/BB model."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from crmkit.value import beta_binomial_process as process
from crmkit.value.distinct import Distinct
from crmkit.value.frames import Floats, opportunities
from crmkit.value.maximum import Objective
from crmkit.value.purchase_model import PurchaseModel


class BetaGeoBetaBinomialModel(PurchaseModel):
    """At each opportunity (a yearly appeal, a conference) clients buy or not; before any they may leave.

    Time counts opportunities: ``T`` is how many there were after the first purchase, ``recency`` the number
    of the last one that was used, ``frequency`` how many were used; horizons are whole numbers.

    Parameters of ``params_``, all positive:

    - ``alpha``, ``beta``: the chances to buy while there are beta with mean alpha / (alpha + beta);
    - ``gamma``, ``delta``: the chances to leave before an opportunity are beta with mean
      gamma / (gamma + delta).

    `probability_alive` is the probability of not having left up to and including opportunity T.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Shang, J. (2010). Customer-base analysis in a discrete-time
    noncontractual setting. Marketing Science 29, 1086-1108. https://doi.org/10.1287/mksc.1100.0580.

    Examples
    --------
    >>> model = BetaGeoBetaBinomialModel.from_parameters(alpha=1.204, beta=0.75, gamma=0.657, delta=2.783)
    >>> donors = pd.DataFrame({"frequency": [6, 5, 5, 0], "recency": [6, 6, 5, 0], "T": [6, 6, 6, 6]})
    >>> model.expected_purchases(5, donors).round(2)
    array([3.75, 3.23, 1.81, 0.07])
    """

    names = ("alpha", "beta", "gamma", "delta")

    def simulate(self, n: int, T: ArrayLike, *, seed: int) -> pd.DataFrame:
        """Histories of made-up clients; see :meth:`PurchaseModel.simulate`."""
        count = np.broadcast_to(np.asarray(T, np.int64), (n,))
        x, t_x = process.simulate(self._columns(None), count, np.random.default_rng(seed))
        return pd.DataFrame({"frequency": x, "recency": t_x, "T": count.astype(float)})

    def _read(self, frame: pd.DataFrame) -> tuple[Floats, Floats, Floats, Floats | None]:
        return opportunities(frame, model=type(self).__name__)

    def _horizons(self, horizon: ArrayLike) -> Floats:
        array = super()._horizons(horizon)
        if (array != np.floor(array)).any():
            raise ValueError("horizon must be a whole number of opportunities to buy.")
        return array

    def _starts(self, found: Distinct) -> list[list[float]]:
        # Those who use an opportunity are there: purchases up to the last one say how often clients buy.
        buys = min(max(found.total(0) / max(found.total(1), 1.0), 0.05), 0.95)
        return [
            [2 * buys, 2 * (1 - buys), 0.7, 3.0],
            [buys, 1 - buys, 1.0, 10.0],
            [6 * buys, 6 * (1 - buys), 2.0, 4.0],
        ]

    def _objective(self, found: Distinct) -> Objective:
        return process.objective(found)

    def _log_likelihood(self, columns: list[Floats], x: Floats, t_x: Floats, T: Floats) -> Floats:
        return process.log_likelihood(columns, x, t_x, T)

    def _probability_alive(self, columns: list[Floats], x: Floats, t_x: Floats, T: Floats) -> Floats:
        return process.probability_alive(columns, x, t_x, T)

    def _expected_purchases(
        self, columns: list[Floats], horizon: float, x: Floats, t_x: Floats, T: Floats
    ) -> Floats:
        return process.expected_purchases(columns, horizon, x, t_x, T)

    def _expected_of_new(self, columns: list[Floats], horizons: Floats) -> Floats:
        return process.expected_of_new(columns, horizons)

    def _probability_of_n(self, columns: list[Floats], n: Floats, horizon: float) -> Floats:
        return process.probability_of_n(columns, n, horizon)

    def _probability_of_later(
        self, columns: list[Floats], n: Floats, horizon: float, x: Floats, T: Floats
    ) -> Floats:
        return process.probability_of_later(columns, n, horizon, x, T)

    def _draw_while_alive(
        self, columns: list[Floats], horizon: float, x: Floats, T: Floats, generator: np.random.Generator
    ) -> Floats:
        return process.draw_while_alive(columns, horizon, x, T, generator)
