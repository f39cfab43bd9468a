"""What ``crmkit check`` prints: the survey of a book, the questions it answers, and what would add most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from crmkit.wording import TableView

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType

    from crmkit.book import Book
    from crmkit.wording import Speaker


def findings(book: Book) -> Iterator[RenderableType]:
    """Headings, sentences and tables for a terminal, in the book's language; no personal data.

    Parameters
    ----------
    book
        Opened without names.
    """
    from rich.text import Text

    from crmkit.book import check_report
    from crmkit.reporting.surveys import survey

    say = book.speaker()
    read, checked = survey(book), check_report(book)
    yield _heading(say("{name}, as of {date}", name=book.name, date=say.date(book.as_of)))
    for sentence in read.sentences:
        yield Text(sentence)
    yield grid(checked.tables[["table", "rows", "columns", "names"]], say)
    if len(read.reconciliation):
        yield grid(read.reconciliation, say)
    yield _heading(say("What was noticed or changed in the data"))
    yield grid(read.notes, say) if len(read.notes) else Text(say("Nothing."))
    yield _heading(say("What can be answered"))
    yield grid(_answers(checked.answers, say), say)
    yield _heading(say("What one more table or column would add"))
    yield grid(checked.additions, say) if len(checked.additions) else Text(say("Nothing."))


def _answers(answers: pd.DataFrame, say: Speaker) -> pd.DataFrame:
    """Each question with the notebook that answers it, if this version has one."""
    from crmkit.reporting.notebooks import find

    here = {notebook.name for notebook in find()}
    shown = answers.drop(columns="question").rename(columns={"title": "question"})
    shown["notebook"] = [name if name in here else say("not in this version") for name in shown["notebook"]]
    return shown[["question", "answered", "missing", "notebook"]]


def _heading(text: str) -> RenderableType:
    from rich.text import Text

    return Text("\n" + text, style="bold")


def grid(frame: pd.DataFrame, say: Speaker) -> RenderableType:
    """A table for a terminal, in which data are never taken for markup."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    view = TableView(frame, say)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for head, right in zip(view.heads, view.numeric):
        table.add_column(Text(head), justify="right" if right else "left", overflow="fold")
    for row in view.cells:
        table.add_row(*(Text(cell) for cell in row))
    return table
