"""Opening a book: from a source, settings and wishes to what was read."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from crmkit.book.book import Book
from crmkit.book.errors import BookError
from crmkit.book.formats import files
from crmkit.book.notes import Note
from crmkit.book.reading import read_files, read_frames
from crmkit.book.settings import FILE_NAME, Settings, check_mapping
from crmkit.book.values.sentences import Sentences
from crmkit.wording import Message


def open_book(
    source: object,
    mapping: Mapping[str, Any] | None = None,
    as_of: str | None = None,
    currency: str | None = None,
    *,
    config: str | Path | Settings | None = None,
    lang: str | None = None,
    with_names: bool | None = True,
    on_bad_row: str | None = None,
    date_order: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    strict: bool | None = None,
) -> Book:
    """Read a company's tables.

    Parameters
    ----------
    source
        A folder, a file, a list of files, a URL, a DuckDB or SQLite file, or a dict {table: DataFrame}. A
        Book is returned as it is.
    mapping
        {column of crmkit: the company's header} for the ledger, or {table: {column: header}}. It wins over
        ``crmkit.toml``, which wins over what is recognised.
    as_of
        Day up to which the book counts, as ``"2025-06-30"``; default: the last day in the ledger.
    currency
        Three-letter code; default: that of ``crmkit.toml``, or none: amounts are plain numbers.
    config
        Path of a settings file, or Settings; default: ``crmkit.toml`` beside the data, if there is one.
    lang
        ``"en"`` or ``"ru"``; default: as ``crmkit.toml`` says, or English.
    with_names
        Whether personal columns stay, and ids that look like names; without, such ids become codes. None: as
        ``crmkit.toml`` says of reports, which without it do not show them.
    on_bad_row
        ``"refuse"`` a file with a row that cannot be read, or put such rows aside with ``"set_aside"``.
    date_order
        ``"day first"``, ``"month first"`` or ``"year first"``, where the dates leave it open.
    decimal
        ``"point"`` or ``"comma"``, where the numbers leave it open.
    encoding
        Of text files, such as ``"cp1251"``, where their bytes leave it open.
    delimiter
        What separates the columns of text files, where they leave it open.
    strict
        Whether to refuse data in which anything had to be changed, filled in or set aside.

    Raises
    ------
    BookError
        If something cannot be read safely; the message says what, where, and what to do.

    Examples
    --------
    >>> import pandas as pd
    >>> dates = ["2024-01-05", "2024-01-20", "2024-02-01"]
    >>> ledger = pd.DataFrame({"Client": ["a", "b", "a"], "Date": dates, "Sales": [10, 20, 30]})
    >>> open_book({"ledger": ledger}).client_summary()[["client_id", "purchase_days", "amount"]]
      client_id  purchase_days  amount
    0         a              2    40.0
    1         b              1    20.0
    """
    if isinstance(source, Book):
        return source
    given = check_mapping(mapping)
    found = None if isinstance(source, Mapping) else files.find_source(source)
    try:
        settings = _settings(config, found)
        reading_wishes = {
            "on_bad_row": on_bad_row,
            "date_order": date_order,
            "decimal": decimal,
            "encoding": encoding,
            "delimiter": delimiter,
            "strict": strict,
        }
        company_wishes = {
            "currency": currency,
            "as_of": None if as_of is None else str(as_of),
            "language": lang,
        }
        privacy_wishes = {"with_names": with_names}
        for section, wishes in (
            ("reading", reading_wishes),
            ("company", company_wishes),
            ("privacy", privacy_wishes),
        ):
            settings = settings.replace(
                section, **{key: wish for key, wish in wishes.items() if wish is not None}
            )
        merged = {table: dict(columns) for table, columns in settings.mapping.items()}
        for table, columns in given.items():
            merged.setdefault(table, {}).update(columns)
        if found is None:
            reading = read_frames(source, merged, settings, required=list(given))  # type: ignore[arg-type]
        else:
            reading = read_files(found, merged, settings, required=list(given))
        if settings.reading.strict:
            _refuse_changes(reading.notes)
        name = settings.company.name or (found.name if found else "book")
        book = Book(reading, settings=settings, name=name, files=found.files if found else ())
    except BaseException:
        for folder in found.temporary if found else ():
            shutil.rmtree(folder, ignore_errors=True)
        raise
    for folder in found.temporary if found else ():
        # A Parquet file is scanned where it lies, so that a download must live as long as its book.
        weakref.finalize(book, shutil.rmtree, folder, ignore_errors=True)
    return book


_MOST_LISTED = 5


def _refuse_changes(notes: Sequence[Note]) -> None:
    """Refuse a reading in which anything is otherwise than in the files."""
    changes = [note for note in notes if note.changed]
    if not changes:
        return
    listed = [
        Message("{column}: {change}", column=".".join(filter(None, (note.table, note.column))), change=change)
        for note in changes[:_MOST_LISTED]
        for change in [Message(note.action, **note.values)]
    ]
    raise BookError(
        "A strict reading changes nothing, but these changes are needed ({count} in all): {changes} Mend "
        "the files, or read them without --strict (crmkit.toml, [reading]: strict = false; Python: "
        "strict=False).",
        count=len(changes),
        changes=Sentences(*listed),
    )


def _settings(config: str | Path | Settings | None, found: files.Source | None) -> Settings:
    if isinstance(config, Settings):
        return config
    if config is not None:
        return Settings.read(config)
    if found is not None and found.folder is not None and (path := found.folder / FILE_NAME).is_file():
        return Settings.read(path)
    return Settings()
