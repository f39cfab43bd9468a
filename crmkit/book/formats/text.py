"""What a text file looks like: encoding, delimiter, quotation marks and header, decided from its bytes."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from crmkit.book.errors import BookError, option
from crmkit.book.formats import grid
from crmkit.book.formats.encoding import find_encoding
from crmkit.book.formats.records import SPACES, WIDE_SPACES, Record, Style, records
from crmkit.book.formats.streams import read_head
from crmkit.book.naming import plain

DELIMITERS = (",", ";", "\t", "|")
_RARE_DELIMITERS = ("^", "~", ":", WIDE_SPACES, SPACES)
_NAMES = {
    "tab": "\t",
    "\\t": "\t",
    "space": SPACES,
    "spaces": SPACES,
    "comma": ",",
    "semicolon": ";",
    "pipe": "|",
}
MOST_COLUMNS = 20_000
"""Columns that a table may have; a spreadsheet has at most 16,384."""

_HEAD = 1 << 18
_LOOKED_AT = 200


@dataclass(frozen=True)
class Layout:
    """How a text file is laid out."""

    encoding: str
    style: Style
    headers: tuple[str, ...]
    width: int
    """Cells of a row: as many as the header's row has, with those that are blank."""
    header: grid.HeaderFound
    header_row: int
    """Number of the header's last row, counted from 1."""
    skip: int
    """Lines before the first row of data."""
    is_plain: bool
    """Whether the engine can read the file as it is, as far as its start shows."""


def find_layout(
    path: Path, *, name: str, encoding: str = "", delimiter: str = "", known: Collection[str] = ()
) -> Layout:
    """Look at the start of a text file.

    Parameters
    ----------
    path
        The file, which may be packed by gzip.
    name
        What messages call it.
    encoding, delimiter
        What the user says; blank: seen from the file.
    known
        Headers that the user named.

    Raises
    ------
    BookError
        If the file is empty, is not text, cannot be decoded safely, or has no line of headers.
    """
    head = read_head(path, _HEAD, name=name)
    if not head.strip(b"\x00 \t\r\n\x1a\xef\xbb\xbf"):
        raise BookError("{file}: the file is empty.", file=name)
    encoding = _said_encoding(encoding, name=name) if encoding else find_encoding(head, path, name=name)
    text = _decoded(head, encoding, name=name)
    _check_is_text(text, name=name)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = [line.replace("\x00", "").rstrip("\x1a").lstrip("\ufeff") for line in lines]
    if len(head) == _HEAD:
        if len(lines) < 3:
            raise BookError(
                "{file}: its first rows are longer than {limit} characters, so that this is not a table, or "
                "its rows do not end. Export it again as CSV.",
                file=name,
                limit=_HEAD,
            )
        lines.pop()
    elif not lines[-1]:
        lines.pop()
    hint = _hinted(lines)
    said = _NAMES.get(delimiter.lower(), delimiter) or (hint[0] if hint else "")
    body = [line if at > hint[1] else "" for at, line in enumerate(lines)] if hint else lines
    style = _find_style(body, said, name=name, known=known)
    rows = list(records(body[:_LOOKED_AT], style))
    header = grid.find_header([row.cells for row in rows], name=name, known=known)
    width = len(rows[header.last].cells)
    if width > MOST_COLUMNS:
        raise BookError(
            "{file}: it has {found} columns; a table has at most {limit}. Export it again, a row for each "
            "operation.",
            file=name,
            found=width,
            limit=MOST_COLUMNS,
        )
    skip = sum(row.lines for row in rows[: header.last + 1])
    is_plain = (
        encoding in ("utf-8", "utf-8-sig")
        and style == Style(style.delimiter)
        and style.delimiter != SPACES
        and len(style.delimiter) == 1
        and '="' not in text
        and all(row.lines == 1 for row in rows[: header.last + 1])
    )
    headers = _all_headers(header, rows, width)
    return Layout(encoding, style, headers, width, header, header.last + 1, skip, is_plain)


def _all_headers(header: grid.HeaderFound, rows: Sequence[Record], width: int) -> tuple[str, ...]:
    """The headers, and names for the columns without one that are not blank."""
    filled = max(
        (
            at + 1
            for row in rows[header.last + 1 :]
            for at, cell in enumerate(row.cells[:width])
            if cell.strip()
        ),
        default=0,
    )
    blank = range(len(header.headers) + 1, max(filled, len(header.headers)) + 1)
    return (*header.headers, *(f"column_{number}" for number in blank))


