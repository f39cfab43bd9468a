"""Columns of dates and moments: how they are written, and on whose clock they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from crmkit.book.contracts import Column
from crmkit.book.notes import Note
from crmkit.book.values import dates
from crmkit.book.values.sentences import Sentences
from crmkit.book.values.typed import TypedColumn, Work
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.values.typed import Expression

    Reader = Callable[[ir.TimestampValue, ir.IntegerValue], ir.TimestampValue]


def from_text(work: Work, column: Column, raw: Expression, seen: Mapping[str, Any]) -> TypedColumn:
    """A column of dates written as text, from a quick look at it."""
    name = column.name
    finished = _whole_day if column.kind == "date" else _as_it_is
    if dates.reads_directly(seen):
        is_zoned = (
            dates.may_have_offset(seen) and work.ask({"n": dates.has_offset(raw(work.rows)).any()})["n"]
        )
        complete = seen["cells"] == work.count
        if not is_zoned:
            return TypedColumn(
                column, lambda rows: finished(raw(rows).try_cast("timestamp")), complete=complete
            )
        cell = raw(work.rows)
        read, notes = _on_one_clock(
            work, column, cell.try_cast("timestamp"), dates.offset_of(cell), work.rows, None
        )

        def zoned(rows: ir.Table) -> ir.TimestampValue:
            cell = raw(rows)
            return finished(read(cell.try_cast("timestamp"), dates.offset_of(cell)))

        return TypedColumn(column, zoned, complete=complete, notes=notes)
    wish = work.settings.reading.date_order
    pattern, order = dates.uniform_pattern(
        raw(work.rows), work.ask, work.engine, order=wish, cells=seen["cells"]
    )
    if pattern:
        note = _note(work, column, dates.DatesRead(work.rows, list(order.said), rows=seen["cells"]))
        return TypedColumn(
            column,
            lambda rows: finished(work.engine.parsed(raw(rows), pattern)),
            complete=seen["cells"] == work.count,
            notes=note,
        )
    found = dates.read(
        work.distinct(raw),
        work.engine,
        order=wish,
        where=work.where[name],
        personal=column.personal,
        siblings=(lambda: work.siblings.date_order(name)) if work.siblings else None,  # type: ignore[union-attr]
    )
    cells = found.cells
    read, notes = _on_one_clock(work, column, cells.clock, cells.offset, cells, cells.rows)
    value = finished(read(cells.clock, cells.offset))
    return work.looked_up(column, cells.mutate(value=value), raw, [*_note(work, column, found), *notes])


def from_typed(work: Work, column: Column) -> TypedColumn:
    """A column that came as dates, or as numbers that stand for them."""
    name = column.name
    finished = _whole_day if column.kind == "date" else _as_it_is
    kind: Any = work.rows[name].type()
    if not kind.is_temporal():

        def written(rows: ir.Table) -> ir.StringValue:
            cell = rows[name].cast("string")
            return cell.re_replace(r"\.0$", "") if kind.is_floating() else cell

        return from_text(work, column, written, work.ask(dates.quick_look(written(work.rows))))

    if not (kind.is_timestamp() and kind.timezone):
        return TypedColumn(column, lambda rows: finished(rows[name].cast("timestamp")))

    def offset(moment: ir.TimestampValue) -> ir.IntegerValue:
        return moment.notnull().ifelse(0, None).cast("int64")

    utc = work.rows[name].cast("timestamp")
    read, notes = _on_one_clock(work, column, utc, offset(utc), work.rows, None)

    def value(rows: ir.Table) -> ir.TimestampValue:
        utc = rows[name].cast("timestamp")
        return finished(read(utc, offset(utc)))

    return TypedColumn(column, value, notes=notes)


def _whole_day(moment: ir.TimestampValue) -> ir.TimestampValue:
    return moment.truncate("D")


def _as_it_is(moment: ir.TimestampValue) -> ir.TimestampValue:
    return moment


def _on_one_clock(
    work: Work,
    column: Column,
    clock: ir.TimestampValue,
    offset: ir.IntegerValue,
    table: ir.Table,
    weight: ir.IntegerValue | None,
) -> tuple[Reader, list[Note]]:
    """How moments that may have an offset come on the company's clock, and the note about it.

    Midnights stay their day; without a company's time zone, moments that all have one offset stay as written.
    """
    zoned = offset.notnull()
    seen = work.engine.value(
        table.aggregate(
            rows=zoned.sum() if weight is None else weight.sum(where=zoned),
            times=(zoned & (clock != clock.truncate("D"))).any(),
            least=offset.min(),
            most=offset.max(),
        )
    )
    if not seen["rows"]:
        return lambda clock, offset: clock, []
    zone = work.settings.company.time_zone
    values = {"zone": zone or "UTC"}
    changed = False
    read: Reader = lambda clock, offset: clock  # noqa: E731
    if not seen["times"]:
        action = mark("Midnights with an offset from UTC are days and were left on their day.")
    elif not zone and seen["least"] == seen["most"]:
        action = mark(
            "Times with the same offset from UTC ({offset}) were left as they are written; time_zone in "
            "crmkit.toml turns them into times of the company."
        )
        minutes = int(seen["least"])
        values = {"offset": f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"}
    else:
        changed = True
        action = mark(
            "Times with an offset were turned into times of {zone}; time_zone in crmkit.toml changes it."
        )

        def read(clock: ir.TimestampValue, offset: ir.IntegerValue) -> ir.TimestampValue:
            utc = clock - offset.fill_null(0).as_interval("m")
            turned = work.engine.on_clock(utc, zone) if zone else utc
            return offset.notnull().ifelse(turned, clock)

    note = Note(
        "time_zone",
        work.table.name,
        action,
        column=column.name,
        rows=int(seen["rows"]),
        values=values,
        changed=changed,
    )
    return read, [note]


def _note(work: Work, column: Column, found: dates.DatesRead) -> list[Note]:
    if not found.said:
        return []
    return [
        Note(
            "dates_read",
            work.table.name,
            mark("{done}"),
            column=column.name,
            rows=found.rows,
            example=found.example,
            values={"done": Sentences(*found.said)},
            changed=found.changed,
        )
    ]
