"""A text file as a part: read by the engine as it is where it can be, and written again where it cannot."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from crmkit.book.engine import Engine
from crmkit.book.errors import option
from crmkit.book.formats import files
from crmkit.book.formats.encoding import legacy_encoding
from crmkit.book.formats.mending import mend, notes_of
from crmkit.book.formats.part import AsideRow, Part, titles_note
from crmkit.book.formats.streams import NotInEncodingError, count_lines, is_packed
from crmkit.book.formats.text import DELIMITERS, Layout, find_layout
from crmkit.book.notes import Note
from crmkit.book.sections import ReadingWishes
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir


def text_part(
    file: files.SourceFile, engine: Engine, reading: ReadingWishes, work: Path, known: Collection[str] = ()
) -> Part:
    """The table in a text file; `work` is a folder for what must be rewritten before it can be read."""
    layout = find_layout(
        file.path,
        name=file.name,
        encoding=reading.encoding,
        delimiter=reading.delimiter or _by_suffix(file),
        known=known,
    )

    written: list[_Written] = []

    def load(keep: Sequence[int]) -> ir.Table:
        if layout.is_plain and not written:
            table = _as_it_is(file, layout, engine, keep)
            if table is not None:
                return table
        if not written:
            written.append(_write(file, layout, reading, work))
        again = written[0]
        part.notes.extend(note for note in again.notes if note not in part.notes)
        part.aside, part.first_row = list(again.aside), 0
        return engine.text_table(
            again.path, columns=layout.width, delimiter=",", skip=0, keep=keep, numbered=True
        )

    part = Part(file.name, file.stem, layout.headers, load, first_row=layout.header_row + 1)
    part.titles, part.report = layout.header.titles, layout.header.report
    part.notes.extend(_layout_notes(layout, name=file.name))
    return part


def _as_it_is(file: files.SourceFile, layout: Layout, engine: Engine, keep: Sequence[int]) -> ir.Table | None:
    """The rows as the engine reads them; None unless each line of the file is one row of them."""
    import duckdb

    try:
        table = engine.text_table(
            file.path,
            columns=layout.width,
            delimiter=layout.style.delimiter,
            skip=layout.skip,
            keep=keep,
            packed=is_packed(file.path),
        )
        lines, has_zero = count_lines(file.path)
        rows = engine.value(table.aggregate(rows=table.count()))["rows"]
    except (duckdb.Error, OSError, EOFError):
        return None
    if has_zero or rows != lines - layout.skip:
        # A blank line, a line break inside a cell, or a quotation mark that swallowed rows.
        engine.drop(table)
        return None
    return table


@dataclass(frozen=True)
class _Written:
    """A file written again for the engine, and what was mended."""

    path: Path
    notes: list[Note]
    aside: list[AsideRow]


def _write(file: files.SourceFile, layout: Layout, reading: ReadingWishes, work: Path) -> _Written:
    handle, path = tempfile.mkstemp(suffix=".csv", dir=work)
    os.close(handle)
    notes = []
    try:
        found = mend(file.path, layout, Path(path), name=file.name)
    except NotInEncodingError:
        if reading.encoding or not layout.encoding.startswith("utf-8"):
            raise
        # Letters beyond the start of the file have shown that it is not UTF-8.
        layout = replace(layout, encoding=legacy_encoding(file.path, name=file.name))
        notes.append(_encoding_note(layout.encoding, name=file.name))
        found = mend(file.path, layout, Path(path), name=file.name)
    return _Written(Path(path), notes + notes_of(found, name=file.name), found.aside)


def _layout_notes(layout: Layout, *, name: str) -> list[Note]:
    """What was seen of the file that is not plain."""
    notes = [] if layout.encoding.startswith("utf-8") else [_encoding_note(layout.encoding, name=name)]
    delimiter = layout.style.delimiter
    if delimiter not in DELIMITERS:
        if not delimiter.strip():
            action = mark("The columns of {file} were told apart by spaces; {option} changes it.")
        else:
            action = mark("The columns of {file} were told apart by '{delimiter}'; {option} changes it.")
        values = {"file": name, "delimiter": delimiter, "option": option("delimiter", ",")}
        notes.append(Note("delimiter", "", action, values=values))
    if layout.header.titles:
        notes.append(titles_note(name, row=layout.header_row, above=len(layout.header.titles)))
    return notes


def _encoding_note(encoding: str, *, name: str) -> Note:
    action = mark("{file} was read as {encoding}; {option} changes it.")
    values = {"file": name, "encoding": encoding, "option": option("encoding", "utf-8")}
    return Note("encoding", "", action, values=values)


def _by_suffix(file: files.SourceFile) -> str:
    return "\t" if file.suffix in (".tsv", ".tsv.gz") else ""
