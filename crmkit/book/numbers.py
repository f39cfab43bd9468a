"""Numbers written as text: which mark is the decimal one is decided for a whole column, from all its
values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from crmkit.book.engine import MONEY
from crmkit.book.errors import BookError

if TYPE_CHECKING:
    import ibis.expr.types as ir

_SPACES = r"[\s\x{00A0}\x{2007}\x{2009}\x{202F}'’]"
_CURRENCY = r"(?i)(US\$|\$|€|£|₽|¥|руб(?:лей|\.)?|р\.|\b(?:USD|EUR|GBP|RUB|RUR)\b|(?:USD|EUR|GBP|RUB|RUR)$)"
_SAME_CURRENCY = {"us$": "USD", "$": "USD", "€": "EUR", "£": "GBP", "₽": "RUB", "¥": "JPY", "rur": "RUB"}
# Three digits after a lone mark may be thousands or decimals: 1,234.
_EITHER = r"^[-+]?[1-9]\d{0,2}[%s]\d{3}$"


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


def tidy(cell: ir.StringColumn) -> ir.StringColumn:
    """The cell without spaces and currency, with accounting negatives written with a minus."""
    bare = cell.replace("−", "-").re_replace(_SPACES, "").re_replace(_CURRENCY, "")
    bare = bare.re_replace(r"^\((.+)\)$", r"-\1")
    return bare.re_replace(r"^([^-].*)-$", r"-\1")


def decide(
    cell: ir.StringColumn, ask: Callable[[dict[str, Any]], Mapping[str, Any]], *, decimal: str, where: str
) -> tuple[ir.DecimalColumn, str]:
    """Read a column of numbers.

    Parameters
    ----------
    cell
        The column, missing cells null.
    ask
        Answers a dict of aggregates over the column's table.
    decimal
        ``"point"``, ``"comma"``, or blank to see it from the values.
    where
        File and column, for messages.

    Returns
    -------
    tuple
        The column as numbers, null where a cell is not one; and the decimal mark.

    Raises
    ------
    BookError
        If the column fits both marks, or uses both, or more than one currency.
    """
    bare = tidy(cell)
    commas, points = (
        bare.length() - bare.replace(",", "").length(),
        bare.length() - bare.replace(".", "").length(),
    )
    comma_last = bare.re_search(r"\..*,")
    point_last = bare.re_search(r",.*\.")
    either_comma, either_point = bare.re_search(_EITHER % ","), bare.re_search(_EITHER % ".")
    comma = ((commas == 1) & (points == 0) & ~either_comma) | (comma_last & (commas == 1)) | (points > 1)
    point = ((points == 1) & (commas == 0) & ~either_point) | (point_last & (points == 1)) | (commas > 1)
    numeric = bare.re_search(r"^[-+]?[\d.,]*\d[\d.,]*$")
    grouped = cell.re_search(r"\d[\s\x{00A0}\x{2009}\x{202F}'’]\d{3}")
    currency = cell.upper().re_extract(_CURRENCY, 0).nullif("")
    seen = ask(
        {
            "comma": (numeric & comma).sum(),
            "point": (numeric & point).sum(),
            "either_comma": (numeric & either_comma).sum(),
            "either_point": (numeric & either_point).sum(),
            "grouped": grouped.sum(),
            "comma_example": cell.min(where=numeric & comma),
            "point_example": cell.min(where=numeric & point),
            "either_example": cell.min(where=numeric & (either_comma | either_point)),
            "currencies": currency.collect(distinct=True),
        }
    )
    _one_currency(seen["currencies"] or [], where=where)
    mark = decimal or _mark(seen, where=where)
    thousands, decimals = (r"\.", ",") if mark == "comma" else (",", r"\.")
    shape = rf"^[-+]?(\d+|\d{{1,3}}({thousands}\d{{3}})+)?({decimals}\d*)?([eE][-+]?\d+)?$"
    plain = bare.re_replace(thousands, "").replace(",", ".")
    return bare.re_search(shape).ifelse(plain, None).try_cast(MONEY), mark


def _mark(seen: Mapping[str, Any], *, where: str) -> str:
    comma, point = seen["comma"] or 0, seen["point"] or 0
    if comma and point:
        raise BookError(
            f"{where}: some numbers use a decimal comma ({seen['comma_example']!r}) and some a decimal point "
            f'({seen["point_example"]!r}). Make them alike in the file, or set decimal = "comma" or "point" '
            "in crmkit.toml, [reading], so that the others count as rows that cannot be read."
        )
    if comma or point:
        return "comma" if comma else "point"
    either_comma, either_point = seen["either_comma"] or 0, seen["either_point"] or 0
    if either_comma and either_point:
        raise BookError(
            f"{where}: the numbers use a comma and a point, each before three digits, so that either may be "
            "the "
            'decimal mark. Say it with decimal="comma" or decimal="point", or in crmkit.toml, [reading].'
        )
    if either_comma or either_point:
        if seen["grouped"]:
            # Thousands are already set apart by spaces, so the mark must be the decimal one.
            return "comma" if either_comma else "point"
        example = seen["either_example"]
        digits = example.replace(",", "").replace(".", "")
        fraction = example.replace(",", ".")
        other = "point" if either_comma else "comma"
        own = "comma" if either_comma else "point"
        raise BookError(
            f"{where}: {example!r} can be read as {digits} or as {fraction}, and so can every number in the "
            "column "
            f'that has the mark. Say which with decimal="{other}" (it is {digits}) or decimal="{own}" (it is '
            f"{fraction}), or in crmkit.toml, [reading]."
        )
    return "point"


def _one_currency(currencies: list[str], *, where: str) -> None:
    names = {
        _SAME_CURRENCY.get(name.lower(), "RUB" if name[:1] in "РP" and "Р" in name else name)
        for name in currencies
    }
    if len(names) > 1:
        raise BookError(
            f"{where}: the amounts are in more than one currency ({', '.join(sorted(names))}) and cannot be "
            "added up. Convert them to one currency, or keep the rows of one."
        )
