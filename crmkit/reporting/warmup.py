"""An IPython extension for the kernels of reports.

It imports what every notebook will, while the kernel waits for its notebook, and refusals speak the reader's
language in it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from crmkit.book.errors import BookError
from crmkit.wording import LANGUAGES, Speaker

HEAVY = ("crmkit.book.book", "scipy.special", "sklearn.cluster")


def load_ipython_extension(shell: Any) -> None:
    """Import, and leave no name behind: a notebook still has to import what it uses."""
    for name in HEAVY:
        import_module(name)
    shell.set_custom_exc((BookError,), _in_the_readers_language)


def _in_the_readers_language(
    shell: Any, kind: type[BookError], error: BookError, trace: Any, tb_offset: int | None = None
) -> None:
    """Fail the cell as ever, with a message in the language of the notebook's parameters."""
    lang = shell.user_ns.get("lang")
    error.args = (error.said(Speaker(lang if lang in LANGUAGES else "en")),)
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
