"""The one shape of a result: a table, an explanation, a plot with its data, and decisions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from crmkit.wording import Claim, Explanation, Speaker, TableView

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DECISION_COLUMNS = ("id", "action", "owner", "due", "amount", "lo", "hi", "reason")
DAYS_TO_ACT = 30
"""From the day of the report until a decision is due, where nothing calls for another day."""


class _Known(Protocol):
    as_of: pd.Timestamp
    language: str
    currency: str


@dataclass(frozen=True)
class Context:
    """What a result remembers of the book it was made from: the day, the language and the currency."""

    as_of: pd.Timestamp
    language: str = "en"
    currency: str = ""

    @classmethod
    def of(cls, book: _Known) -> Context:
        """The context of a book."""
        return cls(as_of=book.as_of, language=book.language, currency=book.currency)

    def speaker(self, lang: str | None = None) -> Speaker:
        """A speaker of `lang`, or of the book's language."""
        return Speaker(lang or self.language, currency=self.currency)


class Result(ABC):
    """What every analysis returns.

    A subclass is a dataclass with a ``context`` and a ``table`` (tidy, one row per thing found, column names
    from the vocabulary), and says its claims, the data of its plot and how to draw them.
    """

    context: Context
    table: pd.DataFrame

    @abstractmethod
    def _claims(self, say: Speaker) -> Sequence[Claim]:
        """What was found, in the speaker's language."""

    @abstractmethod
    def plot_data(self) -> pd.DataFrame:
        """Exactly what :meth:`plot` draws."""

    @abstractmethod
    def _draw(self, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
        """Draw `data` with a title that states the finding; return the alternative text."""

    def _decide(self, say: Speaker) -> Sequence[Mapping[str, Any]]:
        """Rows of :attr:`decisions`; none unless a subclass has some.

        A row about single clients also says, under ``clients``, whose money its amount is made of: a Series
        by client_id.
        """
        return ()

    def explain(self, lang: str | None = None) -> Explanation:
        """What was found, why, what to do and how sure it is, in `lang` or the book's language."""
        say = self.context.speaker(lang)
        return Explanation(tuple(self._claims(say)), say)

    def plot(self, ax: Axes | None = None, *, lang: str | None = None) -> Axes:
        """Draw :meth:`plot_data` on `ax`, or on a new picture."""
        from crmkit.statistics.figure import Picture, new_axes, style

        axes = ax if ax is not None else new_axes()
        with style():
            alt_text = self._draw(axes, self.plot_data(), self.context.speaker(lang))
        if isinstance(axes.figure, Picture):
            axes.figure.alt_text = alt_text
        return axes

    @property
    def decisions(self) -> pd.DataFrame:
        """What to do: id, action, owner, due, amount, lo, hi, reason."""
        rows = self._decide(self.context.speaker())
        return pd.DataFrame(list(rows), columns=list(DECISION_COLUMNS))

    @property
    def decided_clients(self) -> dict[str, pd.Series]:
        """The clients of each decision that is about single ones, with their money, by the decision's id.

        Two decisions about the same clients are told by it, so that no money counts twice.
        """
        rows = self._decide(self.context.speaker())
        return {row["id"]: row["clients"] for row in rows if "clients" in row}

    def show(
        self, frame: pd.DataFrame | None = None, *, rows: int | None = 10, lang: str | None = None
    ) -> TableView:
        """The table (or another frame of this result) as a reader sees it, at most `rows` rows."""
        return TableView(self.table if frame is None else frame, self.context.speaker(lang), rows=rows)
