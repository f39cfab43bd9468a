"""What does the company know? Everything, read once, checked, typed and noted: the Book."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from crmkit.book.errors import BookError

if TYPE_CHECKING:
    from crmkit.book.book import Book
    from crmkit.book.opening import open_book
    from crmkit.book.settings import Settings
    from crmkit.book.template import settings_template

__all__ = ["Book", "BookError", "Settings", "open_book", "settings_template"]

# Imported when asked for, so that contracts and errors cost nothing.
_HOMES = {
    "Book": "book",
    "open_book": "opening",
    "Settings": "settings",
    "settings_template": "template",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
