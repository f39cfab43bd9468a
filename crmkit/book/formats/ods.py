"""What the XML of an .ods file says and the reader of its cells does not."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from xml.parsers import expat

from crmkit.book.errors import BookError
from crmkit.book.formats import xlsx
from crmkit.book.formats.xlsx import MOST_COLUMNS, MOST_ROWS, Facts
from crmkit.book.values.number_units import currency

_CHUNK = 1 << 20


def look(path: Path, *, name: str) -> dict[str, Facts]:
    """Measure an .ods file as :func:`crmkit.book.formats.xlsx.look` does one of Excel.

    A few bytes can stand for millions of equal cells here, which are counted before the file is opened.
    """
    xlsx.check_packed(path, name=name)
    found = _Look(name)
    try:
        with zipfile.ZipFile(path) as archive, archive.open("content.xml") as stream:
            while piece := stream.read(_CHUNK):
                found.parser.Parse(piece)
            found.parser.Parse(b"", True)
    except BookError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, expat.ExpatError):
        raise xlsx.damaged(name) from None
    return found.sheets


class _Look:
    """One pass over the sheets."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sheets: dict[str, Facts] = {}
        self.parser = xlsx.parser_of(self._start)
        self.parser.EndElementHandler = self._end
        self.facts = Facts()
        self.row = self.column = 0
        self.rows = self.columns = 1
        """How often the row and the cell at hand are repeated."""
        self.bottom = self.right = 0
        self.hidden = self.filled = self.error = False
        self.text: list[str] = []

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag:
            case "table:table":
                self.facts = self.sheets[attributes.get("table:name", "")] = Facts()
                self.row = self.bottom = self.right = 0
            case "table:table-row":
                self.rows = _times(attributes, "table:number-rows-repeated", MOST_ROWS)
                self.column, self.filled = 0, False
                self.hidden = attributes.get("table:visibility") in ("filter", "collapse")
                self.facts.filtered |= attributes.get("table:visibility") == "filter"
            case "table:table-cell" | "table:covered-table-cell":
                self._cell(attributes)
            case "text:p" if self.error:
                self.parser.CharacterDataHandler = self.text.append

    def _cell(self, attributes: dict[str, str]) -> None:
        self.columns = _times(attributes, "table:number-columns-repeated", MOST_COLUMNS)
        down = _times(attributes, "table:number-rows-spanned", MOST_ROWS)
        across = _times(attributes, "table:number-columns-spanned", MOST_COLUMNS)
        if down > 1 or across > 1:
            last = (self.row + down - 1, self.column + across - 1)
            self.facts.merged.append(((self.row, self.column), last))
        kind = attributes.get("office:value-type", "")
        self.error = attributes.get("calcext:value-type") == "error"
        self.text = []
        if "table:formula" in attributes and not kind:
            self.facts.unstored.add((self.row, self.column))
        if kind:
            self.filled = True
            self.bottom = max(self.bottom, self.row + self.rows)
            self.right = max(self.right, self.column + self.columns)
            xlsx.check_extent(self.bottom, self.right, name=self.name)
            if money := currency(attributes.get("office:currency", "").lower()):
                for column in range(self.column, self.column + self.columns):
                    found = self.facts.currencies.setdefault(column, {}).setdefault(money, [])
                    found.extend(range(self.row, self.row + self.rows))

    def _end(self, tag: str) -> None:
        match tag:
            case "text:p":
                self.parser.CharacterDataHandler = None
            case "table:table-cell" | "table:covered-table-cell":
                if self.error:
                    self.facts.errors[self.row, self.column] = "".join(self.text) or "#VALUE!"
                self.error = False
                self.column += self.columns
            case "table:table-row":
                if self.hidden and self.filled:
                    self.facts.hidden_rows.update(range(self.row, self.row + self.rows))
                self.row += self.rows


def _times(attributes: dict[str, str], key: str, most: int) -> int:
    """How often something is repeated; more than there can be counts as one too many."""
    text = attributes.get(key, "1")
    return min(int(text), most + 1) if text.isdigit() and len(text) < 10 else 1
