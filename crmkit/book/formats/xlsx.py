"""What the XML of an .xlsx file says and the reader of its cells does not.

The file is measured before it is opened: every part of it is unpacked once, in pieces, and counted. The
slower look at single cells is taken only where the pieces hold a sign of something hidden, wrong or not
computed.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from crmkit.book.errors import BookError
from crmkit.book.formats.cell_formats import currencies_of

MOST_BYTES = 2 << 30
"""Largest size of a spreadsheet, unpacked."""
MOST_TIMES = 300
"""By how much a large part of a spreadsheet may shrink when it is packed; real ones shrink 5 to 50 times."""
MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 1 << 20, 1 << 14, 40_000_000
"""Largest sheet: Excel's rows and columns, and the cells of the rectangle that the filled ones span."""
_LARGE = 20 << 20
_CHUNK = 1 << 20
_OVERLAP = 200
_SIGNS = tuple(
    re.compile(sign)
    for sign in (
        rb"""hidden=["'](?:1|t)""",
        rb"""t=["']e["']""",
        rb"filterColumn",
        # A formula, and then no value or a blank one.
        rb"/(?:\w+:)?f>\s*<(?:/|(?:\w+:)?v(?:\s*/|[^>]*>\s*</))",
        rb"<(?:\w+:)?f(?:\s[^>]*)?/>\s*<(?:/|(?:\w+:)?v(?:\s*/|[^>]*>\s*</))",
    )
)
_ZERO = re.compile(rb"/(?:\w+:)?f>\s*<(?:\w+:)?v>0</")
_NOT_ZERO = re.compile(rb"/(?:\w+:)?f>\s*<(?:\w+:)?v>(?:[^0<]|0[^<])")
_ROW = re.compile(rb"""r=["'](\d{1,9})""")
_COLUMN = re.compile(rb"""r=["']([A-Z]{1,3})""")


@dataclass
class Facts:
    """What is known about one sheet; rows and columns are counted from 0."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    filtered: bool = False
    """Whether rows are hidden by a filter."""
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    """Cells that hold an error, such as #N/A."""
    unstored: set[tuple[int, int]] = field(default_factory=set)
    """Cells with a formula whose result is not in the file."""
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    """Merged ranges, where the reader of the cells does not give them."""
    currencies: dict[int, dict[str, list[int]]] = field(default_factory=dict)
    """For each column, the currencies that the formats of its numbers show, and the rows of each; only where
    the formats of the workbook show several."""
    from_1904: bool = False
    """Whether a number that stands for a day counts from 1904 and not from 1900."""


def look(path: Path, *, name: str) -> dict[str, Facts]:
    """Measure an .xlsx file and see what is special about each of its sheets.

    Parameters
    ----------
    path
        The file.
    name
        What messages call it.

    Raises
    ------
    BookError
        If the file is damaged, or larger than a spreadsheet can sensibly be.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _measure(archive, name=name)
            return _workbook(archive, name=name)
    except BookError:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        ValueError,
        NotImplementedError,
        expat.ExpatError,
    ):
        raise damaged(name) from None
    except RuntimeError:
        raise protected(name) from None


def damaged(name: str) -> BookError:
    """What to say about a file that cannot be opened."""
    return BookError(
        "{file}: this is not a spreadsheet, or it is damaged. Open it in a spreadsheet program and save it "
        "again as .xlsx.",
        file=name,
    )


def protected(name: str) -> BookError:
    """What to say about a file with a password."""
    return BookError(
        "{file}: the file is protected by a password. Open it, save a copy without one, and give that.",
        file=name,
    )


def check_packed(path: Path, *, name: str) -> None:
    """Measure a packed spreadsheet of another kind, such as .ods or .xlsb; raises as :func:`look` does."""
    try:
        with zipfile.ZipFile(path) as archive:
            _measure(archive, name=name)
            for member in archive.infolist():
                for _ in _pieces(archive, member):
                    pass
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise damaged(name) from None
    except RuntimeError:
        raise protected(name) from None


def _measure(archive: zipfile.ZipFile, *, name: str) -> None:
    """Refuse sizes that no list of operations has; a part that is larger than it says is found damaged."""
    members = archive.infolist()
    total = sum(member.file_size for member in members)
    swollen = any(
        member.file_size > _LARGE and member.file_size > MOST_TIMES * max(member.compress_size, 1)
        for member in members
    )
    if total > MOST_BYTES or swollen or len(members) > 10_000:
        raise BookError(
            "{file}: the file would unpack to {size} MB, which no list of operations needs. crmkit reads up "
            "to {most} MB, and parts packed up to {times} times. Export the table as CSV or Parquet.",
            file=name,
            size=total >> 20,
            most=MOST_BYTES >> 20,
            times=MOST_TIMES,
        )


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(member) as stream:
        while piece := stream.read(_CHUNK):
            yield piece


def _workbook(archive: zipfile.ZipFile, *, name: str) -> dict[str, Facts]:
    listed: list[tuple[str, str]] = []
    targets: dict[str, str] = {}
    flags = {"date1904": False, "computes": False}

    def on_workbook(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            listed.append((attributes.get("name", ""), relation))
        elif tag == "workbookPr":
            flags["date1904"] = attributes.get("date1904", "0") in ("1", "true")
        elif tag == "calcPr":
            flags["computes"] = attributes.get("fullCalcOnLoad", "0") in ("1", "true")

    def on_relation(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "Relationship":
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = (
                target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            )

    _parse(archive.read("xl/workbook.xml"), on_workbook)
    _parse(archive.read("xl/_rels/workbook.xml.rels"), on_relation)
    styles = next((member for member in archive.infolist() if member.filename == "xl/styles.xml"), None)
    currencies = currencies_of(archive.read(styles)) if styles else {}
    by_file = {targets.get(relation, ""): sheet for sheet, relation in listed}
    facts = {}
    for member in archive.infolist():
        if member.filename in by_file:
            sheet = by_file[member.filename]
            looked = _Look(flags["computes"], currencies)
            facts[sheet] = _sheet(archive, member, looked, name=f"{name}, {sheet!r}")
        elif member.filename.endswith((".xml", ".rels")):
            for _ in _pieces(archive, member):
                pass
    for special in facts.values():
        special.from_1904 = flags["date1904"]
    return facts


def _parse(content: bytes, on_start: Any) -> None:
    parser = parser_of(lambda tag, attributes: on_start(tag.rpartition(":")[2], attributes))
    parser.Parse(content, True)


def parser_of(on_start: Any) -> expat.XMLParserType:
    """A parser that refuses documents with declarations of their own, with which small ones can grow huge."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = on_start

    def refuse(*_: Any) -> None:
        raise expat.ExpatError("declarations")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _sheet(archive: zipfile.ZipFile, member: zipfile.ZipInfo, looked: _Look, *, name: str) -> Facts:
    signs, zero, other = False, False, False
    last_row, columns, before = 0, set[bytes](), b""
    for piece in _pieces(archive, member):
        seen = before + piece
        signs = signs or any(sign.search(seen) for sign in _SIGNS)
        if looked.computes:
            zero = zero or _ZERO.search(seen) is not None
            other = other or _NOT_ZERO.search(seen) is not None
        columns.update(_COLUMN.findall(seen))
        last_row = max(last_row, max(map(int, _ROW.findall(seen)), default=0))
        before = seen[-_OVERLAP:]
    right = max((_column(letters.decode()) for letters in columns), default=0)
    if signs or looked.currencies or (zero and not other) or last_row * (right + 1) > MOST_CELLS:
        parser = looked.parser
        for piece in _pieces(archive, member):
            parser.Parse(piece)
        parser.Parse(b"", True)
        check_extent(looked.bottom + 1, looked.right + 1, name=name)
        return looked.finished()
    return Facts()


