"""Spreadsheets in Microsoft's XML of 2003, which some programs still write under the name .xls or .xml."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from crmkit.book.formats import files, xlsx
from crmkit.book.formats.sheet_rows import Range, Sheet
from crmkit.book.formats.xlsx import Facts

_NAMESPACE = b"urn:schemas-microsoft-com:office:spreadsheet"
_CHUNK = 1 << 20


def is_xml_sheet(head: bytes) -> bool:
    """Whether the start of a file is that of an XML spreadsheet."""
    head = head.replace(b"\x00", b"")
    return (
        head[:8].lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").startswith(b"<")
        and _NAMESPACE in head
        and b"<html" not in head.lower()
    )


@dataclass
class _XmlSheet:
    """One sheet while it is read."""

    name: str
    rows: list[list[Any]] = field(default_factory=list)
    merged: list[Range] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)
    hidden: bool = False
    cells: int = 0


def read_sheets(file: files.SourceFile) -> dict[str, tuple[Sheet, bool]]:
    """The sheets of an XML spreadsheet by name, and whether each is hidden.

    Raises
    ------
    BookError
        If the file is damaged, or larger than a spreadsheet can sensibly be.
    """
    reader = _Reader(file.name)
    try:
        with file.path.open("rb") as stream:
            while piece := stream.read(_CHUNK):
                reader.parser.Parse(piece)
            reader.parser.Parse(b"", True)
    except (expat.ExpatError, LookupError):
        raise xlsx.damaged(file.name) from None
    sheets = {}
    for sheet in reader.sheets:
        width = max(map(len, sheet.rows), default=0)
        xlsx.check_extent(len(sheet.rows), width, name=f"{file.name}, {sheet.name!r}")
        rows = [row + [""] * (width - len(row)) for row in sheet.rows]
        sheets[sheet.name] = (Sheet(rows, sheet.merged, sheet.facts), sheet.hidden)
    return sheets


class _Reader:
    """One pass over the file."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sheets: list[_XmlSheet] = []
        self.parser = xlsx.parser_of(self._start)
        self.parser.EndElementHandler = self._end
        self.kind, self.text = "", list[str]()
        self.formula = self.filled = False
        self.in_comment = False
        self.column = 0
        self.place = (0, 0)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        given = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        if tag == "Worksheet":
            self.sheets.append(_XmlSheet(given.get("Name", "")))
            self.column = 0
        if not self.sheets:
            return
        sheet = self.sheets[-1]
        if tag == "Column":
            self._columns(sheet, given)
        elif tag == "Row":
            self._row(sheet, given)
        elif tag == "Cell" and sheet.rows:
            self._cell(sheet, given)
        elif tag == "Comment":
            self.in_comment = True
        elif tag in ("Data", "Visible") and not self.in_comment:
            self.kind, self.text = given.get("Type", tag), []
            self.parser.CharacterDataHandler = self.text.append

    def _columns(self, sheet: _XmlSheet, given: dict[str, str]) -> None:
        self.column = _index(given, "Index", self.column + 1)
        span = min(_index(given, "Span", 0), xlsx.MOST_COLUMNS)
        if given.get("Hidden") == "1":
            sheet.facts.hidden_columns.update(range(self.column - 1, self.column + span))
        self.column += span

    def _row(self, sheet: _XmlSheet, given: dict[str, str]) -> None:
        number = _index(given, "Index", len(sheet.rows) + 1)
        if number > xlsx.MOST_ROWS:
            xlsx.check_extent(number, 1, name=self.name)
        while len(sheet.rows) < number:
            sheet.rows.append([])
        if given.get("Hidden") == "1":
            sheet.facts.hidden_rows.add(number - 1)

    def _cell(self, sheet: _XmlSheet, given: dict[str, str]) -> None:
        row = sheet.rows[-1]
        number = _index(given, "Index", len(row) + 1)
        across, down = _index(given, "MergeAcross", 0), _index(given, "MergeDown", 0)
        sheet.cells += number + across - len(row)
        if number + across > xlsx.MOST_COLUMNS or sheet.cells > xlsx.MOST_CELLS:
            xlsx.check_extent(max(len(sheet.rows), xlsx.MOST_ROWS), number + across, name=self.name)
        row.extend([""] * (number + across - len(row)))
        self.place = (len(sheet.rows) - 1, number - 1)
        if across or down:
            top, left = self.place
            sheet.merged.append((self.place, (top + down, left + across)))
        self.formula, self.filled = "Formula" in given, False

    def _end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "Comment":
            self.in_comment = False
        if not self.sheets or self.in_comment:
            return
        sheet = self.sheets[-1]
        if tag == "Data" and sheet.rows:
            text = "".join(self.text)
            row, column = self.place
            sheet.rows[row][column] = _value(self.kind, text)
            if self.kind == "Error":
                sheet.facts.errors[self.place] = text
            self.filled = True
            self.parser.CharacterDataHandler = None
        elif tag == "Visible":
            sheet.hidden = "".join(self.text).strip() in ("SheetHidden", "SheetVeryHidden")
            self.parser.CharacterDataHandler = None
        elif tag == "Cell" and self.formula and not self.filled:
            sheet.facts.unstored.add(self.place)


def _index(given: dict[str, str], key: str, otherwise: int) -> int:
    text = given.get(key, "")
    return int(text) if text.isdigit() and len(text) < 10 else otherwise


def _value(kind: str, text: str) -> Any:
    if kind == "DateTime":
        try:
            moment = datetime.datetime.fromisoformat(text.strip())
        except ValueError:
            return text
        if moment.year < 1900:
            return moment.time()
        return moment if moment.time() != datetime.time() else moment.date()
    if kind == "Boolean":
        return text.strip() == "1"
    return text
