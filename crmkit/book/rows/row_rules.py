"""Rows that are no rows of data: blank ones, the header again, and totals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from crmkit.book.values.repairs import is_missing

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

BLANK, HEADER, TOTAL = "blank row", "header again", "total"
"""What such a row is called while a table is read; no column has such a name."""

_SURE = (
    r"итоги?|итого|всего|усього|разом|промежуточн\p{L} итог\p{L}*|grand[ -]?totals?|sub[ -]?totals?|"
    r"gesamtsumme|zwischensumme|razem"
)
_LIKELY = r"totals?|sum|summe|suma|gesamt|totale|сумма"
LABEL = rf"(?i)(?:^|[^\p{{L}}\d])(?:{_SURE}|{_LIKELY})(?:$|[^\p{{L}}\d])"
"""A word for a total anywhere in a cell; the engine's own word boundary knows only Latin letters."""

NAMES_TOTAL = re.compile(rf"(?i)\b(?:{_SURE}|{_LIKELY})\b".replace(r"\p{L}", r"\w"))
"""The same for Python."""

LABEL_ALONE = rf"(?i)^[\s*=_-]*(?:{_SURE}|{_LIKELY})[\s:.*=_-]*$"
SURE_ALONE = rf"(?i)^[\s*=_-]*(?:{_SURE})[\s:.*=_-]*$"
"""A cell that holds nothing but such a word, and one that no client is called by."""

_CENT = 0.011


def is_blank(rows: ir.Table, columns: Sequence[str]) -> ir.BooleanValue:
    """Whether all cells of a row are blank or stand for a missing value."""
    import ibis

    return ibis.and_(*[_missing(rows[name]) for name in columns])


def is_header(rows: ir.Table, headers: Mapping[str, Sequence[str]]) -> ir.BooleanValue:
    """Whether a row repeats the headers: two of its cells do, or the only one there is.

    `headers` are those of all files, by column.
    """
    import ibis

    cells = [
        rows[name].strip().lower().isin(sorted({header.strip().lower() for header in found}))
        for name, found in headers.items()
        if rows[name].type().is_string()
    ]
    if not cells:
        return ibis.literal(False)
    alike = cells[0].fill_null(False).cast("int8")
    for cell in cells[1:]:
        alike = alike + cell.fill_null(False).cast("int8")
    return alike >= min(2, len(headers))


def is_total(rows: ir.Table, columns: Sequence[str], dates: Sequence[str]) -> ir.BooleanValue:
    """Whether a row without any of the dates names itself a total in one of its cells of text."""
    import ibis

    words = [
        rows[name].re_search(LABEL).fill_null(False) for name in columns if rows[name].type().is_string()
    ]
    if not words or not dates:
        return ibis.literal(False)
    # The label itself may stand in the column of dates.
    dateless = [
        _missing(rows[name]) | rows[name].re_search(LABEL).fill_null(False)
        if rows[name].type().is_string()
        else _missing(rows[name])
        for name in dates
    ]
    return ibis.and_(*dateless) & ibis.or_(*words)


def _missing(cell: ir.Value) -> ir.BooleanValue:
    return is_missing(cell) if cell.type().is_string() else cell.isnull()


def agreeing(totals: pd.DataFrame) -> NDArray[np.bool_]:
    """Which totals agree with rows above them: with all, or with those since another total.

    Parameters
    ----------
    totals
        file, row, money, above (the sum of all lines above in the same file) and whole (of all lines of the
        file), in the order of the rows.

    Returns
    -------
    array
        One truth for each total; a total of no lines agrees with nothing.
    """
    import numpy as np

    money, above = totals["money"].to_numpy(float), totals["above"].to_numpy(float)
    file = totals["file"].to_numpy()
    agrees = (np.abs(money - above) < _CENT) | (np.abs(money - totals["whole"].to_numpy(float)) < _CENT)
    agrees &= above != 0.0
    # Since the last total, or the one before: totals of groups stand inside those of larger groups.
    for back in range(1, min(len(totals), 50)):
        earlier = np.concatenate([np.full(back, np.nan), above[:-back]])
        same = np.concatenate([np.zeros(back, bool), file[back:] == file[:-back]])
        since = above - earlier
        agrees |= same & (np.abs(money - since) < _CENT) & (since != 0.0)
    return agrees
