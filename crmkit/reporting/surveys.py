"""What was read: the same in a notebook, in the index of the reports and in ``crmkit check``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmkit.wording import Claim, Explanation, Speaker, TableView, mark
from crmkit.wording.speaker import UNKNOWN

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


CHANGED = mark("What we changed in your data")
NOTICED = mark("What to know about your data")


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
    changes
        What was read otherwise than it stands in the files: table, column, kind, note (what was done, and how
        to undo it), rows, amount, example.
    remarks
        What else was noticed, in the same columns.
    """

    say: Speaker
    sentences: tuple[str, ...]
    reconciliation: pd.DataFrame
    changes: pd.DataFrame
    remarks: pd.DataFrame

    def explain(self) -> Explanation:
        """The sentences, with the reconciliation as their evidence."""
        evidence = self.reconciliation if len(self.reconciliation) else None
        first, *others = self.sentences
        return Explanation((Claim(first, evidence=evidence), *(Claim(each) for each in others)), self.say)

    def show(self) -> TableView:
        """What was changed, and then what else was noticed."""
        import pandas as pd

        return TableView(pd.concat([self.changes, self.remarks], ignore_index=True), self.say)


def survey(book: Book) -> Survey:
    """What a book was read from.

    Parameters
    ----------
    book
        Any book; one without a ledger has less to say.
    """
    say, notes = book.speaker(), book.notes
    return Survey(
        say=say,
        sentences=tuple(_sentences(book, say)),
        reconciliation=_in_words(book.reconciliation(), say),
        changes=_as_notes(notes[notes["changed"]]),
        remarks=_as_notes(notes[~notes["changed"]]),
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
    shown = notes.rename(columns={"action": "note"}).assign(rows=notes["rows"].where(notes["rows"] > 0))
    return shown[["table", "column", "kind", "note", "rows", "amount", "example"]].reset_index(drop=True)


def note_facts(notes: pd.DataFrame, say: Speaker) -> list[str]:
    """For each note of a survey one line: where it is, how many rows, how much money, and an example."""
    view = TableView(notes[["rows", "amount", "example"]], say)
    lines = []
    for (table, column), cells in zip(notes[["table", "column"]].to_numpy(), view.cells):
        facts = [", ".join(filter(None, (table, column)))]
        facts += [f"{head}: {cell}" for head, cell in zip(view.heads, cells) if cell not in ("", UNKNOWN)]
        lines.append(" · ".join(filter(None, facts)))
    return lines


def _in_words(reconciliation: pd.DataFrame, say: Speaker) -> pd.DataFrame:
    """The parts that hold rows, named in the reader's language."""
    filled = reconciliation[reconciliation["rows"].gt(0) | reconciliation["part"].isin(["read", "used"])]
    return filled.assign(part=filled["part"].map(lambda part: say(PARTS[part]))).reset_index(drop=True)
