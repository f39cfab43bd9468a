"""The Lorenz curve of clients, the best first, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from crmkit.segmentation.measures import name_measure, write_measure
from crmkit.statistics.figure import ACCENT, INK, SECOND
from crmkit.wording import Speaker

if TYPE_CHECKING:
    from crmkit.segmentation.concentration_result import Concentration


def draw(result: Concentration, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
    """Draw the curve; return the alternative text."""
    measure = name_measure(result.measure, say)
    axes.set_xlabel(say("Share of clients, the best first"))
    axes.set_ylabel(say("{measure}, share of the total", measure=measure))
    if result.verdict == "undefined":
        title = say("Nothing to share out among clients")
        axes.set_title(title)
        return title
    few = result.verdict == "few"
    top, everyone = result.row("largest_share" if few else "top_share"), result.row("all_clients")
    x, y = top["clients"] / everyone["clients"], top["estimate"]
    axes.plot(data["client_share"], data["amount_share"], color=ACCENT, linewidth=2.5)
    axes.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle="--")
    axes.plot([x, x, 0], [0, y, y], color=SECOND, linewidth=1, linestyle=":")
    axes.plot([x], [y], marker="o", color=SECOND)
    axes.annotate(
        say(
            "{clients}: {money} of {total}",
            clients=say.plural("{n} client", "{n} clients", int(top["clients"])),
            money=write_measure(top["amount"], result.measure, say),
            total=write_measure(everyone["amount"], result.measure, say),
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
    if few:
        title = say(
            "{measure}: the largest of {clients} brought {share}",
            measure=measure,
            clients=say.plural("{n} client", "{n} clients", int(everyone["clients"])),
            share=say.percent(y),
        )
    else:
        title = say(
            "{measure}: the top {top} of clients bring {share}",
            measure=measure,
            top=say.percent(result.rules.top_client_share),
            share=say.percent(y),
        )
    axes.set_title(title)
    return say(
        "{title}. Curve of the running share of {all} clients against the running share of the total, "
        "far above the straight line of equal clients where few bring much.",
        title=title,
        all=say.number(everyone["clients"]),
    )
