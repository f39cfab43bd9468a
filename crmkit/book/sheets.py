"""Spreadsheets: their sheets as parts."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection
from typing import TYPE_CHECKING

from crmkit.book import files, xlsx
from crmkit.book.blocks import Sheet, parts_in
from crmkit.book.engine import Engine
from crmkit.book.errors import BookError
from crmkit.book.notes import Note
from crmkit.book.part import Part
from crmkit.book.xlsx import Facts, Workbook
from crmkit.wording import mark

if TYPE_CHECKING:
    import python_calamine

_OWN_NAME = r"(?i)(sheet|лист|tabelle|feuil|hoja|foglio|tdsheet|worksheet|page|стр\w*)\s*\d*"
"""What programs call a sheet to which nobody gave a name."""
_COMPOUND = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def sheet_parts(file: files.SourceFile, engine: Engine, *, known: Collection[str] = ()) -> list[Part]:
    """The tables in the sheets of one file.

    Parameters
    ----------
    file
        An .xlsx, .xlsm, .xlsb, .xls or .ods file.
    engine
        Where the rows are loaded.
    known
        Headers that the user named.

    Raises
    ------
    BookError
        If the file is damaged, protected, absurdly large or empty, or all its sheets are hidden.
    """
    import python_calamine

    facts = _measured(file)
    try:
        with python_calamine.CalamineWorkbook.from_path(str(file.path)) as book:
            return _parts(book, facts, file, engine, known)
    except python_calamine.PasswordError:
        raise xlsx.protected(file.name) from None
    except BookError:
        raise
    except (python_calamine.CalamineError, OSError, ValueError):
        raise xlsx.damaged(file.name) from None


def _measured(file: files.SourceFile) -> Workbook:
    """What the file says about itself, after it was checked that it may be opened."""
    with file.path.open("rb") as stream:
        head = stream.read(1 << 16)
    if head.startswith(_COMPOUND):
        if _ENCRYPTED in head or _ENCRYPTED in _tail(file):
            raise xlsx.protected(file.name)
        return Workbook({})
    if not head.startswith(b"PK"):
        return Workbook({})
    if zipfile.is_zipfile(file.path):
        with zipfile.ZipFile(file.path) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                xlsx.check_packed(file.path, name=file.name)
                return Workbook({})
    return xlsx.look(file.path, name=file.name)


def _tail(file: files.SourceFile) -> bytes:
    with file.path.open("rb") as stream:
        stream.seek(max(0, file.path.stat().st_size - (1 << 16)))
        return stream.read()


def _parts(
    book: python_calamine.CalamineWorkbook,
    facts: Workbook,
    file: files.SourceFile,
    engine: Engine,
    known: Collection[str],
) -> list[Part]:
    import python_calamine

    shown: dict[str, Sheet] = {}
    hidden: list[str] = []
    for sheet in book.sheets_metadata:
        if sheet.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        cells = book.get_sheet_by_name(sheet.name)
        rows = cells.to_python(skip_empty_area=False)
        if not any(cell != "" for row in rows for cell in row):
            continue
        if sheet.visible != python_calamine.SheetVisibleEnum.Visible:
            hidden.append(sheet.name)
        else:
            shown[sheet.name] = Sheet(
                rows, cells.merged_cell_ranges or (), facts.sheets.get(sheet.name, Facts())
            )
    if not shown and hidden:
        raise BookError(
            "{file}: all sheets with anything in them are hidden: {sheets}. Show the sheet that is to be "
            "read and save the file.",
            file=file.name,
            sheets=", ".join(hidden),
        )
    if not shown:
        raise BookError("{file}: the file is empty.", file=file.name)
    parts = []
    for name, filled in shown.items():
        alone = len(shown) == 1
        called = file.name if alone else f"{file.name}, sheet {name!r}"
        stem = file.stem if alone and re.fullmatch(_OWN_NAME, name) else name
        parts += parts_in(filled, engine, name=called, stem=stem, known=known)
    if hidden:
        action = mark(
            "{file}: hidden sheets were not read: {sheets}. Show them in the spreadsheet program if they "
            "count."
        )
        values = {"file": file.name, "sheets": ", ".join(hidden)}
        parts[0].notes.append(Note("hidden_sheets", "", action, values=values))
    return parts
