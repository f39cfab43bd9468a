"""Numbers that a spreadsheet stores as text, beside numbers proper: their decimal mark is decided apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from crmkit.book.errors import BookError, option
from crmkit.book.formats.part import cell_text

_WRITTEN = re.compile(r"[^\d.,]{0,6}\d[\d\s.,'’]*[^\d.,]{0,6}")
_GROUPED = re.compile(r"\d\s\d{3}(?!\d)")


def number_texts(cells: Sequence[Any], decimal: str, *, file: str, column: str) -> list[str | None]:
    """The cells of a column of numbers as text, all with the same decimal mark.

    Numbers proper have none of their own: as text they get the mark of those that are stored as text, so that
    they say nothing about how these are meant.

    Parameters
    ----------
    cells
        The cells as they were read.
    decimal
        ``"point"`` or ``"comma"``, if the user says it; else it is seen from the cells.
    file, column
        What messages call them.

    Raises
    ------
    BookError
        If the cells of text can be read in two ways.

    Examples
    --------
    >>> number_texts([100.25, "1 234,5"], "", file="sales.xlsx", column="Sum")
    ['100,25', '1 234,5']
    """
    with_fraction = any(isinstance(cell, float) and not cell.is_integer() for cell in cells)
    mark = decimal or (_mark(cells, file=file, column=column) if with_fraction else "")
    if mark != "comma":
        return [cell_text(cell) for cell in cells]
    return [_with_comma(cell) if isinstance(cell, float) else cell_text(cell) for cell in cells]


def _with_comma(cell: float) -> str | None:
    text = cell_text(cell)
    return text.replace(".", ",") if text and "e" not in text else text


def _mark(cells: Sequence[Any], *, file: str, column: str) -> str:
    texts = {cell.strip() for cell in cells if isinstance(cell, str) and ("," in cell or "." in cell)}
    written = sorted(text for text in texts if _WRITTEN.fullmatch(text))
    bare = [
        (_GROUPED.search(text) is not None, re.sub(r"[^\d.,]", "", text).rstrip(".,")) for text in written
    ]
    comma = any(_shows(",", ".", text, grouped) for grouped, text in bare)
    point = any(_shows(".", ",", text, grouped) for grouped, text in bare)
    if bare and not comma and not point:
        raise BookError(
            "{file}, column '{column}': some cells are numbers and others are text, such as '{example}', "
            "in which the mark may be of decimals or of thousands. Say the mark of decimals: {point}; or "
            "{comma}; or turn the text into numbers in the spreadsheet.",
            file=file,
            column=column,
            example=written[0][:40],
            point=option("decimal", "point"),
            comma=option("decimal", "comma"),
        )
    return "comma" if comma and not point else "point"


def _shows(mark: str, other: str, text: str, grouped: bool) -> bool:
    """Whether a number can only be read with `mark` as its decimal mark."""
    if text.count(mark) > 1:
        return False
    if text.count(other) > 1:
        return True
    whole, found, rest = text.partition(mark)
    if not found:
        return False
    if other in rest:
        return False
    return grouped or other in whole or len(rest) != 3 or len(whole) > 3 or whole.startswith("0") or not whole
