"""What a notebook hands over to the report: its decisions, its finding in one sentence, and its tables."""

from __future__ import annotations

import dataclasses
import os
import pickle
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from crmkit.reporting.answers import Unanswered
from crmkit.reporting.processes import HANDOVER
from crmkit.reporting.ranking import ORDER, ranked
from crmkit.statistics import DECISION_COLUMNS, Context, Result
from crmkit.wording import TableView


@dataclass(frozen=True)
class Conclusion:
    """The decisions of one notebook, with the finding and the tables behind them.

    Parameters
    ----------
    context
        Day, language and currency.
    finding
        The first thing found, in one sentence.
    decisions
        id, action, owner, due, amount, lo, hi, reason.
    tables
        Every table of the results, by name.
    unanswered
        Why there is no answer, by name of the question.
    clients
        Of decisions about single clients their money by client_id, by the decision's id.
    """

    context: Context
    finding: str
    decisions: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    unanswered: dict[str, str] = field(default_factory=dict)
    clients: dict[str, pd.Series] = field(default_factory=dict, repr=False)

    def _view(self) -> TableView:
        return TableView(as_shown(decided([self])), self.context.speaker())

    def __repr__(self) -> str:
        return f"{self._view()!r}\n{self._order()}" if len(self.decisions) else self._nothing()

    def _repr_html_(self) -> str:
        if not len(self.decisions):
            return f"<p>{self._nothing()}</p>"
        return f"{self._view()._repr_html_()}\n<p>{self._order()}</p>"

    def _order(self) -> str:
        return self.context.speaker()(ORDER)

    def _nothing(self) -> str:
        return self.context.speaker()("The data call for no decision here.")


def conclude(**results: Result) -> Conclusion:
    """End a notebook: its results' decisions in one table, handed over to the report being made, if any.

    Parameters
    ----------
    results
        Results by name; the names head their tables in ``plan.xlsx``. The first claim of the first result is
        the notebook's finding in the index of the reports. Where the data gave no answer, the name has to be
        the key of its question, as in ``book.answers()``: the index says the reason there.

    Raises
    ------
    ValueError
        If no result is given.
    """
    if not results:
        raise ValueError("conclude() needs the notebook's results by name, such as classes=classes.")
    first = next(iter(results.values()))
    claims = first.explain().claims
    decided = [found for result in results.values() if len(found := result.decisions)]
    decisions = (
        pd.concat(decided, ignore_index=True) if decided else pd.DataFrame(columns=list(DECISION_COLUMNS))
    )
    clients = {name: money for result in results.values() for name, money in result.decided_clients.items()}
    conclusion = Conclusion(
        context=first.context,
        finding=claims[0].sentence if claims else "",
        decisions=decisions,
        tables={
            name: frame for key, result in results.items() for name, frame in _tables(key, result).items()
        },
        unanswered={name: each.reason for name, each in results.items() if isinstance(each, Unanswered)},
        clients=clients,
    )
    place = os.environ.get(HANDOVER)
    if place:
        Path(place).write_bytes(pickle.dumps(conclusion))
    return conclusion


def _tables(name: str, result: Result) -> dict[str, pd.DataFrame]:
    """The result's table under its own name, its further frames under both names."""
    frames = {field.name: getattr(result, field.name) for field in dataclasses.fields(result)}  # type: ignore[arg-type]
    return {
        name if field == "table" else f"{name} {field}": frame
        for field, frame in frames.items()
        if isinstance(frame, pd.DataFrame) and len(frame.columns)
    }


def as_shown(decisions: pd.DataFrame) -> pd.DataFrame:
    """Ranked decisions with their columns in the order in which one reads them."""
    names = {"lo": "amount_lo", "hi": "amount_hi"}
    shown = ["action", "reason", "owner", "due", "amount", *names.values()]
    if decisions["covered_clients"].gt(0).any():
        shown += ["covered_clients", "covered_amount"]
    return decisions.rename(columns=names)[shown]


def decided(conclusions: Iterable[Conclusion]) -> pd.DataFrame:
    """The decisions of several notebooks in one ranking."""
    every = list(conclusions)
    clients = {name: money for each in every for name, money in each.clients.items()}
    return ranked(pd.concat([each.decisions for each in every], ignore_index=True), clients)


def received(place: Path) -> Conclusion | None:
    """The conclusion that a notebook left at `place`; None if it left none."""
    return pickle.loads(place.read_bytes()) if place.exists() else None
