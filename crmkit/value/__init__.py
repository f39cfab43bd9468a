"""What is a client worth, and who is leaving?

Models of when clients buy and when they leave, and of what they spend: of clients without a contract BG/NBD,
MBG/NBD, Pareto/NBD and BG/BB; of spend gamma-gamma; of clients with a contract sBG and BdW. On them rests the
answer to who is leaving and whom to call: churn.
"""

from crmkit.value.beta_discrete_weibull import BetaDiscreteWeibullModel
from crmkit.value.beta_geo import BetaGeoModel
from crmkit.value.beta_geo_beta_binomial import BetaGeoBetaBinomialModel
from crmkit.value.churn import churn
from crmkit.value.gamma_gamma import GammaGammaModel
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
    "churn",
]
