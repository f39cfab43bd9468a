"""Tables of DuckDB and SQLite databases as parts; views stand in where there is no table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.book.engine import ROW, Engine, quoted_name
from crmkit.book.errors import BookError
from crmkit.book.formats import files
from crmkit.book.formats.frames import refuse_nested
from crmkit.book.formats.part import Part, cell_text
from crmkit.book.notes import Note
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir


def database_parts(file: files.SourceFile, engine: Engine) -> list[Part]:
    """The tables of a database, or its views if it has no tables."""
    with file.path.open("rb") as stream:
        is_sqlite = stream.read(15) == b"SQLite format 3"
    parts, views = _sqlite_parts(file, engine) if is_sqlite else _duckdb_parts(file, engine)
    for part in parts:
        part.database = file.name
    if parts and views:
        action = mark(
            "Views of {file} were not read, since they show what its tables hold: {views}. Export a view as "
            "a file to read it."
        )
        values = {"file": file.name, "views": ", ".join(map(repr, views))}
        parts[0].notes.append(Note("views_not_read", "", action, values=values))
    return parts


def scanned_part(name: str, stem: str, table: ir.Table) -> Part:
    """A table that is scanned where it lies, as a part."""
    headers = tuple(column for column in table.columns if column != ROW)

    def load(keep: Sequence[int]) -> ir.Table:
        for at in keep:
            kind = table[headers[at]].type()
            if kind.is_nested() or kind.is_binary():
                raise refuse_nested(name, headers[at])
        return table.select(
            **{f"c{position}": table[headers[position]] for position in keep}, **{ROW: table[ROW]}
        )

    return Part(name, stem, headers, load, first_row=1, stored=False)


def _duckdb_parts(file: files.SourceFile, engine: Engine) -> tuple[list[Part], list[str]]:
    import duckdb

    try:
        tables, views = engine.database_tables(file.path)
    except duckdb.Error:
        raise BookError(
            "{file}: this is neither a DuckDB nor a SQLite database, or it is in use.", file=file.name
        ) from None
    parts = [scanned_part(f"{file.name}, table {name!r}", name, table) for name, table in tables.items()]
    return parts, views


def _sqlite_parts(file: files.SourceFile, engine: Engine) -> tuple[list[Part], list[str]]:
    found = _sqlite_rows(file.path, _SQLITE_TABLES)
    tables = [(name, sql) for kind, name, sql in found if kind == "table"]
    views = [name for kind, name, _ in found if kind == "view"]
    if tables:
        return list(_sqlite_tables(file, tables, engine)), views
    return list(_sqlite_tables(file, [(name, "") for name in views], engine)), []


_SQLITE_TABLES = (
    "SELECT type, name, upper(sql) FROM sqlite_master WHERE type IN ('table', 'view') "
    "AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"
)


def _sqlite_tables(
    file: files.SourceFile, found: Sequence[tuple[str, str]], engine: Engine
) -> Iterator[Part]:
    for name, sql in found:
        quoted = quoted_name(name)
        headers = tuple(row[1] for row in _sqlite_rows(file.path, f"PRAGMA table_info({quoted})"))
        has_order = bool(sql) and "WITHOUT ROWID" not in sql
        query = f"FROM {quoted} ORDER BY rowid" if has_order else f"FROM {quoted}"
        yield _sqlite_part(file, name, query, headers, engine)


def _sqlite_part(
    file: files.SourceFile, name: str, query: str, headers: tuple[str, ...], engine: Engine
) -> Part:
    called = f"{file.name}, table {name!r}"

    def load(keep: Sequence[int]) -> ir.Table:
        import pyarrow as pa

        wanted = ", ".join(quoted_name(headers[at]) for at in keep)
        rows = _sqlite_rows(file.path, f"SELECT {wanted} {query}")
        # SQLite types each value, not the column, so that the column is read as text.
        columns = {}
        for number, at in enumerate(keep):
            cells = [row[number] for row in rows]
            if bytes in set(map(type, cells)):
                raise refuse_nested(called, headers[at])
            columns[f"c{at}"] = pa.array(map(cell_text, cells), pa.string())
        return engine.arrow_table(pa.table(columns))

    return Part(called, name, headers, load, first_row=1)


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
