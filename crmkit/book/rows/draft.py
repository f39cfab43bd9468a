"""A table while it is read: its parts, its rows with their places, and what leaves them, written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmkit.book.contracts import Table
from crmkit.book.engine import ROW, Engine
from crmkit.book.formats.part import Part
from crmkit.book.lines import with_amount
from crmkit.book.rows.id_look import IdLook
from crmkit.book.values.columns import TypedColumn, money_of
from crmkit.wording.message import Message

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from crmkit.book.rows.tables import Reading

FILE = "_file"
"""Number of the part that a row stands in, counted from 0 over the parts of its table."""
PLACE = (FILE, ROW)
HEADING = "_heading"
"""Whether a row only names the client of those below it; a column of groups with such rows."""
SHIFTED = "shifted"
"""Attribute of frames of rows whose cells may stand in wrong columns."""

_DATES = ("date", "moment")
_NEEDED = ("id", "date", "moment", "money")


@dataclass
class Source:
    """A part, and the headers of the columns that it gives."""

    part: Part
    headers: dict[str, str]
    positions: dict[str, int]


@dataclass
class Group:
    """Parts of one table that are typed together, since the column decides and not the file."""

    rows: ir.Table
    """Cells as they were found, with their places."""
    originals: list[ir.Table]
    sources: list[int]
    columns: list[str]
    stored: bool
    count: int = 0
    typed: Sequence[TypedColumn] = ()
    joined: ir.Table | None = None
    """The rows with what the expressions of `typed` need."""
    table: ir.Table | None = None
    """The rows that are used, with the types of the contract."""


@dataclass
class Draft:
    """A table while it is read."""

    table: Table
    engine: Engine
    sources: list[Source]
    groups: list[Group] = field(default_factory=list)
    ids: IdLook | None = None
    """What a look at the ledger's client ids showed, as they were read; None if nobody looked."""

    @property
    def is_ledger(self) -> bool:
        """Whether the table is the ledger, whose rows bring money."""
        return self.table.name == "ledger"

    @property
    def columns(self) -> list[str]:
        """The contract's columns that at least one part gives."""
        return [c.name for c in self.table.columns if any(c.name in group.columns for group in self.groups)]

    @property
    def dates(self) -> list[str]:
        """The columns of dates among them that may not be blank."""
        return [name for name in self.columns if name in self.needed and self.table[name].kind in _DATES]

    @property
    def needed(self) -> list[str]:
        """Columns in which a blank cell cannot be used."""
        needed = [self.table[name] for name in self.table.required]
        return [column.name for column in needed if column.kind in _NEEDED and not column.may_be_blank]

    def rows(self) -> ir.Table:
        """The typed rows of all groups, in the order of the contract, with their places."""
        import ibis

        typed = [group.table for group in self.groups if group.table is not None]
        names = [c.name for c in self.table.columns if any(c.name in rows.columns for rows in typed)]
        names += ["_client"] if all("_client" in rows.columns for rows in typed) else []
        names += PLACE
        types = {name: next(rows[name].type() for rows in typed if name in rows.columns) for name in names}
        aligned = [
            rows.select(
                **{name: rows[name] if name in rows.columns else ibis.null(types[name]) for name in names}
            )
            for rows in typed
        ]
        return ibis.union(*aligned) if len(aligned) > 1 else aligned[0]

    def set_apart(self, reading: Reading, keys: ir.Table, reason: Message) -> tuple[int, float]:
        """Take the rows at the places of `keys` out of the table and put them into the reading's set aside.

        Returns how many they are, and their money, NaN where there are no amounts.
        """
        keys = self.engine.store(keys.select(*PLACE).distinct())
        rows = with_amount(self.rows())
        has_money = self.is_ledger and "amount" in rows.columns
        if has_money and reading.money_read is None:
            reading.money_read = float(self.engine.value(rows.aggregate(all=rows.amount.sum()))["all"] or 0)
        leaving = rows.semi_join(keys, PLACE)
        money = {"money": leaving.amount.sum()} if has_money else {}
        seen = self.engine.value(leaving.aggregate(rows=leaving.count(), **money))
        for group in self.groups:
            if group.table is None:
                continue
            cells = group.rows.semi_join(keys, PLACE).select(*PLACE, *group.columns).order_by(PLACE)
            frame = self.engine.fetch(cells)
            if not len(frame):
                continue
            frame["reason"] = reason
            reading.set_aside.append(self.frame(frame))
            kept = group.table.anti_join(keys, PLACE)
            # A join does not keep the order of the file.
            group.table = self.engine.store(kept.order_by(PLACE)) if group.stored else kept
        amount = money_of(seen.get("money")) if has_money else float("nan")
        if has_money:
            reading.money_aside += float(seen["money"] or 0)
        return int(seen["rows"]), amount

    def change(
        self, reading: Reading, keys: ir.Table, new: Callable[[ir.Table], dict[str, ir.Value]]
    ) -> None:
        """Give columns of the ledger's rows at the places of `keys` new values, before any row is set apart.

        `new` makes them from the rows of a group. The money that was read is what the rows have afterwards.
        """
        import ibis

        keys = self.engine.store(keys.select(*PLACE).distinct())
        before = self._money(keys)
        for group in self.groups:
            if group.table is None:
                continue
            rows = group.table.left_join(keys.mutate(_here=ibis.literal(True)), PLACE)
            here = rows["_here"].fill_null(False)
            values = {name: here.ifelse(value, rows[name]) for name, value in new(rows).items()}
            rows = rows.mutate(**values).select(*group.table.columns)
            # A join does not keep the order of the file.
            group.table = self.engine.store(rows.order_by(PLACE)) if group.stored else rows
        if reading.money_read is not None:
            reading.money_read += self._money(keys) - before

    def _money(self, keys: ir.Table) -> float:
        rows = with_amount(self.rows())
        if "amount" not in rows.columns:
            return 0.0
        rows = rows.semi_join(keys, PLACE)
        return float(self.engine.value(rows.aggregate(n=rows.amount.sum()))["n"] or 0)

    def frame(self, cells: pd.DataFrame) -> pd.DataFrame:
        """Rows as they stood, with `reason`, as :attr:`crmkit.book.Book.set_aside` shows them."""
        numbers = cells.pop(FILE).astype(int)
        firsts = numbers.map(lambda number: self.sources[number].part.first_row)
        each = numbers.map(lambda number: self.sources[number].part.rows_each)
        cells.insert(0, "table", self.table.name)
        cells.insert(1, "file", numbers.map(lambda number: self.sources[number].part.name).astype("str"))
        cells.insert(2, "row", (cells.pop(ROW) // each + firsts).astype("int64"))
        cells.insert(3, "reason", cells.pop("reason"))
        return cells

    def where(self, group: Group, column: str) -> Message:
        """What messages call the place of a column: file and header."""
        for number in group.sources:
            source = self.sources[number]
            if column in source.headers:
                header = source.headers[column]
                return Message("{file}, column '{column}'", file=source.part.name, column=header)
        raise KeyError(column)
