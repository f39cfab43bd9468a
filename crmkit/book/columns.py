"""How one column of a table gets its type: the column decides, from all its values, never the single cell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmkit.book import dates, numbers, repairs
from crmkit.book.contracts import Column, Table
from crmkit.book.engine import MONEY, Engine
from crmkit.book.notes import Note
from crmkit.book.settings import Settings
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir

EXPECTED = {
    "date": "a date, such as 2025-06-30",
    "moment": "a date, such as 2025-06-30, or a date with a time",
    "money": "a number",
    "number": "a number",
    "count": "a number",
    "share": "a number",
    "flag": "yes or no",
    "id": "an id",
    "text": "text",
}


_FIRST_ROWS = 100_000


@dataclass
class TypedColumn:
    """A column that has been given its type."""

    column: Column
    value: ir.Value
    bad: ir.BooleanValue | None = None
    """Rows whose cell cannot be read; None where there are none."""
    bad_count: int = 0
    native_id: ir.Value | None = None
    """An integer id as it was, on which grouping is faster than on text."""
    notes: list[Note] = field(default_factory=list)


def type_columns(
    rows: ir.Table,
    table: Table,
    columns: Sequence[str],
    *,
    engine: Engine,
    settings: Settings,
    where: Mapping[str, str],
    need: Sequence[str],
    scanned: bool = False,
) -> list[TypedColumn]:
    """Give the columns of one table their types.

    Parameters
    ----------
    rows
        The rows as they were found; columns carry the contract's names.
    table, columns
        The contract, and which of its columns `rows` has.
    engine, settings
        The engine that holds the rows, and how doubtful dates and numbers are to be read.
    where
        For each column, what messages call its place: file and header.
    need
        Columns in which a blank cell cannot be used.
    scanned
        Whether the rows are scanned where they lie. Their ids and texts are then repaired only if the first
        rows call for it; whether the others do is found when the notes are asked for.

    Raises
    ------
    BookError
        If a column as a whole cannot be read safely.
    """
    work = _Work(rows, table, engine, settings, where, scanned)
    quick = work.quick_look([name for name in columns if rows[name].type().is_string()])
    typed = []
    for name in columns:
        column = table[name]
        result = work.from_text(column, quick[name]) if name in quick else work.from_typed(column)
        typed.append(result)
    work.count_bad(typed, need)
    return typed


@dataclass
class _Work:
    rows: ir.Table
    table: Table
    engine: Engine
    settings: Settings
    where: Mapping[str, str]
    scanned: bool

    def ask(self, aggregates: dict[str, Any]) -> Mapping[str, Any]:
        return self.engine.value(self.rows.aggregate(**aggregates)) if aggregates else {}

    def quick_look(self, names: Sequence[str]) -> dict[str, dict[str, Any]]:
        looks = {
            "date": dates.quick_look,
            "moment": dates.quick_look,
            "money": numbers.quick_look,
            "number": numbers.quick_look,
            "count": numbers.quick_look,
            "share": numbers.quick_look,
            "id": repairs.quick_look_id,
            "text": repairs.quick_look,
            "flag": lambda cell: {},
        }

        def look(rows: ir.Table, names: Sequence[str]) -> dict[str, dict[str, Any]]:
            aggregates = {
                f"{name}.{key}": value
                for name in names
                for key, value in looks[self.table[name].kind](rows[name]).items()
            }
            seen = self.engine.value(rows.aggregate(**aggregates)) if aggregates else {}
            found: dict[str, dict[str, Any]] = {name: {} for name in names}
            for key, value in seen.items():
                name, _, measure = key.partition(".")
                found[name][measure] = value
            return found

        words = [name for name in names if self.scanned and self.table[name].kind in ("id", "text")]
        first = look(self.rows.limit(_FIRST_ROWS), words)
        clean = {name: seen for name, seen in first.items() if not repairs.calls_for_repair(seen)}
        return clean | look(self.rows, [name for name in names if name not in clean])

    def from_text(self, column: Column, seen: Mapping[str, Any]) -> TypedColumn:
        cell = self.rows[column.name]
        where = self.where[column.name]
        match column.kind:
            case "date" | "moment":
                return self._moment(column, cell, seen, where)
            case "money" | "number" | "count" | "share":
                if numbers.reads_directly(seen):
                    return TypedColumn(column, cell.try_cast(MONEY))
                bare = repairs.without_missing(cell)
                value, _ = numbers.decide(bare, self.ask, decimal=self.settings.reading.decimal, where=where)
                return TypedColumn(column, value, bare.notnull() & value.isnull())
            case "flag":
                bare = repairs.without_missing(cell)
                value = repairs.flag(cell)
                bad = bare.notnull() & value.isnull()
                return TypedColumn(column, value, bad)
            case "id":
                return self._id(column, cell, seen, where)
            case _:
                value = repairs.tidied(cell, seen, scanned=self.scanned)
                return TypedColumn(column, repairs.known_form(value) if column.values else value)

    def _moment(self, column: Column, cell: ir.Value, seen: Mapping[str, Any], where: str) -> TypedColumn:
        notes = []
        if dates.reads_directly(seen):
            bare, value = cell, cell.try_cast("timestamp")
            bad = None
        else:
            bare = repairs.without_missing(cell)
            value, order = dates.decide(
                bare,
                self.ask,
                order=self.settings.reading.date_order,
                where=where,
                personal=column.personal,
            )
            bad = bare.notnull() & value.isnull()
            action = {
                "dmy": mark("Dates were read with the day first."),
                "mdy": mark("Dates were read with the month first."),
            }.get(order)
            if action:
                notes.append(Note("dates_read", self.table.name, action, column=column.name))
        zone = self.settings.company.time_zone
        if (seen["longest"] or 0) > 13 and self.ask({"n": dates.has_offset(bare).sum()})["n"]:
            value = self._in_zone(value)
            notes.append(
                Note(
                    "time_zone",
                    self.table.name,
                    mark(
                        "Times with an offset were turned into times of {zone}; time_zone in crmkit.toml "
                        "changes it."
                    ),
                    column=column.name,
                    values={"zone": zone or "UTC"},
                )
            )
        if column.kind == "date":
            value = value.truncate("D")
        return TypedColumn(column, value, bad, notes=notes)

    def _in_zone(self, value: ir.Value) -> ir.Value:
        zone = self.settings.company.time_zone
        return value.cast("timestamp('UTC')").cast(f"timestamp('{zone}')") if zone else value

    def _id(self, column: Column, cell: ir.Value, seen: Mapping[str, Any], where: str) -> TypedColumn:
        repairs.refuse_exponents(seen, where=where)
        value = repairs.tidied(cell, seen, scanned=self.scanned)
        if seen["float"]:
            found = self.ask(repairs.decimals(value))
            if found["float"] == found["decimal"]:
                value = value.re_replace(r"^(\d+)\.0$", r"\1")
                return TypedColumn(
                    column, value, notes=[self._float_ids(column, found["float"], found["example"])]
                )
        return TypedColumn(column, value)

    def _float_ids(self, column: Column, rows: int, example: str) -> Note:
        return Note(
            "float_ids",
            self.table.name,
            mark("Numbers that a spreadsheet wrote with a decimal point are ids: 17850.0 is 17850."),
            column=column.name,
            rows=int(rows),
            example=f"{example} → {example.removesuffix('.0')}",
        )

    def from_typed(self, column: Column) -> TypedColumn:
        cell = self.rows[column.name]
        kind = cell.type()
        match column.kind:
            case "date" | "moment":
                if not kind.is_temporal():
                    text = cell.cast("int64").cast("string") if kind.is_numeric() else cell.cast("string")
                    seen = self.ask(dates.quick_look(text))
                    return self._moment(column, text, seen, self.where[column.name])
                if kind.is_timestamp() and kind.timezone:
                    zone = self.settings.company.time_zone or "UTC"
                    value = cell.cast(f"timestamp('{zone}')").cast("timestamp")
                else:
                    value = cell.cast("timestamp")
                return TypedColumn(column, value.truncate("D") if column.kind == "date" else value)
            case "money" | "number" | "count" | "share":
                value = cell.try_cast(MONEY)
                bad = None
                if kind.is_floating():
                    bad = cell.notnull() & ~cell.isnan() & value.isnull()
                return TypedColumn(column, value, bad)
            case "flag":
                if kind.is_boolean():
                    return TypedColumn(column, cell)
                text = cell.cast("string").re_replace(r"\.0$", "")
                value = repairs.flag(text)
                return TypedColumn(column, value, text.notnull() & value.isnull())
            case _ if kind.is_floating():
                whole = cell == cell.floor()
                seen = self.ask({"float": whole.sum(), "cells": cell.count(), "example": cell.min()})
                value = cell.isnan().ifelse(None, cell)
                if seen["cells"] and seen["float"] == seen["cells"]:
                    native = value.cast("int64")
                    note = self._float_ids(column, seen["float"], f"{seen['example']:.1f}")
                    return TypedColumn(column, native.cast("string"), native_id=native, notes=[note])
                return TypedColumn(column, value.cast("string"))
            case _:
                native = cell if kind.is_integer() else None
                return TypedColumn(column, cell.cast("string"), native_id=native)

    def count_bad(self, typed: list[TypedColumn], need: Sequence[str]) -> None:
        """Count the rows that each column makes unusable, in one query; needed cells may not be blank."""
        for item in typed:
            if item.column.name in need:
                item.bad = item.value.isnull() if item.bad is None else item.bad | item.value.isnull()
        suspects = [item for item in typed if item.bad is not None]
        counts = self.ask({item.column.name: item.bad.sum() for item in suspects if item.bad is not None})
        for item in suspects:
            item.bad_count = int(counts[item.column.name] or 0)
            if not item.bad_count:
                item.bad = None


def money_of(amount: object) -> float:
    """A sum that the engine returned, as a float; NaN if there was none."""
    return math.nan if amount is None else float(amount)  # type: ignore[arg-type]
