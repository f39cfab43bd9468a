"""Who are our clients, and who brings the money?

Concentration of the business, scores by recency, frequency and money, the classes VIP, A, B, C, D, clusters
of similar clients, and the movement of clients between classes.
"""

from crmkit.segmentation.classes import classify
from crmkit.segmentation.clusters import cluster
from crmkit.segmentation.concentrations import concentration
from crmkit.segmentation.migrations import migration
from crmkit.segmentation.rfm_scores import rfm

__all__ = ["classify", "cluster", "concentration", "migration", "rfm"]
