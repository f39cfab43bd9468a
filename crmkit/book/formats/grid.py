"""Where the header of a table stands among its first rows, and what its columns are called."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import median

from crmkit.book import naming
from crmkit.book.contracts import TABLES
from crmkit.book.errors import BookError
from crmkit.book.formats import pivots

Row = Sequence[str | None]

LOOKED_AT = 100
"""Rows at the start of a table among which its header is searched."""

_MONTHS = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)"
    r"[a-zа-я]*\.?"
)
_NUMBER = re.compile(
    r"[(+-]?\s*(?:[$€£₽¥₴₸]|usd|eur|rub)?\s*[+-]?\d[\d\s.,'’]*(?:e[+-]?\d+)?\s*"
    r"(?:[$€£₽¥₴₸%]|руб\.?|р\.?|rub|usd|eur)?\)?",
    re.IGNORECASE,
)
_MOMENT = re.compile(
    rf"\d{{1,4}}[./-](?:\d{{1,2}}|{_MONTHS})[./-]\d{{1,4}}(?:[t\s]+[\d:.+z\s-]+(?:am|pm)?)?"
    rf"|\d{{1,2}}(?::\d\d){{1,2}}|\d{{1,2}}\.?\s+{_MONTHS},?\s+\d{{2,4}}(?:\s*г\.?)?"
    rf"|{_MONTHS}\s+\d{{1,2}},?\s+\d{{4}}",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w+")
_PERIOD = re.compile(
    r"(?:19|20)\d\d|(?:19|20)\d\d[-./]\d{1,2}(?:[-./]0?1)?(?:[ t]00:00(?::00)?)?"
    r"|(?:0?1[-./])?\d{1,2}[-./](?:19|20)\d\d"
    rf"|{_MONTHS}(?:[\s'’.,/-]*(?:(?:19|20)?\d\d)(?:\s*г\.?)?)?|(?:19|20)\d\d\s+{_MONTHS}"
    r"|(?:q|кв\.?\s*)[1-4][\s'’./-]*(?:19|20)?\d\d|[1-4]\s*(?:q|кв\.?|квартал)\s*(?:19|20)\d\d",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class HeaderFound:
    """The header of a table."""

    first: int
    """Position of the header's first row among the rows given."""
    last: int
    """Position of its last row: more than `first` where group headings stand above the headers."""
    headers: tuple[str, ...]
    """One for each column up to the last one with a header: cleaned, none blank, no two the same."""
    titles: tuple[str, ...]
    """What stands in each row above the header that is not blank."""
    report: tuple[str, ...] = ()
    """What shows that the table is a report and not a list, as :mod:`crmkit.book.formats.pivots` has it."""


def find_header(rows: Sequence[Row], *, name: str, known: Collection[str] = ()) -> HeaderFound:
    """Find the header among the first rows of a table: its titles, filters and dates may stand above it.

    Parameters
    ----------
    rows
        The first rows, :data:`LOOKED_AT` of them at least if there are so many; their cells as text.
    name
        What messages call the table.
    known
        Headers that the user named, beside those that are commonly used.

    Raises
    ------
    BookError
        If the first row holds data, so that there is no header.

    Examples
    --------
    >>> found = find_header([["Sales of May", ""], ["Client", "Amount"], ["A", "5"]], name="may.csv")
    >>> found.first, found.headers
    (1, ('Client', 'Amount'))
    """
    grid = [[clean(cell) for cell in row] for row in rows[:LOOKED_AT]]
    filled = [sum(cell != "" for cell in row) for row in grid]
    some = [at for at, count in enumerate(filled) if count]
    if not some:
        raise BookError("{file}: the file is empty.", file=name)
    first, last = _place(grid, filled, some, frozenset(naming.plain(header) for header in known))
    cells = grid[last] if first == last else _joined(grid[first], grid[last])
    if _holds_data(grid, last, cells):
        raise BookError(
            "{file}: the first row holds no headers but data. Put the names of the columns in the first row.",
            file=name,
        )
    titles = tuple(" ".join(filter(None, grid[at])) for at in some if at < first)
    return HeaderFound(first, last, column_names(cells), titles, pivots.report_signs(grid))


def clean(cell: str | None) -> str:
    """A header without marks of its form: quotes around it, stars, line breaks, a byte order mark.

    >>> clean('\\ufeff"Client\\nname" *')
    'Client name'
    """
    text = " ".join((cell or "").replace("\ufeff", "").replace("\xa0", " ").split())
    text = text.strip("*").strip()
    while len(text) > 1 and text[0] == text[-1] and text[0] in "\"'`":
        text = text[1:-1].strip()
    return text.rstrip(":").strip()


