"""What ``crmkit check`` says about a source: what was read, noted and answered, and what would add most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmkit.book.questions import additions

if TYPE_CHECKING:
    import pandas as pd

    from crmkit.book.book import Book


@dataclass(frozen=True)
class CheckReport:
    """The findings of a check, as tables in the book's language.

    Attributes
    ----------
    sources
        part (file, sheet or table), table, columns (how many), mapping (``ours = theirs``).
    tables
        table, rows, columns (those that hold values).
    notes, set_aside, reconciliation, answers
        As in the book.
    additions
        addition (table or column), unlocks, improves (titles of questions).
    """

    name: str
    as_of: pd.Timestamp
    currency: str
    language: str
    sources: pd.DataFrame
    tables: pd.DataFrame
    notes: pd.DataFrame
    set_aside: pd.DataFrame
    reconciliation: pd.DataFrame
    answers: pd.DataFrame
    additions: pd.DataFrame


def check_report(book: Book) -> CheckReport:
    """Everything ``crmkit check`` shows about a book."""
    import pandas as pd

    filled = book.filled_columns
    tables = pd.DataFrame.from_records(
        [(name, book.rows(name), len(filled[name]), ", ".join(_ordered(book, name))) for name in book.tables],
        columns=["table", "rows", "columns", "names"],
    )
    return CheckReport(
        name=book.name,
        as_of=book.as_of,
        currency=book.currency,
        language=book.language,
        sources=book.sources,
        tables=tables,
        notes=book.notes,
        set_aside=book.set_aside,
        reconciliation=book.reconciliation(),
        answers=book.answers(),
        additions=additions(filled, book.speaker()),
    )


def _ordered(book: Book, name: str) -> list[str]:
    from crmkit.book.contracts import TABLES

    return [column.name for column in TABLES[name].columns if column.name in book.filled_columns[name]]
