"""A column of a table with its type, and what is at hand while columns get theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmkit.book.contracts import Column, Table
from crmkit.book.engine import Engine
from crmkit.book.notes import Note
from crmkit.book.settings import Settings
from crmkit.book.values import repairs
from crmkit.book.values.siblings import Siblings
from crmkit.wording import Message

if TYPE_CHECKING:
    import ibis.expr.types as ir

    Expression = Callable[[ir.Table], Any]


@dataclass
class TypedColumn:
    """How a column gets its type; each expression is a function of the rows."""

    column: Column
    value: Expression
    bad: Expression | None = None
    """Whether the cell cannot be read; None where there is no such cell."""
    native_id: Expression | None = None
    """An integer id as it was, on which grouping is faster than on text."""
    cells: ir.Table | None = None
    """The column's distinct cells with their values, to be joined to the rows."""
    raw: Expression | None = None
    """The cell as `cells` has it."""
    complete: bool = False
    """Whether the column is known to have a value in every row."""
    notes: list[Note] = field(default_factory=list)
    currency: str = ""
    """What the signs beside its numbers say."""
    percent: bool = False
    """Whether its numbers are percents of something else."""


@dataclass
class Work:
    """The rows of a table whose columns get their types, and what decides how."""

    rows: ir.Table
    count: int
    table: Table
    engine: Engine
    settings: Settings
    where: Mapping[str, Message]
    scanned: bool
    siblings: Siblings | None = None

    def ask(self, aggregates: dict[str, Any]) -> Mapping[str, Any]:
        """The values of aggregates over the rows."""
        return self.engine.value(self.rows.aggregate(**aggregates))

    def distinct(self, raw: Expression) -> ir.Table:
        """The distinct cells of a column: raw; bare, trimmed and null where it stands for a missing value;
        and in how many rows."""
        cells = self.rows.select(raw=raw(self.rows))
        cells = cells.group_by("raw").aggregate(rows=cells.count())
        cells = cells.filter(cells.raw.notnull())
        return self.engine.store(cells.mutate(bare=repairs.without_missing(cells.raw)), scratch=True)

    def looked_up(
        self, column: Column, cells: ir.Table, raw: Expression, notes: Sequence[Note] = ()
    ) -> TypedColumn:
        """A column whose values are read off its distinct cells."""
        name = column.name
        bad = cells.value.isnull() & cells.bare.notnull()
        stored = self.engine.store(cells.select("raw", "value", bad=bad), scratch=not self.scanned)
        some_bad = self.engine.value(stored.aggregate(n=stored.bad.any()))["n"]
        return TypedColumn(
            column,
            lambda rows: rows[f"_{name}"],
            (lambda rows: rows[f"_bad_{name}"].fill_null(False)) if some_bad else None,
            cells=stored,
            raw=raw,
            notes=list(notes),
        )
