"""What is a prospect worth at today's budgets, and at the best ones?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmkit.statistics import Context, Result
from crmkit.value.response_curves import ResponseCurve, best_budgets, equity
from crmkit.wording import Claim, Speaker, TableView

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from crmkit.book import Book


@dataclass(frozen=True)
class CustomerEquity(Result):
    """Two response curves, with today's budgets and the best ones on them.

    Attributes
    ----------
    table
        budget (``now`` or ``best``) and, for each prospect or client: acquisition_spend, acquisition_rate,
        retention_spend, retention_rate, client_value, equity, marginal_acquisition, marginal_retention,
        average_acquisition, average_retention. Money and shares.
    acquisition, retention
        The curves.
    """

    context: Context
    table: pd.DataFrame
    acquisition: ResponseCurve
    retention: ResponseCurve

    def show(
        self, frame: pd.DataFrame | None = None, *, rows: int | None = 10, lang: str | None = None
    ) -> TableView:
        """The table (or another frame) as a reader sees it."""
        say = self.context.speaker(lang)
        return TableView(self._worded(say) if frame is None else frame, say, rows=rows)

    def _worded(self, say: Speaker) -> pd.DataFrame:
        names = {"now": say("today"), "best": say("the best")}
        return self.table.assign(budget=self.table["budget"].map(names))

    def _claims(self, say: Speaker) -> Sequence[Claim]:
        now, best = self.table.to_dict("records")
        moves = {
            f"{side}_{when}": say.money(row[f"{side}_spend"], 2)
            for when, row in (("now", now), ("best", best))
            for side in ("acquisition", "retention")
        }
        first = say(
            "A prospect is worth {now} today and {best} with the best budgets: {acquisition_best} instead of "
            "{acquisition_now} on winning each prospect, {retention_best} instead of {retention_now} a "
            "period on keeping each client.",
            now=say.money(now["equity"], 2),
            best=say.money(best["equity"], 2),
            **moves,
        )
        words = {
            "win": say.money(best["marginal_acquisition"], 2),
            "keep": say.money(best["marginal_retention"], 2),
            "value": say.money(best["client_value"], 2),
        }
        if best["acquisition_spend"] > 0 and best["retention_spend"] > 0:
            check = say(
                "The check: there one more client won costs {win}, one more kept {keep}, and a client won is "
                "worth {value}; the three are equal at the best budgets only (Pfeifer 2005).",
                **words,
            )
        else:
            check = say(
                "On one side nothing should be spent: one more client won costs {win}, one more kept {keep}, "
                "and a client won is worth {value}.",
                **words,
            )
        method = say(
            "Rates rise with spend by ceiling x (1 - exp(-k x spend)), through today's spend and rate "
            "(Blattberg and Deighton 1996). The ceilings are a judgement: try others."
        )
        return [Claim(first, self._worded(say), method), Claim(check)]

    def plot_data(self) -> pd.DataFrame:
        """Both curves: side, spend, rate."""
        most = 1.6 * float(self.table[["acquisition_spend", "retention_spend"]].to_numpy().max())
        spend = np.linspace(0, most, 101)
        curves = (("acquisition", self.acquisition), ("retention", self.retention))
        return pd.concat(
            [
                pd.DataFrame({"side": side, "spend": spend, "rate": curve.rate(spend)})
                for side, curve in curves
            ],
            ignore_index=True,
        )

    def _draw(self, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
        from matplotlib.ticker import FuncFormatter

        from crmkit.statistics.figure import ACCENT, SECOND

        labels = {"acquisition": say("prospects won"), "retention": say("clients kept a period")}
        for side, colour in (("acquisition", SECOND), ("retention", ACCENT)):
            curve = data[data["side"] == side]
            axes.plot(curve["spend"], curve["rate"], color=colour, label=labels[side])
            for row, marker, label in zip(
                self.table.to_dict("records"),
                "os",
                (say("{what}, today", what=labels[side]), say("{what}, best budget", what=labels[side])),
            ):
                axes.plot(
                    row[f"{side}_spend"],
                    row[f"{side}_rate"],
                    marker,
                    color=colour,
                    label=label,
                    linestyle="none",
                )
        axes.set_ylim(0, 1)
        axes.set_xlim(left=0)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda money, _: say.money(money)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: say.percent(share)))
        axes.set_xlabel(say("Spend for each prospect, and for each client a period"))
        axes.set_ylabel(say("Share won, and share kept"))
        axes.legend(loc="upper right", fontsize=8, ncols=2)
        now, best = self.table["equity"]
        title = say(
            "A prospect is worth {now} today, {best} at the best budgets",
            now=say.money(now, 2),
            best=say.money(best, 2),
        )
        axes.set_title(title)
        return say(
            "{title}. Two curves that flatten, with today's spend and the best one marked.", title=title
        )


def customer_equity(
    book: Book,
    *,
    acquisition: tuple[float, float, float],
    retention: tuple[float, float, float],
    margin: float,
    discount: float = 0.1,
) -> CustomerEquity:
    """Customer equity now and at the best budgets, from three figures for each side.

    Parameters
    ----------
    book
        For the language and the currency.
    acquisition
        Spend for each prospect, share won, and the share that no spend would exceed.
    retention
        Spend for each client and period, share kept, and the share that no spend would exceed.
    margin
        Money that a client leaves in a period, before the spend on keeping them.
    discount
        Rate at which money loses value in a period.

    Raises
    ------
    BookError
        If the figures lie on no curve, or margin or discount are not positive.

    Notes
    -----
    See :func:`crmkit.value.response_curves.best_budgets`.
    """
    won, kept = (
        ResponseCurve.through(spend=spend, rate=rate, ceiling=ceiling)
        for spend, rate, ceiling in (acquisition, retention)
    )
    best = best_budgets(won, kept, margin=margin, discount=discount)
    now = equity(
        won,
        kept,
        margin=margin,
        discount=discount,
        acquisition_spend=acquisition[0],
        retention_spend=retention[0],
    )
    table = pd.DataFrame([{"budget": "now", **asdict(now)}, {"budget": "best", **asdict(best)}])
    return CustomerEquity(Context.of(book), table, won, kept)
