"""crmkit: who a company's clients are and who brings the money, with every number explained.

Forecasts and plans come next.

>>> import crmkit as ck
>>> ck.BookError.__name__
'BookError'
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmkit import datasets, reporting, segmentation, value
    from crmkit.book import Book, BookError, Settings, open_book

__all__ = ["Book", "BookError", "Settings", "datasets", "open_book", "reporting", "segmentation", "value"]
__version__ = "0.1.0"

_PACKAGES = ("datasets", "reporting", "segmentation", "value")


def __getattr__(name: str) -> Any:
    if name in _PACKAGES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in __all__:
        return getattr(importlib.import_module(f"{__name__}.book"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
