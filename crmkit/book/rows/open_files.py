"""Files whose own numbers or dates could be read two ways, and that other files of the table settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.book.notes import Note
from crmkit.book.rows.draft import FILE, Draft, Group
from crmkit.wording import mark

if TYPE_CHECKING:
    from crmkit.book.rows.tables import Reading
    from crmkit.book.settings import Settings

_NUMBERS, _DATES = ("money", "number", "count", "share"), ("date", "moment")
_MARKED, _EITHER = r"\d[.,]\d", r"^\D*[1-9]\d{0,2}[.,]\d{3}\D*$"
"""A number with a mark, and one in which it may stand between thousands or before decimals."""
_DAY = r"^\s*(\d{1,2})[-/](\d{1,2})[-/]\d{2,4}\b"
_MOST_NAMES = 3


def note_open_files(draft: Draft, group: Group, reading: Reading, settings: Settings) -> None:
    """Note files that alone would be refused, since all their numbers or dates fit two readings.

    The column decides over all files of a table, so that splitting a file changes nothing. Whether a file
    belongs to the others is for the reader to say.
    """
    if len(group.sources) < 2:
        return
    rows = group.rows
    aggregates = {}
    for name in group.columns:
        kind, cell = draft.table[name].kind, rows[name]
        if not cell.type().is_string():
            continue
        if kind in _NUMBERS and not settings.reading.decimal:
            aggregates[f"all {name}"] = cell.re_search(_MARKED).sum()
            aggregates[f"open {name}"] = cell.re_search(_EITHER).sum()
        elif kind in _DATES and not settings.reading.date_order:
            first, second = (cell.re_extract(_DAY, at).try_cast("int64") for at in (1, 2))
            aggregates[f"all {name}"] = (first != second).sum()
            aggregates[f"open {name}"] = ((first != second) & (first <= 12) & (second <= 12)).sum()
    if not aggregates:
        return
    seen = draft.engine.fetch(rows.group_by(FILE).aggregate(**aggregates).order_by(FILE))
    for name in group.columns:
        if f"all {name}" not in seen:
            continue
        marked, either = seen[f"all {name}"].fillna(0), seen[f"open {name}"].fillna(0)
        is_open = (marked > 0) & (either == marked)
        if not is_open.any() or (is_open | (marked == 0)).all():
            continue
        reading.notes.append(
            _note(draft, name, seen.loc[is_open, FILE].astype(int).tolist(), int(either[is_open].sum()))
        )


def _note(draft: Draft, column: str, files: list[int], rows: int) -> Note:
    names = [draft.sources[number].part.name for number in files]
    shown = ", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")
    if draft.table[column].kind in _DATES:
        action = mark(
            "In {files} alone the order of day and month cannot be seen; the dates were read as in the other "
            "files. If these files have another order, read them apart, or export their dates as 2025-06-30."
        )
    else:
        action = mark(
            "In {files} alone it cannot be seen whether 1,500 is a thousand and a half or one and a half; "
            "the numbers were read as in the other files. If these files are written otherwise, read "
            "them apart, or export their numbers without marks between thousands."
        )
    return Note(
        "settled_by_other_files",
        draft.table.name,
        action,
        column,
        rows,
        values={"files": shown},
        changed=True,
    )
