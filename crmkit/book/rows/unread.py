"""Rows that cannot be used as they stand: told apart, refused or set aside, and written down."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from crmkit.book.engine import MONEY, ROW
from crmkit.book.errors import BookError, option
from crmkit.book.examples import shown
from crmkit.book.lines import with_amount
from crmkit.book.naming import plain
from crmkit.book.notes import Note
from crmkit.book.rows import row_rules
from crmkit.book.rows.draft import FILE, HEADING, PLACE, SHIFTED, Draft, Group
from crmkit.book.rows.row_rules import BLANK, HEADER, TOTAL
from crmkit.book.settings import Settings
from crmkit.book.values.columns import EXPECTED
from crmkit.book.values.repairs import MISSING
from crmkit.wording import mark
from crmkit.wording.message import Message

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from crmkit.book.rows.tables import Reading

_REASON, _MONEY, _CELL = "_reason", "_money", "_cell"
_MOST = 0.5
"""Share of rows that cannot be read from which the table is refused: it is then likely read wrongly."""


def remove_unread(draft: Draft, reading: Reading, settings: Settings) -> None:
    """Take the rows that cannot be read out of all groups of a draft, or refuse the table.

    Raises
    ------
    BookError
        If rows cannot be read and may not be set aside, or they are more than half, or none is left.
    """
    reasons = [_reason(draft, group) for group in draft.groups]
    ragged = sum(len(source.part.aside) for source in draft.sources)
    total = ragged + sum(group.count for group in draft.groups)
    found = None
    if any(reason is not None for reason in reasons):
        valued = [_valued(draft, group, reason) for group, reason in zip(draft.groups, reasons)]
        found = _leaving(draft, valued)
        if draft.is_ledger:
            reading.money_read = _money_of_all(draft, valued)
    count = {} if found is None else _counts(draft, found)
    known = sum(count.get(name, 0) for name in (BLANK, HEADER, TOTAL, HEADING))
    unread = ragged + sum(count.values()) - known
    if unread and (settings.reading.on_bad_row == "refuse" or unread > _MOST * (total - known)):
        raise BookError(_refusal(draft, found, unread, total - known, settings))
    if total == known:
        raise BookError("{file}: the file has headers but no rows.", file=draft.sources[0].part.name)
    if found is not None:
        _set_aside(draft, found, reading, blank=count.get(BLANK, 0))
        for group, reason in zip(draft.groups, reasons):
            if reason is not None:
                assert group.joined is not None
                group.joined = group.joined.filter(reason(group.joined).isnull())
    if ragged:
        _set_ragged_aside(draft, reading)
    reading.rows_read[draft.table.name] = reading.rows_read.get(draft.table.name, 0) + total


def _reason(draft: Draft, group: Group) -> Callable[[ir.Table], ir.StringValue] | None:
    """Why a row cannot be used: a column, or a name of :mod:`crmkit.book.rows.row_rules`; null if it can."""
    import ibis

    bad = [item for item in group.typed if item.bad is not None]
    headers = {
        name: [source.headers[name] for source in draft.sources if name in source.headers]
        for name in group.columns
    }
    if not bad:
        # Where nothing is a date or number, a repeated header is no cell that cannot be read.
        is_text = all(item.column.kind in ("id", "text") for item in group.typed)
        if not is_text or not draft.engine.value(_any_header(group.rows, headers))["n"]:
            return None
    dates = [name for name in draft.dates if name in group.columns]

    def reason(rows: ir.Table) -> ir.StringValue:
        headings = [(rows[HEADING], HEADING)] if HEADING in rows.columns else []
        return ibis.cases(
            *headings,
            (row_rules.is_blank(rows, group.columns), BLANK),
            (row_rules.is_header(rows, headers), HEADER),
            (row_rules.is_total(rows, group.columns, dates), TOTAL),
            *[(item.bad(rows), item.column.name) for item in bad if item.bad is not None],
        )

    return reason


def _any_header(rows: ir.Table, headers: dict[str, list[str]]) -> ir.Table:
    return rows.aggregate(n=row_rules.is_header(rows, headers).any())


def _valued(draft: Draft, group: Group, reason: Callable[[ir.Table], ir.StringValue] | None) -> ir.Table:
    """All rows of a group: place, cells as text, values, reason, the cell that is the reason, money."""
    import ibis

    rows = group.joined
    assert rows is not None
    bad = [item for item in group.typed if item.bad is not None]
    cells = [(item.bad(rows), rows[item.column.name].cast("string")) for item in bad if item.bad is not None]
    blank = ibis.null("string")
    result = rows.select(
        *PLACE,
        **{f"raw {name}": rows[name].cast("string") for name in group.columns},
        **{item.column.name: item.value(rows) for item in group.typed},
        **{_REASON: blank if reason is None else reason(rows), _CELL: ibis.cases(*cells) if cells else blank},
    )
    result = with_amount(result) if draft.is_ledger else result
    names = [column.name for column in draft.table.columns]
    has_money = draft.is_ledger and "amount" in result.columns
    return result.select(
        *PLACE,
        **{
            f"raw {name}": result[f"raw {name}"] if name in group.columns else ibis.null("string")
            for name in names
        },
        **{_REASON: result[_REASON], _CELL: result[_CELL]},
        **{_MONEY: result.amount if has_money else ibis.null(MONEY)},
        _dateless=ibis.or_(*[result[name].isnull() for name in draft.dates if name in result.columns]),
    )


def _leaving(draft: Draft, valued: Sequence[ir.Table]) -> ir.Table:
    """The rows that cannot be used, with the sum of the lines above them and of the whole file."""
    import ibis

    rows = ibis.union(*valued) if len(valued) > 1 else valued[0]
    kept = rows[_REASON].isnull().ifelse(rows[_MONEY], ibis.literal(0, MONEY))
    rows = rows.mutate(
        _above=kept.sum().over(group_by=FILE, order_by=ROW, rows=(None, 0)),
        _whole=kept.sum().over(group_by=FILE),
        _lines=rows[_REASON].isnull().cast("int64").sum().over(group_by=FILE, order_by=ROW, rows=(None, 0)),
    )
    return draft.engine.store(rows.filter(rows[_REASON].notnull()), scratch=True)


def _money_of_all(draft: Draft, valued: Sequence[ir.Table]) -> float:
    sums = [draft.engine.value(rows.aggregate(money=rows[_MONEY].sum()))["money"] for rows in valued]
    return float(sum(money for money in sums if money is not None))


def _counts(draft: Draft, found: ir.Table) -> dict[str, int]:
    counted = found.group_by(_REASON).aggregate(rows=found.count())
    frame = draft.engine.fetch(counted)
    return {reason: int(rows) for reason, rows in zip(frame[_REASON], frame["rows"])}


def _set_aside(draft: Draft, found: ir.Table, reading: Reading, *, blank: int) -> None:
    """Put the rows into the reading's set aside, and write notes; blank rows are only counted."""
    names = [column.name for column in draft.table.columns if column.name in draft.columns]
    rows = found.filter(found[_REASON] != BLANK).order_by(PLACE)
    frame = draft.engine.fetch(rows)
    if blank:
        reading.rows_blank[draft.table.name] = reading.rows_blank.get(draft.table.name, 0) + blank
        action = mark("Rows that are blank in every column used were left out.")
        reading.notes.append(Note("blank_rows", draft.table.name, action, rows=blank, changed=True))
    if not len(frame):
        return
    _refuse_other_headers(draft, frame)
    agrees = _find_totals(frame)
    reading.notes += _notes(draft, frame, agrees)
    reading.money_aside += float(frame[_MONEY].sum())
    cells = frame[[*PLACE, *[f"raw {name}" for name in names]]]
    cells = cells.rename(columns={f"raw {name}": name for name in names})
    reasons = frame[_REASON].map(lambda reason: _said_reason(draft, reason))
    reading.set_aside.append(draft.frame(cells.assign(reason=reasons)))


