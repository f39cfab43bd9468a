"""Spreadsheets: their sheets as parts."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from crmkit.book.engine import Engine
from crmkit.book.errors import BookError
from crmkit.book.formats import files, ods, pages, xlsb, xlsx, xml_sheets
from crmkit.book.formats.blocks import best, parts_in, used_width
from crmkit.book.formats.part import Part
from crmkit.book.formats.sheet_rows import Sheet
from crmkit.book.formats.xlsx import Facts
from crmkit.book.notes import Note
from crmkit.book.privacy import HIDDEN, names_person
from crmkit.wording import mark

if TYPE_CHECKING:
    import python_calamine

_OWN_NAME = r"(?i)(sheet|лист|tabelle|feuil|hoja|foglio|tdsheet|worksheet|page|стр\w*)\s*\d*"
"""What programs call a sheet to which nobody gave a name."""
_HEAD = 1 << 16
_COMPOUND = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def sheet_parts(
    file: files.SourceFile,
    engine: Engine,
    *,
    encoding: str = "",
    decimal: str = "",
    known: Collection[str] = (),
) -> list[Part]:
    """The tables in the sheets of one file, or in a web page that is named like one.

    Parameters
    ----------
    file
        An .xlsx, .xlsm, .xlsb, .xls or .ods file, an XML spreadsheet of 2003, or a page with tables.
    engine
        Where the rows are loaded.
    encoding
        Of a page, if the user says it.
    decimal
        ``"point"`` or ``"comma"`` in numbers that are stored as text, if the user says it.
    known
        Headers that the user named.

    Raises
    ------
    BookError
        If the file is damaged, protected, absurdly large or empty, or all its sheets are hidden.
    """
    import python_calamine

    with file.path.open("rb") as stream:
        head = stream.read(_HEAD)
    if xml_sheets.is_xml_sheet(head):
        return _parts(xml_sheets.read_sheets(file), file, engine, decimal, known)
    if pages.is_page(head):
        return pages.page_parts(file, engine, encoding=encoding, decimal=decimal, known=known)
    facts = _measured(file, head)
    try:
        # From the stream, since by its path a file is taken for what its ending says.
        with (
            file.path.open("rb") as stream,
            python_calamine.CalamineWorkbook.from_filelike(stream) as book,
        ):
            return _parts(_read(book, facts), file, engine, decimal, known)
    except python_calamine.PasswordError:
        raise xlsx.protected(file.name) from None
    except BookError:
        raise
    except (python_calamine.CalamineError, OSError, ValueError):
        raise xlsx.damaged(file.name) from None


def _measured(file: files.SourceFile, head: bytes) -> Mapping[str, Facts]:
    """What the file says about itself, after it was checked that it may be opened."""
    if head.startswith(_COMPOUND):
        if _ENCRYPTED in head or _ENCRYPTED in _tail(file):
            raise xlsx.protected(file.name)
        return {}
    if not head.startswith(b"PK"):
        return {}
    if zipfile.is_zipfile(file.path):
        with zipfile.ZipFile(file.path) as archive:
            names = archive.namelist()
        if "content.xml" in names:
            return ods.look(file.path, name=file.name)
        if "xl/workbook.xml" not in names:
            xlsb.check(file.path, name=file.name)
            return {}
    return xlsx.look(file.path, name=file.name)


def _tail(file: files.SourceFile) -> bytes:
    with file.path.open("rb") as stream:
        stream.seek(max(0, file.path.stat().st_size - _HEAD))
        return stream.read()


def _read(
    book: python_calamine.CalamineWorkbook, facts: Mapping[str, Facts]
) -> dict[str, tuple[Sheet, bool]]:
    """The sheets of a workbook by name, and whether each is hidden."""
    import python_calamine

    sheets = {}
    for sheet in book.sheets_metadata:
        if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet:
            cells = book.get_sheet_by_name(sheet.name)
            rows = cells.to_python(skip_empty_area=False)
            special = facts.get(sheet.name, Facts())
            found = Sheet(rows, cells.merged_cell_ranges or special.merged, special)
            sheets[sheet.name] = (found, sheet.visible != python_calamine.SheetVisibleEnum.Visible)
    return sheets


def _parts(
    sheets: Mapping[str, tuple[Sheet, bool]],
    file: files.SourceFile,
    engine: Engine,
    decimal: str,
    known: Collection[str],
) -> list[Part]:
    filled = {
        name: found
        for name, found in sheets.items()
        if any(cell != "" for row in found[0].rows for cell in row)
    }
    shown = {name: sheet for name, (sheet, is_hidden) in filled.items() if not is_hidden}
    hidden = [HIDDEN if names_person(name) else name for name, (_, is_hidden) in filled.items() if is_hidden]
    if not shown and hidden:
        raise BookError(
            "{file}: all sheets with anything in them are hidden: {sheets}. Show the sheet that is to be "
            "read and save the file.",
            file=file.name,
            sheets=", ".join(hidden),
        )
    if not shown:
        raise BookError("{file}: the file is empty.", file=file.name)
    numbers = {name: number for number, name in enumerate(sheets, start=1)}
    parts: list[Part] = []
    refused: list[tuple[str, int, BookError]] = []
    for name, sheet in shown.items():
        alone = len(shown) == 1
        # A sheet called like a person is told by its number.
        sheet_name = str(numbers[name]) if names_person(name) else repr(name)
        called = file.name if alone else f"{file.name}, sheet {sheet_name}"
        stem = file.stem if alone and re.fullmatch(_OWN_NAME, name) else name
        try:
            parts += parts_in(sheet, engine, name=called, stem=stem, decimal=decimal, known=known)
        except BookError as error:
            refused.append((called, used_width(sheet), error))
    widths = {len(part.headers) for part in parts}
    for called, width, reason in refused:
        # As wide as a table that was read: most likely its further rows.
        if not parts or width in widths:
            raise reason
        action = mark("{file} has no headers and was not read. Put the names of the columns above its rows.")
        best(parts).notes.append(Note("sheet_not_read", "", action, values={"file": called}))
    if hidden:
        action = mark(
            "{file}: hidden sheets were not read: {sheets}. Show them in the spreadsheet program if they "
            "count."
        )
        values = {"file": file.name, "sheets": ", ".join(hidden)}
        best(parts).notes.append(Note("hidden_sheets", "", action, values=values))
    return parts
