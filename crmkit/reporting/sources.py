"""From the parameters of a notebook, or the options of the command line, to a Book."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.book.errors import BookError
from crmkit.book.settings import FILE_NAME, Settings

if TYPE_CHECKING:
    from crmkit.book import Book

CLINIC = "clinic"
DATA = "data"
"""Where a planning folder holds its tables."""

READING = ("on_bad_row", "date_order", "decimal", "encoding", "delimiter", "strict")
"""Keys of ``[reading]`` that may be set for one run."""


def clinic_folder() -> Path | None:
    """The bundled clinic's tables in a clone; None where they are not there and have to be made."""
    folder = Path(__file__).parents[2] / "data" / CLINIC
    return folder if (folder / "ledger.csv").is_file() else None


def make_clinic(folder: Path) -> Path:
    """Write the clinic's tables into a folder of their own inside `folder`; takes some seconds."""
    from crmkit.datasets import write_clinic

    target = folder / CLINIC
    write_clinic(target)
    return target


def is_planning_folder(folder: Path) -> bool:
    """Whether a folder holds settings, tables and notebooks, as ``crmkit init --template`` makes it."""
    return all((folder / name).exists() for name in (FILE_NAME, "notebooks", DATA))


def tables_of(config: str | Path) -> str:
    """Where the tables of a settings file are: where it says, or in its own folder.

    Raises
    ------
    BookError
        If there is no such file, or it cannot be used.
    """
    named = Settings.read(config).reading.source
    if "://" in named:
        return named
    folder = Path(config).expanduser().parent
    if named:
        return str(folder / Path(named).expanduser())
    return str(folder / DATA if is_planning_folder(folder) else folder)


def language_of(source: Any, config: str | Path | None) -> str:
    """The language of the settings that a source would be read with, English if they cannot be read."""
    if not config and isinstance(source, str | Path) and source and "://" not in str(source):
        place = Path(source).expanduser()
        config = (place if place.is_dir() else place.parent) / FILE_NAME
    try:
        return Settings.read(config).company.language if config else "en"
    except BookError:
        return "en"


def book_from(
    source: Any = "",
    *,
    config: str | Path = "",
    mapping: str | Sequence[str] | Mapping[str, Any] = "",
    as_of: str = "",
    lang: str = "",
    with_names: bool | None = None,
    reading: Mapping[str, Any] | None = None,
) -> Book:
    """The Book that a notebook's parameters mean; blank means the default.

    Parameters
    ----------
    source
        As for :func:`crmkit.open_book`; blank: where `config` says, and without that the made-up clinic that
        comes with crmkit.
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
        Whether names and other personal data are shown; None: as the settings say.
    reading
        How files are read where that differs from the settings, such as ``{"date_order": "day first"}``.

    Raises
    ------
    BookError
        If a parameter or the source cannot be used.
    """
    from crmkit.book import open_book

    for name in reading or {}:
        if name not in READING:
            raise BookError(
                "reading: there is no option '{name}'. Known: {known}.", name=name, known=", ".join(READING)
            )
    if _is_blank(source) and config:
        source = tables_of(config)
    with tempfile.TemporaryDirectory(prefix="crmkit-") as made:
        given = clinic_folder() or make_clinic(Path(made)) if _is_blank(source) else source
        book = open_book(
            given,
            as_mapping(mapping),
            as_of or None,
            config=config or None,
            lang=lang or None,
            with_names=with_names,
            **(reading or {}),
        )
        if _is_blank(source):
            # Made for this book alone, and gone after it.
            _ = book.fingerprints
    return book


def _is_blank(source: Any) -> bool:
    return isinstance(source, str) and not source


def as_mapping(pairs: str | Sequence[str] | Mapping[str, Any]) -> dict[str, Any]:
    """A mapping out of ``column=Header`` texts; ``table.column=Header`` for tables other than the ledger.

    A blank header says that there is no such column.

    >>> as_mapping(["amount=Total", "clients.name=Full name"])
    {'ledger': {'amount': 'Total'}, 'clients': {'name': 'Full name'}}
    """
    if isinstance(pairs, Mapping):
        return dict(pairs)
    mapping: dict[str, dict[str, str]] = {}
    for pair in [pairs] if isinstance(pairs, str) and pairs else pairs:
        column, equals, header = pair.partition("=")
        table, _, name = column.strip().rpartition(".")
        if not equals or not name:
            raise BookError(
                "'{pair}' does not name a column. Write column=Header, such as amount=Total, "
                "or table.column=Header.",
                pair=pair,
            )
        mapping.setdefault(table or "ledger", {})[name] = header.strip()
    return mapping
