"""An answer, or the reason why the data give none: a question that fails must not silence the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.book.errors import BookError
from crmkit.statistics import Context, Result
from crmkit.wording import Claim, Speaker

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from crmkit.book import Book


@dataclass(frozen=True)
class Unanswered(Result):
    """What stands in place of a result that the data do not give.

    Attributes
    ----------
    table
        Empty.
    reason
        What is missing, and what to do about it.
    """

    context: Context
    table: pd.DataFrame
    reason: str

    def _claims(self, say: Speaker) -> Sequence[Claim]:
        return [Claim(_unanswered(say), caveat=self.reason)]

    def plot_data(self) -> pd.DataFrame:
        """Nothing."""
        return self.table

    def _draw(self, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
        axes.set_title(_unanswered(say))
        axes.set_axis_off()
        return _unanswered(say)


def _unanswered(say: Speaker) -> str:
    return say("The data at hand do not answer this.")


def answer(question: Callable[..., Result], book: Book, **options: Any) -> Result:
    """Ask a question that needs more than some books have, such as a year of history.

    Parameters
    ----------
    question
        A function of crmkit that takes a book and returns a result.
    book
        The book.
    options
        Of the function.

    Returns
    -------
    Result
        The function's; or, where it refuses the book with a BookError, one that says why and decides nothing.
    """
    try:
        return question(book, **options)
    except BookError as error:
        return Unanswered(Context.of(book), pd.DataFrame(), error.said(book.speaker()))
