"""From a file to its tables: text, sheets, Parquet, databases, and archives of them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from crmkit.book.engine import Engine
from crmkit.book.errors import BookError
from crmkit.book.formats import archives, files, kinds, sheets
from crmkit.book.formats.databases import database_parts, scanned_part
from crmkit.book.formats.part import Part
from crmkit.book.formats.text import DELIMITERS, find_layout
from crmkit.book.formats.text_part import text_part
from crmkit.book.notes import Note
from crmkit.book.sections import ReadingWishes
from crmkit.wording import Message, mark


def parts_of(
    file: files.SourceFile, engine: Engine, reading: ReadingWishes, work: Path, known: Collection[str] = ()
) -> list[Part]:
    """The tables in one file, which is read as what its first bytes are, whatever it is called.

    Parameters
    ----------
    file
        The file.
    engine
        Where the rows are loaded.
    reading
        What the user says of text files.
    work
        A folder for what must be unpacked or rewritten before it can be read.
    known
        Headers that the user named.
    """
    try:
        with file.path.open("rb") as stream:
            is_empty = not stream.read(1)
    except OSError as error:
        raise BookError(
            "{file}: the file cannot be read ({problem}). Check that it is there and who may read it.",
            file=file.name,
            problem=type(error).__name__,
        ) from None
    if is_empty:
        raise BookError("{file}: the file is empty.", file=file.name)
    kind = kinds.kind_of(file.path, name=file.name)
    if kind == kinds.ZIP:
        return _archive_parts(file, engine, reading, work, known)
    if kind == kinds.TEXT:
        parts = _text_parts(file, engine, reading, work, known)
    elif kind == kinds.SHEETS:
        parts = sheets.sheet_parts(
            file, engine, encoding=reading.encoding, decimal=reading.decimal, known=known
        )
    elif kind == kinds.PARQUET:
        parts = [_parquet_part(file, engine)]
    elif kind == kinds.DATABASE:
        parts = database_parts(file, engine)
    else:
        raise BookError(
            "{file}: this is a {kind} file, which crmkit does not read. Export the table as CSV, XLSX or "
            "Parquet.",
            file=file.name,
            kind=kind,
        )
    if parts and file.suffix and file.suffix not in _SUFFIXES[kind]:
        action = mark(
            "{file} is not what its ending says, and was read as {kind}. Rename it if that is right."
        )
        values = {"file": file.name, "kind": Message(_CALLED[kind])}
        parts[0].notes.append(Note("other_format", "", action, values=values))
    return parts


_SUFFIXES = {
    kinds.TEXT: files.TEXT,
    kinds.SHEETS: files.SHEETS,
    kinds.PARQUET: files.PARQUET,
    kinds.DATABASE: files.DATABASES,
}
_CALLED = {
    kinds.TEXT: mark("text"),
    kinds.SHEETS: mark("a spreadsheet or a page with tables"),
    kinds.PARQUET: "Parquet",
    kinds.DATABASE: mark("a database"),
}


def _archive_parts(
    file: files.SourceFile, engine: Engine, reading: ReadingWishes, work: Path, known: Collection[str]
) -> list[Part]:
    parts = []
    for inner in archives.unpack(file, work):
        if kinds.kind_of(inner.path, name=inner.name) == kinds.ZIP:
            raise BookError(
                "{file}: an archive in an archive. Unpack it and give its files.", file=inner.name
            )
        for part in parts_of(inner, engine, reading, work, known):
            part.stem = part.stem.removeprefix(f"{file.name}/")
            parts.append(part)
    return parts


def _text_parts(
    file: files.SourceFile, engine: Engine, reading: ReadingWishes, work: Path, known: Collection[str]
) -> list[Part]:
    if file.suffix in files.TEXT or not file.suffix:
        return [text_part(file, engine, reading, work, known)]
    try:
        layout = find_layout(file.path, name=file.name, encoding=reading.encoding, known=known)
        is_table = layout.width > 1 and layout.style.delimiter in DELIMITERS
    except BookError:
        is_table = False
    if is_table:
        return [text_part(file, engine, reading, work, known)]
    # Words that are no table: what the file is called says what it should have been.
    if file.suffix in files.PARQUET:
        return [_parquet_part(file, engine)]
    if file.suffix in files.SHEETS:
        return sheets.sheet_parts(
            file, engine, encoding=reading.encoding, decimal=reading.decimal, known=known
        )
    return database_parts(file, engine)


def _parquet_part(file: files.SourceFile, engine: Engine) -> Part:
    import duckdb

    try:
        table = engine.parquet_table(file.path)
    except duckdb.Error:
        raise BookError("{file}: this is not a Parquet file, or it is damaged.", file=file.name) from None
    return scanned_part(file.name, file.stem, table)
