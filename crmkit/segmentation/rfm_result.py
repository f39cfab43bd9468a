"""What the scores by recency, frequency and money say: groups, words, picture and decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.segmentation.action_groups import ACTION_GROUPS
from crmkit.segmentation.measures import name_features, say_past
from crmkit.statistics import DAYS_TO_ACT, Context, Result
from crmkit.statistics.intervals import total_interval
from crmkit.wording import Claim, Speaker, TableView

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ENDANGERED = ("cannot lose", "at risk")


@dataclass(frozen=True)
class Rfm(Result):
    """Scores by recency, frequency and money, and the action group of each client.

    Attributes
    ----------
    table
        One row per client: client_id, recency_days (days since the last purchase), frequency (purchase days),
        monetary (net amount), recency_score, frequency_score, monetary_score (the best is the highest), cell
        (the three scores together), group.
    groups
        One row per action group: group, clients, client_share, amount (net), amount_share (of the net total;
        NaN if that is not positive), median_recency_days, median_frequency.
    bands
        What each score means: measure, score, lo, hi (smallest and largest value with that score), clients.
    scores
        How many different scores each of the three could take.
    ranked
        The measures by which clients are ranked against each other, rather than placed by cut points.
    away_days
        The decisions are about those who bought nothing for longer: the window of the classes, which decide
        about the others, but at most half of the ledger.
    last
        Day of the last purchase of all.
    yearly
        What turns money of the period into money a year.
    """

    context: Context
    table: pd.DataFrame
    groups: pd.DataFrame
    bands: pd.DataFrame
    scores: Mapping[str, int]
    ranked: tuple[str, ...]
    away_days: int
    last: pd.Timestamp
    yearly: float

    @property
    def has_money(self) -> bool:
        """Whether the ledger holds amounts."""
        return bool(self.table["monetary"].notna().any())

    def plot_data(self) -> pd.DataFrame:
        """The groups: group, client_share, amount_share."""
        return self.groups[["group", "client_share", "amount_share"]]

    def show(
        self, frame: pd.DataFrame | None = None, *, rows: int | None = 10, lang: str | None = None
    ) -> TableView:
        """The clients, or another frame: ``groups`` come with their action, ``bands`` in words."""
        say = self.context.speaker(lang)
        return TableView(self._worded(self.table if frame is None else frame, say), say, rows=rows)

    def _worded(self, frame: pd.DataFrame, say: Speaker) -> pd.DataFrame:
        if "group" in frame:
            names = frame["group"]
            frame = frame.assign(group=[say(name) for name in names])
            if "client_id" not in frame:
                actions = {group.name: say(group.action) for group in ACTION_GROUPS}
                frame = frame.assign(action=names.map(actions))
        if "measure" in frame:
            frame = frame.assign(measure=frame["measure"].map(name_features(say)))
        return frame

    def _claims(self, say: Speaker) -> Sequence[Claim]:
        if self._is_too_few:
            return [Claim(self._too_few(say), self._worded(self.groups, say))]
        claims = [
            Claim(self._leading(say), self._worded(self.groups, say), self._method(say), self._caveat(say))
        ]
        endangered = self.groups[self.groups["group"].isin(ENDANGERED)]
        if len(endangered):
            claims.append(Claim(self._in_danger(endangered, say)))
        # Who kept nothing has the lowest scores whatever the values: there is no lack of values then.
        ranked = self.ranked if (self.table["frequency"] > 0).any() else ()
        few = [name for name in ranked if self._scores_used(name) < self.scores[name]]
        return claims + [Claim(self._fewer(name, say)) for name in few]

    @property
    def _is_too_few(self) -> bool:
        return len(self.table) < max((self.scores[name] for name in self.ranked), default=0)

    def _too_few(self, say: Speaker) -> str:
        return say(
            "Scores compare clients with each other: with {clients} they say nothing. Use cut points of your "
            "own.",
            clients=say.plural("{n} client", "{n} clients", len(self.table)),
        )

    def _leading(self, say: Speaker) -> str:
        measure = "amount_share" if self.groups["amount_share"].notna().all() else "client_share"
        group = self.groups.loc[self.groups[measure].idxmax()]
        values = {
            "group": say(group["group"]),
            "clients": say.plural("{n} client", "{n} clients", int(group["clients"])),
            "share": say.percent(group["client_share"]),
            "money": say.percent(group["amount_share"]),
        }
        if len(self.groups) == 1:
            return say("All clients are in one group, “{group}”: {clients}.", **values)
        if measure == "client_share":
            return say("The largest group is “{group}”: {clients} ({share}).", **values)
        return say(
            "The group that brings most is “{group}”: {clients} ({share}) with {money} of net revenue.",
            **values,
        )

    def _in_danger(self, endangered: pd.DataFrame, say: Speaker) -> str:
        away = self.table.loc[self.table["group"].isin(ENDANGERED), "recency_days"].median()
        values = {
            "clients": say.plural("{n} client", "{n} clients", int(endangered["clients"].sum())),
            "groups": say.enumerate(say("“{group}”", group=say(name)) for name in endangered["group"]),
            "days": say.plural("{n} day ago", "{n} days ago", round(away)),
            "money": say.money(endangered["amount"].sum()),
            "share": say.percent(endangered["amount_share"].sum(skipna=False)),
        }
        if endangered["amount_share"].isna().any():
            return say(
                "Bought often or much, and not lately: {clients} ({groups}), typically last {days}. Call "
                "them first.",
                **values,
            )
        return say(
            "Bought often or much, and not lately: {clients} ({groups}), typically last {days}; {money} "
            "together ({share} of net revenue). Call those first who brought most.",
            **values,
        )

    def _fewer(self, feature: str, say: Speaker) -> str:
        return say(
            "{feature}: scores in use {used} of {all}, because few values differ and equal values always get "
            "the same score.",
            feature=name_features(say)[feature],
            used=say.number(self._scores_used(feature)),
            all=say.number(self.scores[feature]),
        )

    def _scores_used(self, feature: str) -> int:
        return int((self.bands["measure"] == feature).sum())

    def _caveat(self, say: Speaker) -> str:
        words = []
        if not self.has_money:
            words.append(say("The ledger holds no money: the score of money repeats that of purchase days."))
        if self.ranked:
            words.append(
                say("Scores compare clients with each other, not with a goal; cut points of your own do.")
            )
        return " ".join([*words, say_past(self.last, self.context.as_of, say)]).strip()

    def _method(self, say: Speaker) -> str:
        names = name_features(say)
        own = [name for name in names if name not in self.ranked and (self.has_money or name != "monetary")]
        words = []
        if self.ranked:
            words.append(
                say(
                    "Each client is placed among all by: {measures}; the place is cut into equal parts, the "
                    "highest score being best (Hughes 1994; Bult and Wansbeek 1995). Equal values share "
                    "their middle place; one purchase day always scores 1.",
                    measures=say.enumerate(names[name] for name in self.ranked),
                )
            )
        if own:
            words.append(
                say(
                    "Scored by cut points of the company's own: {measures}.",
                    measures=say.enumerate(names[name] for name in own),
                )
            )
        return " ".join([*words, say("The group follows from the three scores by fixed rules.")])

    def _draw(self, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
        from matplotlib.ticker import FuncFormatter

        from crmkit.statistics.figure import ACCENT, PALE

        places = np.arange(len(data))
        money = bool(data["amount_share"].notna().all())
        thick = 0.4 if money else 0.7
        axes.barh(
            places - thick / 2 * money, data["client_share"], thick, color=PALE, label=say("share of clients")
        )
        if money:
            axes.barh(
                places + thick / 2,
                data["amount_share"],
                thick,
                color=ACCENT,
                label=say("share of net revenue"),
            )
        axes.set_yticks(places, [say(name) for name in data["group"]])
        axes.invert_yaxis()
        axes.grid(False, axis="y")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: say.percent(share)))
        axes.set_xlabel(say("Share of all"))
        axes.set_ylabel(say("Group"))
        axes.legend(ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.16))
        best = data.loc[data["amount_share" if money else "client_share"].idxmax()]
        values = {
            "group": say(best["group"]),
            "share": say.percent(best["client_share"]),
            "money": say.percent(best["amount_share"]),
        }
        if self._is_too_few:
            title = say("Too few clients to compare")
        elif money:
            title = say("“{group}”: {share} of clients, {money} of net revenue", **values)
        else:
            title = say("“{group}”: {share} of clients", **values)
        axes.set_title(title)
        if not money:
            return say("{title}. Bars by action group: share of clients.", title=title)
        return say("{title}. Bars by action group: share of clients and share of net revenue.", title=title)

    def _decide(self, say: Speaker) -> Sequence[dict[str, Any]]:
        if not self.has_money or self._is_too_few:
            return []
        rows = []
        for name in ENDANGERED:
            away = (self.table["group"] == name) & (self.table["recency_days"] > self.away_days)
            money = self.table[away].set_index("client_id")["monetary"].fillna(0.0) * self.yearly
            if money.sum() <= 0:
                continue
            lo, hi = total_interval(money.to_numpy())
            rows.append(
                {
                    "id": f"rfm-{name.replace(' ', '-')}",
                    "action": say(
                        "“{group}”, {clients}: {action}",
                        group=say(name),
                        clients=say.plural("{n} client", "{n} clients", len(money)),
                        action=say(_action(name)),
                    ),
                    "owner": say("Client managers"),
                    "due": self.context.as_of + pd.Timedelta(days=DAYS_TO_ACT),
                    "amount": float(money.sum()),
                    "lo": lo,
                    "hi": hi,
                    "reason": say(
                        "They have bought nothing for more than {days}. The money is what they brought (per "
                        "year, if the ledger is longer); how much of it comes back, only the answers will "
                        "tell: count them.",
                        days=say.plural("{n} day", "{n} days", self.away_days),
                    ),
                    "clients": money,
                }
            )
        return rows


def _action(name: str) -> str:
    return next(group.action for group in ACTION_GROUPS if group.name == name)
