"""What can stand for a required column that a file has not: the stage of a deal tells its status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from crmkit.book.naming import plain
from crmkit.book.notes import Note
from crmkit.book.synonyms import COLUMNS
from crmkit.book.values import flags
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir

_WON = r"(?i)\bwon\b|^(?:выигран|успешн|закрыта успешно)|^оплачен"
_LOST = r"(?i)\blost\b|^(?:проигран|отказ|потерян|закрыта неуспешно|неуспешн)"
_ABSENCE = frozenset(map(plain, COLUMNS["contacts"]["status"][1].split(", ")))


def stand_in(table: str, rows: ir.Table, headers: Mapping[str, str]) -> tuple[ir.Table, list[Note]]:
    """Give typed rows the required columns that they lack.

    Parameters
    ----------
    table
        Name of the table of the contract.
    rows
        Its typed rows, with the contract's names.
    headers
        The company's header of each column.

    Returns
    -------
    tuple
        The rows, and notes of what was worked out from what.
    """
    match table:
        case "deals":
            return _deals(rows, headers)
        case "contacts":
            return _contacts(rows, headers)
        case _:
            return rows, []


def _deals(rows: ir.Table, headers: Mapping[str, str]) -> tuple[ir.Table, list[Note]]:
    import ibis

    notes = []
    if "status" not in rows.columns:
        stage = rows.stage
        status = ibis.cases((stage.re_search(_WON), "won"), (stage.re_search(_LOST), "lost"), else_="open")
        rows = rows.mutate(status=stage.isnull().ifelse(None, status))
        notes.append(
            Note(
                "status_from_stage",
                "deals",
                mark(
                    "There is no status, so that the stage tells it: won and lost as it says, all else open. "
                    "A status column in the mapping undoes it."
                ),
                column="status",
            )
        )
    elif "stage" not in rows.columns:
        rows = rows.mutate(stage=rows.status)
    if "expected_close" not in rows.columns:
        rows = rows.mutate(expected_close=rows.closed_at)
        notes.append(
            Note(
                "expected_from_closed",
                "deals",
                mark(
                    "There is no expected day of closing; closed deals have the day on which they closed, "
                    "open ones none."
                ),
                column="expected_close",
            )
        )
    elif "closed_at" in rows.columns:
        rows = rows.mutate(expected_close=ibis.coalesce(rows.expected_close, rows.closed_at))
    return rows, notes


def _contacts(rows: ir.Table, headers: Mapping[str, str]) -> tuple[ir.Table, list[Note]]:
    import ibis

    notes = []
    if "status" in rows.columns and plain(headers.get("status", "")) in _ABSENCE:
        absent = flags.flag(rows.status)
        rows = rows.mutate(status=absent.isnull().ifelse(rows.status, absent.ifelse("no_show", "kept")))
        notes.append(
            Note(
                "status_from_absence",
                "contacts",
                mark("The column {header} says who did not come: yes is no_show, no is kept."),
                column="status",
                values={"header": headers["status"]},
                changed=True,
            )
        )
    if "kind" not in rows.columns:
        rows = rows.mutate(kind=ibis.literal("appointment"))
        notes.append(
            Note(
                "kind_assumed",
                "contacts",
                mark("The kind of contact is not said; all were taken for appointments."),
                column="kind",
            )
        )
    return rows, notes