def _decoded(head: bytes, encoding: str, *, name: str) -> str:
    try:
        # Incremental, since the head may end inside a character.
        return codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError as error:
        raise BookError(
            "{file}: byte {byte} is not {encoding}. Say the encoding: {option}.",
            file=name,
            byte=error.start + 1,
            encoding=encoding,
            option=option("encoding", "cp1251"),
        ) from None


def _said_encoding(encoding: str, *, name: str) -> str:
    """Python's name of an encoding: there are many spellings of each."""
    try:
        found = codecs.lookup(encoding)
        if isinstance(found.incrementaldecoder().decode(b""), str):
            return found.name
    except (LookupError, ValueError, TypeError):
        pass
    raise BookError(
        "{file}: '{encoding}' is not an encoding that Python knows.", file=name, encoding=encoding
    )


def _check_is_text(text: str, *, name: str) -> None:
    """Refuse bytes that are no text: many control marks, or many zeros."""
    controls = len(re.findall(r"[\x01-\x08\x0e-\x19\x1b-\x1f]", text))
    if controls > 0.01 * len(text) or text.count("\x00") > 0.3 * len(text):
        raise BookError(
            "{file}: this is not a text file. Export it as CSV in UTF-8, or as XLSX or Parquet.", file=name
        )


def _hinted(lines: Sequence[str]) -> tuple[str, int] | None:
    """The delimiter that a first line such as ``sep=;`` names, and where that line is."""
    at = next((at for at, line in enumerate(lines) if line.strip()), 0)
    found = re.fullmatch(r"\"?sep=(.)\"?[,;\s]*", lines[at], re.IGNORECASE) if lines else None
    return (found[1], at) if found else None


def _find_style(lines: Sequence[str], said: str, *, name: str, known: Collection[str]) -> Style:
    """How cells are told apart: with the delimiter that makes most rows equally wide, and headers known."""
    sample = [line for line in lines if line.strip()][:_LOOKED_AT]
    quote = _quote(sample)
    mapped = frozenset(plain(header) for header in known)
    if said:
        return _finished(sample, Style(said, quote))

    def best_of(group: Sequence[str]) -> tuple[str, float, float]:
        scores = {delimiter: _score(sample, Style(delimiter, quote), name, mapped) for delimiter in group}
        best = max(scores, key=lambda delimiter: scores[delimiter])
        recognised, alike, _ = scores[best]
        return best, recognised, alike

    best, recognised, alike = best_of(DELIMITERS)
    if not recognised and alike < 1:
        # What may as well be part of words separates columns if it does so in every row or gives headers.
        rare, recognised, rare_alike = best_of(_RARE_DELIMITERS)
        best = rare if rare_alike == 1 or (recognised and rare_alike > 0.5) else best
    return _finished(sample, Style(best, quote))


def _score(
    sample: Sequence[str], style: Style, name: str, mapped: Collection[str]
) -> tuple[float, float, float]:
    """How many headers are known, what share of the rows is equally wide, and how wide."""
    rows = [record.cells for record in records(sample, style)]
    widths = Counter(map(len, rows))
    width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]))
    if width < 2:
        return (0.0, 0.0, 0.0)
    try:
        headers = grid.find_header(rows, name=name).headers
        recognised = grid.count_known(headers, mapped)
    except BookError:
        recognised = 0
    return (recognised if recognised > 1 else 0, count / len(rows), width)


def _quote(sample: Sequence[str]) -> str:
    """The quotation mark: single where cells begin and end with it and none with a double one."""
    text = "\n".join(sample)
    edge = r"[,;|\t\n^~]|^|$"
    single = len(re.findall(rf"(?:{edge})\s*'[^'\n]*'\s*(?={edge})", text))
    double = len(re.findall(rf"(?:{edge})\s*\"", text))
    return "'" if single > 2 and single > len(sample) / 2 and not double else '"'


def _finished(sample: Sequence[str], style: Style) -> Style:
    """The style, with backslashes before quotation marks if rows are in order only so."""
    if f"\\{style.quote}" not in "\n".join(sample):
        return style
    escaped = Style(style.delimiter, style.quote, backslash=True)

    def accidents(way: Style) -> tuple[int, int]:
        rows = list(records(sample, way))
        usual = Counter(len(row.cells) for row in rows).most_common(1)[0][0]
        return (sum(len(row.cells) != usual for row in rows), sum(row.mended for row in rows))

    return escaped if accidents(escaped) < accidents(style) else style
