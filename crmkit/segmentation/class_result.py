"""What the classes say: the table, the shares, the words, the picture and the decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.book.sections import Classes
from crmkit.segmentation.class_decisions import decisions
from crmkit.segmentation.class_names import CLASSES, D
from crmkit.segmentation.class_rules import Verdict
from crmkit.segmentation.class_words import claims
from crmkit.segmentation.contribution import most_vip
from crmkit.segmentation.evidence import Evidence
from crmkit.segmentation.measures import name_measure
from crmkit.statistics import Context, Result
from crmkit.wording import Claim, Speaker

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Classification(Result):
    """Every client in one of VIP, A, B, C and D.

    Attributes
    ----------
    table
        client_id, class, reason, distance (money more in a window that would make VIP; of D: that would
        have made them pay; NaN where nothing would), probability (of A: of becoming VIP with full trust; of
        B: of doing more than such clients do), contribution (of the window: margin less cost to serve, as far
        as they are known), expected (the same for the coming window), margin, amount, purchase_days, minutes.
    shares
        class, clients, client_share, the measure, amount_share, minutes, minutes_share.
    verdict, evidence
        What the classes rest on.
    months
        Length of the window.
    rules
        The thresholds.
    flat
        Whether classes by the measure carry no information: see ``concentration``.
    """

    context: Context
    table: pd.DataFrame
    shares: pd.DataFrame
    verdict: Verdict
    evidence: Evidence
    months: int
    rules: Classes
    flat: bool

    @property
    def measure(self) -> str:
        """By what clients are compared: ``"margin"``, ``"amount"`` or ``"purchase_days"``."""
        return self.evidence.measure

    @property
    def covered(self) -> int:
        """Months of the window that the ledger covers."""
        return min(self.months, self.evidence.months)

    def row(self, name: str) -> dict[str, Any]:
        """The row of the shares about one class."""
        return self.shares[self.shares["class"] == name].iloc[0].to_dict()

    @property
    def losing(self) -> np.ndarray:
        """Who of D is to be expected to leave less than nothing in the coming window too, by place."""
        return (self.verdict.code == D) & (self.verdict.outlook.expected < 0)

    @property
    def ruling(self) -> str:
        """Whether there are VIP: ``"found"``; or why not.

        ``"undefined"``: all clients together brought nothing; ``"few"``: fewer clients than the VIP's share
        takes one from; ``"even"``: so many brought the same, or cost more than they leave, that nobody is
        left.
        """
        if not self.shares[self.measure].sum() > 0:
            return "undefined"
        if self.row("VIP")["clients"]:
            return "found"
        return "even" if most_vip(self.named, self.rules.vip_client_share) else "few"

    @property
    def named(self) -> int:
        """How many clients there are to choose VIP from: those who stand for somebody."""
        return int((self.evidence.seen & ~self.evidence.nobody).sum())

    def period(self, say: Speaker) -> str:
        """The window in words."""
        return say.plural("{n} month", "{n} months", self.covered)

    def _claims(self, say: Speaker) -> Sequence[Claim]:
        return claims(self, say)

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
        vip = self.row("VIP")
        if self.ruling == "found":
            title = say(
                "{clients} of clients are VIP and bring {share}",
                clients=say.percent(vip["client_share"]),
                share=say.percent(vip["amount_share"]),
            )
        else:
            rest = say.percent(self.row("C")["client_share"])
            title = say("Nobody is VIP; C is {clients} of clients", clients=rest)
        axes.set_title(title)
        return say("{title}. Bars: shares of the classes in clients, money and staff time.", title=title)

    def _decide(self, say: Speaker) -> Sequence[Mapping[str, Any]]:
        return decisions(self, say)
