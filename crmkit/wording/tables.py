"""Tables as a reader sees them: headings and values in their language, nothing that could run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from html import escape
from typing import TYPE_CHECKING, Any

from crmkit.wording.speaker import UNKNOWN, Speaker, unknown
from crmkit.wording.vocabulary import VOCABULARY, Term

if TYPE_CHECKING:
    import pandas as pd

NUMERIC = {"money", "share", "count", "number", "score"}


class TableView:
    """A DataFrame shown with the vocabulary's headings and forms; plain text and safe HTML.

    Parameters
    ----------
    frame
        What to show; its index is not shown.
    say
        The speaker of the reader's language.
    rows
        Show at most so many rows, and say how many more there are.
    """

    def __init__(self, frame: pd.DataFrame, say: Speaker, *, rows: int | None = None) -> None:
        self.say = say
        self.shown = frame if rows is None else frame.head(rows)
        self.left = len(frame) - len(self.shown)

    @property
    def _terms(self) -> list[Term]:
        return [VOCABULARY.get(str(name), Term(str(name))) for name in self.shown.columns]

    @property
    def heads(self) -> list[str]:
        """The headings."""
        return [self.say(term.label) for term in self._terms]

    @property
    def cells(self) -> list[list[str]]:
        """The rows as they are written."""
        columns = [
            [self._write(value, term) for value in self.shown.iloc[:, place]]
            for place, term in enumerate(self._terms)
        ]
        return [list(row) for row in zip(*columns)]

    @property
    def numeric(self) -> list[bool]:
        """Whether each column holds numbers, which are written from the right."""
        return [term.form in NUMERIC for term in self._terms]

    def _write(self, value: Any, term: Term) -> str:
        if unknown(value):
            return UNKNOWN
        say = self.say
        if isinstance(value, str):
            return value
        if term.form == "flag" or isinstance(value, bool):
            return say("yes") if value else say("no")
        if term.form == "text":
            if isinstance(value, date):
                return say.date(value)
            return say.number(value, 2) if isinstance(value, float) else str(value)
        if term.form == "number":
            return say.number(value, 2 if abs(value) < 100 else 0)
        write: dict[str, Callable[[Any], str]] = {
            "money": say.money,
            "share": lambda share: say.percent(share, 1 if 0 < abs(share) < 0.1 else 0),
            "count": say.number,
            "score": lambda score: say.number(score, 4),
            "date": say.date,
        }
        return write[term.form](value)

    def _rest(self) -> str:
        return self.say.plural("and {n} more row", "and {n} more rows", self.left) if self.left else ""

    def __repr__(self) -> str:
        lines = [self.heads, *self.cells]
        widths = [max(len(cell) for cell in column) for column in zip(*lines)]
        rows = [
            "  ".join(
                cell.rjust(width) if right else cell.ljust(width)
                for cell, width, right in zip(line, widths, self.numeric)
            ).rstrip()
            for line in lines
        ]
        return "\n".join([*rows, self._rest()] if self.left else rows)

    def _repr_html_(self) -> str:
        numeric = ['class="number"' if right else "" for right in self.numeric]
        head = "".join(
            f'<th scope="col" {kind}>{escape(text)}</th>' for text, kind in zip(self.heads, numeric)
        )
        body = "\n".join(
            "<tr>"
            + "".join(f"<td {kind or _kind(text)}>{escape(text)}</td>" for text, kind in zip(row, numeric))
            + "</tr>"
            for row in self.cells
        )
        rest = f'<p class="rest">{escape(self._rest())}</p>' if self.left else ""
        table = f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
        # A wide table scrolls by keyboard too.
        return f'<div class="table" tabindex="0">{table}{rest}</div>'.replace(" >", ">")


def _kind(text: str) -> str:
    """Sentences are marked, so that a narrow page can leave them room."""
    return 'class="long"' if len(text) > 40 else ""
