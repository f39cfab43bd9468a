"""Writing a text file again so that the engine can read it: every row as wide as the header, with its number
in the file. Rows that cannot be brought into columns are kept apart.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from crmkit.book.errors import BookError, option
from crmkit.book.formats.part import AsideRow
from crmkit.book.formats.records import SPACES, WIDE_SPACES, Record, records
from crmkit.book.formats.streams import MAX_LINE, Removed, text_lines, too_long
from crmkit.book.formats.text import Layout
from crmkit.book.notes import Note
from crmkit.wording import Message, mark

_FORMULA = re.compile(r'^="([^"]*)"$')
_ENOUGH = 10_000
"""Rows that do not fit from which on a file is refused as soon as they are most."""
_MOST = 200_000
"""Rows that do not fit and are kept apart; more are refused, so that memory does not grow with them."""


@dataclass
class _Count:
    """Rows of one kind, and the first of them."""

    rows: int = 0
    first: int = 0

    def add(self, row: int) -> None:
        self.rows += 1
        self.first = self.first or row


@dataclass
class Mended:
    """What became of the rows of a file."""

    rows: int = 0
    """Rows written."""
    aside: list[AsideRow] = field(default_factory=list)
    short: _Count = field(default_factory=_Count)
    quotes: _Count = field(default_factory=_Count)
    formulas: _Count = field(default_factory=_Count)
    """Rows with a text that was written as a formula, so that a spreadsheet keeps its zeros: ``="00123"``."""
    removed: Removed = field(default_factory=Removed)


def mend(path: Path, layout: Layout, target: Path, *, name: str) -> Mended:
    """Write the rows of a text file into `target` as CSV in UTF-8, the number of the row first.

    Raises
    ------
    BookError
        If the file cannot be decoded, a row is too long, or most rows do not fit the header.
    """
    found = Mended()
    lines = text_lines(path, layout.encoding, name=name, removed=found.removed)
    body = records(islice(lines, layout.skip, None), layout.style, layout.width)
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for number, cells in _fitting(body, layout, found, name=name):
            writer.writerow((number, *cells))
    _refuse_if_most(found, layout, name=name, least=1)
    return found


def _fitting(
    body: Iterator[Record], layout: Layout, found: Mended, *, name: str
) -> Iterator[tuple[int, list[str]]]:
    """The rows that fit the header, or can be made to without a guess, with their numbers."""
    number, width = layout.header_row, layout.width
    for cells, _, is_mended, is_doubtful in body:
        number += 1
        if len(cells) == 1 and not cells[0].strip():
            continue
        if sum(map(len, cells)) > MAX_LINE:
            raise too_long(name, number)
        misfit = any(cell.strip() for cell in cells[width:])
        if len(cells) < width and layout.style.delimiter in (SPACES, WIDE_SPACES):
            # A blank cell leaves no trace among spaces, so that the others cannot be told.
            misfit = True
        if is_doubtful or misfit:
            reason = Message("{cells} cells where the header has {width}", cells=len(cells), width=width)
            if is_doubtful:
                reason = Message("a quotation mark that is not closed, or a line break inside a cell")
            found.aside.append(AsideRow(number, reason, tuple(cells)))
            _refuse_if_most(found, layout, name=name, least=_ENOUGH)
            continue
        if is_mended:
            found.quotes.add(number)
        if any(cell.startswith('="') for cell in cells):
            cells = [_FORMULA.sub(r"\1", cell) for cell in cells]
            found.formulas.add(number)
        if len(cells) < width:
            found.short.add(number)
            cells += [""] * (width - len(cells))
        found.rows += 1
        yield number, cells[:width]


def _refuse_if_most(found: Mended, layout: Layout, *, name: str, least: int) -> None:
    most = len(found.aside) > found.rows or len(found.aside) > _MOST
    if len(found.aside) < least or not most:
        return
    first = found.aside[0]
    raise BookError(
        "{file}: the header has {width} columns. Of the {read} rows read {count} do not fit it; the first of "
        "them is row {row}, with {cells}. Check that the header names every column, that the delimiter is "
        "'{delimiter}' ({option}), and that numbers with a decimal comma are in quotation marks.",
        file=name,
        width=layout.width,
        read=found.rows + len(found.aside),
        count=len(found.aside),
        row=first.row,
        cells=len(first.cells),
        delimiter=layout.style.delimiter,
        option=option("delimiter", layout.style.delimiter),
    )


def notes_of(found: Mended, *, name: str) -> list[Note]:
    """What was mended, as notes."""
    counted = (
        (
            "short_rows",
            found.short,
            mark(
                "Rows of {file} with fewer cells than the header were filled up with blanks, the first of "
                "them row {row}. Where a cell is missing inside the row, correct it in the file."
            ),
        ),
        (
            "quotes_mended",
            found.quotes,
            mark(
                "In rows of {file} a quotation mark was not closed or not doubled; it was read as part of "
                "the text or left out, the first time in row {row}. Correct the rows in the file to undo it."
            ),
        ),
        (
            "formula_texts",
            found.formulas,
            mark(
                'Texts that {file} holds as formulas, such as ="00123", were read as the text in them, the '
                "first time in row {row}. Export the columns as text to undo it."
            ),
        ),
    )
    notes = [
        Note(kind, "", action, rows=count.rows, values={"file": name, "row": count.first}, changed=True)
        for kind, count, action in counted
        if count.rows
    ]
    if found.removed.nuls:
        action = mark("Zero bytes in {file} were left out: {count}. Export the file again to undo it.")
        values = {"file": name, "count": found.removed.nuls}
        notes.append(Note("zero_bytes_removed", "", action, values=values, changed=True))
    return notes
