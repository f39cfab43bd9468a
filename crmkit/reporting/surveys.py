"""What was read: the same in a notebook, in the index of the reports and in ``crmkit check``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmkit.wording import Claim, Explanation, Speaker, TableView, mark

if TYPE_CHECKING:
    import pandas as pd

    from crmkit.book import Book

PARTS = {
    "read": mark("read"),
    "used": mark("used"),
    "without_client": mark("without a client: in the totals only"),
    "after_as_of": mark("after the day of the report: not counted"),
    "set_aside": mark("set aside: could not be read"),
}


@dataclass(frozen=True)
class Survey:
    """What a book was read from and what was noted on the way.

    Parameters
    ----------
    say
        Speaker of the book's language.
    sentences
        Clients, money, period; whether the last month is complete.
    reconciliation
        part, rows, amount: every row of the ledger is in one part.
    notes
        table, note, rows, amount.
    """

    say: Speaker
    sentences: tuple[str, ...]
    reconciliation: pd.DataFrame
    notes: pd.DataFrame

    def explain(self) -> Explanation:
        """The sentences, with the reconciliation as their evidence."""
        evidence = self.reconciliation if len(self.reconciliation) else None
        first, *others = self.sentences
        return Explanation((Claim(first, evidence=evidence), *(Claim(each) for each in others)), self.say)

    def show(self) -> TableView:
        """The notes."""
        return TableView(self.notes, self.say)


def survey(book: Book) -> Survey:
    """What a book was read from.

    Parameters
    ----------
    book
        Any book; one without a ledger has less to say.
    """
    say = book.speaker()
    return Survey(
        say=say,
        sentences=tuple(_sentences(book, say)),
        reconciliation=_in_words(book.reconciliation(), say),
        notes=_as_notes(book.notes),
    )


def _sentences(book: Book, say: Speaker) -> list[str]:
    tables = say.enumerate(book.tables)
    if "ledger" not in book.tables:
        return [say("Tables read: {tables}. There is no ledger.", tables=tables)]
    summary = book.client_summary()
    clients = say.plural("{n} client", "{n} clients", len(summary))
    period = {"first": say.date(summary["first_date"].min()), "last": say.date(book.as_of)}
    if "amount" in book.filled_columns["ledger"]:
        money = say.money(summary["amount"].sum())
        found = say(
            "{clients} brought {money} from {first} to {last}.", clients=clients, money=money, **period
        )
    else:
        found = say(
            "{clients} bought from {first} to {last}; amounts are not known.", clients=clients, **period
        )
    sentences = [found, say("Tables read: {tables}.", tables=tables)]
    if book.is_partial("MS"):
        month, last = say.month(book.as_of), say.date(book.as_of)
        sentences.append(
            say(
                "{month} is not complete: its data end on {last}. It is never taken for a fall.",
                month=month,
                last=last,
            )
        )
    return sentences


def _as_notes(notes: pd.DataFrame) -> pd.DataFrame:
    """What was done, and to how many rows, where it was rows."""
    shown = notes.rename(columns={"action": "note"})[["table", "note", "rows", "amount"]]
    return shown.assign(rows=shown["rows"].where(shown["rows"] > 0))


def _in_words(reconciliation: pd.DataFrame, say: Speaker) -> pd.DataFrame:
    """The parts that hold rows, named in the reader's language."""
    filled = reconciliation[reconciliation["rows"].gt(0) | reconciliation["part"].isin(["read", "used"])]
    return filled.assign(part=filled["part"].map(lambda part: say(PARTS[part]))).reset_index(drop=True)
