"""Rows of one source before their columns are named and typed, with the headers as they were found."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmkit.book.notes import Note
from crmkit.wording import Message, mark

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class AsideRow:
    """A row that could not be brought into columns."""

    row: int
    """Its number in the file, as messages give it."""
    reason: Message
    cells: tuple[str, ...]


@dataclass
class Part:
    """Rows of one file, sheet, database table or frame, before their columns are named and typed."""

    name: str
    """What messages and notes call it."""
    stem: str
    """The name by which its table may be recognised."""
    headers: tuple[str, ...]
    load: Callable[[Sequence[int]], ir.Table]
    """Rows with the columns at the given positions, called c0, c1, …, and the row's position."""
    first_row: int = 2
    """The number that messages give to the row at position 0."""
    rows_each: int = 1
    """How many positions in a row each row of the file has: more than one in a table with a column for each
    month."""
    stored: bool = True
    """Whether the rows were loaded, rather than scanned where they lie."""
    titles: tuple[str, ...] = ()
    """What stands in the rows above the headers."""
    database: str = ""
    """The database that it is a table of."""
    report: tuple[str, ...] = ()
    """What in the rows shows that they are a report and not a list of operations."""
    notes: list[Note] = field(default_factory=list)
    kinds: Mapping[int, str] = field(default_factory=dict)
    """The kind, as the contract has it, of the column at each position that is used; set before `load`."""
    hidden: tuple[int, ...] = ()
    """Positions of rows that the spreadsheet does not show."""
    filtered: bool = False
    """Whether a filter hides them."""
    currencies: dict[str, dict[str, int]] = field(default_factory=dict)
    """For each column of money, the currencies that the formats of its cells show, and in how many rows;
    filled by `load`."""
    aside: list[AsideRow] = field(default_factory=list)
    """Rows that are not among those loaded; filled by `load` at the latest."""

    def load_again(self, columns: Sequence[int]) -> ir.Table:
        """Rows with other columns; what reading them notes and keeps apart is written down already."""
        notes, aside = list(self.notes), list(self.aside)
        rows = self.load(columns)
        self.notes[:], self.aside[:] = notes, aside
        return rows


def titles_note(file: str, *, row: int, above: int) -> Note:
    """What is said of rows above the headers, which are in row `row`."""
    action = mark(
        "The headers of {file} are in row {row}; the rows above, {above} that are not blank, were taken for "
        "titles. Put the headers above them in the file if they are data."
    )
    values = {"file": file, "row": row, "above": above}
    return Note("header_found", "", action, rows=above, values=values, changed=True)


def cell_text(cell: Any) -> str | None:
    """A spreadsheet's or a frame's cell as the text that a CSV would hold; None if it is blank."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, float):
        # Spreadsheets keep 15 digits, so that longer numbers are not the ones that were typed.
        is_whole = cell.is_integer() and abs(cell) < 1e15
        return None if math.isnan(cell) else str(int(cell)) if is_whole else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(sep=" ")
    return str(cell)
