"""What is a client worth, who is leaving, and what is cheaper: to find new clients or to keep the ones we
have?
"""

from crmkit.value.acquire_or_retain import acquire_or_retain
from crmkit.value.acquisition_costs import acquisition_costs
from crmkit.value.campaigns import best_contacts, contact_profit
from crmkit.value.customer_equity import customer_equity
from crmkit.value.retention_effects import retention_effects

__all__ = [
    "acquire_or_retain",
    "acquisition_costs",
    "best_contacts",
    "contact_profit",
    "customer_equity",
    "retention_effects",
]
