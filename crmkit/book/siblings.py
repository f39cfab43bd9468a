"""What other columns of the same files show about one whose own values leave a question open."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmkit.book.engine import Engine
from crmkit.book.naming import plain
from crmkit.book.number_units import currency

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.part import Part

_SHAPE = r"^\s*(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}(?:[T ,].*)?$"
_CURRENCY = (
    "currency(?:code|iso|id)?|curr|ccy|cur|валюта|кодвалюты|валютаплатежа|валютаоперации|валютадокумента"
)
_MOST_WORDS = 1_000
_MOST = 0.9
"""Share of a column's cells that must be dates of the same shape for the column to be heard."""


@dataclass(frozen=True)
class Siblings:
    """All columns of the files of a table, used or not."""

    engine: Engine
    parts: Sequence[Part]
    headers: Sequence[Mapping[str, str]]
    """For each part, column of the contract to the part's header."""

    def date_order(self, column: str) -> tuple[str, str, str]:
        """The order of day and month that other columns of dates show.

        Returns ``"dmy"`` or ``"mdy"``, the headers of the columns and a cell that shows it; blanks if no
        other column shows it, or two show different ones.
        """
        found: dict[str, list[tuple[str, str]]] = {"dmy": [], "mdy": []}
        for part, headers in zip(self.parts, self.headers):
            for header, seen in self._looks(part, headers.get(column, "")).items():
                if not seen["dates"] or seen["dates"] < _MOST * seen["cells"]:
                    continue
                if seen["days_first"] and not seen["days_second"]:
                    found["dmy"].append((header, seen["first_example"]))
                elif seen["days_second"] and not seen["days_first"]:
                    found["mdy"].append((header, seen["second_example"]))
                elif seen["days_first"]:
                    return "", "", ""
        if bool(found["dmy"]) == bool(found["mdy"]):
            return "", "", ""
        order = "dmy" if found["dmy"] else "mdy"
        shown = ", ".join(sorted({repr(header) for header, _ in found[order]}))
        return order, shown, repr(found[order][0][1])

    def currencies(self) -> tuple[str, dict[str, int]]:
        """The header of a column of currencies, and in how many rows it has each; blank if there is none."""
        header, found = "", dict[str, int]()
        for part in self.parts:
            for at, name in enumerate(part.headers):
                if not re.fullmatch(_CURRENCY, plain(name)):
                    continue
                counted = self._counted(part, at)
                names = {word: currency(word.lower().replace(".", "")) for word in counted}
                known = sum(rows for word, rows in counted.items() if names[word])
                if known < _MOST * sum(counted.values()):
                    continue
                header = header or name
                for word, rows in counted.items():
                    found[names[word] or word] = found.get(names[word] or word, 0) + rows
        return header, dict(sorted(found.items()))

    def _counted(self, part: Part, at: int) -> dict[str, int]:
        rows = self._loaded(part, [at])
        counted = {}
        if rows[f"c{at}"].type().is_string():
            words = rows.select(word=rows[f"c{at}"].strip()).filter(lambda table: table.word != "")
            frame = self.engine.fetch(
                words.group_by("word").aggregate(rows=words.count()).order_by("word").limit(_MOST_WORDS)
            )
            counted = dict(zip(frame["word"], frame["rows"].astype(int)))
        if part.stored:
            self.engine.drop(rows)
        return counted

    def _loaded(self, part: Part, positions: Sequence[int]) -> ir.Table:
        # Loading again would write down its notes and ragged rows again.
        notes, aside = list(part.notes), list(part.aside)
        rows = part.load(positions)
        part.notes[:], part.aside[:] = notes, aside
        return rows

    def _looks(self, part: Part, own: str) -> dict[str, Mapping[str, Any]]:
        positions = [at for at, header in enumerate(part.headers) if header != own]
        if not positions:
            return {}
        rows = self._loaded(part, positions)
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
        "first_example": cell.strip().min(where=days_first),
        "second_example": cell.strip().min(where=days_second),
    }
