"""From a file, a sheet, a database table or a frame to rows in the engine, with the headers as they were
found.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.book.engine import ROW, Engine, quoted_name
from crmkit.book.errors import BookError
from crmkit.book.formats import archives, files, kinds, sheets
from crmkit.book.formats.part import Part, cell_text
from crmkit.book.formats.text import DELIMITERS, find_layout
from crmkit.book.formats.text_part import text_part
from crmkit.book.notes import Note
from crmkit.book.settings import ReadingWishes
from crmkit.wording import Message, mark

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd


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
        parts = _database_parts(file, engine)
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
    return _database_parts(file, engine)


def _parquet_part(file: files.SourceFile, engine: Engine) -> Part:
    import duckdb

    try:
        table = engine.parquet_table(file.path)
    except duckdb.Error:
        raise BookError("{file}: this is not a Parquet file, or it is damaged.", file=file.name) from None
    return _scanned_part(file.name, file.stem, table)


def _scanned_part(name: str, stem: str, table: ir.Table) -> Part:
    headers = tuple(column for column in table.columns if column != ROW)

    def load(keep: Sequence[int]) -> ir.Table:
        return table.select(
            **{f"c{position}": table[headers[position]] for position in keep}, **{ROW: table[ROW]}
        )

    return Part(name, stem, headers, load, first_row=1, stored=False)


def _database_parts(file: files.SourceFile, engine: Engine) -> list[Part]:
    import duckdb

    with file.path.open("rb") as stream:
        is_sqlite = stream.read(15) == b"SQLite format 3"
    if is_sqlite:
        return list(_sqlite_parts(file, engine))
    try:
        tables = engine.database_tables(file.path)
    except duckdb.Error:
        raise BookError(
            "{file}: this is neither a DuckDB nor a SQLite database, or it is in use.", file=file.name
        ) from None
    return [_scanned_part(f"{file.name}, table {name!r}", name, table) for name, table in tables.items()]


def _sqlite_parts(file: files.SourceFile, engine: Engine) -> Iterator[Part]:
    names = _sqlite_rows(file.path, _SQLITE_TABLES)
    for (name,) in names:
        quoted = quoted_name(name)
        headers = tuple(row[1] for row in _sqlite_rows(file.path, f"PRAGMA table_info({quoted})"))
        yield _sqlite_part(file, name, quoted, headers, engine)


_SQLITE_TABLES = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
)


def _sqlite_part(
    file: files.SourceFile, name: str, quoted: str, headers: tuple[str, ...], engine: Engine
) -> Part:
    def load(keep: Sequence[int]) -> ir.Table:
        import pyarrow as pa

        wanted = ", ".join(quoted_name(headers[at]) for at in keep)
        rows = _sqlite_rows(file.path, f"SELECT {wanted} FROM {quoted} ORDER BY rowid")
        # SQLite types each value, not the column, so that the column is read as text.
        columns = {
            f"c{at}": pa.array([cell_text(row[number]) for row in rows], pa.string())
            for number, at in enumerate(keep)
        }
        return engine.arrow_table(pa.table(columns))

    return Part(f"{file.name}, table {name!r}", name, headers, load, first_row=1)


def _sqlite_rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    # Through Python's own driver: the engine's extension for SQLite would have to be downloaded.
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    except sqlite3.Error as error:
        raise BookError(
            "{file}: the database cannot be read ({problem}).", file=path.name, problem=error
        ) from None
    finally:
        connection.close()
