"""How long do clients with a contract stay? The sBG model."""

from __future__ import annotations

from crmkit.value.contract_model import ContractModel
from crmkit.value.frames import Floats


class ShiftedBetaGeometricModel(ContractModel):
    """Each client leaves at each renewal with a chance of their own, which differs between clients.

    Retention of a cohort rises with time though no client changes: those likely to leave leave first.

    Parameters of ``params_``, both positive:

    - ``alpha``, ``beta``: the chances to leave at a renewal are beta with mean alpha / (alpha + beta); the
      smaller their sum, the more clients differ.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2007). How to project customer retention. Journal of Interactive
    Marketing 21, 76-90. https://doi.org/10.1002/dir.20074.

    Examples
    --------
    >>> model = ShiftedBetaGeometricModel.from_parameters(alpha=3.8, beta=15.19)
    >>> model.survival([0, 1, 4]).round(3)
    array([1.   , 0.8  , 0.439])
    >>> model.residual_lifetime([0, 4], discount=0.1).round(2)
    array([3.31, 3.84])
    """

    names = ("alpha", "beta")

    def _starts(self) -> list[list[float]]:
        return [[1.0, 2.0], [0.5, 5.0], [5.0, 20.0]]

    def _log_survival(self, columns: list[Floats], periods: Floats) -> Floats:
        from scipy.special import betaln

        alpha, beta = columns
        return betaln(alpha, beta + periods) - betaln(alpha, beta)

    def _with_slopes(self, values: Floats, periods: Floats) -> tuple[Floats, list[Floats]]:
        from scipy.special import digamma

        alpha, beta = values
        there = digamma(alpha + beta) - digamma(alpha + beta + periods)
        slopes = [there, there + digamma(beta + periods) - digamma(beta)]
        return self._log_survival([alpha, beta], periods), slopes

    def _residual(self, columns: list[Floats], renewals: Floats, discount: float) -> Floats:
        """In closed form: Fader and Hardie (2010), https://doi.org/10.1287/mksc.1080.0482."""
        from scipy.special import hyp2f1

        alpha, beta = columns
        at = beta + renewals
        return at / (alpha + at) * hyp2f1(1, at + 1, alpha + at + 1, 1 / (1 + discount))
