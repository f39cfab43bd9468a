"""From a rectangle of a sheet to rows: what merged, hidden, erroneous and uncomputed cells in it mean."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmkit.book import naming
from crmkit.book.engine import Engine
from crmkit.book.errors import BookError
from crmkit.book.formats.part import Part, cell_text, titles_note
from crmkit.book.formats.text_numbers import number_texts
from crmkit.book.formats.xlsx import Facts
from crmkit.book.notes import Note
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir

Range = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell of a merged range, as (row, column), counted from 0."""


_NUMBERS = ("money", "number", "count")
_DAYS = ("date", "moment")
_1904 = 1462
"""Days from the first one that Excel counts by default to the first one in workbooks that count from 1904."""


@dataclass
class Sheet:
    """The cells of one sheet, or of one table of a page."""

    rows: list[list[Any]]
    """As wide as the widest one; blank cells are ``""`` or None."""
    merged: Sequence[Range] = ()
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True)
class Block:
    """A rectangle with one table: positions of its columns, its header and its rows of data."""

    columns: tuple[int, ...]
    header: tuple[int, int]
    top: int
    bottom: int
    """Position after the last row."""
    names: tuple[str, ...]
    titles: tuple[str, ...] = ()
    """What stands in the rows above the header."""
    report: tuple[str, ...] = ()


def bits_of(columns: Sequence[int]) -> int:
    """A bit for each column."""
    return sum(1 << column for column in columns)


def block_part(
    sheet: Sheet, filled: Sequence[int], block: Block, engine: Engine, *, name: str, decimal: str = ""
) -> Part:
    """A table of a sheet as a part, still without the name by which its table may be recognised."""
    part = Part(name, "", block.names, lambda keep: load(keep), first_row=block.top + 1, report=block.report)
    bits, facts = bits_of(block.columns), sheet.facts
    part.titles, part.filtered = block.titles, facts.filtered
    hidden = [row for row in facts.hidden_rows if block.top <= row < block.bottom and filled[row] & bits]
    part.hidden = tuple(sorted(row - block.top for row in hidden))
    if block.titles:
        part.notes.append(titles_note(name, row=block.header[1] + 1, above=len(block.titles)))

    def load(keep: Sequence[int]) -> ir.Table:
        import pyarrow as pa

        _refuse_unstored(sheet, block, keep, name=name)
        found = _notes(sheet, block, keep, name=name)
        rows = sheet.rows[block.top : block.bottom]
        cells = {}
        for at in keep:
            column = [row[block.columns[at]] for row in rows]
            kind = part.kinds.get(at, "")
            if kind == "money":
                part.currencies[block.names[at]] = {
                    name: count
                    for name, places in sheet.facts.currencies.get(block.columns[at], {}).items()
                    if (count := sum(block.top <= row < block.bottom for row in places))
                }
            if kind in _NUMBERS:
                cells[at] = number_texts(column, decimal, file=name, column=block.names[at])
            elif kind in _DAYS and sheet.facts.from_1904:
                cells[at] = [cell_text(cell + _1904 if _is_number(cell) else cell) for cell in column]
            else:
                cells[at] = [cell_text(cell) for cell in column]
        once = {at for at in keep if part.kinds.get(at, "") in _NUMBERS}
        found += _fill(sheet, filled, block, cells, once, name=name)
        part.notes.extend(note for note in found if note not in part.notes)
        return engine.arrow_table(
            pa.table({f"c{at}": pa.array(column, pa.string()) for at, column in cells.items()})
        )

    return part


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _refuse_unstored(sheet: Sheet, block: Block, keep: Sequence[int], *, name: str) -> None:
    for at in keep:
        column = block.columns[at]
        rows = sorted(
            row for row, place in sheet.facts.unstored if place == column and block.top <= row < block.bottom
        )
        if rows:
            raise BookError(
                "{file}, column '{column}', row {row}: the cell holds a formula, and its result is not "
                "in the file. Such cells in the column: {count}. Open the file in Excel or LibreOffice, "
                "save it, and give the saved one.",
                file=name,
                column=block.names[at],
                row=rows[0] + 1,
                count=len(rows),
            )


def _fill(
    sheet: Sheet,
    filled: Sequence[int],
    block: Block,
    cells: dict[int, list[str | None]],
    once: Collection[int],
    *,
    name: str,
) -> list[Note]:
    """Give each row the value of the merged cell that covers it, but count a merged amount once."""
    bits = bits_of(block.columns)
    places = {block.columns[at]: at for at in cells}
    counts: dict[tuple[int, bool], int] = {}
    for (top, left), (bottom, _) in sorted(sheet.merged):
        if left not in places or top < block.top or top == bottom or top >= block.bottom:
            continue
        at = places[left]
        value = cells[at][top - block.top]
        covered = [row for row in range(top + 1, min(bottom + 1, block.bottom)) if filled[row] & bits]
        if value is None or not covered:
            continue
        counts[at, at in once] = counts.get((at, at in once), 0) + len(covered)
        if at not in once:
            for row in covered:
                cells[at][row - block.top] = value
    return [_merged_note(name, block.names[at], count, is_once) for (at, is_once), count in counts.items()]


def _merged_note(name: str, column: str, count: int, is_once: bool) -> Note:
    values = {"file": name, "column": column}
    if is_once:
        action = mark(
            "{file}: a number in column {column} that is merged over several rows was counted once, in the "
            "first of them; write it into each row if it is of each."
        )
        return Note("merged_numbers", "", action, rows=count, values=values)
    action = mark(
        "{file}: cells of column {column} that are merged over several rows were taken to hold their value "
        "in each of these rows; unmerge them in the file if they do not."
    )
    return Note("merged_cells", "", action, rows=count, values=values, changed=True)


def _notes(sheet: Sheet, block: Block, keep: Sequence[int], *, name: str) -> list[Note]:
    notes = []
    facts = sheet.facts
    columns = [block.names[at] for at in keep if block.columns[at] in facts.hidden_columns]
    if columns:
        action = mark("{file}: these hidden columns were read like all others: {headers}.")
        notes.append(
            Note("hidden_columns", "", action, values={"file": name, "headers": naming.listed(columns)})
        )
    for at in keep:
        found = [
            error
            for (row, column), error in sorted(facts.errors.items())
            if column == block.columns[at] and block.top <= row < block.bottom
        ]
        if found:
            notes.append(
                Note(
                    "error_cells",
                    "",
                    mark("{file}: cells of column {column} hold errors of formulas and have no value."),
                    rows=len(found),
                    example=found[0],
                    values={"file": name, "column": block.names[at]},
                )
            )
    return notes
