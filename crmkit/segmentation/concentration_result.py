"""What a concentration of the business says: its table, words, picture and decisions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.book.settings import Segmentation
from crmkit.segmentation.measures import name_measure, write_measure
from crmkit.statistics import Context, Result
from crmkit.wording import Claim, Speaker, TableView

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVEL = 0.95
LEAST_RETURNING = 30
"""So many must have bought in both halves of the history to say whether the leaders stay leaders."""
DAYS_TO_ACT = 30


@dataclass(frozen=True)
class Concentration(Result):
    """How concentrated the business is.

    Attributes
    ----------
    table
        measure, estimate, lo, hi, clients, amount. Rows: ``all_clients``; ``top_share``, the share of the
        money that the top clients bring; ``needed_share``, the smallest share of clients that brings the
        goal; ``gini``; ``largest_share``, the largest client's; ``kept_share``, what the top of the first
        half of the history brought in the second; ``below_zero``, clients whose total is negative;
        ``left_out``, clients for whom the measure is not known. ``clients`` and ``amount`` are the clients
        that the row is about and their money.
    curve
        The Lorenz curve read from the best client on: client_share, amount_share, clients, amount, all
        running.
    measure
        ``"margin"``, ``"amount"`` (net revenue) or ``"purchase_days"``.
    verdict
        ``"lasting"`` (classes by this measure carry information), ``"flat"`` (they carry none),
        ``"unclear"``, or ``"undefined"`` (nothing to share out: one client, or a total that is not positive).
    halfway
        Last day of the first half of the history.
    large
        The largest client, and all who bring the share from which a client counts as a risk: client_id,
        amount, amount_share, lo, hi (limits of what as many purchases could bring, money).
    yearly
        What turns money of the period into money a year.
    rules
        The thresholds.
    """

    context: Context
    table: pd.DataFrame
    curve: pd.DataFrame
    measure: str
    verdict: str
    halfway: pd.Timestamp
    large: pd.DataFrame
    yearly: float
    rules: Segmentation

    def plot_data(self) -> pd.DataFrame:
        """The curve: client_share, amount_share, clients, amount, all running from the best client on."""
        return self.curve

    def show(
        self, frame: pd.DataFrame | None = None, *, rows: int | None = 10, lang: str | None = None
    ) -> TableView:
        """The table (or another frame) as a reader sees it."""
        say = self.context.speaker(lang)
        return TableView(self._worded(say) if frame is None else frame, say, rows=rows)

    def _row(self, measure: str) -> dict[str, Any]:
        return self.table[self.table["measure"] == measure].iloc[0].to_dict()

    def _has(self, measure: str) -> bool:
        return bool((self.table["measure"] == measure).any())

    def _write(self, value: float, say: Speaker) -> str:
        return write_measure(value, self.measure, say)

    def _worded(self, say: Speaker) -> pd.DataFrame:
        labels = {
            "all_clients": say("All clients"),
            "top_share": say("Share brought by the top {top}", top=say.percent(self.rules.top_client_share)),
            "needed_share": say(
                "Share of clients who bring {goal}", goal=say.percent(self.rules.money_share)
            ),
            "gini": say("Gini coefficient"),
            "largest_share": say("Share of the largest client"),
            "kept_share": say(
                "Share brought after {halfway} by the top of before", halfway=say.date(self.halfway)
            ),
            "below_zero": say("Clients below zero"),
            "left_out": say("Not known, left out"),
        }
        shown = self.table.copy()
        names = shown["measure"]
        for column in ("estimate", "lo", "hi"):
            shown[column] = [
                say.number(value, 2) if name == "gini" else say.percent(value, 1 if abs(value) < 0.1 else 0)
                for name, value in zip(names, shown[column])
            ]
        shown["amount"] = [self._write(value, say) for value in shown["amount"]]
        return shown.assign(measure=names.map(labels))

    def _claims(self, say: Speaker) -> Sequence[Claim]:
        if self.verdict == "undefined":
            return [Claim(self._nothing_to_share(say), self._worded(say), caveat=self._caveat(say))]
        top, needed, everyone = self._row("top_share"), self._row("needed_share"), self._row("all_clients")
        found = say(
            "{measure}: the top {top} of clients ({those} of {all}) bring {share} {interval}; {goal} comes "
            "from {needed} of clients ({few}).",
            measure=name_measure(self.measure, say),
            top=say.percent(self.rules.top_client_share),
            those=say.number(top["clients"]),
            all=say.number(everyone["clients"]),
            share=say.percent(top["estimate"]),
            interval=self._limits(top, say),
            goal=say.percent(self.rules.money_share),
            needed=say.percent(needed["estimate"]),
            few=say.number(needed["clients"]),
        )
        claims = [
            Claim(found, self._worded(say), self._method(say), self._caveat(say)),
            Claim(self._information(say), method=self._rule(say)),
            Claim(self._dependence(say)),
        ]
        if self._has("below_zero"):
            claims.append(Claim(self._below_zero(say)))
        return claims

    def _nothing_to_share(self, say: Speaker) -> str:
        everyone = self._row("all_clients")
        money = self._write(everyone["amount"], say)
        if everyone["clients"] == 1:
            return say(
                "There is one client, who brings everything ({money}): there is nobody to compare with, and "
                "all depends on this client.",
                money=money,
            )
        return say(
            "{measure}: the total of {clients} is {money}, so there is nothing to share out and there are "
            "no classes by money. Look at returns, cancellations and costs first.",
            measure=name_measure(self.measure, say),
            clients=say.plural("{n} client", "{n} clients", int(everyone["clients"])),
            money=money,
        )

    def _information(self, say: Speaker) -> str:
        kept = self._row("kept_share")
        values = {
            "top": say.percent(self.rules.top_client_share),
            "share": say.percent(self._row("top_share")["estimate"]),
            "kept": say.percent(kept["estimate"]),
            "interval": self._limits(kept, say),
            "halfway": say.date(self.halfway),
        }
        if self.verdict == "lasting":
            return say(
                "The leaders stay leaders: the top {top} of the first half (up to {halfway}) brought {kept} "
                "{interval} of what all clients of the first half brought in the second; equal clients would "
                "bring {top}. Keeping them comes first.",
                **values,
            )
        if self.verdict == "unclear":
            return say(
                "Whether the leaders stay leaders cannot be told: too few clients bought both before and "
                "after {halfway}. The test: keep the list of today's top {top} and see in a year what they "
                "brought.",
                **values,
            )
        if math.isnan(kept["estimate"]) or self._is_even():
            return say(
                "Here classes by revenue carry no information: the top {top} bring {share}, hardly more "
                "than equal clients would. Do not serve clients differently because of it.",
                **values,
            )
        return say(
            "Here classes by revenue carry no information: the top {top} of the first half (up to "
            "{halfway}) brought {kept} {interval} of what all clients of the first half brought in the "
            "second; equal clients would bring {top}. Do not serve clients differently because of it.",
            **values,
        )

    def _is_even(self) -> bool:
        top, everyone = self._row("top_share"), self._row("all_clients")
        return top["estimate"] <= self.rules.flat_ratio * top["clients"] / everyone["clients"]

    def _limits(self, row: dict[str, Any], say: Speaker) -> str:
        if math.isnan(row["lo"]):
            return say("[limits unknown]")
        return say.interval(row["lo"], row["hi"], say.percent)

    def _dependence(self, say: Speaker) -> str:
        largest = self.large.iloc[0]
        values = {
            "client": largest["client_id"],
            "share": say.percent(largest["amount_share"], 1 if largest["amount_share"] < 0.1 else 0),
            "limit": say.percent(self.rules.dependence_share),
            "few": say.number(len(self.large)),
            "together": say.percent(self.large["amount_share"].sum()),
        }
        if largest["amount_share"] < self.rules.dependence_share:
            return say("No single client decides: the largest brings {share}.", **values)
        if len(self.large) == 1:
            return say(
                "One client ({client}) brings {share}: losing this one would hurt the whole business.",
                **values,
            )
        return say(
            "Few clients decide: {few} of them bring {limit} or more each, {together} together; the largest "
            "({client}) brings {share}. Losing one would hurt the whole business.",
            **values,
        )

    def _below_zero(self, say: Speaker) -> str:
        below = self._row("below_zero")
        values = {
            "clients": say.plural("{n} client", "{n} clients", int(below["clients"])),
            "money": self._write(below["amount"], say),
        }
        if self.measure == "margin":
            return say(
                "Brought a loss in this period: {clients}, {money} together. Shares are of the net total, so "
                "all the others together bring more than 100%.",
                **values,
            )
        return say(
            "Returned more than they bought in this period: {clients}, {money} together. Shares are of the "
            "net total, so all the others together bring more than 100%.",
            **values,
        )

    def _caveat(self, say: Speaker) -> str:
        if self._has("left_out"):
            left_out = say.plural("{n} client", "{n} clients", int(self._row("left_out")["clients"]))
            return say("Left out, because the measure is not known for them: {clients}.", clients=left_out)
        if self.measure == "purchase_days":
            return say("The ledger holds no money, so clients are compared by the days on which they bought.")
        return ""

    def _method(self, say: Speaker) -> str:
        return say(
            "Lorenz curve of clients sorted by money, returns taken off (Lorenz 1905); Gini coefficient, "
            "with negative totals as in Chen, Tsaur and Rhai (1982) and Berrebi and Silber (1985). "
            "Intervals: {level}, BCa bootstrap over clients (Efron 1987), too narrow for fewer than 100 "
            "clients; the largest client's: what as many purchases by chance could bring (Fay and Feuer "
            "1997).",
            level=say.percent(LEVEL),
        )

    def _rule(self, say: Speaker) -> str:
        return say(
            "Clients are ranked by what they brought up to {halfway}. Classes carry information if the same "
            "clients' ranks after it agree with that beyond chance (Spearman's rank correlation, 2.5% "
            "one-sided) and the top {top} then bring more than {flat}. With fewer than {least} clients in "
            "both halves nothing is said, unless even over the whole time the top brings no more than "
            "{flat}.",
            halfway=say.date(self.halfway),
            top=say.percent(self.rules.top_client_share),
            flat=say.percent(self.rules.flat_ratio * self.rules.top_client_share),
            least=say.number(LEAST_RETURNING),
        )

    def _draw(self, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
        from matplotlib.ticker import FuncFormatter

        from crmkit.statistics.figure import ACCENT, INK, SECOND

        measure = name_measure(self.measure, say)
        axes.set_xlabel(say("Share of clients, the best first"))
        axes.set_ylabel(say("{measure}, share of the total", measure=measure))
        if self.verdict == "undefined":
            title = say("Nothing to share out among clients")
            axes.set_title(title)
            return title
        top, everyone = self._row("top_share"), self._row("all_clients")
        x, y = top["clients"] / everyone["clients"], top["estimate"]
        axes.plot(data["client_share"], data["amount_share"], color=ACCENT, linewidth=2.5)
        axes.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle="--")
        axes.plot([x, x, 0], [0, y, y], color=SECOND, linewidth=1, linestyle=":")
        axes.plot([x], [y], marker="o", color=SECOND)
        axes.annotate(
            say(
                "{clients}: {money} of {total}",
                clients=say.plural("{n} client", "{n} clients", int(top["clients"])),
                money=self._write(top["amount"], say),
                total=self._write(everyone["amount"], say),
            ),
            (x, y),
            xytext=(12, -14),
            textcoords="offset points",
            color=INK,
        )
        axes.annotate(
            say("if all clients were equal"),
            (0.62, 0.62),
            xytext=(8, -12),
            textcoords="offset points",
            color=INK,
        )
        per_cent = FuncFormatter(lambda share, _: say.percent(share))
        axes.xaxis.set_major_formatter(per_cent)
        axes.yaxis.set_major_formatter(per_cent)
        axes.set_xlim(0, 1)
        axes.set_ylim(min(0, data["amount_share"].min()), max(1.02, data["amount_share"].max() * 1.02))
        title = say(
            "{measure}: the top {top} of clients bring {share}",
            measure=measure,
            top=say.percent(self.rules.top_client_share),
            share=say.percent(y),
        )
        axes.set_title(title)
        return say(
            "{title}. Curve of the running share of {all} clients against the running share of the total, "
            "far above the straight line of equal clients where few bring much.",
            title=title,
            all=say.number(everyone["clients"]),
        )

    def _decide(self, say: Speaker) -> Sequence[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        due = self.context.as_of + pd.Timedelta(days=DAYS_TO_ACT)
        if self.verdict == "undefined":
            return rows
        top = self._row("top_share")
        money = self.measure != "purchase_days"
        if (
            money
            and self.verdict == "lasting"
            and top["lo"] > self.rules.flat_ratio * self.rules.top_client_share
        ):
            total = self._row("all_clients")["amount"] * self.yearly
            rows.append(
                {
                    "id": "concentration-top",
                    "action": say(
                        "Give each of the top {clients} a manager by name",
                        clients=say.plural("{n} client", "{n} clients", int(top["clients"])),
                    ),
                    "owner": say("Head of sales"),
                    "due": due,
                    "amount": top["amount"] * self.yearly,
                    "lo": top["lo"] * total,
                    "hi": top["hi"] * total,
                    "reason": say(
                        "They brought {share}, and leaders stay leaders. The money is what they brought (per "
                        "year, if the ledger is longer): it is at stake, a manager will not win all of it.",
                        share=say.percent(top["estimate"]),
                    ),
                }
            )
        risks = self.large[money & (self.large["amount_share"] >= self.rules.dependence_share)]
        rows += [
            {
                "id": f"concentration-risk-{place}",
                "action": say(
                    "Agree the next year with client {client}, with a second person in touch on each side; "
                    "plan for the case of losing this client",
                    client=client.client_id,
                ),
                "owner": say("Head of the company"),
                "due": due,
                "amount": client.amount * self.yearly,
                "lo": client.lo * self.yearly,
                "hi": client.hi * self.yearly,
                "reason": say(
                    "This client alone brings {share}; from {limit} on a client counts as a risk.",
                    share=say.percent(client.amount_share),
                    limit=say.percent(self.rules.dependence_share),
                ),
            }
            for place, client in enumerate(risks.itertuples(), start=1)
        ]
        return rows
