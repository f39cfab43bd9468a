"""Numbers written as text: which mark is the decimal one is decided for a whole column, from all its
values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmkit.book.engine import MONEY, Engine
from crmkit.book.errors import BookError

if TYPE_CHECKING:
    import ibis.expr.types as ir

_SPACES = r"[\s\x{00A0}\x{2007}\x{2009}\x{202F}'’]"
_CODES = "USD|EUR|GBP|RUB|RUR|KZT|BYN|UAH"
_CURRENCY = rf"(?i)(US\$|\$|€|£|₽|¥|РУБ(?:ЛЕЙ|\.)?|Р\.|(?:{_CODES})$|^(?:{_CODES}))"
_SAME_CURRENCY = {
    "us$": "USD",
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "₽": "RUB",
    "¥": "JPY",
    "rur": "RUB",
    "руб": "RUB",
    "руб.": "RUB",
    "рублей": "RUB",
    "р.": "RUB",
}
_EXPONENT = r"(?:[eE][-+]?\d+)?$"
_SHAPES = {
    "point": r"^[-+]?(?:\d+|[1-9]\d{0,2}(?:[, ]\d{3})+)?(?:\.\d*)?" + _EXPONENT,
    "comma": r"^[-+]?(?:\d+|[1-9]\d{0,2}(?:[. ]\d{3})+)?(?:,\d*)?" + _EXPONENT,
}
"""How a number looks under each decimal mark, the other one setting thousands apart."""


def quick_look(cell: ir.StringColumn) -> dict[str, Any]:
    """Aggregates that tell whether a plain cast reads the whole column rightly."""
    point = cell.find(".")
    after = (point >= 0).ifelse(cell.length() - point - 1, None)
    return {
        "cells": cell.count(),
        "direct": cell.try_cast(MONEY).count(),
        "fewest": after.min(),
        "most": after.max(),
    }


def reads_directly(seen: Mapping[str, Any]) -> bool:
    """Whether the cast is safe: all cells are numbers, and the points cannot be thousands."""
    return seen["cells"] == seen["direct"] and not seen["fewest"] == seen["most"] == 3


def second_look(cell: ir.StringColumn) -> dict[str, Any]:
    """Aggregates that tell whether the column is of plain numbers with a decimal comma."""
    comma = cell.find(",")
    after = (comma >= 0).ifelse(cell.length() - comma - 1, None)
    return {
        "direct": with_point(cell).count(),
        "points": cell.contains(".").any(),
        "fewest": after.min(),
        "most": after.max(),
    }


def with_point(cell: ir.StringColumn) -> ir.DecimalColumn:
    """A plain number with a decimal comma."""
    return cell.replace(",", ".").try_cast(MONEY)


def read(cells: ir.Table, engine: Engine, *, decimal: str, where: str) -> tuple[ir.Table, str]:
    """Read the distinct cells of a column of numbers.

    Parameters
    ----------
    cells
        ``raw``, and ``bare``: the cell trimmed, null if it stands for a missing value.
    engine
        The engine that holds them; it keeps each step, since one expression of all would be too large for it.
    decimal
        ``"point"``, ``"comma"``, or blank to see it from the values.
    where
        File and column, for messages.

    Returns
    -------
    tuple
        ``raw``, ``bare`` and ``value``, null where the cell is no number; and the decimal mark.

    Raises
    ------
    BookError
        If the column fits both marks, or uses both, or more than one currency.
    """
    tidy = engine.store(_tidied(cells), scratch=True)
    seen = engine.value(tidy.aggregate(**_evidence(tidy)))
    _one_currency(seen["currencies"] or [], where=where)
    mark = decimal or _mark(seen, where=where)
    thousands = "." if mark == "comma" else ","
    plain = tidy.text.replace(" ", "").replace(thousands, "").replace(",", ".")
    value = tidy.text.re_search(_SHAPES[mark]).ifelse(plain, None).try_cast(MONEY)
    return tidy.select("raw", "bare", value=value), mark


def _tidied(cells: ir.Table) -> ir.Table:
    """The cells without currency, accounting negatives with a minus in front, spaces only between digits."""
    text = cells.bare.replace("−", "-").re_replace(_SPACES, " ").re_replace(_CURRENCY, "").strip()
    text = text.re_replace(r"^\((.+)\)$", r"-\1").re_replace(r"^([^-].*)-$", r"-\1")
    return cells.select(
        "raw",
        "bare",
        text=text.re_replace(r"^([-+]) +", r"\1").strip(),
        currency=cells.bare.re_extract(_CURRENCY, 0).nullif(""),
    )


def _evidence(tidy: ir.Table) -> dict[str, Any]:
    """Aggregates that tell the decimal mark: cells that allow only one, and cells that allow either."""
    text = tidy.text
    marked = text.re_search(r"\d") & text.re_search("[.,]")
    fits_point, fits_comma = (text.re_search(_SHAPES[name]) for name in ("point", "comma"))
    point, comma = marked & fits_point & ~fits_comma, marked & fits_comma & ~fits_point
    # Three digits after a lone mark may be thousands or decimals: 1,234.
    either = marked & fits_point & fits_comma
    return {
        "comma": comma.any(),
        "point": point.any(),
        "either_comma": (either & text.contains(",")).any(),
        "either_point": (either & text.contains(".")).any(),
        "spaced": text.contains(" ").any(),
        "comma_example": tidy.bare.min(where=comma),
        "point_example": tidy.bare.min(where=point),
        "either_example": text.min(where=either),
        "currencies": tidy.currency.collect(distinct=True),
    }


def _mark(seen: Mapping[str, Any], *, where: str) -> str:
    if seen["comma"] and seen["point"]:
        raise BookError(
            f"{where}: some numbers use a decimal comma ({seen['comma_example']!r}) and some a decimal point "
            f'({seen["point_example"]!r}). Make them alike in the file, or pass decimal="comma" or '
            'decimal="point", so that the others count as cells that cannot be read.'
        )
    if seen["comma"] or seen["point"]:
        return "comma" if seen["comma"] else "point"
    if not (seen["either_comma"] or seen["either_point"]):
        return "point"
    if seen["either_comma"] and seen["either_point"]:
        raise BookError(
            f"{where}: the numbers use a comma and a point, each before three digits, so that either may be "
            "the "
            'decimal mark. Say which with decimal="comma" or decimal="point", or in crmkit.toml, [reading].'
        )
    own, other = ("comma", "point") if seen["either_comma"] else ("point", "comma")
    if seen["spaced"]:
        # Thousands are already set apart by spaces, so that the mark must be the decimal one.
        return own
    example = seen["either_example"]
    whole, fraction = example.replace(",", "").replace(".", ""), example.replace(",", ".")
    raise BookError(
        f"{where}: {example!r} can be read as {whole} or as {fraction}, and so can every number in the "
        "column that "
        f'has the mark. Say which with decimal="{other}" (it is {whole}) or decimal="{own}" (it is '
        f"{fraction}), or in crmkit.toml, [reading]."
    )


def _one_currency(found: Sequence[str], *, where: str) -> None:
    names = {_SAME_CURRENCY.get(name.lower(), name.upper()) for name in found}
    if len(names) > 1:
        raise BookError(
            f"{where}: the amounts are in more than one currency ({', '.join(sorted(names))}) and cannot be "
            "added up. Convert them to one currency, or keep the rows of one."
        )
