"""From the parameters of a notebook, or the options of the command line, to a Book."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.book.errors import BookError
from crmkit.wording import LANGUAGES

if TYPE_CHECKING:
    from crmkit.book import Book

CLINIC = "clinic"
CLINIC_SETTINGS = """\
[company]
name = "Clinic (made up)"
currency = "EUR"
language = "en"
as_of = "2025-06-30"
"""
"""``data/clinic/crmkit.toml``, for where there is no such folder."""


def clinic_folder() -> Path | None:
    """The bundled clinic's tables in a clone; None where they are not there and have to be made."""
    folder = Path(__file__).parents[2] / "data" / CLINIC
    return folder if (folder / "ledger.csv").is_file() else None


def make_clinic(folder: Path) -> Path:
    """Write the clinic's tables into a folder of their own inside `folder`; takes some seconds."""
    from crmkit.datasets import write_clinic

    target = folder / CLINIC
    write_clinic(target)
    (target / "crmkit.toml").write_text(CLINIC_SETTINGS, encoding="utf-8")
    return target


def book_from(
    source: Any = "",
    *,
    config: str | Path = "",
    mapping: str | Sequence[str] | Mapping[str, Any] = "",
    as_of: str = "",
    lang: str = "",
    with_names: bool = False,
) -> Book:
    """The Book that a notebook's parameters mean; blank means the default.

    Parameters
    ----------
    source
        As for :func:`crmkit.open_book`; blank: the made-up clinic that comes with crmkit.
    config
        Settings file; blank: ``crmkit.toml`` beside the source, if there is one.
    mapping
        Column names such as ``["amount=Total", "clients.name=Full name"]``, or as for
        :func:`crmkit.open_book`.
    as_of
        ISO day; blank: the last day in the data.
    lang
        ``"en"`` or ``"ru"``; blank: as the settings say.
    with_names
        Whether names and other personal data are shown.

    Raises
    ------
    BookError
        If a parameter or the source cannot be used.
    """
    from crmkit.book import open_book

    if lang and lang not in LANGUAGES:
        raise BookError(f"lang: '{lang}' is not known. crmkit speaks {', '.join(LANGUAGES)}.")
    with tempfile.TemporaryDirectory(prefix="crmkit-") as made:
        given = (
            source if not isinstance(source, str) or source else clinic_folder() or make_clinic(Path(made))
        )
        book = open_book(
            given,
            as_mapping(mapping),
            as_of or None,
            config=config or None,
            with_names=with_names,
        )
        if not source:
            # Made for this book alone, and gone after it.
            _ = book.fingerprints
    if lang:
        book.language = lang
    return book


def as_mapping(pairs: str | Sequence[str] | Mapping[str, Any]) -> dict[str, Any]:
    """A mapping out of ``column=Header`` texts; ``table.column=Header`` for tables other than the ledger.

    >>> as_mapping(["amount=Total", "clients.name=Full name"])
    {'ledger': {'amount': 'Total'}, 'clients': {'name': 'Full name'}}
    """
    if isinstance(pairs, Mapping):
        return dict(pairs)
    mapping: dict[str, dict[str, str]] = {}
    for pair in [pairs] if isinstance(pairs, str) and pairs else pairs:
        column, equals, header = pair.partition("=")
        table, _, name = column.strip().rpartition(".")
        if not equals or not name or not header.strip():
            raise BookError(
                f"'{pair}' does not name a column. Write column=Header, such as amount=Total, "
                "or table.column=Header."
            )
        mapping.setdefault(table or "ledger", {})[name] = header.strip()
    return mapping
