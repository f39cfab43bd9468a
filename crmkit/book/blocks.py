"""The tables in a sheet: which cells belong to one table, where its header is, and what merged cells mean."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmkit.book import grid, naming
from crmkit.book.contracts import TABLES
from crmkit.book.engine import Engine
from crmkit.book.errors import BookError
from crmkit.book.notes import Note
from crmkit.book.part import Part, cell_text
from crmkit.book.xlsx import Facts
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir

Range = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell of a merged range, as (row, column), counted from 0."""


@dataclass
class Sheet:
    """The cells of one sheet, or of one table of a page."""

    rows: list[list[Any]]
    """As wide as the widest one; blank cells are ``""`` or None."""
    merged: Sequence[Range] = ()
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True)
class _Block:
    """A rectangle with one table: positions of its columns, its header and its rows of data."""

    columns: tuple[int, ...]
    header: tuple[int, int]
    top: int
    bottom: int
    """Position after the last row."""
    names: tuple[str, ...]
    above: int = 0


def parts_in(
    sheet: Sheet, engine: Engine, *, name: str, stem: str, known: Collection[str] = ()
) -> list[Part]:
    """The tables of a sheet as parts, the one with the most rows first.

    Parameters
    ----------
    sheet
        The cells.
    engine
        Where the rows are loaded.
    name, stem
        What messages call the sheet, and the name by which its table may be recognised.
    known
        Headers that the user named.

    Raises
    ------
    BookError
        If there is a table without a header.
    """
    for (row, column), error in sheet.facts.errors.items():
        if row < len(sheet.rows) and column < len(sheet.rows[row]):
            sheet.rows[row][column] = error
    filled = [_filled(row) for row in sheet.rows]
    strips = _strips(sheet, filled, name=name, known=known)
    blocks = [
        block
        for columns in strips
        for block in _below_each_other(sheet, filled, columns, name=name, known=known)
    ]
    blocks.sort(key=lambda block: (block.top - block.bottom, block.columns))
    parts = []
    for number, block in enumerate(blocks):
        place = f"{_letters(block.columns[0])}{block.header[0] + 1}"
        called = name if number == 0 else f"{name}, table at {place}"
        parts.append(_part(sheet, filled, block, engine, name=called, stem="" if number else stem))
    return parts


def _filled(row: Sequence[Any]) -> int:
    """Which cells of a row hold something, a bit for each."""
    bits, bit = 0, 1
    for cell in row:
        if cell != "" and cell is not None and not (isinstance(cell, str) and cell.isspace()):
            bits |= bit
        bit <<= 1
    return bits


def _strips(
    sheet: Sheet, filled: Sequence[int], *, name: str, known: Collection[str]
) -> list[tuple[int, ...]]:
    """Columns that belong together: tables stand side by side where blank columns part them."""
    used = 0
    for bits in filled:
        used |= bits
    strips: list[tuple[int, ...]] = []
    for at in range(used.bit_length()):
        if used >> at & 1:
            if strips and strips[-1][-1] == at - 1:
                strips[-1] = (*strips[-1], at)
            else:
                strips.append((at,))
    joined = strips[:1]
    for strip in strips[1:]:
        if _stands_alone(sheet, filled, joined[-1], strip, name=name, known=known):
            joined.append(strip)
        else:
            joined[-1] = (*joined[-1], *strip)
    return joined


def _stands_alone(
    sheet: Sheet,
    filled: Sequence[int],
    left: tuple[int, ...],
    right: tuple[int, ...],
    *,
    name: str,
    known: Collection[str],
) -> bool:
    """Whether columns beyond a blank one are another table, rather than more columns of the same."""
    if min(len(left), len(right)) < 2:
        return False
    headers, ends = [], []
    for columns in (left, right):
        try:
            found = _header(sheet, columns, 0, name=name, known=known)
        except BookError:
            return False
        headers.append((found.last, {naming.plain(header) for header in found.headers}))
        ends.append(max(at for at, bits in enumerate(filled) if bits & _bits(columns)))
    (row, names), (other_row, other_names) = headers
    if row != other_row or len(names & other_names) > 1:
        return True
    # Columns of one table end together, but for a row of totals; the cells of another one follow each other.
    gaps = [at for at in range(other_row, ends[1] + 1) if not filled[at] & _bits(right)]
    return abs(ends[0] - ends[1]) > 1 and not gaps


def _bits(columns: Sequence[int]) -> int:
    return sum(1 << column for column in columns)


def _header(
    sheet: Sheet, columns: Sequence[int], start: int, *, name: str, known: Collection[str]
) -> grid.HeaderFound:
    rows = sheet.rows[start : start + grid.LOOKED_AT]
    texts = [[cell_text(row[column]) for column in columns] for row in rows]
    return grid.find_header(texts, name=name, known=known)


def _below_each_other(
    sheet: Sheet, filled: Sequence[int], columns: tuple[int, ...], *, name: str, known: Collection[str]
) -> Iterator[_Block]:
    """The tables in some columns: after a blank row another one may begin, with headers of its own."""
    bits = _bits(columns)
    end = 1 + max(at for at, row in enumerate(filled) if row & bits)
    found = _header(sheet, columns, 0, name=name, known=known)
    start = 0
    while True:
        block = _block(sheet, filled, columns, start, found, end)
        following = None
        for at in range(block.top + 1, end):
            if filled[at] & bits and not filled[at - 1] & bits:
                following = _new_header(sheet, columns, at, block, name=name, known=known)
                if following:
                    start = at
                    break
        if following is None:
            yield block
            return
        yield _block(sheet, filled, columns, block.header[0] - found.first, found, start)
        found = following


