"""The tables in a sheet: which cells belong to one table, where its header is, what its columns are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from crmkit.book import naming
from crmkit.book.contracts import TABLES
from crmkit.book.engine import Engine
from crmkit.book.errors import BookError
from crmkit.book.formats import grid
from crmkit.book.formats.part import Part, cell_text
from crmkit.book.formats.sheet_rows import Block, Sheet, bits_of, block_part
from crmkit.book.notes import Note
from crmkit.wording import mark


def parts_in(
    sheet: Sheet, engine: Engine, *, name: str, stem: str, decimal: str = "", known: Collection[str] = ()
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
    decimal
        The mark in numbers that are stored as text, if the user says it.
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
    blocks: list[Block] = []
    refused: list[tuple[int, BookError]] = []
    for columns in strips:
        try:
            blocks += _below_each_other(sheet, filled, columns, name=name, known=known)
        except BookError as error:
            refused.append((columns[0], error))
    if not blocks:
        raise refused[0][1]
    blocks.sort(key=lambda block: (block.top - block.bottom, block.columns))
    parts = []
    for number, block in enumerate(blocks):
        place = f"{_letters(block.columns[0])}{block.header[0] + 1}"
        called = name if number == 0 else f"{name}, table at {place}"
        parts.append(block_part(sheet, filled, block, engine, decimal=decimal, name=called))
    name_best(parts, stem)
    for column, _ in refused:
        action = mark("{file}: the cells from column {column} on have no headers and were not read.")
        values = {"file": name, "column": _letters(column)}
        best(parts).notes.append(Note("cells_not_read", "", action, values=values))
    return parts


def best(parts: Sequence[Part]) -> Part:
    """The part whose headers are known best; the first of equal ones."""
    return max(parts, key=lambda part: _count_known(part.headers))


def name_best(parts: Sequence[Part], stem: str) -> None:
    """Give the name of a sheet or a file to the one of its tables whose headers are known best."""
    for part in parts:
        part.stem = ""
    best(parts).stem = stem


def used_width(sheet: Sheet) -> int:
    """How many columns of a sheet hold something."""
    used = 0
    for row in sheet.rows:
        used |= _filled(row)
    return used.bit_count()


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
            continue
        headers.append((found.last, {naming.plain(header) for header in found.headers}))
        ends.append(max(at for at, bits in enumerate(filled) if bits & bits_of(columns)))
    if len(headers) < 2:
        return bool(headers)
    (row, names), (other_row, other_names) = headers
    if row != other_row or len(names & other_names) > 1:
        return True
    # Columns of one table end together, but for a row of totals; the cells of another one follow each other.
    if {"amount", "unit_price"} & _ledger_columns(other_names) - _ledger_columns(names):
        return bool({"date", "client_id"} & _ledger_columns(other_names))
    gaps = [at for at in range(other_row, ends[1] + 1) if not filled[at] & bits_of(right)]
    return abs(ends[0] - ends[1]) > 1 and not gaps


def _ledger_columns(headers: Collection[str]) -> set[str]:
    try:
        return set(naming.name_columns(sorted(headers), "ledger", where="").columns)
    except BookError:
        return set()


def _header(
    sheet: Sheet, columns: Sequence[int], start: int, *, name: str, known: Collection[str]
) -> grid.HeaderFound:
    rows = sheet.rows[start : start + grid.LOOKED_AT]
    texts = [[cell_text(row[column]) for column in columns] for row in rows]
    return grid.find_header(texts, name=name, known=known)


def _below_each_other(
    sheet: Sheet, filled: Sequence[int], columns: tuple[int, ...], *, name: str, known: Collection[str]
) -> Iterator[Block]:
    """The tables in some columns: after a blank row another one may begin, with headers of its own."""
    bits = bits_of(columns)
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
    sheet: Sheet, columns: Sequence[int], at: int, block: Block, *, name: str, known: Collection[str]
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
        if len(found.titles) <= 2 and not values and not repeated and _recognised(sheet.rows[row], columns)
        else None
    )


def _recognised(row: Sequence[Any], columns: Sequence[int]) -> bool:
    """Whether at least two cells are headers that are commonly used in one table."""
    cells = [row[column] for column in columns if isinstance(row[column], str)]
    return len(cells) > 1 and _count_known(cells) > 1


def _count_known(headers: Sequence[str]) -> int:
    plain = {naming.plain(header) for header in headers}
    return max(len(plain & naming.known_headers(table)) for table in TABLES)


def _block(
    sheet: Sheet,
    filled: Sequence[int],
    columns: tuple[int, ...],
    start: int,
    found: grid.HeaderFound,
    end: int,
) -> Block:
    first, last = start + found.first, start + found.last
    bits = bits_of(columns)
    while end > last + 1 and not filled[end - 1] & bits:
        end -= 1
    used = 0
    for at in range(last + 1, end):
        used |= filled[at]
    names = _names(sheet, columns, first, last)
    kept, headers = _logical(sheet, columns, last, used, names)
    return Block(kept, (first, last), last + 1, end, headers, found.titles, found.report)


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


def _letters(column: int) -> str:
    letters = ""
    while column >= 0:
        column, letter = divmod(column, 26)
        letters = chr(65 + letter) + letters
        column -= 1
    return letters
