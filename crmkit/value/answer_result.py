"""The answer to "acquire or retain": its table and decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.statistics import DAYS_TO_ACT, Context, Result
from crmkit.value.acquisition_result import AcquisitionCosts
from crmkit.value.ladder import Rung, spent
from crmkit.value.retention_result import RetentionEffects
from crmkit.value.tornado import Tornado
from crmkit.wording import Claim, Speaker, TableView

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class AcquireOrRetain(Result):
    """What the next money brings in keeping clients and in winning them.

    Attributes
    ----------
    table
        side (``retention`` or ``acquisition``); way (contact or channel; blank: the step spent the best way);
        spent (money a year, at most the step); gain, gain_lo, gain_hi, money it brings, its cost not taken
        off; probability that it brings more than it costs; room, money a year that can be spent on contacts;
        average_cost for each client who came, and marginal_cost for each one who came because of it.
    verdict
        ``"retain"``, ``"acquire"``, ``"neither"`` (no contact is worth its cost, nor the spend),
        ``"unclear"`` (the intervals do not decide), or ``"missing"`` (one side is not known).
    lead
        Money that keeping leaves more than winning, both after their cost: expected, lower and upper limit.
    budget_step
        The next money, a year.
    acquisition, retention
        What the answer rests on.
    rungs
        The contacts that the step buys.
    stated
        Whether the effect of contacts is the stated range, since none was randomised.
    retention_range
        That range.
    horizon_months
        Months in which a new client's money counts.
    valued
        Whether the value of clients was given.
    tornado
        What would change the answer.
    by_class
        class, clients, value, minutes, cost, spent, gain, gain_lo, gain_hi; None without classes.
    """

    context: Context
    table: pd.DataFrame
    verdict: str
    lead: tuple[float, float, float]
    budget_step: float
    acquisition: AcquisitionCosts
    retention: RetentionEffects
    rungs: tuple[Rung, ...]
    stated: bool
    retention_range: tuple[float, float]
    horizon_months: int
    valued: bool
    tornado: Tornado
    by_class: pd.DataFrame | None

    def side(self, side: str) -> dict[str, Any]:
        """The row of the step spent the best way on one side."""
        return self.table[(self.table["side"] == side) & (self.table["way"] == "")].iloc[0].to_dict()

    def best_channel(self, say: Speaker) -> str:
        """Where the step wins most."""
        ways = self.table[(self.table["side"] == "acquisition")].iloc[1:]
        if ways.empty:
            return ""
        name = str(ways.loc[ways["gain"].idxmax(), "way"])
        return name or say("all channels")

    def test_size(self) -> tuple[str, float]:
        """The contact to test, and occasions needed in each arm to tell which side brings more.

        The difference that decides is that between what the contact is expected to bring and what it would
        have to bring for both sides to be even.
        """
        from crmkit.value.trials import smallest_test

        if not self.rungs or self.verdict == "missing":
            return "", np.nan
        rung = max(self.rungs, key=lambda each: each.contacts * float(each.way.draws.std()))
        needed = self.lead[0] / rung.contacts
        if self.stated:
            # In shares who stay, which scatter most at a half; one more is worth what the range makes of it.
            share = float(np.mean(self.retention_range))
            return rung.way.arm, smallest_test(0.5, needed * share / rung.way.effect) if share else np.nan
        rows = self.retention.table
        mine = (rows["arm"] == rung.way.arm) & (rows["kind"] == rung.way.kind)
        return rung.way.arm, smallest_test(float(rows.loc[mine, "margin_spread"].iloc[0]), needed)

    def worded(self, say: Speaker) -> pd.DataFrame:
        """The table in the reader's language."""
        sides = {"retention": say("Retention"), "acquisition": say("Acquisition")}
        ways = self.table["way"].where(self.table["way"] != "", say("the best way"))
        shown = self.table.assign(
            side=self.table["side"].map(sides), way=ways.map(lambda way: named(way, say))
        )
        return shown.dropna(axis=1, how="all")

    def show(
        self, frame: pd.DataFrame | None = None, *, rows: int | None = 20, lang: str | None = None
    ) -> TableView:
        """The table (or another frame) as a reader sees it."""
        say = self.context.speaker(lang)
        return TableView(self.worded(say) if frame is None else frame, say, rows=rows)

    def _claims(self, say: Speaker) -> Sequence[Claim]:
        from crmkit.value.answer_words import claims

        return claims(self, say)

    def plot_tornado(self, ax: Axes | None = None, *, lang: str | None = None) -> Axes:
        """What would change the answer: :attr:`tornado` as a picture."""
        return self.tornado.plot(ax, lang=lang)

    def plot_data(self) -> pd.DataFrame:
        """side, way, spent, gain, gain_lo, gain_hi, in the table's order."""
        return self.table[["side", "way", "spent", "gain", "gain_lo", "gain_hi"]]

    def _draw(self, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
        from crmkit.value.answer_plot import draw_answer

        return draw_answer(self, axes, data, say)

    def _decide(self, say: Speaker) -> Sequence[dict[str, Any]]:
        due = self.context.as_of + pd.Timedelta(days=DAYS_TO_ACT)
        owner = say("Head of marketing")
        if self.verdict in ("retain", "acquire"):
            keeps = self.verdict == "retain"
            row = self.side("retention" if keeps else "acquisition")
            money = spent(self.rungs) if keeps else self.budget_step
            if row["gain"] <= money:
                return []
            low, high = self.lead[1:] if keeps else (-self.lead[2], -self.lead[1])
            where = (
                say.enumerate(named(rung.way.arm, say) for rung in self.rungs)
                if keeps
                else self.best_channel(say)
            )
            return [
                {
                    "id": "acquire-or-retain",
                    "action": say(
                        "Put the next {money} a year into {where}.", money=say.money(money), where=where
                    ),
                    "owner": owner,
                    "due": due,
                    "amount": round(row["gain"] - money, 2),
                    "lo": round(row["gain_lo"] - money, 2),
                    "hi": round(row["gain_hi"] - money, 2),
                    "reason": say(
                        "It brings {more} more than the same step on the other side {interval}. The money is "
                        "what it leaves a year after its cost.",
                        more=say.money(abs(self.lead[0])),
                        interval=say.interval(low, high, say.money),
                    ),
                }
            ]
        if self.verdict == "unclear":
            arm, size = self.test_size()
            if not np.isfinite(size):
                return []
            return [
                {
                    "id": "acquire-or-retain-test",
                    "action": say(
                        "Before moving money, test {arm}: {size} clients by lot with it, as many without.",
                        arm=named(arm, say),
                        size=say.number(size),
                    ),
                    "owner": owner,
                    "due": due,
                    "amount": round(abs(self.lead[0]), 2),
                    "lo": 0.0,
                    "hi": round(max(abs(self.lead[1]), abs(self.lead[2])), 2),
                    "reason": say(
                        "The intervals do not tell which side brings more. The money is the difference that "
                        "the better one is expected to make in a year."
                    ),
                }
            ]
        return []


def named(way: str, say: Speaker) -> str:
    """A contact or channel as it is called in the data; what has no name in them in the reader's language."""
    from crmkit.value.contact_ways import ALL_CLIENTS

    return say("one contact to each client") if way == ALL_CLIENTS else way
