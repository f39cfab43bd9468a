"""Tables in web pages, as 1C, Bitrix and banks export them, mostly under a name that ends in .xls."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from html.parser import HTMLParser

from crmkit.book.engine import Engine
from crmkit.book.errors import BookError, option
from crmkit.book.formats import files, xlsx
from crmkit.book.formats.blocks import name_best, parts_in
from crmkit.book.formats.encoding import find_encoding
from crmkit.book.formats.part import Part
from crmkit.book.formats.sheet_rows import Range, Sheet

MOST_BYTES = 256 << 20
"""Largest page that is read."""
_HEAD = 1 << 16
_TAGS = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|meta|title|style|table|tr)\b",
    re.IGNORECASE | re.DOTALL,
)
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)


def is_page(head: bytes) -> bool:
    """Whether the start of a file is that of a web page."""
    plain = _plain(head)
    return bool(_TAGS.match(plain)) or (plain.lstrip().startswith(b"<") and b"<table" in plain.lower())


def _plain(head: bytes) -> bytes:
    """The bytes without a byte order mark and without the zeros between them in UTF-16."""
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        head = head.removeprefix(mark)
    return head.replace(b"\x00", b"")


def page_parts(
    file: files.SourceFile,
    engine: Engine,
    *,
    encoding: str = "",
    decimal: str = "",
    known: Collection[str] = (),
) -> list[Part]:
    """The tables of a web page as parts.

    Parameters
    ----------
    file
        The page.
    engine
        Where the rows are loaded.
    encoding, decimal
        What the user says; blank: seen from the page.
    known
        Headers that the user named.

    Raises
    ------
    BookError
        If the page is too large, cannot be decoded, or holds no table with headers.
    """
    size = file.path.stat().st_size
    if size > MOST_BYTES:
        raise BookError(
            "{file}: the page has {size} MB; crmkit reads pages of up to {most} MB. Export the table as CSV.",
            file=file.name,
            size=size >> 20,
            most=MOST_BYTES >> 20,
        )
    reader = _Reader(file.name)
    reader.feed(_decoded(file, encoding))
    reader.close()
    reader.finish()
    sheets = [sheet for table in reader.tables if (sheet := table.sheet(file.name))]
    return _largest_first(sheets, file, engine, decimal, known)


def _largest_first(
    sheets: list[Sheet], file: files.SourceFile, engine: Engine, decimal: str, known: Collection[str]
) -> list[Part]:
    """The parts of those tables that have headers; the others are there for the looks of a page."""
    parts: list[Part] = []
    refused: list[BookError] = []
    sheets.sort(key=lambda sheet: -len(sheet.rows))
    for number, sheet in enumerate(sheets):
        name = f"{file.name}, table {number + 1}" if len(sheets) > 1 else file.name
        try:
            parts += parts_in(sheet, engine, name=name, stem="", decimal=decimal, known=known)
        except BookError as error:
            refused.append(error)
    if parts:
        name_best(parts, file.stem)
        return parts
    if refused:
        raise refused[0]
    raise BookError(
        "{file}: this is a web page without a table of at least two rows and two columns. If it is the page "
        "to which a program sends those who are not logged in, export the table again.",
        file=file.name,
    )


def _decoded(file: files.SourceFile, encoding: str) -> str:
    content = file.path.read_bytes()
    said = _CHARSET.search(_plain(content[:_HEAD]))
    marks = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
    marked = [form for mark, form in marks if content.startswith(mark)]
    # Words in another encoding are never UTF-8 by accident, so that it comes before what the page says.
    for form in [encoding] if encoding else [*marked, "utf-8", said[1].decode() if said else ""]:
        try:
            if form:
                return content.decode(form)
        except (UnicodeDecodeError, LookupError):
            continue
    if encoding:
        raise BookError(
            "{file}: the file is not in {encoding}. Say the encoding it is in: {option}.",
            file=file.name,
            encoding=encoding,
            option=option("encoding", "utf-8"),
        )
    return content.decode(find_encoding(content[:_HEAD], file.path, name=file.name))


@dataclass
class _Table:
    """One table while it is read."""

    rows: list[list[str]] = field(default_factory=list)
    merged: list[Range] = field(default_factory=list)
    text: list[str] | None = None
    """Pieces of the cell that is open."""
    span: tuple[int, int] = (1, 1)
    carried: dict[int, int] = field(default_factory=dict)
    """Columns with a cell that reaches down into further rows, and how many rows it still covers."""
    cells: int = 0

    def open_row(self) -> None:
        self.close_cell()
        self.close_row()
        self.rows.append([])

    def close_row(self) -> None:
        if self.rows:
            row = self.rows[-1]
            self._skip_carried(row)
            for column in [column for column in self.carried if column >= len(row)]:
                self._carry(column)

    def open_cell(self, across: int, down: int) -> None:
        self.close_cell()
        if not self.rows:
            self.rows.append([])
        self._skip_carried(self.rows[-1])
        self.text, self.span = [], (across, down)

    def close_cell(self) -> None:
        if self.text is None:
            return
        row, (across, down) = self.rows[-1], self.span
        top, left = len(self.rows) - 1, len(row)
        row.append(" ".join("".join(self.text).split()))
        row.extend([""] * (across - 1))
        if across > 1 or down > 1:
            self.merged.append(((top, left), (top + down - 1, left + across - 1)))
        if down > 1:
            self.carried |= dict.fromkeys(range(left, left + across), down - 1)
        self.cells += across
        self.text = None

    def _skip_carried(self, row: list[str]) -> None:
        while len(row) in self.carried:
            self._carry(len(row))
            row.append("")

    def _carry(self, column: int) -> None:
        self.carried[column] -= 1
        if not self.carried[column]:
            del self.carried[column]

    def sheet(self, name: str) -> Sheet | None:
        """The table as a sheet, all its rows of one width; None if it is no list of anything."""
        rows = [row for row in self.rows if row]
        width = max(map(len, rows), default=0)
        xlsx.check_extent(len(self.rows), width, name=name)
        if len(rows) < 2 or width < 2:
            return None
        merged = [
            ((top, left), (min(bottom, len(self.rows) - 1), right))
            for (top, left), (bottom, right) in self.merged
        ]
        return Sheet([row + [""] * (width - len(row)) for row in self.rows], merged)


class _Reader(HTMLParser):
    """Collects the tables of a page; a table inside a cell is a table of its own."""

    def __init__(self, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self.name = name
        self.tables: list[_Table] = []
        self.open: list[_Table] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a table, a row or a cell."""
        if tag == "table":
            self.tables.append(_Table())
            self.open.append(self.tables[-1])
            return
        if tag in ("script", "style"):
            self.silent += 1
        if not self.open:
            return
        table = self.open[-1]
        if tag == "tr":
            table.open_row()
        elif tag in ("td", "th"):
            spans = {key: value for key, value in attrs if key in ("colspan", "rowspan")}
            table.open_cell(_number(spans.get("colspan")), _number(spans.get("rowspan")))
            if table.cells > xlsx.MOST_CELLS:
                xlsx.check_extent(len(table.rows), max(map(len, table.rows)), name=self.name)
        elif tag in ("br", "p", "div", "li") and table.text is not None:
            table.text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """Close a table, a row or a cell."""
        if tag in ("script", "style"):
            self.silent = max(0, self.silent - 1)
        if not self.open:
            return
        if tag in ("td", "th"):
            self.open[-1].close_cell()
        elif tag == "table":
            self._close_table()

    def handle_data(self, data: str) -> None:
        """Text of the cell that is open."""
        if self.open and self.open[-1].text is not None and not self.silent:
            self.open[-1].text.append(data)

    def finish(self) -> None:
        """Close the tables that the page leaves open."""
        while self.open:
            self._close_table()

    def _close_table(self) -> None:
        table = self.open.pop()
        table.close_cell()
        table.close_row()


def _number(text: str | None) -> int:
    """How many columns or rows a cell covers; browsers read at most 1000 and 65534."""
    return (
        min(int(text), xlsx.MOST_COLUMNS)
        if text and text.strip().isdigit() and len(text) < 9 and int(text)
        else 1
    )
