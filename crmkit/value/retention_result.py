"""What the effects of contacts say: table, words and picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.statistics import LEVEL, Context, Result
from crmkit.value.trials import LEAST_IN_ARM, smallest_test
from crmkit.wording import Claim, Speaker

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class RetentionEffects(Result):
    """What contacts with clients changed, against clients left without by chance.

    Attributes
    ----------
    table
        kind and arm of the contact; campaign (blank if several); clients; contacted and withheld, occasions;
        came_without and came_with, shares who came back; came_more, came_lo, came_hi, their difference;
        margin_more, margin_lo, margin_hi, money more for each contact, margin_error and margin_spread, its
        standard error and the deviation between occasions; room, occasions withheld in the last year: so
        many more contacts a year there is room for.
    campaigns
        The same for each campaign.
    by_class
        The same by class, money drawn towards the effect on all; None without classes.
    costs
        kind, arm, cost: money for one contact, NaN where it is not known.
    measure
        ``"margin"``, or ``"amount"`` where no cost is known.
    window_days, margin_days
        Days in which coming back, and in which money counts.
    randomised
        Whether there is any occasion with an arm.
    """

    context: Context
    table: pd.DataFrame
    campaigns: pd.DataFrame
    by_class: pd.DataFrame | None
    costs: pd.DataFrame
    measure: str
    window_days: int
    margin_days: int
    randomised: bool

    def _claims(self, say: Speaker) -> Sequence[Claim]:
        if not self.randomised:
            return [
                Claim(
                    say(
                        "No contact says in which arm it was, so that nothing can be told from those who "
                        "answered: who is contacted differs from who is not. Leave out every second client "
                        "by lot, and note it in the column arm."
                    )
                )
            ]
        known = self.table[self.table["came_more"].notna()]
        claims = [Claim(self._sentence(row, say)) for row in known.to_dict("records")]
        if claims:
            claims[0] = Claim(claims[0].sentence, self._evidence(), self._method(say), self._caveat(say))
        few = self.table[self.table["came_more"].isna()]
        if len(few):
            claims.append(
                Claim(
                    say(
                        "Cannot tell what these changed: {contacts}. It takes at least {least} occasions "
                        "with the contact and as many without, in the same campaign.",
                        contacts=say.enumerate(few["arm"].where(few["arm"] != "", few["kind"])),
                        least=say.number(LEAST_IN_ARM),
                    )
                )
            )
        return claims

    def _sentence(self, row: dict[str, Any], say: Speaker) -> str:
        values = {
            "arm": row["arm"],
            "without": say.percent(row["came_without"], 1),
            "share": say.percent(row["came_with"], 1),
            "more": say.number(100 * row["came_more"], 1),
            "interval": say.interval(100 * row["came_lo"], 100 * row["came_hi"], lambda n: say.number(n, 1)),
            "money": say.money(row["margin_more"]),
            "money_interval": say.interval(row["margin_lo"], row["margin_hi"], say.money),
            "days": say.plural("{n} day", "{n} days", self.margin_days),
        }
        return say(
            "{arm}: {share} came with it, {without} without, {more} points more {interval}; it brought "
            "{money} {money_interval} more for each contact within {days}.",
            **values,
        )

    def _evidence(self) -> pd.DataFrame:
        return self.table.drop(columns=["campaign", "margin_error", "margin_spread"])

    def _caveat(self, say: Speaker) -> str:
        words = []
        if self.measure == "amount":
            words.append(say("No costs are known, so that money is net revenue, not margin."))
        if self.by_class is not None:
            words.append(
                say(
                    "Classes are those given; if they were made after the contacts, the contacts may have "
                    "moved clients between them."
                )
            )
        return " ".join(words)

    def _method(self, say: Speaker) -> str:
        return say(
            "Randomised arms compared within campaigns (Mantel and Haenszel 1959), as meant by the lot; "
            "{level} intervals allow for several occasions of one client (Liang and Zeger 1986).",
            level=say.percent(LEVEL),
        )

    def smallest(self, row: dict[str, Any], gain: float) -> float:
        """Occasions in each arm that would tell whether a contact brings `gain` more money or nothing."""
        return smallest_test(float(row["margin_spread"]), gain)

    def plot_data(self) -> pd.DataFrame:
        """kind, arm, came_more, came_lo, came_hi of each contact, the largest effect first."""
        found = self.table[self.table["came_more"].notna()].sort_values(
            ["came_more", "arm"], ascending=[False, True]
        )
        return found[["kind", "arm", "came_more", "came_lo", "came_hi"]].reset_index(drop=True)

    def _draw(self, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
        from matplotlib.ticker import FuncFormatter

        from crmkit.statistics.figure import ACCENT, INK

        axes.axvline(0, color=INK, linewidth=1)
        here = np.arange(len(data))
        axes.hlines(here, data["came_lo"], data["came_hi"], color=ACCENT, linewidth=2)
        axes.plot(data["came_more"], here, "o", color=ACCENT, linestyle="none")
        axes.set_yticks(here, data["arm"])
        axes.invert_yaxis()
        axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: say.number(100 * share, 1)))
        axes.set_xlabel(
            say("More clients who came, in points of 100, with {level} intervals", level=say.percent(LEVEL))
        )
        if len(data):
            best = data.iloc[0]
            title = say(
                "{arm} brings back most: {more} of 100 clients more",
                arm=best["arm"],
                more=say.number(100 * best["came_more"], 1),
            )
        else:
            title = say("No contact was tried against none")
        axes.set_title(title)
        return say("{title}. Each contact's effect on the share who came, with its interval.", title=title)
