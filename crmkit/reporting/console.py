"""What ``crmkit check`` prints: the survey of a book, the questions it answers, and what would add most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from crmkit.wording import TableView

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from crmkit.book import Book
    from crmkit.wording import Speaker


def terminal() -> Console:
    """Standard output, as wide as it is; where nobody says how wide, 80 columns."""
    from rich.console import Console

    return Console(highlight=False)


def findings(book: Book) -> Iterator[RenderableType]:
    """Headings, sentences and tables for a terminal, in the book's language; no personal data.

    Parameters
    ----------
    book
        Opened without names.
    """
    from rich.text import Text

    from crmkit.reporting.surveys import CHANGED, NOTICED, note_facts, survey

    say = book.speaker()
    read, additions = survey(book), book.additions()
    yield _heading(say("{name}, as of {date}", name=book.name, date=say.date(book.as_of)))
    for sentence in read.sentences:
        yield Text(sentence)
    yield Text()
    for row in book.contents().itertuples():
        counted = say.plural("{table}: {n} row", "{table}: {n} rows", row.rows, table=row.table)
        yield from _item(counted, row.names.replace(", ", " · "))
    for heading, notes in ((CHANGED, read.changes), (NOTICED, read.remarks)):
        yield _heading(say(heading))
        if notes.empty:
            yield Text(say("Nothing."))
        for note, facts in zip(notes["note"], note_facts(notes, say)):
            yield from _item(note, facts)
    yield _heading(say("What can be answered, and what a later version will answer"))
    yield from _answers(book, say)
    yield _heading(say("What one more table or column would add, now or in a later version"))
    if additions.empty:
        yield Text(say("Nothing."))
    view = TableView(additions, say)
    for addition, *gains in view.cells:
        yield from _item(addition, *(f"{head}: {gain}" for head, gain in zip(view.heads[1:], gains) if gain))


def _answers(book: Book, say: Speaker) -> Iterator[RenderableType]:
    """Each question: whether it can be answered, by which notebook, and what is missing if not."""
    from crmkit.reporting.answers import questions

    words = {"answered": say("yes"), "missing": say("no"), "later": say("later")}
    wide = max(map(len, words.values())) + 2
    for row in questions(book).itertuples():
        text = row.question
        if row.state == "answered":
            text = say("{question} In {notebook}.", question=text, notebook=row.notebook)
        elif row.missing:
            text = say("{question} Missing: {tables}", question=text, tables=row.missing)
        yield _hanging(text, words[row.state].ljust(wide))


def _item(text: str, *facts: str) -> Iterator[RenderableType]:
    """A sentence, and below it, further in, what belongs to it."""
    yield _hanging(text, "- ")
    for fact in facts:
        if fact:
            yield _hanging(fact, "  ")


def _hanging(text: str, lead: str) -> RenderableType:
    """Text that keeps, line for line, to the right of what leads it."""
    from rich.table import Table
    from rich.text import Text

    line = Table.grid(padding=0)
    line.add_column(width=len(lead), no_wrap=True)
    line.add_column(overflow="fold")
    line.add_row(Text(lead), Text(text))
    return line


def _heading(text: str) -> RenderableType:
    from rich.text import Text

    return Text("\n" + text, style="bold")
