"""The extent of the sheets of an .xlsb file, known before it is opened."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from crmkit.book.formats import xlsx

_ROW = 0
_CELLS = frozenset((*range(2, 12), 62))
"""Records of cells that hold something; each begins with its column."""


def check(path: Path, *, name: str) -> None:
    """Refuse an .xlsb file that is damaged or absurdly large, as :func:`xlsx.look` does."""
    xlsx.check_packed(path, name=name)
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                if member.startswith("xl/worksheets/") and member.endswith(".bin"):
                    xlsx.check_extent(*_extent(archive.read(member)), name=name)
    except (zipfile.BadZipFile, zlib.error, EOFError, IndexError):
        raise xlsx.damaged(name) from None


def _extent(content: bytes) -> tuple[int, int]:
    """Rows and columns up to the last cell that holds something."""
    at, row, bottom, right = 0, 0, 0, 0
    while at < len(content):
        kind, at = _number(content, at, 2)
        size, at = _number(content, at, 4)
        if kind == _ROW:
            row = int.from_bytes(content[at : at + 4], "little")
        elif kind in _CELLS:
            bottom = max(bottom, row + 1)
            right = max(right, int.from_bytes(content[at : at + 4], "little") + 1)
        at += size
    return bottom, right


def _number(content: bytes, at: int, most: int) -> tuple[int, int]:
    """A number in groups of seven bits, the lowest first, and the place after it."""
    number = 0
    for place in range(most):
        byte = content[at]
        at += 1
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            break
    return number, at
