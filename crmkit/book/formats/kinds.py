"""What a file is by its first bytes, whatever it is called."""

from __future__ import annotations

import zipfile
from pathlib import Path

from crmkit.book.formats import pages, xml_sheets
from crmkit.book.formats.streams import read_head

TEXT, ZIP, SHEETS, PARQUET, DATABASE = "text", "zip", "sheets", "parquet", "database"

_HEAD = 1 << 16
_COMPOUND = b"\xd0\xcf\x11\xe0"
_FOREIGN = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"ustar": "tar",
    b"{\\rtf": "RTF",
    b"MZ": "EXE",
}


def kind_of(path: Path, *, name: str) -> str:
    """Text, a ZIP archive, sheets (as which a page with tables is read), Parquet or a database; for a file
    that crmkit does not read the name of its format.

    Raises
    ------
    BookError
        If the file cannot be read.
    """
    with path.open("rb") as stream:
        start = stream.read(16)
    if start.startswith(b"PAR1"):
        return PARQUET
    if start[:15] == b"SQLite format 3" or start[8:12] == b"DUCK":
        return DATABASE
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(path)
    if start.startswith(_COMPOUND):
        return SHEETS
    head = read_head(path, _HEAD, name=name)
    if foreign := next((called for mark, called in _FOREIGN.items() if head.startswith(mark)), ""):
        return foreign
    if head[257:262] == b"ustar":
        return "tar"
    if xml_sheets.is_xml_sheet(head) or pages.is_page(head):
        return SHEETS
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b'{"', b'[{"', b"[\n", b"{\n")):
        return "JSON"
    return TEXT


def _zip_kind(path: Path) -> str:
    """Office files are ZIP archives too."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            is_open = "mimetype" in names and b"spreadsheet" in archive.read("mimetype")[:200]
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, KeyError):
        return SHEETS if path.suffix.lower() != ".zip" else ZIP
    if is_open or any(name.startswith("xl/") for name in names):
        return SHEETS
    if any(name.startswith(("word/", "ppt/")) for name in names):
        return "DOCX" if any(name.startswith("word/") for name in names) else "PPTX"
    return ZIP
