"""Small spreadsheets of made-up sales, written cell by cell, and ones made of raw XML."""

import datetime
import zipfile
from pathlib import Path

import xlsxwriter

DAYS = [datetime.date(2024, month, 15) for month in range(1, 7)]


def workbook(path: Path, fill, options=None) -> Path:
    """A workbook that `fill(book, sheet, day)` has filled; `day` is the format of dates."""
    with xlsxwriter.Workbook(path, options or {}) as book:
        fill(book, book.add_worksheet("Sheet1"), book.add_format({"num_format": "dd.mm.yyyy"}))
    return path


def put(sheet, rows, *, day, row=0, column=0):
    """Write rows of cells from a corner on; dates get the format `day`."""
    for down, cells in enumerate(rows):
        for right, cell in enumerate(cells):
            place = (row + down, column + right)
            if isinstance(cell, datetime.date):
                sheet.write_datetime(*place, datetime.datetime.combine(cell, datetime.time()), day)
            elif cell is not None:
                sheet.write(*place, cell)


_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _relation(kind: str, target: str) -> str:
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_LINK}/{kind}" Target="{target}"/></Relationships>'
    )


def raw_xlsx(path: Path, sheet_data: str, *, more: dict[str, str | bytes] | None = None) -> Path:
    """An .xlsx file with one sheet, whose ``sheetData`` is given as XML."""
    members = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _relation("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINK}"><sheets>'
            '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": _relation("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": (
            f'<worksheet xmlns="{_MAIN}"><sheetData>{sheet_data}</sheetData></worksheet>'
        ),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (members | (more or {})).items():
            archive.writestr(name, content)
    return path


def inline_row(number: int, *cells: str) -> str:
    """A row of the XML of a sheet; each cell is text, or what stands in the cell's element."""
    written = (
        f'<c r="{letter}{number}">{cell}</c>'
        if cell.startswith("<")
        else f'<c r="{letter}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
        for letter, cell in zip("ABCDEFGH", cells)
    )
    return f'<row r="{number}">{"".join(written)}</row>'
