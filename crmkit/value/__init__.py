"""What is a client worth, and who is leaving?

Models of when clients buy and when they leave, and of what they spend: of clients without a contract BG/NBD,
MBG/NBD, Pareto/NBD and BG/BB; of spend gamma-gamma; of clients with a contract sBG and BdW. Upon them, what
each client and all together are expected to bring.
"""

from crmkit.value.beta_discrete_weibull import BetaDiscreteWeibullModel
from crmkit.value.beta_geo import BetaGeoModel
from crmkit.value.beta_geo_beta_binomial import BetaGeoBetaBinomialModel
from crmkit.value.gamma_gamma import GammaGammaModel
from crmkit.value.lifetime_value import lifetime_value
from crmkit.value.modified_beta_geo import ModifiedBetaGeoModel
from crmkit.value.pareto_nbd import ParetoNBDModel
from crmkit.value.shifted_beta_geometric import ShiftedBetaGeometricModel

__all__ = [
    "BetaDiscreteWeibullModel",
    "BetaGeoBetaBinomialModel",
    "BetaGeoModel",
    "GammaGammaModel",
    "ModifiedBetaGeoModel",
    "ParetoNBDModel",
    "ShiftedBetaGeometricModel",
    "lifetime_value",
]
