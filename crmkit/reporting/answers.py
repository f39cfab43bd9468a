"""Answers, and why there is none: a question that fails must not silence the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
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


def part(result: Result, name: str, *wanted: Any) -> Any:
    """One more picture or table of an answer; nothing where there was no answer.

    Parameters
    ----------
    result
        What :func:`answer` gave.
    name
        A method of the result that draws, such as ``"plot_cohorts"``, or one of its tables.
    wanted
        What the method is asked for.

    Returns
    -------
    Axes, TableView or None
        The picture, the table as it is shown, or nothing.
    """
    if isinstance(result, Unanswered):
        return None
    found = getattr(result, name)
    return found(*wanted) if callable(found) else result.show(found)


def questions(
    book: Book, *, refused: Mapping[str, str] | None = None, notebooks: Collection[str] = ()
) -> pd.DataFrame:
    """How each question of a manager stands.

    Parameters
    ----------
    book
        The book.
    refused
        Why the data gave no answer, by the question's key.
    notebooks
        Names of notebooks at hand beside crmkit's own.

    Returns
    -------
    DataFrame
        question (the title), notebook, missing (tables or columns, or why the data gave no answer), and
        state: ``"answered"``; ``"missing"``, tables or columns are; ``"refused"``, by the data; ``"later"``,
        there is no notebook for it yet.
    """
    from crmkit.reporting.notebooks import find

    at_hand = {notebook.name for notebook in find()} | set(notebooks)
    answers = book.answers()
    given = refused or {}
    reasons = np.array([given.get(key, "") for key in answers["question"]], dtype=object)
    states = {
        "later": ~answers["notebook"].isin(at_hand),
        "missing": ~answers["answered"],
        "refused": reasons != "",
    }
    return pd.DataFrame(
        {
            "question": answers["title"],
            "notebook": answers["notebook"],
            "missing": np.where(answers["answered"], reasons, answers["missing"]),
            "state": np.select(list(states.values()), list(states), "answered"),
        }
    )
