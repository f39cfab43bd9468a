"""What the costs of winning clients say: table, words and picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmkit.statistics import LEVEL, Context, Result
from crmkit.value.spend_response import SpendResponse
from crmkit.wording import Claim, Speaker, TableView

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class AcquisitionCosts(Result):
    """What a new client costs by channel, on average and one more.

    Attributes
    ----------
    table
        channel; kind (``paid``, ``free`` for channels without spend, ``unknown`` for clients whose channel is
        not noted, ``all``); spend (money of the period); clients (new ones); cost_per_client, cost_lo,
        cost_hi; payback_months, payback_lo, payback_hi (infinite: not within the months seen); learned (from
        0 to 1, how much the ups and downs of spend taught); elasticity, elasticity_lo, elasticity_hi at
        today's spend; marginal_cost, marginal_lo, marginal_hi, money for one client more (NaN where nothing
        was learned); worth, worth_lo, worth_hi, money that a new client leaves.
    worths
        Draws of a new client's worth, shape (rows, draws).
    responses
        What is known of each row's response to spend; None without spend.
    period, periods, years
        First and last day of "today", and how long that is in periods of spend and in years.
    measure
        ``"margin"``, or ``"amount"`` where no cost is known.
    basis, months
        What worth rests on, see :class:`crmkit.value.worth.Worth`.
    has_channel, has_joined
        Whether the clients table notes channels and days of joining.
    """

    context: Context
    table: pd.DataFrame
    worths: np.ndarray
    responses: tuple[SpendResponse | None, ...]
    period: tuple[pd.Timestamp, pd.Timestamp]
    periods: int
    years: float
    measure: str
    basis: str
    months: int
    has_channel: bool
    has_joined: bool

    def named(self, say: Speaker) -> pd.Series:
        """What each row is called."""
        special = {"unknown": say("channel not noted"), "all": say("all channels")}
        return self.table["channel"].where(
            ~self.table["kind"].isin(list(special)), self.table["kind"].map(special)
        )

    def show(
        self, frame: pd.DataFrame | None = None, *, rows: int | None = 10, lang: str | None = None
    ) -> TableView:
        """The table (or another frame) as a reader sees it."""
        say = self.context.speaker(lang)
        return TableView(self.worded(say) if frame is None else frame, say, rows=rows)

    def worded(self, say: Speaker) -> pd.DataFrame:
        """The table with names for rows that are no channel, in the reader's language."""
        shown = self.table.assign(channel=self.named(say)).drop(columns=["kind", "learned"], errors="ignore")
        return shown.dropna(axis=1, how="all")

    @property
    def _paid(self) -> pd.DataFrame:
        return self.table[(self.table["kind"] == "paid") & (self.table["spend"] > 0)]

    def _claims(self, say: Speaker) -> Sequence[Claim]:
        return [
            Claim(self._average(say), self.worded(say), self._method(say), self._caveat(say)),
            Claim(self._marginal(say)),
            Claim(self._payback(say), caveat=self._worth_caveat(say)),
        ]

    def _average(self, say: Speaker) -> str:
        whole = self.table.iloc[-1]
        values = {
            "first": say.date(self.period[0]),
            "last": say.date(self.period[1]),
            "spend": say.money(whole["spend"]),
            "clients": say.plural("{n} new client", "{n} new clients", int(whole["clients"])),
            "cost": say.money(whole.get("cost_per_client", np.nan)),
            "interval": say.interval(whole.get("cost_lo", np.nan), whole.get("cost_hi", np.nan), say.money),
        }
        known = self._paid.reindex(columns=["channel", "cost_per_client"]).dropna()
        if known.empty:
            return say(
                "From {first} to {last}, {spend} were spent and {clients} came by all ways: {cost} for each "
                "{interval}.",
                **values,
            )
        ordered = known.sort_values(["cost_per_client", "channel"])
        cheap, dear = ordered.iloc[0], ordered.iloc[-1]
        return say(
            "From {first} to {last}, {spend} were spent and {clients} came by all ways: {cost} for each "
            "{interval}. The average client of {cheap} cost {cheap_cost}, of {dear} {dear_cost}.",
            **values,
            cheap=cheap["channel"],
            cheap_cost=say.money(cheap["cost_per_client"]),
            dear=dear["channel"],
            dear_cost=say.money(dear["cost_per_client"]),
        )

    def _marginal(self, say: Speaker) -> str:
        known = self._paid if self.has_channel else self.table.iloc[-1:]
        if "marginal_cost" not in known or known["marginal_cost"].isna().all():
            return say(
                "What one more client would cost cannot be told: the spend hardly changed, or too few "
                "clients came. The smallest test: halve and double it in turn, four weeks each, for half a "
                "year."
            )
        known = known.dropna(subset=["marginal_cost"]).sort_values(["marginal_cost", "channel"])
        names = self.named(say)
        parts = [
            say(
                "{channel}: {cost} {interval}, on average {average}",
                channel=names[place],
                cost=say.money(row["marginal_cost"]),
                interval=say.interval(row["marginal_lo"], row["marginal_hi"], say.money),
                average=say.money(row["cost_per_client"]),
            )
            for place, row in known.iterrows()
        ]
        return say("One client more costs more than the average one. {parts}.", parts="; ".join(parts))

    def _payback(self, say: Speaker) -> str:
        known = self._paid if self.has_channel else self.table.iloc[-1:]
        if "payback_months" not in known or known["payback_months"].isna().all():
            return say("When the money for a new client is back cannot be told: too few came.")
        known = known.dropna(subset=["payback_months"])
        names = self.named(say)
        parts = [
            say(
                "{channel} {months} {interval}",
                channel=names[place],
                months=_months(row["payback_months"], say),
                interval=say.interval(row["payback_lo"], row["payback_hi"], lambda n: _months(n, say)),
            )
            for place, row in known.iterrows()
        ]
        return say(
            "Months until the average new client has paid back their cost: {parts}.", parts="; ".join(parts)
        )

    def _worth_caveat(self, say: Speaker) -> str:
        if self.basis == "value":
            return say(
                "A new client is worth what those who joined within a year have left so far, and the value "
                "expected of them."
            )
        return say(
            "A new client is worth what earlier ones left in their first {months}: a plain stand-in for "
            "lifetime value.",
            months=say.plural("{n} month", "{n} months", self.months),
        )

    def _caveat(self, say: Speaker) -> str:
        words = []
        kinds = self.table.set_index("kind")
        if "unknown" in kinds.index:
            words.append(
                say(
                    "The channel of {clients} is not noted: they count in the total only, so channels look a "
                    "little dearer than they are.",
                    clients=say.plural(
                        "{n} new client", "{n} new clients", int(kinds.loc["unknown", "clients"])
                    ),
                )
            )
        free = self.table[self.table["kind"] == "free"]
        if len(free):
            words.append(
                say(
                    "Without spend came: {channels}; their clients have no cost of winning here.",
                    channels=say.enumerate(free["channel"]),
                )
            )
        empty = self._paid[self._paid["clients"] == 0]
        if len(empty):
            words.append(
                say(
                    "Money but no client is noted for: {channels}. Either it brought none, or the channel is "
                    "called otherwise in the clients table.",
                    channels=say.enumerate(empty["channel"]),
                )
            )
        if not self.has_channel:
            words.append(
                say("No client has a source_channel, so that spend can be set against all new clients only.")
            )
        if not self.has_joined:
            words.append(say("Days of joining are not noted; a client counts as new at the first purchase."))
        if self.measure == "amount":
            words.append(say("No costs are known, so that money is net revenue, not margin."))
        return " ".join(words)

    def _method(self, say: Speaker) -> str:
        return say(
            "Average: spend divided by new clients, with exact Poisson limits (Garwood 1936), {level}. One "
            "more: a saturating response with carry-over to the ups and downs of spend, season and yearly "
            "level apart; all possibilities weighed by their likelihood.",
            level=say.percent(LEVEL),
        )

    def plot_data(self) -> pd.DataFrame:
        """Channels with spend: channel, cost_per_client, marginal_cost and worth, each with limits."""
        rows = self._paid if self.has_channel else self.table.iloc[-1:]
        columns = [
            "channel",
            *("cost_per_client", "cost_lo", "cost_hi"),
            *("marginal_cost", "marginal_lo", "marginal_hi"),
            *("worth", "worth_lo", "worth_hi"),
        ]
        return rows.reindex(columns=columns).reset_index(drop=True)

    def _draw(self, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
        from crmkit.value.cost_plot import draw_costs

        return draw_costs(self, axes, data, say)


def _months(months: float, say: Speaker) -> str:
    return say("not yet") if np.isinf(months) else say.number(months)