def column_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Names for all columns up to the last header: ``column_3`` if it is blank, ``Sum (2)`` if it recurs."""
    width = max((at + 1 for at, cell in enumerate(cells) if cell), default=0)
    names: list[str] = []
    for at, cell in enumerate(cells[:width], start=1):
        stem, number = cell or f"column_{at}", 1
        taken = stem
        while taken in names:
            number += 1
            taken = f"{stem} ({number})"
        names.append(taken)
    return tuple(names)


def is_value(cell: str) -> bool:
    """Whether a cell is a number, a date, a time or a mail address, which a header is not."""
    return any(pattern.fullmatch(cell) for pattern in (_NUMBER, _MOMENT, _MAIL))


def is_period(cell: str) -> bool:
    """Whether a header is a month, a quarter or a year, as in tables with a column for each of them."""
    return bool(_PERIOD.fullmatch(cell))


def count_known(cells: Collection[str], mapped: Collection[str]) -> int:
    """How many of the cells are headers that are commonly used, or named by the user, all of one table."""
    plain = {naming.plain(cell) for cell in cells if cell}
    rest = plain - set(mapped)
    return len(plain) - len(rest) + max(len(rest & naming.known_headers(table)) for table in TABLES)


def _place(
    grid: list[list[str]], filled: list[int], some: list[int], mapped: Collection[str]
) -> tuple[int, int]:
    """First and last row of the header."""
    start = some[0]
    best, best_score = (start, start), _score(grid, filled, start, start, mapped)
    most = 0
    for place, at in enumerate(some):
        before = some[place - 1] if place else at
        for first in (at,) if before == at else (at, before):
            if first != at and not _continues(grid[first], grid[at]):
                continue
            score = _score(grid, filled, first, at, mapped)
            # Rows above that are as wide and hold values are data, which no header may follow.
            if score > best_score and most < filled[at]:
                best, best_score = (first, at), score
        if best_score[0] >= 1 and best[1] == at and _is_followed(grid, filled, some, place):
            break
        if any(is_value(cell) for cell in grid[at]):
            most = max(most, filled[at])
    return best


def _is_followed(grid: list[list[str]], filled: list[int], some: list[int], place: int) -> bool:
    """Whether a row of data is next, so that the search may end."""
    if place + 1 == len(some):
        return False
    at = some[place + 1]
    return _is_data(grid, at, filled) and filled[at] >= 0.6 * filled[some[place]]


def _score(
    grid: list[list[str]], filled: list[int], first: int, last: int, mapped: Collection[str]
) -> tuple[float, ...]:
    """How well rows would do as the header: by common headers, then by their shape."""
    cells = grid[last] if first == last else _joined(grid[first], grid[last])
    below = [count for count in filled[last + 1 :] if count][:20]
    width = sum(cell != "" for cell in cells)
    typical = median(below) if below else 0
    if not below or (width < 2 and typical >= 2) or (first != last and _holds_data(grid, last, cells)):
        return (0.0,)
    values = 0 if _is_wide(grid, last, cells) else sum(is_value(cell) for cell in cells)
    recognised = count_known(cells, mapped)
    wide_enough = width >= 0.8 * typical
    has_data = any(_is_data(grid, at, filled) for at in range(last + 1, len(grid)))
    shaped = wide_enough and not values and has_data
    # One common word may stand in a title or a filter; two in one row make a header.
    return (float(max(0, recognised - 1)) if wide_enough or recognised > 2 else 0.0, shaped, -values)


def _is_data(grid: list[list[str]], at: int, filled: list[int]) -> bool:
    return filled[at] > 1 and any(is_value(cell) for cell in grid[at]) and not _is_wide(grid, at, grid[at])


def _continues(upper: list[str], lower: list[str]) -> bool:
    """Whether one row of headers has its blanks where another one, the next, has its headers."""
    return any(
        up and not low for up, low in zip(upper, lower + [""] * (len(upper) - len(lower)))
    ) and not any(is_value(cell) for cell in lower)


def _joined(upper: list[str], lower: list[str]) -> list[str]:
    width = max(len(upper), len(lower))
    above, below = (row + [""] * (width - len(row)) for row in (upper, lower))
    return [low or up for up, low in zip(above, below)]


def _holds_data(grid: list[list[str]], at: int, cells: Sequence[str]) -> bool:
    values = sum(is_value(cell) for cell in cells)
    return values > len([cell for cell in cells if cell]) / 3 and not _is_wide(grid, at, cells)


def _is_wide(grid: list[list[str]], at: int, cells: Sequence[str]) -> bool:
    """Whether cells are the header of a table with a column for each month: periods with numbers below."""
    places = [place for place, cell in enumerate(cells) if is_period(cell)]
    if len(places) < 2 or len({cells[place] for place in places}) < len(places):
        return False
    below = [row[place] for row in grid[at + 1 : at + 11] for place in places if place < len(row)]
    numbers = [cell for cell in below if cell and cell not in ("-", "–", "—")]
    return bool(numbers) and all(_NUMBER.fullmatch(cell) and not is_period(cell) for cell in numbers)
