"""The pictures of a churn result: money at risk, one client's history, calibration, cohorts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from crmkit.statistics.figure import ACCENT, INK, PALE, SECOND
from crmkit.value.churn_words import name_way
from crmkit.wording import Speaker

if TYPE_CHECKING:
    from crmkit.value.churn_result import Churn

MOST_LABELLED = 13
"""So many quarters a side of the heat map have room for their figures."""


def draw_risk(found: Churn, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
    """Bars of the money at risk by how long clients are silent; return the alternative text."""
    starts = data["silence"].astype(int).tolist()
    labels = [say("under {to}", to=say.number(starts[1]))]
    labels += [f"{say.number(start)}–{say.number(start + 1)}" for start in starts[1:-1]]
    labels.append(say("{from_} and more", from_=say.number(starts[-1])))
    axes.set_xlabel(say("Time silent, in usual gaps of the client"))
    places = np.arange(len(data))
    axes.set_xticks(places, labels)
    axes.grid(False, axis="x")
    if not found.measure:
        axes.bar(places, data["left"], color=ACCENT)
        axes.set_ylabel(say("Clients who have left, expected number"))
        title = say(
            "About {left} of {all} clients have left",
            left=say.number(data["left"].sum()),
            all=say.number(data["clients"].sum()),
        )
        axes.set_title(title)
        return say("{title}. Bars: expected number who left, by time silent.", title=title)
    total = float(data["value_at_risk"].sum())
    saveable = data["value_at_risk"] - data["lost_value"]
    overdue = data["silence"] >= 1
    axes.bar(places[~overdue], saveable[~overdue], color=PALE, label=say("not overdue"))
    axes.bar(places[overdue], saveable[overdue], color=ACCENT, label=say("overdue, may be saved"))
    if data["lost_value"].sum() > 0:
        axes.bar(places, data["lost_value"], bottom=saveable, color=SECOND, label=say("probably lost"))
    for place, clients, height in zip(places, data["clients"], data["value_at_risk"]):
        axes.annotate(
            say.plural("{n} client", "{n} clients", clients),
            (place, height),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            color=INK,
            fontsize=9,
        )
    unit = say("Money at risk, {currency} a year", currency=found.context.currency)
    axes.set_ylabel(unit if found.context.currency else say("Money at risk a year"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: say.number(value)))
    axes.set_ylim(0, max(float(data["value_at_risk"].max()), 1.0) * 1.12)
    axes.legend(loc="upper right")
    if total > 0:
        title = say(
            "{money} a year at risk, {part} with overdue clients who may be saved",
            money=say.money(total),
            part=say.money(float(saveable[overdue].sum())),
        )
    else:
        title = say("No money is at risk")
    axes.set_title(title)
    return say(
        "{title}. Bars: money a year at risk by time silent, with the part of clients probably lost.",
        title=title,
    )


def draw_history(found: Churn, client_id: str, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
    """The probability that one client is still there, month by month; return the alternative text."""
    axes.plot(data["date"], data["probability_alive"], color=ACCENT, linewidth=2.5)
    new = data["purchase_days"].diff().fillna(1) > 0
    axes.plot(
        data["date"][new],
        data["probability_alive"][new],
        linestyle="",
        marker="o",
        color=SECOND,
        label=say("month with a purchase"),
    )
    axes.set_ylim(0, 1.03)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: say.percent(share)))
    axes.set_xlabel(say("Month"))
    axes.set_ylabel(say("Probability of still being a client"))
    axes.legend(loc="lower left")
    last = data.iloc[-1]
    title = say(
        "{client}: {share} likely still a client, {silent}",
        client=client_id,
        share=say.percent(last["probability_alive"]),
        silent=say.plural("{n} day silent", "{n} days silent", int(last["recency_days"])),
    )
    axes.set_title(title)
    return say("{title}. Line: that probability at each month end, with what was known then.", title=title)


def draw_calibration(found: Churn, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
    """Observed against foreseen shares, by tenths of the forecasts; return the alternative text."""
    percent = FuncFormatter(lambda share, _: say.percent(share))
    axes.xaxis.set_major_formatter(percent)
    axes.yaxis.set_major_formatter(percent)
    months = say.plural("{n} month", "{n} months", found.horizon)
    axes.set_xlabel(say("Foreseen share who buy in {months}", months=months))
    axes.set_ylabel(say("Share who did"))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle="--")
    if data.empty:
        title = say("There is no hold-out to judge by")
        axes.set_title(title)
        return title
    marks = {"model": (ACCENT, "o"), "classifier": (SECOND, "s"), "rule": (PALE, "^")}
    for way, (colour, mark) in marks.items():
        rows = data[data["way"] == way]
        reach = [rows["observed"] - rows["share_lo"], rows["share_hi"] - rows["observed"]]
        axes.errorbar(
            rows["predicted"],
            rows["observed"],
            yerr=np.maximum(reach, 0),
            color=colour,
            marker=mark,
            linestyle="",
            label=name_way(way, say),
        )
    axes.legend(loc="upper left")
    row = found.holdout.scores.set_index("way").loc[found.holdout.used]
    title = say(
        "Foreseen {predicted}, came {observed}: {used}",
        predicted=say.percent(row["predicted"], 1),
        observed=say.percent(row["observed"], 1),
        used=name_way(found.holdout.used, say),
    )
    axes.set_title(title)
    return say(
        "{title}. Points by tenths of the forecasts of each way with exact limits; on the diagonal what was "
        "foreseen came.",
        title=title,
    )


def draw_cohorts(found: Churn, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
    """A heat map of who comes back, by quarter of the first purchase; return the alternative text."""
    grid = data.pivot_table("active_share", "cohort", "quarter")
    # The first quarter of a cohort is when they first bought: 100% by definition.
    shown = grid.drop(columns=0) if grid.shape[1] > 1 else grid
    image = axes.imshow(
        shown.to_numpy(), cmap="Blues", vmin=0, vmax=max(float(np.nanmax(shown)), 0.01), aspect="auto"
    )
    axes.grid(False)
    sizes = data.drop_duplicates("cohort").set_index("cohort")["clients"]
    labels = [
        say("{month} ({clients})", month=say.month(start), clients=say.number(sizes[start]))
        for start in grid.index
    ]
    axes.set_yticks(range(len(grid)), labels)
    axes.set_xticks(range(shown.shape[1]), [say.number(quarter) for quarter in shown.columns])
    axes.set_xlabel(say("Quarters since the first purchase"))
    axes.set_ylabel(say("Quarter of the first purchase, from (clients)"))
    bar = axes.figure.colorbar(image, ax=axes, label=say("Share who bought in the quarter"))
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda share, _: say.percent(share)))
    if shown.shape[1] <= MOST_LABELLED + 3:
        top = float(np.nanmax(shown))
        for (row, column), share in np.ndenumerate(shown.to_numpy()):
            if np.isfinite(share):
                colour = "white" if share > 0.6 * top else INK
                axes.text(column, row, say.percent(share), ha="center", va="center", fontsize=7, color=colour)
    # The first cohort holds all who were clients before the book begins.
    later = data[(data["quarter"] == 1) & (data["cohort"] > data["cohort"].min())]
    if later["clients"].sum():
        title = say(
            "{share} of new clients buy again in the next quarter",
            share=say.percent(later["active"].sum() / later["clients"].sum()),
        )
    else:
        title = say("Too few quarters to see who comes back")
    axes.set_title(title)
    return say(
        "{title}. Heat map: share of each quarter's new clients who buy in later quarters.", title=title
    )