def _refuse_other_headers(draft: Draft, frame: pd.DataFrame) -> None:
    """Refuse headers that stand again in another order, since the rows below them have other columns."""
    for row in frame[frame[_REASON] == HEADER].to_dict("records"):
        source = draft.sources[int(row[FILE])]
        # Where a row became several, its headers are not those of the file.
        for column, header in source.headers.items() if source.part.rows_each == 1 else ():
            cell = row[f"raw {column}"]
            if isinstance(cell, str) and cell.strip() and not _is_named(cell, header):
                raise BookError(
                    "{file}, row {row}: headers stand here again, and another one is where '{header}' was "
                    "above. Split the file there, since the rows below have other columns.",
                    file=source.part.name,
                    row=int(row[ROW]) + source.part.first_row,
                    header=header,
                )


def _is_named(cell: str, header: str) -> bool:
    """Whether a cell is a header, of which the second of its name was given a number."""
    names = (header, re.sub(r" \(\d+\)$", "", header))
    return plain(cell) in {plain(name) for name in names}


def _find_totals(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows agree with the sum of rows above; one without a date and a client that does is a total."""
    import numpy as np

    candidate = frame[_REASON] == TOTAL
    if "raw client_id" in frame.columns:
        nobody = frame["raw client_id"].fillna("").str.strip().eq("")
        candidate |= frame["_dateless"] & nobody & frame[_MONEY].notna()
    agrees = np.zeros(len(frame), dtype=bool)
    rows = frame[candidate & frame[_MONEY].notna()]
    agrees[rows.index] = row_rules.agreeing(
        rows.rename(columns={FILE: "file", _MONEY: "money", "_above": "above", "_whole": "whole"})
    )
    frame.loc[agrees & (frame["_lines"] > 1), _REASON] = TOTAL
    return agrees


def _notes(draft: Draft, frame: pd.DataFrame, agrees: NDArray[np.bool_]) -> list[Note]:
    notes = []
    name = draft.table.name
    for reason, rows in frame.groupby(_REASON, sort=False):
        amount = float(rows[_MONEY].sum(min_count=1))
        if reason == TOTAL:
            checked = int(rows[_MONEY].notna().sum())
            action = mark(
                "Rows of totals were set aside, so that nothing counts twice; {agree} of {checked} agree "
                "with the sum of the rows they stand for. Give a row a date in the file to keep it."
            )
            values = {"agree": int(agrees[rows.index].sum()), "checked": checked}
            example = shown(_label(rows, draft.columns))
            notes.append(
                Note("totals", name, action, "", len(rows), amount, example, values=values, changed=True)
            )
        elif reason == HEADING:
            action = mark(
                "The client of each row without one was taken from the row above that has a client and no "
                "date; these rows were set aside, and their amounts are blank or the sums of the rows below. "
                "Write the client into each row of the file to say otherwise."
            )
            notes.append(
                Note("clients_from_above", name, action, "client_id", len(rows), amount, changed=True)
            )
        elif reason == HEADER:
            action = mark("Rows that repeat the headers were set aside.")
            notes.append(Note("repeated_header", name, action, rows=len(rows), changed=True))
        else:
            column = draft.table[reason]
            cells = [] if column.personal or column.kind == "id" else rows[_CELL].dropna()
            example = next((text for cell in cells if (text := shown(cell))), "")
            action = mark(
                "Rows that cannot be read were set aside; they are in book.set_aside. Correct the cells in "
                'the file, or refuse such files with on_bad_row = "refuse" in crmkit.toml, [reading].'
            )
            notes.append(Note("set_aside", name, action, reason, len(rows), amount, example, changed=True))
    return notes


def _label(rows: pd.DataFrame, columns: Sequence[str]) -> str:
    """The first cell that names a row a total."""
    first = rows.iloc[0]
    cells = [str(first[f"raw {name}"]) for name in columns]
    return next((cell for cell in cells if row_rules.NAMES_TOTAL.search(cell)), "")


def _said_reason(draft: Draft, reason: str) -> Message:
    if reason == TOTAL:
        return Message("a row of totals")
    if reason == HEADER:
        return Message("the headers again")
    if reason == HEADING:
        return Message("names the client of the rows below")
    return Message("{column}: not {expected}", column=reason, expected=_expected(draft, reason))


def _expected(draft: Draft, column: str) -> Message:
    return Message(str(EXPECTED[draft.table[column].kind]))


def _set_ragged_aside(draft: Draft, reading: Reading) -> None:
    """Put rows that could not be brought into columns into the reading's set aside."""
    import pandas as pd

    for source in draft.sources:
        aside = source.part.aside
        if not aside:
            continue
        cells = {
            name: [row.cells[at] if at < len(row.cells) else None for row in aside]
            for name, at in source.positions.items()
        }
        frame = pd.DataFrame(cells, dtype="str")
        frame.insert(0, "table", draft.table.name)
        frame.insert(1, "file", source.part.name)
        frame.insert(2, "row", [row.row for row in aside])
        frame.insert(3, "reason", [row.reason for row in aside])
        frame.attrs[SHIFTED] = True
        reading.set_aside.append(frame)
        action = mark(
            "Rows of {file} that do not have the columns of the header were set aside; their money is not "
            "known. Correct them in the file."
        )
        values = {"file": source.part.name}
        reading.notes.append(
            Note("ragged_rows", draft.table.name, action, rows=len(aside), values=values, changed=True)
        )


def _refusal(draft: Draft, found: ir.Table | None, unread: int, data: int, settings: Settings) -> Message:
    problem = _first_problem(draft, found)
    if settings.reading.on_bad_row == "refuse":
        return Message(
            "{problem} Such rows in all: {unread}. Correct the cells, or pass {option}.",
            problem=problem,
            unread=unread,
            option=option("on_bad_row", "set_aside"),
        )
    return Message(
        "{problem} Rows that cannot be read: {unread} of {data}, so that the table is likely read wrongly. "
        "Say which columns are meant with --map COLUMN=HEADER (crmkit.toml, [mapping.{table}]; Python: "
        "mapping=), or correct the file.",
        problem=problem,
        unread=unread,
        data=data,
        table=draft.table.name,
    )


def _first_problem(draft: Draft, found: ir.Table | None) -> Message:
    """What is wrong with the first row that cannot be read, and where."""
    known = (BLANK, HEADER, TOTAL, HEADING)
    rows = None
    if found is not None:
        rows = draft.engine.fetch(found.filter(~found[_REASON].isin(known)).order_by(PLACE).limit(1))
    if rows is None or rows.empty:
        source = next(source for source in draft.sources if source.part.aside)
        row = source.part.aside[0]
        return Message("{file}, row {row}: {reason}.", file=source.part.name, row=row.row, reason=row.reason)
    row = rows.iloc[0]
    source, column = draft.sources[int(row[FILE])], draft.table[row[_REASON]]
    cell = row[_CELL]
    if cell is None or cell != cell or str(cell).strip().lower() in MISSING:
        problem = Message(
            "the cell is blank where {expected} is needed", expected=_expected(draft, column.name)
        )
    elif column.personal or column.kind == "id" or not shown(cell):
        problem = Message("the cell is not {expected}", expected=_expected(draft, column.name))
    else:
        problem = Message(
            "'{cell}' is not {expected}", cell=shown(cell), expected=_expected(draft, column.name)
        )
    return Message(
        "{file}, column '{column}', row {row}: {problem}.",
        file=source.part.name,
        column=source.headers.get(column.name, column.name),
        row=int(row[ROW]) // source.part.rows_each + source.part.first_row,
        problem=problem,
    )
