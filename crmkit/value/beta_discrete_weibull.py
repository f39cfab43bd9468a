"""How long do clients with a contract stay, if staying itself changes them? The BdW model."""

from __future__ import annotations

import numpy as np

from crmkit.value.contract_model import ContractModel
from crmkit.value.frames import Floats


class BetaDiscreteWeibullModel(ContractModel):
    """As :class:`ShiftedBetaGeometricModel`, but a client's own chance to leave may change with time.

    Parameters of ``params_``, all positive:

    - ``alpha``, ``beta``: the chances to leave at the first renewal are beta with mean
      alpha / (alpha + beta);
    - ``c``: above 1, each client becomes more likely to leave the longer they stay; below 1, less likely; at
      1 the model is the shifted beta-geometric one.

    References
    ----------
    Fader, P. S., Hardie, B. G. S., Liu, Y., Davin, J. and Steenburgh, T. (2018). "How to project customer
    retention" revisited: the role of duration dependence. Journal of Interactive Marketing 43, 1-16.
    https://doi.org/10.1016/j.intmar.2018.01.002.

    Examples
    --------
    >>> model = BetaDiscreteWeibullModel.from_parameters(alpha=0.2593, beta=1.7226, c=1.5844)
    >>> model.survival([0, 1, 4, 12]).round(3)
    array([1.   , 0.869, 0.593, 0.389])
    """

    names = ("alpha", "beta", "c")

    def _starts(self) -> list[list[float]]:
        return [[0.7, 1.5, 1.0], [0.5, 3.0, 1.5], [2.0, 8.0, 0.8]]

    def _log_survival(self, columns: list[Floats], periods: Floats) -> Floats:
        from scipy.special import betaln

        alpha, beta, c = columns
        return betaln(alpha, beta + periods**c) - betaln(alpha, beta)

    def _with_slopes(self, values: Floats, periods: Floats) -> tuple[Floats, list[Floats]]:
        from scipy.special import digamma

        alpha, beta, c = values
        clock = periods**c
        later, both = digamma(beta + clock), digamma(alpha + beta + clock)
        with np.errstate(divide="ignore", invalid="ignore"):
            speed = np.where(periods > 0, clock * np.log(periods), 0.0)
        slopes = [
            digamma(alpha + beta) - both,
            digamma(alpha + beta) - both + later - digamma(beta),
            (later - both) * speed,
        ]
        return self._log_survival([alpha, beta, c], periods), slopes
