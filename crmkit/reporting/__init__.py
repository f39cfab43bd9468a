"""How do the answers reach the people who decide?

As reports: run, shown, exported, and verifiable afterwards.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmkit.reporting.answers import answer, part
    from crmkit.reporting.conclusions import Conclusion, conclude
    from crmkit.reporting.manifest import verify
    from crmkit.reporting.runner import Report, Run, run
    from crmkit.reporting.sources import book_from
    from crmkit.reporting.surveys import Survey, survey

__all__ = [
    "Conclusion",
    "Report",
    "Run",
    "Survey",
    "answer",
    "book_from",
    "conclude",
    "part",
    "run",
    "survey",
    "verify",
]

# Imported when asked for: a notebook needs little of it, and `crmkit --help` nothing.
_HOMES = {
    "Conclusion": "conclusions",
    "Report": "runner",
    "Run": "runner",
    "answer": "answers",
    "book_from": "sources",
    "conclude": "conclusions",
    "part": "answers",
    "run": "runner",
    "Survey": "surveys",
    "survey": "surveys",
    "verify": "manifest",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
