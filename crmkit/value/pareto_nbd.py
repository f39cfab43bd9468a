"""Who is still a client, if clients may leave at any moment? The Pareto/NBD model."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from crmkit.value import pareto_process as process
from crmkit.value.distinct import Distinct
from crmkit.value.frames import Floats
from crmkit.value.maximum import Objective
from crmkit.value.purchase_model import PurchaseModel


class ParetoNBDModel(PurchaseModel):
    """Clients buy at random moments at their own rate, and may leave at any moment.

    Parameters of ``params_``, all positive:

    - ``r``, ``alpha``: the purchase rates of clients are gamma with shape r and rate alpha, so that the mean
      is r / alpha purchases per time unit; the smaller r, the more clients differ;
    - ``s``, ``beta``: the rates of leaving are gamma with shape s and rate beta; half of the clients have
      left after beta (2^(1/s) - 1) time units.

    References
    ----------
    Schmittlein, D. C., Morrison, D. G. and Colombo, R. (1987). Counting your customers: who are they and what
    will they do next? Management Science 33, 1-24. https://doi.org/10.1287/mnsc.33.1.1. Fader, P. S. and
    Hardie, B. G. S. (2005). A note on deriving the Pareto/NBD model and related expressions.
    https://www.brucehardie.com/notes/009/.

    Examples
    --------
    >>> model = ParetoNBDModel.from_parameters(r=0.55328, alpha=10.5776, s=0.60621, beta=11.6679)
    >>> client = pd.DataFrame({"frequency": [26], "recency": [30.857], "T": [31.0]})
    >>> model.expected_purchases(52, client).round(2), model.probability_alive(client).round(4)
    (array([25.46]), array([0.9979]))
    """

    names = ("r", "alpha", "s", "beta")

    def discounted_purchases(
        self, discount: float, frame: pd.DataFrame, *, parameters: ArrayLike | None = None
    ) -> Floats:
        """All purchases that each client will make after T, discounted to T (DERT).

        Parameters
        ----------
        discount
            Continuous rate per time unit, more than 0: 15% a year in weeks is ln(1.15) / 52.18 = 0.0027.
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
            If the rate is not positive: without discount the sum may be infinite.

        References
        ----------
        Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). RFM and CLV: using iso-value curves for customer
        base analysis. Journal of Marketing Research 42, 415-430. https://doi.org/10.1509/jmkr.2005.42.4.415.
        """
        if not discount > 0:
            raise ValueError(
                "discount must be more than 0: without it the sum over all time may be infinite."
            )
        return self._of_each(
            lambda columns, *history: process.discounted_purchases(columns, discount, *history),
            frame,
            parameters,
        )

    def simulate(self, n: int, T: ArrayLike, *, seed: int) -> pd.DataFrame:
        """Histories of made-up clients; see :meth:`PurchaseModel.simulate`."""
        time = np.broadcast_to(np.asarray(T, float), (n,))
        x, t_x = process.simulate(self._columns(None), time, np.random.default_rng(seed))
        return pd.DataFrame({"frequency": x, "recency": t_x, "T": time})

    def _starts(self, found: Distinct) -> list[list[float]]:
        return process.starts(found)

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
        return process.purchases_while_alive(columns, horizons, np.zeros(1), np.zeros(1))

    def _probability_of_n(self, columns: list[Floats], n: Floats, horizon: float) -> Floats:
        return process.probability_of_n(columns, n, horizon)

    def _probability_of_later(
        self, columns: list[Floats], n: Floats, horizon: float, x: Floats, T: Floats
    ) -> Floats:
        # Who is there is as a new client with parameters that remember the history.
        r, alpha, s, beta = columns
        living = [r + x, alpha + T, s + np.zeros_like(T), beta + T]
        found = np.empty(len(x))
        for start in range(0, len(x), 20_000):
            part = slice(start, start + 20_000)
            found[part] = process.probability_of_n([each[part] for each in living], n[part], horizon)
        return found

    def _draw_while_alive(
        self, columns: list[Floats], horizon: float, x: Floats, T: Floats, generator: np.random.Generator
    ) -> Floats:
        r, alpha, s, beta = columns
        leaving = np.maximum(generator.standard_gamma(s), 1e-200) / (beta + T)
        lives = np.minimum(generator.standard_exponential(len(x)) / leaving, horizon)
        return generator.poisson(generator.standard_gamma(r + x) / (alpha + T) * lives).astype(float)
