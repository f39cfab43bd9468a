"""What was read: the same in a notebook, in the index of the reports and in ``crmkit check``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmkit.wording import Claim, Explanation, Speaker, TableView, mark
from crmkit.wording.speaker import UNKNOWN, unknown

if TYPE_CHECKING:
    import pandas as pd

    from crmkit.book import Book

PARTS = {
    "read": mark("read"),
    "used": mark("used"),
    "without_client": mark("without a client: in the totals only"),
    "adjustments": mark("adjustments without a client: in the totals, not among sales"),
    "after_as_of": mark("after the day of the report: not counted"),
    "set_aside": mark("set aside: not counted"),
    "blank": mark("blank rows"),
}


HALF_A_CENT = 0.005

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
        Clients, money, period; whether the last month is complete; that all rows and money are accounted for.
    reconciliation
        part, rows, amount: every row of the ledger is in one part.
    changes
        What was read otherwise than it stands in the files: table, column, note (what was done, and how to
        undo it), rows, amount, example, kind.
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

    @property
    def notes(self) -> pd.DataFrame:
        """What was changed, and then what else was noticed; `changed` tells them apart."""
        import pandas as pd

        both = [self.changes.assign(changed=True), self.remarks.assign(changed=False)]
        return pd.concat(both, ignore_index=True)

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
    say, notes = book.speaker(), book.notes
    parts = _in_words(book.reconciliation(), say)
    return Survey(
        say=say,
        sentences=(*_sentences(book, say), *_closing(parts, say), *_aside(book, say)),
        reconciliation=parts,
        changes=_as_notes(notes[notes["changed"]]),
        remarks=_as_notes(notes[~notes["changed"]]),
    )


def _sentences(book: Book, say: Speaker) -> list[str]:
    tables = say.enumerate(book.tables)
    if "ledger" not in book.tables:
        return [say("Tables read: {tables}. There is no ledger.", tables=tables)]
    summary = book.client_summary()
    if summary.empty:
        return [
            say("No row of the ledger names a client, so that nothing can be said about clients."),
            say("Tables read: {tables}.", tables=tables),
        ]
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


def _closing(parts: pd.DataFrame, say: Speaker) -> list[str]:
    """That what is in the files is what was used and what was not, in rows and in money."""
    if parts.empty:
        return []
    (_, rows, amount), *rest = parts.itertuples(index=False)
    lost_rows, lost_money = rows - sum(part.rows for part in rest), amount - sum(part.amount for part in rest)
    if lost_rows or abs(lost_money) >= HALF_A_CENT:
        return [
            say(
                "Rows and money do not add up: {n} and {money} are unaccounted for. Do not rely on these "
                "results; this is a fault of crmkit.",
                n=say.plural("{n} row", "{n} rows", lost_rows),
                money=say.money(lost_money),
            )
        ]
    counted = " + ".join(f"{say.number(part.rows)} ({part.part})" for part in rest)
    line = {"rows": f"{say.number(rows)} = {counted}"}
    if unknown(amount):
        return [say("Nothing is lost. Rows of the ledger: {rows}.", **line)]
    line["money"] = f"{say.money(amount, 2)} = " + " + ".join(say.money(part.amount, 2) for part in rest)
    return [say("Nothing is lost. Rows of the ledger: {rows}. Money: {money}.", **line)]


def _aside(book: Book, say: Speaker) -> list[str]:
    """Where the rows are that were not counted."""
    if not len(book.set_aside):
        return []
    return [
        say(
            "Set aside: {n}. crmkit report writes them to set_aside.csv beside the reports, with file, row "
            "and reason.",
            n=say.plural("{n} row", "{n} rows", len(book.set_aside)),
        )
    ]


def _as_notes(notes: pd.DataFrame) -> pd.DataFrame:
    """What was done, and to how many rows, where it was rows."""
    shown = notes.rename(columns={"action": "note"}).assign(rows=notes["rows"].where(notes["rows"] > 0))
    return shown[["table", "column", "note", "rows", "amount", "example", "kind"]].reset_index(drop=True)


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
