"""Notes: what reading found or changed, with rows and money, in the reader's language."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("kind", "table", "column", "rows", "amount", "example", "action", "changed")


@dataclass(frozen=True)
class Note:
    """One thing the reader of a report should know about the data.

    `action` is a message for :class:`crmkit.wording.Speaker` and `values` fill its placeholders; `amount` is
    the money of the rows concerned, NaN where it means nothing. `example` never holds personal data.
    `changed` says that a cell or a row counts otherwise than it stands in the file: a strict reading refuses
    it. A column that the file has not, worked out from another one, is no change.
    """

    kind: str
    table: str
    action: str
    column: str = ""
    rows: int = 0
    amount: float = math.nan
    example: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    changed: bool = False


def as_frame(notes: Iterable[Note], language: str) -> pd.DataFrame:
    """Notes as a table: kind, table, column, rows, amount, example, action, changed."""
    import pandas as pd

    from crmkit.wording import Speaker

    say = Speaker(language)
    records = [
        (
            note.kind,
            note.table,
            note.column,
            note.rows,
            note.amount,
            note.example,
            say(note.action, **note.values),
            note.changed,
        )
        for note in notes
    ]
    frame = pd.DataFrame.from_records(records, columns=list(COLUMNS))
    return frame.astype(
        {"rows": "int64", "amount": "float64", "changed": "bool"}
        | dict.fromkeys(("kind", "table", "column", "example", "action"), "str")
    )
