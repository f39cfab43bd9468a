"""What do several packages need to say how sure they are?

The one shape of a result, shrinkage of small data, intervals, resampling.
"""

from crmkit.statistics.result import DECISION_COLUMNS, Context, Result

__all__ = ["DECISION_COLUMNS", "Context", "Result"]
