"""Lines of a text file as rows of cells, with quotation marks read as they were meant."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

SPACES = " "
"""The delimiter that stands for any run of spaces and tabs."""
WIDE_SPACES = "  "
"""The delimiter that stands for runs of at least two spaces, or a tab: single spaces are part of cells."""

_MOST_LINES = 500
"""Lines that a quoted cell may span."""
_MOST_MARKS = 10
"""Lines with quotation marks among them, as long as the cell is open."""


@dataclass(frozen=True)
class Style:
    """How cells are told apart in a line."""

    delimiter: str = ","
    quote: str = '"'
    backslash: bool = False
    """Whether a backslash before a quotation mark makes it part of the text."""


class Record(NamedTuple):
    """A row of a text file."""

    cells: list[str]
    lines: int
    """How many lines it takes."""
    mended: bool
    """Whether a quotation mark in it was not closed, or stands where it should have been doubled."""
    doubtful: bool = False
    """Whether it can as well be part of a row with a line break in a cell."""


def records(lines: Iterable[str], style: Style, width: int = 0) -> Iterator[Record]:
    """Rows of a text file.

    A quoted cell goes on over line ends as long as that gives a row of `width` cells. Otherwise its quotation
    mark was never closed, and the line is a row by itself, so that a lost mark never swallows the rows below.

    Parameters
    ----------
    lines
        Lines without their ends.
    style
        How cells are told apart.
    width
        Number of cells of a row; 0 if it is not known.
    """
    ahead: deque[str] = deque()
    source = iter(lines)
    while True:
        line = ahead.popleft() if ahead else next(source, None)
        if line is None:
            return
        cells, is_open, is_odd = split_line(line, style)
        if not is_open:
            yield Record(_unwrapped(cells, line, style, width), 1, is_odd)
            continue
        joined = _joined(line, ahead, source, style)
        if joined is None or width not in (0, len(joined.cells)):
            yield Record(_without_quote(line, style), 1, mended=True)
            continue
        rows = [_alone(part, style) for part in (line, *islice(ahead, joined.lines - 1))]
        each_fits = width > 0 and all(len(row) == width for row in rows)
        if each_fits and joined.mended:
            yield Record(rows[0], 1, mended=True)
            continue
        for _ in range(joined.lines - 1):
            ahead.popleft()
        if each_fits:
            yield from (Record(row, 1, mended=True, doubtful=True) for row in rows)
        else:
            yield joined


def _joined(line: str, ahead: deque[str], source: Iterator[str], style: Style) -> Record | None:
    """The row that `line` begins if its open cell ends on a later line; lines looked at go into `ahead`."""
    text, count, tried = [line], 1, 0
    while count < _MOST_LINES and tried < _MOST_MARKS:
        if len(ahead) < count:
            following = next(source, None)
            if following is None:
                return None
            ahead.append(following)
        text.append(ahead[count - 1])
        count += 1
        if style.quote in text[-1]:
            tried += 1
            cells, is_open, is_odd = split_line("\n".join(text), style)
            if not is_open:
                return Record(cells, count, is_odd)
    return None


def _unwrapped(cells: list[str], line: str, style: Style, width: int) -> list[str]:
    """The cells of a row that was put into quotation marks as a whole."""
    if len(cells) > 1 or width == 1 or not style.quote or not line.lstrip().startswith(style.quote):
        return cells
    inner, is_open, _ = split_line(cells[0], style)
    return cells if is_open or width not in (0, len(inner)) else inner


def _alone(line: str, style: Style) -> list[str]:
    cells, is_open, _ = split_line(line, style)
    return _without_quote(line, style) if is_open else cells


def _without_quote(line: str, style: Style) -> list[str]:
    """The cells of a line of which the last mark that opens a cell is not closed: that mark is left out."""
    at = _opening(line, style)
    return split_line(line[:at] + line[at + 1 :], style)[0]


def _opening(line: str, style: Style) -> int:
    """Where the mark stands that opens the cell that is not closed."""
    at = line.rfind(style.quote)
    for _ in range(_MOST_MARKS):
        if at <= 0:
            break
        if split_line(line[:at], style)[1] is False and split_line(line[: at + 1], style)[1]:
            return at
        at = line.rfind(style.quote, 0, at)
    return max(at, 0)


def split_line(line: str, style: Style) -> tuple[list[str], bool, bool]:
    """Cells of a line, whether its last cell is not closed, and whether a mark stands inside a quoted cell.

    >>> split_line('A,"1,5","5"" pipe"', Style())
    (['A', '1,5', '5" pipe'], False, False)
    """
    quote, delimiter = style.quote, style.delimiter
    if delimiter == WIDE_SPACES:
        return re.split(r" {2,}|\t+", line.strip()), False, False
    if delimiter == SPACES:
        line = " ".join(line.split()) if not quote or quote not in line else line.strip().replace("\t", " ")
    if not quote or quote not in line:
        return line.split(delimiter), False, False
    cells: list[str] = []
    at, end_of_line, is_odd, step = 0, len(line), False, len(delimiter)
    while True:
        start = at
        while line[start : start + 1] == " ":
            start += 1
        if delimiter == SPACES:
            at = start
        if line[start : start + 1] == quote:
            cell, at, odd = _quoted(line, start + 1, style)
            is_odd = is_odd or odd
            cells.append(cell)
            if at < 0:
                return cells, True, is_odd
            if at >= end_of_line:
                return cells, False, is_odd
            at += step
            continue
        end = line.find(delimiter, at)
        if end < 0:
            cells.append(line[at:])
            return cells, False, is_odd
        cells.append(line[at:end])
        at = end + step


def _quoted(line: str, at: int, style: Style) -> tuple[str, int, bool]:
    """The quoted cell that begins at `at`, where its delimiter stands (-1: it is not closed), and whether a
    mark stands inside it.
    """
    pieces: list[str] = []
    quote, is_odd = style.quote, False
    while True:
        end = line.find(quote, at)
        if end < 0:
            return "".join([*pieces, line[at:]]), -1, is_odd
        if style.backslash and line[at:end].endswith("\\"):
            pieces.append(line[at : end - 1] + quote)
            at = end + 1
            continue
        if line[end + 1 : end + 2] == quote:
            pieces.append(line[at:end] + quote)
            at = end + 2
            continue
        rest = end + 1
        while line[rest : rest + 1] == " " and style.delimiter != SPACES:
            rest += 1
        if rest == len(line) or line.startswith(style.delimiter, rest):
            return "".join([*pieces, line[at:end]]), rest, is_odd
        pieces.append(line[at : end + 1])
        at, is_odd = end + 1, True
