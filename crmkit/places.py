"""Where crmkit keeps what is no code."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent


def notebooks_folder() -> Path:
    """The folder of crmkit's own notebooks: inside the installed package, or beside it in a clone."""
    inside = PACKAGE / "notebooks"
    # Beside an installed package lie other packages, so that what is inside goes first.
    return inside if inside.is_dir() else PACKAGE.parent / "notebooks"