def check_extent(rows: int, columns: int, *, name: str) -> None:
    """Refuse a sheet that would not fit into memory; `name` is what the message calls it."""
    if rows > MOST_ROWS or columns > MOST_COLUMNS or rows * columns > MOST_CELLS:
        raise BookError(
            "{sheet}: the sheet spans {rows} rows and {columns} columns; crmkit reads up to {most_rows} "
            "rows, {most_columns} columns and {most_cells} cells. Delete stray cells far from the table, or "
            "export the table as CSV.",
            sheet=name,
            rows=rows,
            columns=columns,
            most_rows=MOST_ROWS,
            most_columns=MOST_COLUMNS,
            most_cells=MOST_CELLS,
        )


def _column(letters: str) -> int:
    number = 0
    for letter in letters or "A":
        number = number * 26 + ord(letter) - 64
    return number - 1


class _Look:
    """One pass over the XML of a sheet."""

    def __init__(self, computes: bool, currencies: Mapping[int, str]) -> None:
        self.computes, self.currencies = computes, currencies
        self.currency = ""
        self.facts = Facts()
        self.parser = parser_of(self._start)
        self.parser.EndElementHandler = self._end
        self.row, self.column = -1, -1
        self.bottom, self.right = -1, -1
        self.kind, self.formula, self.value = "", False, False
        self.text: list[str] = []
        self.formulas, self.zeros = set[tuple[int, int]](), 0

    def finished(self) -> Facts:
        # Some writers store 0 for each result and leave the computing to the program that opens the file.
        if self.computes and self.formulas and self.zeros == len(self.formulas):
            self.facts.unstored |= self.formulas
        return self.facts

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c":
            place = attributes.get("r", "")
            self.column = _column(place.rstrip("0123456789")) if place else self.column + 1
            self.kind, self.formula, self.value = attributes.get("t", ""), False, False
            self.currency = self.currencies.get(int(attributes.get("s", 0)), "")
            self.text = []
        elif tag == "v":
            if self.formula or self.kind == "e":
                self.parser.CharacterDataHandler = self.text.append
            self.value = True
        elif tag == "is":
            self.value = True
        elif tag == "f":
            self.formula = True
        elif tag == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
            if attributes.get("hidden") in ("1", "true"):
                self.facts.hidden_rows.add(self.row)
        elif tag == "col":
            if attributes.get("hidden") in ("1", "true"):
                last = min(int(attributes["max"]), MOST_COLUMNS)
                self.facts.hidden_columns.update(range(int(attributes["min"]) - 1, last))
        elif tag == "filterColumn":
            self.facts.filtered = True

    def _end(self, tag: str) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "v":
            self.parser.CharacterDataHandler = None
        elif tag == "c":
            if self.value or self.formula:
                self.bottom = max(self.bottom, self.row)
                self.right = max(self.right, self.column)
            if self.currency and self.value and self.kind in ("", "n"):
                column = self.facts.currencies.setdefault(self.column, {})
                column.setdefault(self.currency, []).append(self.row)
            if self.formula or self.kind == "e":
                self._judge((self.row, self.column), "".join(self.text))

    def _judge(self, place: tuple[int, int], text: str) -> None:
        if self.kind == "e":
            self.facts.errors[place] = text or "#VALUE!"
        elif not text and self.kind != "str":
            self.facts.unstored.add(place)
        if self.formula:
            self.formulas.add(place)
            self.zeros += text == "0"
