"""A planning folder of one's own: notebooks to change, settings, tables, reports."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from crmkit.book.errors import BookError
from crmkit.book.settings import FILE_NAME
from crmkit.places import notebooks_folder
from crmkit.reporting.sources import DATA

README = """# A planning folder of crmkit

- `data/`: put your tables here, for example `ledger.csv`: a date, a client and an amount in each line.
- `crmkit.toml`: your settings; every key is explained there. Its privacy key is a secret of yours.
- `notebooks/`: the questions. Change them, or add your own: they are copies.
- `reports/`: what crmkit writes.

In this folder:

    crmkit check data      what was read, and what can be answered
    crmkit report          the reports
    crmkit lab             JupyterLab on copies of the notebooks
"""


def make_planning_folder(folder: Path) -> list[Path]:
    """Make a planning folder; what is there already stays as it is.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    BookError
        If nothing can be written there.
    """
    from crmkit.book import settings_template

    texts = {FILE_NAME: with_secret_key(settings_template()), "README.md": README}
    try:
        for name in ("notebooks", DATA, "reports"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        written = []
        for name, text in texts.items():
            if not (folder / name).exists():
                (folder / name).write_text(text, encoding="utf-8")
                written.append(folder / name)
        for notebook in sorted(notebooks_folder().rglob("*.ipynb")):
            copy = folder / "notebooks" / notebook.relative_to(notebooks_folder())
            if not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(notebook, copy)
                written.append(copy)
    except OSError as error:
        raise BookError(
            "{place}: nothing can be written here ({error}).", place=folder, error=error.strerror
        ) from None
    return written


def write_settings(files: list[Path], target: Path) -> None:
    """Write a commented settings file for some tables; BookError if it is there already."""
    from crmkit.book import settings_template

    text = with_secret_key(settings_template([str(path) for path in files] if files else None))
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise BookError(
            "{place} is there already and was not changed. Choose another name with --out.", place=target
        ) from None
    except OSError as error:
        raise BookError(
            "{place}: nothing can be written here ({error}).", place=target, error=error.strerror
        ) from None


def with_secret_key(settings: str) -> str:
    """Settings in which the blank privacy key has become a random one."""
    return settings.replace('\nkey = ""', f'\nkey = "{secrets.token_hex(16)}"', 1)
