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
_BALANCE = (
    r"сальдо|(?:начальн|конечн|входящ|исходящ)\p{L}+ (?:сальдо|остат\p{L}+)|остат(?:ок|ки) (?:на|за)|"
    r"оборот\p{L}* (?:за|по)|(?:opening|closing|beginning|ending) balances?|"
    r"balance (?:brought|carried) forward"
)
LABEL = rf"(?i)(?:^|[^\p{{L}}\d])(?:{_SURE}|{_LIKELY}|{_BALANCE})(?:$|[^\p{{L}}\d])"
"""A word for a total anywhere in a cell; the engine's own word boundary knows only Latin letters."""

NAMES_TOTAL = re.compile(rf"(?i)\b(?:{_SURE}|{_LIKELY}|{_BALANCE})\b".replace(r"\p{L}", r"\w"))
"""The same for Python."""

_FROM, _TO = r"^[\s*=_-]*", r"[\s:.*=_-]*$"
_SURE_PHRASES = (
    rf"(?:{_SURE}){_TO}|(?:итоги?|итого|всего|разом) (?:за|по|на) |(?:grand|sub)[ -]?totals? |total for |"
    rf"промежуточн\p{{L}} итог\p{{L}}* |сальдо(?:{_TO}| (?:на|за|по|начал|конеч|конц|вход|исход))|"
    r"(?:начальн|конечн|входящ|исходящ)\p{L}+ (?:сальдо|остат\p{L}+)|"
    rf"оборот(?:ы{_TO}|\p{{L}}* (?:за|по) )|остат(?:ок|ки)(?:{_TO}| (?:на|за) (?:\d|начал|кон|период))|"
    rf"(?:opening|closing|beginning|ending) balances?(?:{_TO}| )|balance (?:brought|carried) forward"
)
_LIKELY_PHRASES = (
    rf"(?:{_LIKELY}|all|все|(?:all|все) (?:clients|customers|клиенты|покупатели)){_TO}|totals? (?:of|by|in) |"
    rf"(?:{_LIKELY}|итого|всего) (?:19|20)\d\d\D{{0,4}}$"
)
SURE_LABEL = rf"(?i){_FROM}(?:{_SURE_PHRASES})"
"""A cell that is a total or a balance of an account, and that no client is called by."""
LABEL_CELL = rf"(?i){_FROM}(?:{_SURE_PHRASES}|{_LIKELY_PHRASES})"
"""The same, or a word for a total that may be a name."""

_THING_PHRASES = (
    rf"(?:{_SURE}){_TO}|итого (?:за|по) |(?:grand|sub)[ -]?totals? |сальдо (?:на|за|начал|конеч)|"
    rf"оборот\p{{L}}* за |(?:opening|closing) balances?{_TO}"
)
SURE_THING = rf"(?i){_FROM}(?:{_THING_PHRASES})"
"""A cell that is a total and that no product is called by; what remains to be paid may be sold."""
THING_CELL = rf"(?i){_FROM}(?:{_THING_PHRASES}|(?:{_LIKELY}){_TO})"
"""The same, or a word for a total that may be a product."""

CHARGE = (
    rf"(?i){_FROM}(?:ндс|налог|vat|(?:sales )?tax(?:es)?|tips?|gratuity|чаевые)"
    rf"(?: ?\(?\d+(?:[.,]\d+)? ?%\)?)?{_TO}"
)
"""A line for a tax or a tip."""

CENT = 0.011
"""Sums agree that differ by less."""


def is_blank(rows: ir.Table, columns: Sequence[str]) -> ir.BooleanValue:
    """Whether all cells of a row are blank or stand for a missing value."""
    import ibis

    return ibis.and_(*[is_missing_cell(rows[name]) for name in columns])


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
        is_missing_cell(rows[name]) | rows[name].re_search(LABEL).fill_null(False)
        if rows[name].type().is_string()
        else is_missing_cell(rows[name])
        for name in dates
    ]
    return ibis.and_(*dateless) & ibis.or_(*words)


def is_missing_cell(cell: ir.Value) -> ir.BooleanValue:
    """Whether a cell of any type is blank or stands for a missing value."""
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
    agrees = (np.abs(money - above) < CENT) | (np.abs(money - totals["whole"].to_numpy(float)) < CENT)
    agrees &= above != 0.0
    # Since the last total, or the one before: totals of groups stand inside those of larger groups.
    for back in range(1, min(len(totals), 50)):
        earlier = np.concatenate([np.full(back, np.nan), above[:-back]])
        same = np.concatenate([np.zeros(back, bool), file[back:] == file[:-back]])
        since = above - earlier
        agrees |= same & (np.abs(money - since) < CENT) & (since != 0.0)
    return agrees
