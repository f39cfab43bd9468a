"""What other columns of the same files show about one whose own values leave a question open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmkit.book.engine import Engine
from crmkit.book.values.currencies import currency_column
from crmkit.book.values.number_units import currency

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.formats.part import Part

_SHAPE = r"^\s*(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}(?:[T ,].*)?$"
_MOST = 0.9
"""Share of a column's cells that must be dates of the same shape for the column to be heard."""


@dataclass(frozen=True)
class Siblings:
    """All columns of the files of a table, used or not."""

    engine: Engine
    parts: Sequence[Part]
    headers: Sequence[Mapping[str, str]]
    """For each part, column of the contract to the part's header."""

    def date_order(self, column: str) -> tuple[str, str]:
        """The order of day and month that other columns of dates show.

        Returns ``"dmy"`` or ``"mdy"`` and the headers of the columns that show it; blanks if no other column
        does, or two show different ones. No cell is returned, since another column may hold personal data.
        """
        found: dict[str, set[str]] = {"dmy": set(), "mdy": set()}
        for part, headers in zip(self.parts, self.headers):
            for header, seen in self._looks(part, headers.get(column, "")).items():
                if not seen["dates"] or seen["dates"] < _MOST * seen["cells"]:
                    continue
                if seen["days_first"]:
                    found["dmy"].add(header)
                if seen["days_second"]:
                    found["mdy"].add(header)
        if bool(found["dmy"]) == bool(found["mdy"]):
            return "", ""
        order = "dmy" if found["dmy"] else "mdy"
        return order, ", ".join(map(repr, sorted(found[order])))

    def currencies(self) -> tuple[str, tuple[str, ...]]:
        """The header of a column of currencies, and those that it names; blank if there is none."""
        header, found = "", set[str]()
        for part, headers in zip(self.parts, self.headers):
            at = currency_column(part, {name: part.headers.index(name) for name in headers.values()})
            if at is None:
                continue
            rows = part.load_again([at])
            words = rows.select(word=rows[f"c{at}"].cast("string").strip().lower()).distinct()
            names = {
                currency(word.replace(".", "")) for word in self.engine.fetch(words)["word"] if word == word
            }
            header, found = header or part.headers[at], found | (names - {""})
            if part.stored:
                self.engine.drop(rows)
        return header, tuple(sorted(found))

    def _looks(self, part: Part, own: str) -> dict[str, Mapping[str, Any]]:
        positions = [at for at, header in enumerate(part.headers) if header != own]
        if not positions:
            return {}
        rows = part.load_again(positions)
        texts = [at for at in positions if rows[f"c{at}"].type().is_string()]
        aggregates = {f"{at}.{key}": value for at in texts for key, value in _look(rows[f"c{at}"]).items()}
        seen = self.engine.value(rows.aggregate(**aggregates)) if aggregates else {}
        if part.stored:
            self.engine.drop(rows)
        looks: dict[str, dict[str, Any]] = {}
        for name, value in seen.items():
            at, _, key = name.partition(".")
            looks.setdefault(part.headers[int(at)], {})[key] = value
        return looks  # type: ignore[return-value]


def _look(cell: ir.StringColumn) -> dict[str, Any]:
    first, second = (cell.re_extract(_SHAPE, index).try_cast("int64") for index in (1, 2))
    is_date = (first.between(1, 31) & second.between(1, 12)) | (first.between(1, 12) & second.between(1, 31))
    days_first, days_second = is_date & (first > 12), is_date & (second > 12)
    return {
        "cells": (cell.strip() != "").sum(),
        "dates": is_date.sum(),
        "days_first": days_first.sum(),
        "days_second": days_second.sum(),
    }
