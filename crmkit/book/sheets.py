"""Spreadsheets: their sheets as parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crmkit.book import files, text
from crmkit.book.engine import Engine
from crmkit.book.errors import BookError
from crmkit.book.part import Part, cell_text

if TYPE_CHECKING:
    import ibis.expr.types as ir


def sheet_parts(file: files.SourceFile, engine: Engine) -> list[Part]:
    """The tables in the sheets of one file."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(file.path))
        sheets = {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names
        }
    except (python_calamine.CalamineError, OSError, ValueError):
        raise BookError(f"{file.name}: this is not a spreadsheet, or it is damaged or protected.") from None
    filled = {
        name: rows for name, rows in sheets.items() if any(any(cell != "" for cell in row) for row in rows)
    }
    if not filled:
        raise BookError(f"{file.name}: the file is empty.")
    parts = []
    for sheet, rows in filled.items():
        name = file.name if len(filled) == 1 else f"{file.name}, sheet {sheet!r}"
        stem = file.stem if len(filled) == 1 and re.fullmatch(r"(?i)(sheet|лист)\s*\d*", sheet) else sheet
        parts.append(_rows_part(name, stem, rows, engine))
    return parts


def _rows_part(name: str, stem: str, rows: list[list[Any]], engine: Engine) -> Part:
    first = next(index for index, row in enumerate(rows) if any(cell != "" for cell in row))
    headers = tuple((cell_text(cell) or "").strip() for cell in rows[first])
    text.check_headers(headers, name=name)
    body = rows[first + 1 :]

    def load(keep: Sequence[int]) -> ir.Table:
        import pyarrow as pa

        columns = {f"c{at}": pa.array([cell_text(row[at]) for row in body], pa.string()) for at in keep}
        return engine.arrow_table(pa.table(columns))

    return Part(name, stem, headers, load, first_row=first + 2)
