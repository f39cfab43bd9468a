"""Who is still a client, and how often will they buy? The BG/NBD model."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from crmkit.value import purchase_process as process
from crmkit.value.distinct import Distinct
from crmkit.value.frames import Floats
from crmkit.value.maximum import Objective
from crmkit.value.purchase_model import PurchaseModel


class BetaGeoModel(PurchaseModel):
    """Clients buy at random moments at their own rate; after each repeat purchase they may leave for good.

    A client who never bought again cannot have left in this model: `probability_alive` is exactly 1 for
    frequency 0, however long the silence. That is a property of the model and no finding; for a statement
    about such clients use :class:`ModifiedBetaGeoModel` or :class:`ParetoNBDModel`.

    Parameters of ``params_``, all positive:

    - ``r``, ``alpha``: the purchase rates of clients are gamma with shape r and rate alpha, so that the mean
      is r / alpha purchases per time unit; the smaller r, the more clients differ;
    - ``a``, ``b``: the chances to leave after a purchase are beta with mean a / (a + b).

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "Counting your customers" the easy way: an
    alternative to the Pareto/NBD model. Marketing Science 24, 275-284. https://doi.org/10.1287/mksc.1040.0098.

    Examples
    --------
    >>> model = BetaGeoModel.from_parameters(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> client = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})
    >>> model.expected_purchases(39, client).round(3), model.probability_alive(client).round(4)
    (array([1.226]), array([0.7266]))
    """

    names = ("r", "alpha", "a", "b")
    _at_once = 0

    def simulate(self, n: int, T: ArrayLike, *, seed: int) -> pd.DataFrame:
        """Histories of made-up clients; see :meth:`PurchaseModel.simulate`."""
        time = np.broadcast_to(np.asarray(T, float), (n,))
        generator = np.random.default_rng(seed)
        x, t_x = process.simulate(self._columns(None), time, generator, at_once=self._at_once)
        return pd.DataFrame({"frequency": x, "recency": t_x, "T": time})

    def _starts(self, found: Distinct) -> list[list[float]]:
        return process.starts(found)

    def _objective(self, found: Distinct) -> Objective:
        return process.objective(found, at_once=self._at_once)

    def _log_likelihood(self, columns: list[Floats], x: Floats, t_x: Floats, T: Floats) -> Floats:
        return process.log_likelihood(columns, x, t_x, T, at_once=self._at_once)

    def _probability_alive(self, columns: list[Floats], x: Floats, t_x: Floats, T: Floats) -> Floats:
        return process.probability_alive(columns, x, t_x, T, at_once=self._at_once)

    def _expected_purchases(
        self, columns: list[Floats], horizon: float, x: Floats, t_x: Floats, T: Floats
    ) -> Floats:
        return process.expected_purchases(columns, horizon, x, t_x, T, at_once=self._at_once)

    def _expected_of_new(self, columns: list[Floats], horizons: Floats) -> Floats:
        return process.expected_of_new(columns, horizons, at_once=self._at_once)

    def _probability_of_n(self, columns: list[Floats], n: Floats, horizon: float) -> Floats:
        return process.probability_of_n(columns, n, horizon, at_once=self._at_once)

    def _probability_of_later(
        self, columns: list[Floats], n: Floats, horizon: float, x: Floats, T: Floats
    ) -> Floats:
        # Who is there is as a new client of BG/NBD with parameters that remember the history.
        r, alpha, a, b = columns
        living = [r + x, alpha + T, a, b + x + self._at_once]
        return process.probability_of_n(living, n, horizon, at_once=0)

    def _draw_while_alive(
        self, columns: list[Floats], horizon: float, x: Floats, T: Floats, generator: np.random.Generator
    ) -> Floats:
        r, alpha, a, b = columns
        leaves = np.maximum(generator.beta(a, b + x + self._at_once), 1e-12)
        would = generator.poisson(generator.standard_gamma(r + x) / (alpha + T) * horizon)
        return np.minimum(would, generator.geometric(leaves)).astype(float)