def _new_header(
    sheet: Sheet, columns: Sequence[int], at: int, block: _Block, *, name: str, known: Collection[str]
) -> grid.HeaderFound | None:
    """The header that begins at a row after a blank one, unless it repeats the one above or is no header."""
    if not any(_recognised(sheet.rows[row], columns) for row in range(at, min(at + 3, len(sheet.rows)))):
        return None
    try:
        found = _header(sheet, columns, at, name=name, known=known)
    except BookError:
        return None
    row = at + found.last
    values = any(grid.is_value(cell_text(sheet.rows[row][column]) or "") for column in columns)
    repeated = set(found.headers) <= set(block.names)
    return (
        found
        if found.above <= 2 and not values and not repeated and _recognised(sheet.rows[row], columns)
        else None
    )


def _recognised(row: Sequence[Any], columns: Sequence[int]) -> bool:
    """Whether at least two cells are headers that are commonly used in one table."""
    plain = {naming.plain(row[column]) for column in columns if isinstance(row[column], str)}
    return len(plain) > 1 and max(len(plain & naming.known_headers(table)) for table in TABLES) > 1


def _block(
    sheet: Sheet,
    filled: Sequence[int],
    columns: tuple[int, ...],
    start: int,
    found: grid.HeaderFound,
    end: int,
) -> _Block:
    first, last = start + found.first, start + found.last
    bits = _bits(columns)
    while end > last + 1 and not filled[end - 1] & bits:
        end -= 1
    used = 0
    for at in range(last + 1, end):
        used |= filled[at]
    names = _names(sheet, columns, first, last)
    kept, headers = _logical(sheet, columns, last, used, names)
    return _Block(kept, (first, last), last + 1, end, headers, found.above)


def _names(sheet: Sheet, columns: Sequence[int], first: int, last: int) -> list[str]:
    """What the columns are called: a heading over several columns is added where they need it."""
    lower = [grid.clean(cell_text(sheet.rows[last][column])) for column in columns]
    upper = [grid.clean(cell_text(sheet.rows[first][column])) if first < last else "" for column in columns]
    places = {column: place for place, column in enumerate(columns)}
    over = first if first < last else last - 1
    groups = [""] * len(columns)
    for (top, left), (bottom, right) in sheet.merged:
        spanned = [places[column] for column in range(left, right + 1) if column in places]
        if top <= over <= bottom and bottom < last and 1 < len(spanned) < len(columns):
            for place in spanned:
                groups[place] = grid.clean(cell_text(sheet.rows[top][left]))
        if top <= first and bottom >= last and spanned and not lower[spanned[0]]:
            lower[spanned[0]] = grid.clean(cell_text(sheet.rows[top][left]))
    names = []
    for low, up, group in zip(lower, upper, groups):
        if (
            group
            and low
            and (
                lower.count(low) > 1 or (not any(letter.isdigit() for letter in low) and grid.is_period(low))
            )
        ):
            names.append(f"{low} {group}")
        else:
            names.append(low or up)
    return names


def _logical(
    sheet: Sheet, columns: Sequence[int], last: int, used: int, names: Sequence[str]
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Columns with their headers, without those that are there only because cells are merged across them."""
    headers = dict(zip(columns, names))
    for (top, left), (bottom, right) in sheet.merged:
        members = [column for column in range(left, right + 1) if column in headers]
        if not (top <= last <= bottom and members and headers[members[0]]):
            continue
        with_cells = [column for column in members if used >> column & 1]
        if len(with_cells) == 1:
            headers[with_cells[0]], headers[members[0]] = headers[members[0]], headers[with_cells[0]]
    kept = [column for column in columns if headers[column] or used >> column & 1]
    named = grid.column_names([headers[column] for column in kept])
    rest = (f"column_{at}" for at in range(len(named) + 1, len(kept) + 1))
    return tuple(kept), (*named, *rest)


def _part(
    sheet: Sheet, filled: Sequence[int], block: _Block, engine: Engine, *, name: str, stem: str
) -> Part:
    part = Part(name, stem, block.names, lambda keep: load(keep), first_row=block.top + 1)

    def load(keep: Sequence[int]) -> ir.Table:
        import pyarrow as pa

        _refuse_unstored(sheet, block, keep, name=name)
        part.notes.extend(_notes(sheet, filled, block, keep, name=name))
        rows = sheet.rows[block.top : block.bottom]
        cells = {at: [cell_text(row[block.columns[at]]) for row in rows] for at in keep}
        part.notes.extend(_fill(sheet, filled, block, cells, part.once, name=name))
        return engine.arrow_table(
            pa.table({f"c{at}": pa.array(column, pa.string()) for at, column in cells.items()})
        )

    return part


def _refuse_unstored(sheet: Sheet, block: _Block, keep: Sequence[int], *, name: str) -> None:
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
    block: _Block,
    cells: dict[int, list[str | None]],
    once: Collection[int],
    *,
    name: str,
) -> list[Note]:
    """Give each row the value of the merged cell that covers it, but count a merged amount once."""
    bits = _bits(block.columns)
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


def _notes(
    sheet: Sheet, filled: Sequence[int], block: _Block, keep: Sequence[int], *, name: str
) -> list[Note]:
    notes = []
    facts, bits = sheet.facts, _bits(block.columns)
    hidden = [row for row in facts.hidden_rows if block.top <= row < block.bottom and filled[row] & bits]
    if hidden:
        action = (
            mark(
                "{file}: rows hidden by a filter were read like all others; delete them if they do not count."
            )
            if facts.filtered
            else mark("{file}: hidden rows were read like all others; delete them if they do not count.")
        )
        notes.append(Note("hidden_rows", "", action, rows=len(hidden), values={"file": name}))
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


def _letters(column: int) -> str:
    letters = ""
    while column >= 0:
        column, letter = divmod(column, 26)
        letters = chr(65 + letter) + letters
        column -= 1
    return letters
