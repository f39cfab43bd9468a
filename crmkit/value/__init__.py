"""What is a client worth, who is leaving, and what is cheaper: to find clients or to keep those we have?

Models of when clients buy and when they leave, and of what they spend: of clients without a contract BG/NBD,
MBG/NBD, Pareto/NBD and BG/BB; of spend gamma-gamma; of clients with a contract sBG and BdW. And what winning
and keeping clients costs and brings, at the margin.
"""

from crmkit.value.acquire_or_retain import acquire_or_retain
from crmkit.value.acquisition_costs import acquisition_costs
from crmkit.value.beta_discrete_weibull import BetaDiscreteWeibullModel
from crmkit.value.beta_geo import BetaGeoModel
from crmkit.value.beta_geo_beta_binomial import BetaGeoBetaBinomialModel
from crmkit.value.campaigns import best_contacts, contact_profit
from crmkit.value.churn import churn
from crmkit.value.customer_equity import customer_equity
from crmkit.value.gamma_gamma import GammaGammaModel
from crmkit.value.lifetime_value import lifetime_value
from crmkit.value.modified_beta_geo import ModifiedBetaGeoModel
from crmkit.value.pareto_nbd import ParetoNBDModel
from crmkit.value.retention_effects import retention_effects
from crmkit.value.shifted_beta_geometric import ShiftedBetaGeometricModel

__all__ = [
    "BetaDiscreteWeibullModel",
    "BetaGeoBetaBinomialModel",
    "BetaGeoModel",
    "GammaGammaModel",
    "ModifiedBetaGeoModel",
    "ParetoNBDModel",
    "ShiftedBetaGeometricModel",
    "acquire_or_retain",
    "acquisition_costs",
    "best_contacts",
    "churn",
    "contact_profit",
    "customer_equity",
    "lifetime_value",
    "retention_effects",
]
