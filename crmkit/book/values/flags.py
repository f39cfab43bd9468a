"""Yes and no, as words, numbers and marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.book.values import repairs

if TYPE_CHECKING:
    import ibis.expr.types as ir

_YES = (
    "1",
    "1.0",
    "true",
    "t",
    "yes",
    "y",
    "on",
    "ok",
    "да",
    "д",
    "истина",
    "верно",
    "вкл",
    "есть",
    "согласен",
    "согласна",
    "разрешено",
    "allowed",
    "granted",
    "opted in",
)
_NO = (
    "0",
    "0.0",
    "false",
    "f",
    "no",
    "n",
    "off",
    "нет",
    "н",
    "ложь",
    "неверно",
    "выкл",
    "отказ",
    "запрещено",
    "denied",
    "revoked",
    "opted out",
    "не согласен",
    "не согласна",
)
_TICKS = ("✓", "✔", "☑", "✅", "v")
_PLUS = ("+",)
_MINUS = ("-", "–", "—", "−")
_CROSSES = ("x", "х", "×")
"""A Latin and a Cyrillic letter and the sign of multiplication."""
_REFUSALS = ("✗", "✘", "☐", "❌", "❎")


def bare(cell: ir.StringValue) -> ir.StringValue:
    """The cell in lower case, without spaces around it and without the selector that colours an emoji."""
    return repairs.trimmed(cell.re_replace(r"\x{FE0F}", "")).lower()


def marks(cell: ir.StringColumn) -> dict[str, ir.BooleanScalar]:
    """Aggregates that tell what a minus and a cross mean in a column."""
    return {"plus": bare(cell).isin(_PLUS).any(), "ticks": bare(cell).isin(_TICKS).any()}


def flag(cell: ir.StringValue, *, plus: bool = False, ticks: bool = False) -> ir.BooleanValue:
    """True and false, null for anything else; beside a plus a minus is no, beside ticks a cross is no."""
    import ibis

    word = bare(cell)
    yes = (*_YES, *_TICKS, *_PLUS, *(() if ticks else _CROSSES))
    no = (*_NO, *_REFUSALS, *(_MINUS if plus else ()), *(_CROSSES if ticks else ()))
    return ibis.cases((word.isin(yes), True), (word.isin(no), False))
