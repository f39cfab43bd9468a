"""How one column of a table gets its type: the column decides, from all its values, never the single cell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmkit.book.contracts import Column, Table
from crmkit.book.engine import MONEY, Engine
from crmkit.book.examples import shown
from crmkit.book.notes import Note
from crmkit.book.settings import Settings
from crmkit.book.values import (
    agreement,
    costs,
    dates,
    discounts,
    flags,
    known_words,
    moments,
    numbers,
    repairs,
)
from crmkit.book.values.sentences import Sentences
from crmkit.book.values.siblings import Siblings
from crmkit.book.values.typed import TypedColumn, Work
from crmkit.wording import Message, mark

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.values.typed import Expression

EXPECTED = {
    "date": mark("a date, such as 2025-06-30"),
    "moment": mark("a date, such as 2025-06-30, or a date with a time"),
    "money": mark("a number"),
    "number": mark("a number"),
    "count": mark("a number"),
    "share": mark("a number"),
    "flag": mark("yes or no"),
    "id": mark("an id"),
    "text": mark("text"),
}

_FIRST_ROWS = 100_000


def type_columns(
    rows: ir.Table,
    count: int,
    table: Table,
    columns: Sequence[str],
    *,
    engine: Engine,
    settings: Settings,
    where: Mapping[str, Message],
    need: Sequence[str],
    scanned: bool = False,
    siblings: Siblings | None = None,
) -> tuple[ir.Table, list[TypedColumn]]:
    """Give the columns of one table their types.

    Parameters
    ----------
    rows
        The rows as they were found; columns carry the contract's names.
    count
        How many rows there are.
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
    siblings
        The other columns of the same files, for questions that a column's own values leave open.

    Returns
    -------
    tuple
        The rows, with what the expressions need joined to them, and the columns.

    Raises
    ------
    BookError
        If a column as a whole cannot be read safely.
    """
    work = _Columns(rows, count, table, engine, settings, where, scanned, siblings)
    quick = work.quick_look([name for name in columns if rows[name].type().is_string()])
    typed = [
        work.from_text(table[name], quick[name]) if name in quick else work.from_typed(table[name])
        for name in columns
    ]
    rows = _joined(rows, typed)
    agreement.one_currency(work, typed)
    agreement.note_scaled_headers(work, typed)
    discounts.percents_by_header(work, rows, typed)
    costs.costs_of_lines(work, rows, typed)
    agreement.refuse_two_minuses(work, rows, typed)
    agreement.turn_minus_signs(work, rows, typed)
    discounts.discount_in_money(work, rows, typed)
    _find_bad(work, rows, typed, need)
    return rows, typed


def _joined(rows: ir.Table, typed: Sequence[TypedColumn]) -> ir.Table:
    for item in typed:
        if item.cells is None or item.raw is None:
            continue
        name, cells = item.column.name, item.cells
        lookup = cells.select(
            **{f"_raw_{name}": cells.raw, f"_{name}": cells.value, f"_bad_{name}": cells.bad}
        )
        rows = rows.left_join(lookup, item.raw(rows) == lookup[f"_raw_{name}"]).drop(f"_raw_{name}")
    return rows


def _find_bad(work: Work, rows: ir.Table, typed: Sequence[TypedColumn], need: Sequence[str]) -> None:
    """See in one query which columns make rows unusable; needed cells may not be blank.

    Of a column that a row is of use without, cells that cannot be read become blank, with a note, unless they
    are most of it: the column is then likely another one than it was taken for.
    """
    for item in typed:
        if item.column.name in need and not item.complete:
            # A cell that cannot be read has no value either.
            item.bad = _no_value(item.value)
    suspects = {item.column.name: item for item in typed if item.bad is not None}
    if not suspects:
        return
    counts = work.engine.value(
        rows.aggregate(**{name: item.bad(rows).sum() for name, item in suspects.items()})  # type: ignore[misc]
    )
    may_blank = work.settings.reading.on_bad_row == "set_aside"
    for name, item in suspects.items():
        if not counts[name]:
            item.bad = None
        elif may_blank and _is_extra(item, typed, need) and 2 * counts[name] <= work.count:
            _blank_bad(work, rows, item, int(counts[name]))


def _is_extra(item: TypedColumn, typed: Sequence[TypedColumn], need: Sequence[str]) -> bool:
    """Whether a row is of use without the column: none that counts the money, and no id."""
    column = item.column
    if column.required or column.name in need or column.kind in ("id", "text"):
        return False
    has_amount = any(other.column.name == "amount" for other in typed)
    return column.name != "amount" and (
        has_amount or column.name not in ("quantity", "unit_price", "discount")
    )


def _blank_bad(work: Work, rows: ir.Table, item: TypedColumn, count: int) -> None:
    name, bad, value = item.column.name, item.bad, item.value
    assert bad is not None
    cell = rows[name].cast("string")
    example = (
        "" if item.column.personal else work.engine.value(rows.aggregate(x=cell.min(where=bad(rows))))["x"]
    )
    action = mark(
        "Cells that cannot be read count as blank, since the rows are of use without them. Correct them in "
        'the file; on_bad_row = "refuse" in crmkit.toml, [reading], refuses such files.'
    )
    item.notes.append(
        Note("cells_blanked", work.table.name, action, name, count, example=shown(example), changed=True)
    )
    item.value = lambda rows: bad(rows).fill_null(False).ifelse(None, value(rows))
    item.bad = None


def _no_value(value: Expression) -> Expression:
    return lambda rows: value(rows).isnull()


class _Columns(Work):
    def quick_look(self, names: Sequence[str]) -> dict[str, dict[str, Any]]:
        """What a plain cast would do to each column of text, in one query."""
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
        name = column.name
        match column.kind:
            case "date" | "moment":
                return moments.from_text(self, column, lambda rows: rows[name], seen)
            case "money" | "number" | "count" | "share":
                return self._number(column, seen)
            case "flag":
                return self._flag(column, lambda rows: rows[name])
            case "id":
                return self._id(column, seen)
            case _:
                return self._text(column, seen)

    def _text(self, column: Column, seen: Mapping[str, Any]) -> TypedColumn:
        name = column.name

        def tidied(rows: ir.Table) -> ir.StringValue:
            return repairs.tidied(rows[name], seen, scanned=self.scanned)

        if not column.values:
            return TypedColumn(column, tidied)

        def word(rows: ir.Table) -> ir.StringValue:
            return known_words.on_list(tidied(rows), self.table.name, name)

        form = known_words.known_form(tidied(self.rows))
        both = tidied(self.rows) + " → " + word(self.rows)
        other = form.isin(tuple(known_words.meanings(self.table.name, name)))
        found = self.ask({"rows": other.sum(), "example": both.min(where=other)})
        action = mark("Words were read as those that crmkit knows: {known}.")
        notes = [
            Note(
                "words_read",
                self.table.name,
                action,
                column=name,
                rows=int(found["rows"]),
                example=found["example"],
                values={"known": ", ".join(column.values)},
                changed=True,
            )
        ]
        return TypedColumn(column, word, notes=notes if found["rows"] else [])

    def _flag(self, column: Column, raw: Expression) -> TypedColumn:
        seen = {key: bool(value) for key, value in self.ask(flags.marks(raw(self.rows))).items()}

        def value(rows: ir.Table) -> ir.BooleanValue:
            return flags.flag(raw(rows), **seen)

        return TypedColumn(column, value, lambda rows: value(rows).isnull() & ~repairs.is_missing(raw(rows)))

    def _number(self, column: Column, seen: Mapping[str, Any]) -> TypedColumn:
        name = column.name

        def raw(rows: ir.Table) -> ir.StringValue:
            return rows[name]

        decimal = self.settings.reading.decimal
        is_plain = not numbers.may_be_rounded(seen) and column.kind != "share"
        if is_plain and numbers.reads_directly(seen):
            return TypedColumn(column, lambda rows: rows[name].try_cast(MONEY))
        if is_plain and decimal != "point":
            second = self.ask(numbers.second_look(self.rows[name]))
            is_plain = not second["points"] and not numbers.may_be_rounded(second)
            if is_plain and numbers.reads_directly({**seen, **second}):
                return TypedColumn(column, lambda rows: numbers.with_point(rows[name]))
        found = numbers.read(
            self.distinct(raw), self.engine, decimal=decimal, column=column, where=self.where[name]
        )
        notes = [self._numbers_note(column, found)] if found.done else []
        item = self.looked_up(column, found.cells, raw, notes)
        item.currency, item.percent = found.currency, found.percent and column.kind == "money"
        return item

    def _numbers_note(self, column: Column, found: numbers.NumbersRead) -> Note:
        return Note(
            "numbers_read",
            self.table.name,
            mark("{done}"),
            column=column.name,
            rows=found.rows,
            amount=found.money if column.kind == "money" else math.nan,
            example=found.example,
            values={"done": Sentences(*found.done)},
            changed=True,
        )

    def _id(self, column: Column, seen: Mapping[str, Any]) -> TypedColumn:
        name = column.name

        def tidied(rows: ir.Table) -> ir.StringValue:
            return repairs.tidied(rows[name], seen, scanned=self.scanned)

        if not (seen["float"] or seen["exponent"]):
            return TypedColumn(column, tidied)
        found = self.ask(repairs.closer_look_id(tidied(self.rows)))
        bad = None
        if repairs.are_rounded(seen["cells"], found, where=self.where[name]):

            def bad(rows: ir.Table) -> ir.BooleanValue:
                return repairs.is_exponent(tidied(rows)).fill_null(False)

        if found["float"] and found["float"] == found["decimal"]:
            note = self._float_ids(column, found["float"], found["example"])
            return TypedColumn(
                column, lambda rows: tidied(rows).re_replace(r"^(\d+)\.0$", r"\1"), bad, notes=[note]
            )
        return TypedColumn(column, tidied, bad)

    def _float_ids(self, column: Column, rows: int, example: str) -> Note:
        return Note(
            "float_ids",
            self.table.name,
            mark("Numbers that a spreadsheet wrote with a decimal point are ids: 17850.0 is 17850."),
            column=column.name,
            rows=int(rows),
            example=f"{example} → {example.removesuffix('.0')}" if shown(example) else "",
            changed=True,
        )

    def from_typed(self, column: Column) -> TypedColumn:
        name = column.name
        kind = self.rows[name].type()
        match column.kind:
            case "date" | "moment":
                return moments.from_typed(self, column)
            case "money" | "number" | "count" | "share":
                return self._typed_number(column, kind)
            case "flag" if kind.is_boolean():
                return TypedColumn(column, lambda rows: rows[name])
            case "flag":
                return self._flag(column, lambda rows: rows[name].cast("string"))
            case _ if kind.is_floating():
                return self._float_column(column)
            case _:
                native = (lambda rows: rows[name]) if kind.is_integer() else None
                return TypedColumn(column, lambda rows: rows[name].cast("string"), native_id=native)

    def _typed_number(self, column: Column, kind: Any) -> TypedColumn:
        name = column.name

        # What is no number, such as a length of time, has one only as text.
        is_number = kind.is_numeric() and not kind.is_boolean()
        is_small = kind.is_integer() and kind.nbytes < 8

        def raw(rows: ir.Table) -> Any:
            return rows[name] if is_number else rows[name].cast("string")

        def bad(rows: ir.Table) -> ir.BooleanValue:
            cell = raw(rows)
            known = cell.notnull() & ~cell.isnan() if kind.is_floating() else cell.notnull()
            value = cell.try_cast(MONEY)
            return known & (
                value.isnull() | ~value.between(0, 1) if column.kind == "share" else value.isnull()
            )

        notes = []
        if kind.is_floating():
            cell = self.rows[name]
            value = cell.try_cast(MONEY)
            is_rounded = numbers.rounded(cell, value)
            seen = self.ask({"rows": is_rounded.sum(), "money": value.sum(where=is_rounded)})
            if seen["rows"]:
                found = numbers.NumbersRead(
                    self.rows, seen["rows"], float(seen["money"]), done=[numbers.rounding()]
                )
                notes = [self._numbers_note(column, found)]
        return TypedColumn(
            column,
            lambda rows: raw(rows).try_cast(MONEY),
            bad if not is_small or column.kind == "share" else None,
            notes=notes,
        )

    def _float_column(self, column: Column) -> TypedColumn:
        """Ids or texts that came as floats: whole numbers are ids without the decimal point."""
        name = column.name
        cell = self.rows[name]
        known = cell.notnull() & ~cell.isnan()
        seen = self.ask(
            {
                "whole": (cell == cell.floor()).sum(where=known),
                "cells": known.sum(),
                "example": cell.min(where=known),
            }
        )

        def value(rows: ir.Table) -> ir.FloatingValue:
            return rows[name].isnan().ifelse(None, rows[name])

        if seen["cells"] and seen["whole"] == seen["cells"]:

            def native(rows: ir.Table) -> ir.IntegerValue:
                return value(rows).cast("int64")

            note = self._float_ids(column, seen["whole"], f"{seen['example']:.1f}")
            return TypedColumn(
                column, lambda rows: native(rows).cast("string"), native_id=native, notes=[note]
            )
        return TypedColumn(column, lambda rows: value(rows).cast("string"))


def money_of(amount: object) -> float:
    """A sum that the engine returned, as a float; NaN if there was none."""
    return math.nan if amount is None else float(amount)  # type: ignore[arg-type]
