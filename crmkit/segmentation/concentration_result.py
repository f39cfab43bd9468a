"""What a concentration of the business says: its table, words, picture and decisions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.book.sections import Segmentation
from crmkit.segmentation.measures import name_measure, say_past, write_measure
from crmkit.statistics import DAYS_TO_ACT, LEVEL, Context, Result
from crmkit.wording import Claim, Speaker, TableView

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST_RETURNING = 30
"""So many must have bought in both halves of the history to say whether the leaders stay leaders."""
LEAST_RESAMPLED = 100
"""With fewer clients, bootstrap intervals of such unequal money come out too narrow."""


@dataclass(frozen=True)
class Concentration(Result):
    """How concentrated the business is.

    Attributes
    ----------
    table
        measure, estimate, lo, hi, clients, amount. Rows: ``all_clients``; ``top_share``, the share of the
        money that the top clients bring; ``needed_share``, the smallest share of clients that brings the
        goal, and ``half_share``, that brings half; ``gini``; ``kept_share``, what the top of the first half
        of the history brought in the second; ``largest_share``, the largest client's; ``below_zero``, clients
        whose total is negative; ``left_out``, clients for whom the measure is not known. ``clients`` and
        ``amount`` are the clients that the row is about and their money: what `measure` says.
    curve
        The Lorenz curve read from the best client on: client_share, amount_share, clients, amount, all
        running.
    measure
        ``"margin"``, ``"amount"`` (net revenue) or ``"purchase_days"``.
    verdict
        ``"lasting"`` (classes by this measure carry information), ``"flat"`` (they carry none), ``"unclear"``
        (too few bought both early and late), ``"used_up"`` (returns or losses outweigh what was sold late),
        ``"few"`` (too few clients for a top share), or ``"undefined"`` (nothing to share out: one client, or
        a total that is not positive).
    halfway
        Last day of the first half of the history.
    large
        The largest client, and all who bring the share from which a client counts as a risk: client_id,
        amount, amount_share, last_date, lo, hi (limits of what as many purchases could bring, money).
    period
        Days of the first and the last purchase.
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
    period: tuple[pd.Timestamp, pd.Timestamp]
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

    def row(self, measure: str) -> dict[str, Any]:
        """The row of the table about one figure."""
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
            "half_share": say("Share of clients who bring half"),
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
        if self.verdict == "few":
            claims = [Claim(self._few(say), self._worded(say), caveat=self._caveat(say))]
        else:
            claims = [
                Claim(self._found(say), self._worded(say), self._method(say), self._caveat(say)),
                Claim(self._information(say), method=self._rule(say)),
            ]
        claims += [Claim(sentence) for sentence in self._dependence(say)]
        if self._has("below_zero"):
            claims.append(Claim(self._below_zero(say)))
        return claims

    def _period(self, say: Speaker) -> dict[str, str]:
        first, last = self.period
        return {
            "measure": name_measure(self.measure, say),
            "first": say.date(first),
            "last": say.date(last),
        }

    def _found(self, say: Speaker) -> str:
        top, needed, half = self.row("top_share"), self.row("needed_share"), self.row("half_share")
        return say(
            "{measure} from {first} to {last}: the top {top} of clients ({those} of {all}) brought {share} "
            "{interval}; {goal} came from {needed} of clients ({few}), {part} from {half}.",
            top=say.percent(self.rules.top_client_share),
            those=say.number(top["clients"]),
            all=say.number(self.row("all_clients")["clients"]),
            share=say.percent(top["estimate"]),
            interval=self._limits(top, say),
            goal=say.percent(self.rules.money_share),
            needed=say.percent(needed["estimate"]),
            few=say.number(needed["clients"]),
            part=say.percent(0.5),
            half=say.plural("{n} client", "{n} clients", int(half["clients"])),
            **self._period(say),
        )

    def _few(self, say: Speaker) -> str:
        largest, everyone = self.row("largest_share"), self.row("all_clients")
        return say(
            "{measure} from {first} to {last}: the largest of {clients} brought {share}. There are too few "
            "clients to speak of the top {top}.",
            clients=say.plural("{n} client", "{n} clients", int(everyone["clients"])),
            share=say.percent(largest["estimate"]),
            top=say.percent(self.rules.top_client_share),
            **self._period(say),
        )

    def _nothing_to_share(self, say: Speaker) -> str:
        everyone = self.row("all_clients")
        values = {
            "clients": say.plural("{n} client", "{n} clients", int(everyone["clients"])),
            "money": self._write(everyone["amount"], say),
            **self._period(say),
        }
        if everyone["clients"] == 1 and everyone["amount"] > 0:
            return say(
                "{measure} from {first} to {last}: there is one client, who brought everything ({money}). "
                "There is nobody to compare with, and all depends on this client.",
                **values,
            )
        return say(
            "{measure} from {first} to {last}: the total of {clients} is {money}, so there is nothing to "
            "share out and there are no classes by money. Look at returns, cancellations and costs first.",
            **values,
        )

    def _information(self, say: Speaker) -> str:
        kept = self.row("kept_share")
        values = {
            "top": say.percent(self.rules.top_client_share),
            "share": say.percent(self.row("top_share")["estimate"]),
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
        if self.verdict == "used_up":
            return say(
                "Whether the leaders stay leaders cannot be told: after {halfway} returns or losses outweigh "
                "all that the earlier clients brought. Look at these first.",
                **values,
            )
        if math.isnan(kept["estimate"]) or self._is_even():
            return say(
                "Here classes by this measure carry no information: the top {top} bring {share}, hardly more "
                "than equal clients would. Do not serve clients differently because of it.",
                **values,
            )
        return say(
            "Here classes by this measure carry no information: the top {top} of the first half (up to "
            "{halfway}) brought {kept} {interval} of what all clients of the first half brought in the "
            "second; equal clients would bring {top}. Do not serve clients differently because of it.",
            **values,
        )

    def _is_even(self) -> bool:
        top, everyone = self.row("top_share"), self.row("all_clients")
        return top["estimate"] <= self.rules.flat_ratio * top["clients"] / everyone["clients"]

    def _limits(self, row: dict[str, Any], say: Speaker) -> str:
        if math.isnan(row["lo"]):
            return say("[limits unknown]")
        return say.interval(row["lo"], row["hi"], say.percent)

    @property
    def _risks(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Clients on whom much depends: those who bought in the last year, and those who did not."""
        risks = self.large[self.large["amount_share"] >= self.rules.dependence_share]
        gone = risks["last_date"] < self.context.as_of - pd.DateOffset(years=1)
        return risks[~gone], risks[gone]

    def _dependence(self, say: Speaker) -> list[str]:
        here, gone = self._risks
        largest = self.large.iloc[0]["amount_share"]
        limit = say.percent(self.rules.dependence_share)
        if here.empty and gone.empty:
            return [
                say(
                    "No single client decides: the largest brought {share}.",
                    share=say.percent(largest, 1 if largest < 0.1 else 0),
                )
            ]
        said = []
        values = {
            "limit": limit,
            "few": say.number(len(here)),
            "together": say.percent(here["amount_share"].sum()),
        }
        for client in here.head(1).itertuples():
            values |= {"client": client.client_id, "share": say.percent(client.amount_share)}
        if len(here) == 1:
            said.append(
                say(
                    "One client ({client}) brought {share}: losing this one would hurt the whole business.",
                    **values,
                )
            )
        elif len(here):
            said.append(
                say(
                    "Few clients decide: {few} brought {limit} or more each, {together} together; the "
                    "largest of these ({client}) brought {share}. Losing one would hurt the whole business.",
                    **values,
                )
            )
        if len(gone):
            said.append(
                say(
                    "Brought {limit} or more each, and have bought nothing for a year: {clients}, {together} "
                    "of all. Do not count on that money; ask why it stays away.",
                    limit=limit,
                    clients=say.plural("{n} client", "{n} clients", len(gone)),
                    together=say.percent(gone["amount_share"].sum()),
                )
            )
        return said

    def _below_zero(self, say: Speaker) -> str:
        below = self.row("below_zero")
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
        words = []
        if self._has("left_out"):
            left_out = say.plural("{n} client", "{n} clients", int(self.row("left_out")["clients"]))
            words.append(
                say("Left out, because the measure is not known for them: {clients}.", clients=left_out)
            )
        if self.measure == "purchase_days":
            words.append(
                say("The ledger holds no money, so clients are compared by the days on which they bought.")
            )
        return " ".join([*words, say_past(self.period[1], self.context.as_of, say)]).strip()

    def _method(self, say: Speaker) -> str:
        return say(
            "Lorenz curve of clients, the best first, returns taken off (Lorenz 1905); Gini coefficient, "
            "with negative totals as in Chen, Tsaur and Rhai (1982) and Berrebi and Silber (1985). "
            "Intervals: {level}, BCa bootstrap over clients (Efron 1987), too narrow for fewer than {least} "
            "clients; the largest client's: what as many purchases by chance could bring (Fay and Feuer "
            "1997).",
            level=say.percent(LEVEL),
            least=say.number(LEAST_RESAMPLED),
        )

    def _rule(self, say: Speaker) -> str:
        return say(
            "Clients are ranked by what they brought up to {halfway}. Classes carry information if the same "
            "clients' ranks after it agree with that beyond chance (Spearman's rank correlation, {tail} "
            "one-sided) and the top {top} then bring more than {flat}. With fewer than {least} clients in "
            "both halves nothing is said, unless even over the whole time the top brings no more than "
            "{flat}.",
            halfway=say.date(self.halfway),
            tail=say.percent((1 - LEVEL) / 2, 1),
            top=say.percent(self.rules.top_client_share),
            flat=say.percent(self.rules.flat_ratio * self.rules.top_client_share),
            least=say.number(LEAST_RETURNING),
        )

    def _draw(self, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
        from crmkit.segmentation.concentration_plot import draw

        return draw(self, axes, data, say)

    def _decide(self, say: Speaker) -> Sequence[dict[str, Any]]:
        if self.verdict == "undefined" or self.measure == "purchase_days":
            return []
        due = self.context.as_of + pd.Timedelta(days=DAYS_TO_ACT)
        return [
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
                    "This client alone brought {share}; from {limit} on a client counts as a risk. The money "
                    "is what they brought (per year, if the ledger is longer).",
                    share=say.percent(client.amount_share),
                    limit=say.percent(self.rules.dependence_share),
                ),
                "clients": pd.Series([client.amount * self.yearly], index=[client.client_id]),
            }
            for place, client in enumerate(self._risks[0].itertuples(), start=1)
        ]
