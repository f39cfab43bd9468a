"""Repairs of ids, texts and flags that are safe to make, each written down in a note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmkit.book.errors import BookError
from crmkit.wording import Message

if TYPE_CHECKING:
    import ibis.expr.types as ir

MISSING = (
    *(
        "",
        "-",
        "–",
        "—",
        "−",
        "--",
        "---",
        "na",
        "n/a",
        "n.a.",
        "#n/a",
        "nan",
        "nat",
        "null",
        "(null)",
        "none",
    ),
    *("<na>", "nil", "\\n", "(blank)", "no data", "нет данных", "б/д", "н/д", "#н/д", "(пусто)"),
)
"""What stands for a missing number or date; in ids and texts only the blank does, since NA may be a name."""


def trimmed(cell: ir.StringColumn) -> ir.StringColumn:
    """The cell without spaces of any kind around it, null if nothing is left."""
    return cell.re_replace(r"^[\s\x{00A0}\x{202F}\x{FEFF}]+|[\s\x{00A0}\x{202F}\x{FEFF}]+$", "").nullif("")


def without_missing(cell: ir.StringColumn) -> ir.StringColumn:
    """The trimmed cell, null where it stands for a missing value."""
    bare = trimmed(cell)
    return bare.lower().isin(MISSING).ifelse(None, bare)


def quick_look(cell: ir.StringColumn) -> dict[str, Any]:
    """Aggregates that tell whether ids or texts need a repair."""
    # Spaces, tabs and line ends sort below the first visible character, and so does a blank cell.
    loose = (cell < "!") | cell.endswith(" ") | cell.endswith("\t")
    return {"cells": cell.count(), "loose": loose.any(), "nonbreaking": cell.contains("\xa0").any()}


def quick_look_id(cell: ir.StringColumn) -> dict[str, Any]:
    """Aggregates of :func:`quick_look`, and those that show ids that went through a spreadsheet."""
    exponent = cell.contains("+") | cell.contains("E-") | cell.contains("e-")
    return quick_look(cell) | {
        "float": cell.endswith(".0").any(),
        # Only what begins with a digit can be one; the engine then looks at the rest no further.
        "exponent": (cell < ":").ifelse(exponent, None).any(),
    }


def calls_for_repair(seen: Mapping[str, Any]) -> bool:
    """Whether a quick look at ids or texts found something to repair."""
    return any(seen.get(name) for name in ("loose", "nonbreaking", "float", "exponent"))


def tidied(cell: ir.StringColumn, seen: Mapping[str, Any], *, scanned: bool) -> ir.StringColumn:
    """The cell without spaces around it, blank as null; as it is where the quick look found it tidy."""
    if seen["loose"] or seen["nonbreaking"]:
        return trimmed(cell)
    # Only the first of the scanned rows were looked at.
    return cell.nullif("") if scanned else cell


def closer_look_id(cell: ir.StringColumn) -> dict[str, Any]:
    """Aggregates that tell float ids, such as 17850.0, from numbers with decimals, and rounded ids."""
    float_id = cell.re_search(r"^\d+\.0$")
    return {
        "float": float_id.sum(),
        "decimal": cell.re_search(r"^\d+\.\d+$").sum(),
        "exponent": is_exponent(cell).sum(),
        "digits": cell.re_search(r"^\d+(?:\.0)?$").sum(),
        "example": cell.min(where=float_id),
    }


def is_exponent(cell: ir.StringColumn) -> ir.BooleanColumn:
    """Whether a spreadsheet wrote the id as a rounded number, such as 2.98E+13 or 9377952927E-5."""
    return cell.re_search(r"^\d+(?:[.,]\d+)?[eE][+-]\d+$")


def are_rounded(cells: int, found: Mapping[str, Any], *, where: Message) -> bool:
    """Whether ids in the form of an exponent, found by :func:`closer_look_id`, cannot be used.

    They can in codes of letters and digits, to which the form may belong.

    Raises
    ------
    BookError
        If at least half of the ids have the form.
    """
    exponents = found["exponent"] or 0
    if 2 * exponents >= cells > 0:
        raise BookError(
            "{where}: the ids were rounded to the form 1.23E+12 by a spreadsheet, so that different ones may "
            "have become one. Export the column again as text.",
            where=where,
        )
    return bool(exponents) and 2 * ((found["digits"] or 0) + exponents) > cells


def is_missing(cell: ir.StringColumn) -> ir.BooleanColumn:
    """Whether the cell is blank or stands for a missing value."""
    return cell.isnull() | cell.strip().lower().isin(MISSING)
