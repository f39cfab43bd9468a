"""What do several packages need to say how sure they are?

The one shape of a result, shrinkage of small data, intervals, resampling.
"""

from crmkit.statistics.intervals import LEVEL
from crmkit.statistics.result import DAYS_TO_ACT, DECISION_COLUMNS, Context, Result

__all__ = ["DAYS_TO_ACT", "DECISION_COLUMNS", "LEVEL", "Context", "Result"]
