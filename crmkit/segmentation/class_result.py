"""What the classes say: the table, the shares, the words, the picture and the decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.book.settings import Classes
from crmkit.segmentation.class_names import CLASSES, VIP, A, B, D
from crmkit.segmentation.class_rules import Verdict
from crmkit.segmentation.evidence import Evidence
from crmkit.segmentation.measures import name_measure
from crmkit.statistics import Context, Result
from crmkit.statistics.intervals import total_interval
from crmkit.wording import Claim, Speaker

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DAYS_TO_ACT = 30
QUIET_GAPS = 2.0
"""A VIP who has not bought for so many of their own usual gaps is at risk."""
MOST_NAMED = 20


@dataclass(frozen=True)
class Classification(Result):
    """Every client in one of VIP, A, B, C and D.

    Attributes
    ----------
    table
        client_id, class, reason, distance (money more in a window that would make VIP; of D: that would
        make them pay), probability (of A: of becoming VIP with full trust; of B: of doing more than such
        clients do), contribution (margin less cost to serve of the window), expected (the same for the
        coming window), margin, amount, purchase_days, minutes.
    shares
        class, clients, client_share, the measure, amount_share, minutes, minutes_share.
    verdict, evidence
        What the classes rest on.
    months
        Length of the window.
    rules
        The thresholds.
    """

    context: Context
    table: pd.DataFrame
    shares: pd.DataFrame
    verdict: Verdict
    evidence: Evidence
    months: int
    rules: Classes

    @property
    def measure(self) -> str:
        """By what clients are compared: ``"margin"``, ``"amount"`` or ``"purchase_days"``."""
        return self.evidence.measure

    @property
    def _covered(self) -> int:
        """Months of the window that the ledger covers."""
        return min(self.months, self.evidence.months)

    def _row(self, name: str) -> dict[str, Any]:
        return self.shares[self.shares["class"] == name].iloc[0].to_dict()

    def _claims(self, say: Speaker) -> Sequence[Claim]:
        vip = self._row("VIP")
        claims = [
            Claim(
                say(
                    "{clients} of clients are VIP and brought {share} in the last {months} months; "
                    "{goal} from "
                    "{most} is the aim. ({measure})",
                    clients=say.percent(vip["client_share"], 1),
                    share=say.percent(vip["amount_share"]),
                    months=say.number(self._covered),
                    goal=say.percent(self.rules.vip_margin_share),
                    most=say.percent(self.rules.vip_client_share),
                    measure=name_measure(self.measure, say),
                ),
                self.shares,
                method=say(
                    "VIP is the smallest set of clients that reaches the aim by what they brought in "
                    "{months} months, cut at {most} of all clients.",
                    months=say.number(self._covered),
                    most=say.percent(self.rules.vip_client_share),
                ),
                caveat=self._unknown(say),
            )
        ]
        claims += [self._potential(say), self._growing(say)]
        rest = self._row("C")
        claims.append(
            Claim(
                say(
                    "C is {clients} of clients; they take {time} of staff time and bring {share}. {others}",
                    clients=say.percent(rest["client_share"]),
                    time=say.percent(rest["minutes_share"]),
                    share=say.percent(rest["amount_share"]),
                    others=self._lost(say),
                ),
                caveat=""
                if self.evidence.periods.basis == "contacts"
                else say("Staff time is taken from the number of sales: there are no contacts with minutes."),
            )
        )
        return claims

    def _lost(self, say: Speaker) -> str:
        lost = self._row("D")
        if np.isnan(self.verdict.kept).all():
            return say("Who is better served elsewhere cannot be told without costs.")
        if not lost["clients"]:
            return say("Nobody is in D: nobody costs more than they leave, and is expected to.")
        return say(
            "D is {few}, who cost more than they leave; they take {lost} of staff time.",
            few=say.plural("{n} client", "{n} clients", int(lost["clients"])),
            lost=say.percent(lost["minutes_share"]),
        )

    def _unknown(self, say: Speaker) -> str:
        if np.isnan(self.verdict.kept).all():
            return say(
                "What clients cost is not known: nobody is put in D, and VIP goes by the money they bring."
            )
        return ""

    def _potential(self, say: Speaker) -> Claim:
        potential = self.verdict.potential
        count = self._row("A")["clients"]
        if not potential.learned:
            return Claim(
                say(
                    "{count} clients are A: lately they bought as often as the middle VIP, but trust "
                    "less or place "
                    "small orders.",
                    count=say.number(count),
                ),
                caveat=say(
                    "The history is too short to learn from: only {found} clients became VIP in it.",
                    found=say.number(potential.outcomes[0]),
                ),
            )
        return Claim(
            say(
                "{count} clients are A: with the trust of VIPs their chance to become VIP is at "
                "least the average "
                "of {average}, and they probably trust less than VIPs do. By all their records about {real} "
                "of them are so, or worth a VIP already.",
                count=say.number(count),
                average=say.percent(potential.average, 1),
                real=say.number(self._real(A, A, VIP)),
            ),
            method=say(
                "Learned from {found} cases among {total} in which a client became VIP within "
                "{months} months. "
                "On clients held out {ratio} of those expected came true. Trust is one number from how a "
                "client answers contacts and how wide a range they buy (Birnbaum 1968).",
                found=say.number(potential.outcomes[0]),
                total=say.number(potential.outcomes[1]),
                months=say.number(self._covered),
                ratio=say.percent(1 / potential.calibration),
            ),
            caveat=say(
                "That more trust would bring more money is seen side by side, not tried: a trial would tell."
            ),
        )

    def _real(self, found: int, *classes: int) -> float:
        """How many of those found in a class are expected to be of the given classes really."""
        return float(self.verdict.chances[self.verdict.code == found][:, list(classes)].sum())

    def _growing(self, say: Speaker) -> Claim:
        return Claim(
            say(
                "{count} clients are B: they do more than such clients do; by all their records about {real} "
                "of them are really in a phase of growth.",
                count=say.number(self._row("B")["clients"]),
                real=say.number(self._real(B, B)),
            ),
            method=say(
                "Purchases, kinds of goods and contacts of the last half of the window against a "
                "Poisson regression "
                "on each client's past, with gamma factors drawn towards one (Clayton and Kaldor 1987). How "
                "many really grow: a mixture of two kinds of clients (Dempster et al. 1977)."
            ),
            caveat=say(
                "Half a window is short: many in B are only suspected. A call that asks what they plan would "
                "tell."
            ),
        )

    def top(self, clients: int = 3) -> pd.DataFrame:
        """The clients of each class who brought most in the window, with the reason for their class.

        Parameters
        ----------
        clients
            At most so many of each class.

        Returns
        -------
        DataFrame
            class (VIP first), client_id, reason.
        """
        ranked = self.table.sort_values([self.measure, "client_id"], ascending=[False, True], kind="stable")
        first = ranked.groupby("class", sort=False).head(clients)
        order = first["class"].map(CLASSES.index).sort_values(kind="stable").index
        return first.loc[order, ["class", "client_id", "reason"]].reset_index(drop=True)

    def plot_data(self) -> pd.DataFrame:
        """Shares of clients, money and staff time: class, measure, share."""
        columns = {"client_share": "clients", "amount_share": self.measure, "minutes_share": "minutes"}
        long = self.shares.melt("class", list(columns), "measure", "share").astype({"measure": "str"})
        return long.assign(measure=long["measure"].map(columns).astype("str"))

    def _draw(self, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
        from crmkit.statistics.figure import CLASS_COLOURS, INK

        names = {
            "clients": say("Clients"),
            self.measure: name_measure(self.measure, say),
            "minutes": say("Staff time"),
        }
        order = list(dict.fromkeys(data["measure"]))[::-1]
        left = np.zeros(len(order))
        for name, colour in CLASS_COLOURS.items():
            part = (
                data[data["class"] == name]
                .set_index("measure")["share"]
                .reindex(order)
                .fillna(0.0)
                .to_numpy()
            )
            drawn = np.maximum(part, 0)
            axes.barh([names[row] for row in order], drawn, left=left, color=colour, label=name)
            for place, (width, start) in enumerate(zip(drawn, left)):
                if width >= 0.06:
                    dark = name in ("VIP", "A")
                    axes.text(
                        start + width / 2,
                        place,
                        f"{name} {say.percent(width)}",
                        ha="center",
                        va="center",
                        color="white" if dark else INK,
                        fontsize=9,
                    )
            left += drawn
        axes.set_xlim(0, 1)
        axes.set_xlabel(say("Share"))
        axes.xaxis.set_major_formatter(lambda value, _: say.percent(value))
        axes.legend(ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.16))
        vip = self._row("VIP")
        title = say(
            "{clients} of clients are VIP and bring {share}",
            clients=say.percent(vip["client_share"]),
            share=say.percent(vip["amount_share"]),
        )
        axes.set_title(title)
        return say("{title}. Bars: shares of the classes in clients, money and staff time.", title=title)

    def _decide(self, say: Speaker) -> Sequence[Mapping[str, Any]]:
        if self.measure == "purchase_days":
            return []
        verdict, evidence = self.verdict, self.evidence
        due = self.context.as_of + pd.Timedelta(days=DAYS_TO_ACT)
        rows: list[dict[str, Any]] = []

        def add(
            name: str, action: str, owner: str, amount: float, limits: tuple[float, float], reason: str
        ) -> None:
            rows.append(
                {
                    "id": name,
                    "action": action,
                    "owner": owner,
                    "due": due,
                    "amount": round(amount, 2),
                    "lo": round(limits[0], 2),
                    "hi": round(limits[1], 2),
                    "reason": reason,
                }
            )

        seen_years = np.maximum(evidence.tenure, evidence.years)
        rate = (evidence["purchase_days"].sum(axis=1) + 1) / (
            np.minimum(seen_years, evidence.count * evidence.years) + 0.3
        )
        quiet = (verdict.code == 0) & (evidence.recency / 365.25 * rate > QUIET_GAPS)
        if quiet.any():
            stake = verdict.window[quiet]
            add(
                "classes-vip",
                say(
                    "Give each VIP who has gone quiet a manager who calls them: {clients}.",
                    clients=say.plural("{n} client", "{n} clients", int(quiet.sum())),
                ),
                say("Head of client service"),
                float(stake.sum()),
                total_interval(stake),
                say(
                    "They have not bought for more than {gaps} of their usual gaps. The money is "
                    "what they brought in {months} months.",
                    months=say.number(self._covered),
                    gaps=say.number(QUIET_GAPS, 1),
                ),
            )
        if verdict.potential.learned and (verdict.code == A).any():
            chance = np.where(verdict.code == A, verdict.potential.trusted, 0.0)
            top = np.argsort(-chance, kind="stable")[: min(MOST_NAMED, int((verdict.code == A).sum()))]
            missing = verdict.missing[top]
            gain = float((chance[top] * missing).sum())
            spread = 1.96 * float(np.sqrt((chance[top] * (1 - chance[top]) * missing**2).sum()))
            add(
                "classes-a",
                say(
                    "Win the trust of the first {clients} of A: a named contact, and what closes their gap.",
                    clients=say.number(len(top)),
                ),
                say("Head of sales"),
                gain,
                (max(gain - spread, 0.0), gain + spread),
                say(
                    "Of these about {count} would become VIP with the trust of VIPs.",
                    count=say.number(float(chance[top].sum()), 1),
                ),
            )
        lost = verdict.code == D
        if lost.any():
            loss = -verdict.expected[lost]
            add(
                "classes-d",
                say(
                    "Set limits for D: self-service, prepayment or a partner, for {clients}.",
                    clients=say.plural("{n} client", "{n} clients", int(lost.sum())),
                ),
                say("Head of client service"),
                float(loss.sum()),
                total_interval(loss),
                say("They cost more than they leave, and are expected to."),
            )
        return rows
