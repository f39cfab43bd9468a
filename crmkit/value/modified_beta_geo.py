"""Who is still a client, counting that many leave after the first purchase? The MBG/NBD model."""

from __future__ import annotations

from crmkit.value.beta_geo import BetaGeoModel


class ModifiedBetaGeoModel(BetaGeoModel):
    """As :class:`BetaGeoModel`, but a client may leave after the first purchase too.

    So a client who never bought again is not alive for certain, and the longer the silence the less so.
    The parameters have the same names and meanings; ``a`` and ``b`` speak of all purchases, the first
    included.

    References
    ----------
    Batislam, E. P., Denizel, M. and Filiztekin, A. (2007). Empirical validation and comparison of models for
    customer base analysis. International Journal of Research in Marketing 24, 201-209.
    https://doi.org/10.1016/j.ijresmar.2006.12.005. Hoppe, D. and Wagner, U. (2007). Customer base analysis:
    the case for a central variant of the betageometric/NBD model. Marketing JRM 3, 75-90.
    https://doi.org/10.15358/0344-1369-2007-JRM-2-75.

    Examples
    --------
    >>> import pandas as pd
    >>> model = ModifiedBetaGeoModel.from_parameters(r=0.525, alpha=6.183, a=0.891, b=1.614)
    >>> silent = pd.DataFrame({"frequency": [0, 0], "recency": [0, 0], "T": [4.0, 38.86]})
    >>> model.probability_alive(silent).round(2)
    array([0.58, 0.39])
    """

    _at_once = 1
