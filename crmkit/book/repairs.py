"""Repairs of ids, texts and flags that are safe to make, each written down in a note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmkit.book.errors import BookError

if TYPE_CHECKING:
    import ibis.expr.types as ir

MISSING = ("", "-", "–", "—", "na", "n/a", "#n/a", "nan", "nat", "null", "none", "<na>", "нет данных", "б/д")
"""What stands for a missing number or date; in ids and texts only the blank does, since NA may be a name."""

YES = ("1", "true", "t", "yes", "y", "да", "д", "истина")
NO = ("0", "false", "f", "no", "n", "нет", "н", "ложь")


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
    return quick_look(cell) | {"float": cell.endswith(".0").any(), "exponent": cell.contains("+").any()}


def calls_for_repair(seen: Mapping[str, Any]) -> bool:
    """Whether a quick look at ids or texts found something to repair."""
    return any(seen.get(name) for name in ("loose", "nonbreaking", "float", "exponent"))


def tidied(cell: ir.StringColumn, seen: Mapping[str, Any], *, scanned: bool) -> ir.StringColumn:
    """The cell without spaces around it, blank as null; as it is where the quick look found it tidy."""
    if seen["loose"] or seen["nonbreaking"]:
        return trimmed(cell)
    # Only the first of the scanned rows were looked at.
    return cell.nullif("") if scanned else cell


def known_form(cell: ir.StringColumn) -> ir.StringColumn:
    """A word from a short list as crmkit writes it: ``No show`` is ``no_show``."""
    return cell.lower().re_replace(r"[\s-]+", "_")


def closer_look_id(cell: ir.StringColumn) -> dict[str, Any]:
    """Aggregates that tell float ids, such as 17850.0, from numbers with decimals, and rounded ids."""
    float_id = cell.re_search(r"^\d+\.0$")
    return {
        "float": float_id.sum(),
        "decimal": cell.re_search(r"^\d+\.\d+$").sum(),
        "exponent": cell.re_search(r"^\d(?:[.,]\d+)?[eE]\+\d+$").sum(),
        "example": cell.min(where=float_id),
    }


def refuse_exponents(cells: int, exponents: int, *, where: str) -> None:
    """Ids such as 2.98E+13 were rounded by a spreadsheet: different ones may have become one."""
    if exponents and 2 * exponents >= cells:
        raise BookError(
            f"{where}: the ids were rounded to the form 1.23E+12 by a spreadsheet, so that different ones "
            "may have become one. Export the column again as text."
        )


def is_missing(cell: ir.StringColumn) -> ir.BooleanColumn:
    """Whether the cell is blank or stands for a missing value."""
    return cell.isnull() | cell.strip().lower().isin(MISSING)


def flag(cell: ir.StringColumn) -> ir.BooleanColumn:
    """Yes and no in English and Russian as true and false, null for anything else."""
    import ibis

    bare = cell.strip().lower()
    return ibis.cases((bare.isin(YES), True), (bare.isin(NO), False))
