"""What would change the answer? Each input from its lower to its upper limit, the others as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmkit.statistics import Context, Result
from crmkit.value import ladder
from crmkit.value.drawing import limits
from crmkit.wording import Claim, Speaker

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TIMES = 2.0
"""Figures without an interval of their own are tried at a half and at twice what they are."""


@dataclass(frozen=True)
class Inputs:
    """What the lead of keeping over winning rests on.

    Attributes
    ----------
    step
        The next money, a year.
    ways
        Contacts that it could buy.
    clients, worth
        New clients that it brings in the best channel, and what each is worth: figure, lower and upper limit.
    shift
        Money by which keeping brings more than expected of the contacts that would be bought.
    """

    step: float
    ways: tuple[ladder.Way, ...]
    clients: tuple[float, float, float]
    worth: tuple[float, float, float]
    shift: float = 0.0

    def lead(self) -> float:
        """Money that keeping leaves more than winning, both after what they cost."""
        rungs = ladder.climb(self.ways, self.step)
        kept = ladder.gain(rungs) + self.shift - ladder.spent(rungs)
        return kept - (self.clients[0] * self.worth[0] - self.step)


@dataclass(frozen=True)
class Tornado(Result):
    """How the lead of keeping over winning moves with each input.

    Attributes
    ----------
    table
        input (what is moved), way (of which contact), low and high (the input's limits), lead_low and
        lead_high (the lead there, money), turns (whether the answer turns). The widest first.
    lead
        The lead with all inputs as they are.
    """

    context: Context
    table: pd.DataFrame
    lead: float

    def worded(self, say: Speaker) -> pd.DataFrame:
        """The table with inputs in the reader's language."""
        names = _names(say)
        labels = [
            say("{input}: {way}", input=names[row.input], way=row.way) if row.way else names[row.input]
            for row in self.table.itertuples()
        ]
        return self.table.assign(input=labels).drop(columns="way")

    def _claims(self, say: Speaker) -> Sequence[Claim]:
        if self.table.empty:
            return [
                Claim(say("What would change the answer cannot be told: one of the two sides is not known."))
            ]
        worded = self.worded(say)
        first = worded.iloc[0]
        turning = worded.loc[worded["turns"], "input"]
        if len(turning):
            text = say(
                "The answer would turn with: {inputs}. Most depends on {first}.",
                inputs=say.enumerate(turning),
                first=first["input"],
            )
        else:
            text = say(
                "None of the inputs alone turns the answer; most depends on {first}.", first=first["input"]
            )
        return [Claim(text, worded)]

    def plot_data(self) -> pd.DataFrame:
        """The table."""
        return self.table

    def _draw(self, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
        from matplotlib.ticker import FuncFormatter

        from crmkit.statistics.figure import ACCENT, INK, SECOND

        names = self.worded(say)["input"].tolist() if len(data) else []
        here = np.arange(len(data))
        for ends, colour, label in (
            ("lead_low", SECOND, say("input at its lower limit")),
            ("lead_high", ACCENT, say("input at its upper limit")),
        ):
            axes.barh(here, data[ends] - self.lead, left=self.lead, color=colour, label=label)
        axes.axvline(0, color=INK, linewidth=1)
        axes.axvline(self.lead, color=INK, linewidth=1, linestyle=":")
        axes.set_yticks(here, names)
        axes.invert_yaxis()
        axes.xaxis.set_major_formatter(FuncFormatter(lambda money, _: say.money(money)))
        axes.tick_params(axis="x", labelrotation=20)
        axes.set_xlabel(say("What keeping leaves more than winning, a year"))
        if len(data):
            axes.legend(loc="best")
            title = (
                say("What turns the answer: {first}", first=names[int(np.argmax(data["turns"]))])
                if data["turns"].any()
                else say("No single input turns the answer")
            )
        else:
            title = say("What would change the answer cannot be told")
        axes.set_title(title)
        return say(
            "{title}. Bars: the lead of keeping over winning with each input at its limits.", title=title
        )


def tornado(context: Context, inputs: Inputs | None) -> Tornado:
    """Move each input of the lead on its own."""
    columns = ["input", "way", "low", "high", "lead_low", "lead_high", "turns"]
    if inputs is None:
        return Tornado(context, pd.DataFrame(columns=columns), np.nan)
    moved: list[tuple[str, str, float, float, Inputs, Inputs]] = []

    def add(name: str, way: str, low: float, high: float, make: object) -> None:
        moved.append((name, way, low, high, make(low), make(high)))  # type: ignore[operator]

    _, low, high = inputs.clients
    add("clients", "", low, high, lambda x: replace(inputs, clients=(x, x, x)))
    _, low, high = inputs.worth
    add("worth", "", low, high, lambda x: replace(inputs, worth=(x, x, x)))
    for rung in ladder.climb(inputs.ways, inputs.step):
        # Nobody knows beforehand that an effect is small, so the same contacts are bought.
        low, high = limits(rung.way.draws)
        add("effect", rung.way.arm, low, high, lambda x, rung=rung: _another_effect(inputs, rung, x))
    add("cost", "", 1 / TIMES, TIMES, lambda x: _scaled(inputs, cost=x))
    add("room", "", 1 / TIMES, TIMES, lambda x: _scaled(inputs, room=x))
    lead = inputs.lead()
    rows = []
    for name, arm, low, high, down, up in moved:
        ends = down.lead(), up.lead()
        turns = bool(min(np.sign(ends)) != max(np.sign(ends)))
        rows.append((name, arm, low, high, *ends, turns))
    table = pd.DataFrame(rows, columns=columns)
    wide = (table["lead_high"] - table["lead_low"]).abs()
    table = table.loc[wide.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)
    return Tornado(context, table, lead)


def _another_effect(inputs: Inputs, rung: ladder.Rung, effect: float) -> Inputs:
    return replace(inputs, shift=rung.contacts * (effect - rung.way.effect))


def _scaled(inputs: Inputs, *, cost: float = 1.0, room: float = 1.0) -> Inputs:
    return replace(
        inputs, ways=tuple(replace(way, cost=cost * way.cost, room=room * way.room) for way in inputs.ways)
    )


def _names(say: Speaker) -> dict[str, str]:
    return {
        "clients": say("new clients that the money brings"),
        "worth": say("worth of a new client"),
        "effect": say("effect of the contact"),
        "cost": say("cost of a contact (a half, twice)"),
        "room": say("occasions for contacts (a half, twice)"),
    }
