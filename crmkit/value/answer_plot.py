"""What the next money brings on both sides, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter

from crmkit.statistics.figure import ACCENT, INK, SECOND
from crmkit.wording import Speaker

if TYPE_CHECKING:
    from crmkit.value.answer_result import AcquireOrRetain


def draw_answer(result: AcquireOrRetain, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
    """Draw an interval for each side and way; return the alternative text."""
    worded = result.worded(say)
    here = np.arange(len(data))
    for side, colour in (("retention", ACCENT), ("acquisition", SECOND)):
        mine = (data["side"] == side).to_numpy()
        axes.hlines(
            here[mine], data.loc[mine, "gain_lo"], data.loc[mine, "gain_hi"], color=colour, linewidth=2.5
        )
        axes.plot(data.loc[mine, "gain"], here[mine], "o", color=colour, linestyle="none")
    axes.plot(data["spent"], here, "|", color=INK, markersize=14, linestyle="none", label=say("money spent"))
    labels = [say("{side}: {way}", side=row.side, way=row.way) for row in worded.itertuples()]
    axes.set_yticks(here, labels)
    axes.invert_yaxis()
    edge = result.budget_step
    beyond = (
        float(np.nanmax(np.abs(np.append(data[["gain_lo", "gain_hi"]].to_numpy(float), edge)))) > 20 * edge
    )
    if beyond:
        # Money up to the step is drawn evenly, beyond it by powers of ten.
        axes.set_xscale("symlog", linthresh=edge)
        axes.xaxis.set_major_locator(
            FixedLocator([-100 * edge, -10 * edge, -edge, 0, edge, 10 * edge, 100 * edge])
        )
        axes.minorticks_off()
    else:
        axes.axvline(0, color=INK, linewidth=1)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda money, _: say.money(money)))
    step = say.money(edge)
    axes.set_xlabel(
        say(
            "Brought by the next {step} a year (95%); beyond it by powers of ten",
            step=step,
        )
        if beyond
        else say("What the next {step} a year brings, with 95% intervals", step=step)
    )
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, -0.24))
    title = {
        "retain": say("The next money brings more in keeping clients"),
        "acquire": say("The next money brings more in winning clients"),
        "neither": say("The next money comes back neither in keeping nor in winning clients"),
        "unclear": say("Keeping or winning: the data do not decide"),
        "missing": say("Keeping or winning: one side is not known"),
    }[result.verdict]
    axes.set_title(title)
    return say(
        "{title}. Dots with intervals: money brought by each side and way; ticks: money spent.", title=title
    )
