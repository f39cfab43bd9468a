"""An IPython extension that imports what every notebook will, while the kernel waits for its notebook."""

from __future__ import annotations

from importlib import import_module
from typing import Any

HEAVY = ("crmkit.book.book", "scipy.special", "sklearn.cluster")


def load_ipython_extension(shell: Any) -> None:
    """Import, and leave no name behind: a notebook still has to import what it uses."""
    for name in HEAVY:
        import_module(name)
