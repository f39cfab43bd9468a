"""A quick look at client ids: its first and last in order tell whether all are plain codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.engine import Engine


@dataclass(frozen=True)
class IdLook:
    """The first and the last of all ids in order, and whether a row has none."""

    first: str
    last: str
    missing: bool

    @property
    def prefix(self) -> str:
        """How all ids begin: what lies between two texts in order begins as both do."""
        pairs = enumerate(zip(self.first, self.last))
        return self.first[
            : next((at for at, (a, b) in pairs if a != b), min(len(self.first), len(self.last)))
        ]

    @property
    def words(self) -> bool:
        """Whether ids may be words: not if all begin alike and go on with a digit, as most codes do.

        Zeros at the beginning call for a look too, since spreadsheets drop them.

        >>> IdLook("C0001", "C0934", False).words, IdLook("Acme", "Beta", False).words
        (False, True)
        """
        at = len(self.prefix)
        digits = self.first[at : at + 1].isdigit() and self.last[at : at + 1].isdigit()
        return not digits or self.first.startswith("0")


def look_at(engine: Engine, rows: ir.Table) -> IdLook:
    """Look at the client ids of a table."""
    cell = rows.client_id
    seen = engine.value(rows.aggregate(first=cell.min(), last=cell.max(), missing=cell.isnull().any()))
    return IdLook(seen["first"] or "", seen["last"] or "", bool(seen["missing"]))
