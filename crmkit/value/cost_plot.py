"""Average cost, cost of one more and worth of a new client, channel by channel, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from crmkit.statistics.figure import ACCENT, INK, PALE, SECOND
from crmkit.wording import Speaker

if TYPE_CHECKING:
    from crmkit.value.acquisition_result import AcquisitionCosts

_BEYOND = 3.0
"""Limits further than so many times the largest figure run out of the picture."""


def draw_costs(result: AcquisitionCosts, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
    """Draw three marks with their intervals for each channel; return the alternative text."""
    series = (
        ("cost_per_client", "cost_lo", "cost_hi", say("average cost"), "o", INK, -0.22),
        ("marginal_cost", "marginal_lo", "marginal_hi", say("cost of one more"), "s", SECOND, 0.0),
        ("worth", "worth_lo", "worth_hi", say("worth of a new client"), "D", ACCENT, 0.22),
    )
    figures = data[[name for name, *_ in series]].to_numpy(dtype=float)
    most = _BEYOND * float(np.nanmax(figures, initial=1.0))
    for name, low, high, label, marker, colour, shift in series:
        here = np.arange(len(data)) + shift
        ends = data[[low, high]].astype(float).clip(upper=most).to_numpy()
        axes.hlines(here, ends[:, 0], ends[:, 1], color=colour, linewidth=2, alpha=0.6)
        axes.plot(data[name], here, marker, color=colour, label=label, linestyle="none")
    names = [name or say("all channels") for name in data["channel"]]
    axes.set_yticks(np.arange(len(data)), names)
    axes.invert_yaxis()
    axes.set_xlim(
        0, min(most, 1.05 * float(np.nanmax(np.append(data.filter(like="_hi").clip(upper=most), 1.0))))
    )
    axes.xaxis.set_major_formatter(FuncFormatter(lambda money, _: say.money(money)))
    axes.set_xlabel(say("Money for each new client, with 95% intervals"))
    axes.grid(axis="y", color=PALE, alpha=0.3)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, -0.32), ncols=3)
    pays = (data["marginal_cost"] < data["worth"]).sum()
    known = int(data["marginal_cost"].notna().sum())
    if known:
        title = say(
            "One more client costs less than a new client is worth in {some} of {all} channels",
            some=say.number(pays),
            all=say.number(known),
        )
    else:
        title = say("What one more client costs cannot be told yet")
    axes.set_title(title)
    return say(
        "{title}. Dots with intervals: average cost, cost of one more, worth, by channel.", title=title
    )
