"""Pictures of the value of clients, each with the data that it draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from crmkit.statistics.figure import ACCENT, INK, PALE, SECOND
from crmkit.wording import Speaker

if TYPE_CHECKING:
    from crmkit.value.lifetime_result import LifetimeValue

MOST_SHOWN = 7
GRID = 24


class View(NamedTuple):
    """A picture: whether a result can give it, its data, and how it is drawn."""

    fits: Callable[[LifetimeValue], bool]
    data: Callable[[LifetimeValue], pd.DataFrame]
    draw: Callable[[Axes, pd.DataFrame, LifetimeValue, Speaker], str]


def _concentration(found: LifetimeValue) -> pd.DataFrame:
    value = np.sort(np.maximum(found.table["residual_value"].to_numpy(), 0.0))[::-1]
    ranks = np.unique(np.linspace(0, len(value), 201).round().astype(int))
    running = np.append(0.0, value.cumsum())[ranks]
    share = running / running[-1] if running[-1] > 0 else np.zeros(len(ranks))
    return pd.DataFrame({"client_share": ranks / len(value), "amount_share": share, "amount": running})


def _draw_concentration(axes: Axes, data: pd.DataFrame, found: LifetimeValue, say: Speaker) -> str:
    axes.plot(data["client_share"], data["amount_share"], color=ACCENT, linewidth=2.5)
    axes.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle="--")
    _percent(axes, say)
    axes.set_xlabel(say("Share of clients, the best first"))
    axes.set_ylabel(say("Share of the residual value"))
    fifth = float(np.interp(0.2, data["client_share"], data["amount_share"]))
    title = say(
        "Residual value: {share} lies in {top} of clients", share=say.percent(fifth), top=say.percent(0.2)
    )
    return _titled(axes, title, say("Curve of the running share of clients against that of value."), say)


def _months(found: LifetimeValue) -> pd.DataFrame:
    columns = ["expected_purchases", "purchases_lo", "purchases_hi"]
    if found.has_money:
        columns = ["expected_margin", "amount_lo", "amount_hi"]
    return found.by_month[["ds", *columns]]


def _draw_months(axes: Axes, data: pd.DataFrame, found: LifetimeValue, say: Speaker) -> str:
    values = data.iloc[:, 1]
    axes.bar(data["ds"], values, width=22, color=PALE, label=say("expected"))
    off = [values - data.iloc[:, 2], data.iloc[:, 3] - values]
    axes.errorbar(data["ds"], values, yerr=off, fmt="none", color=INK, capsize=3, label=say("interval"))
    axes.legend(ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.28))
    axes.set_xlabel(say("Month from"))
    if found.has_money:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda money, _: say.money(money)))
        axes.set_ylabel(say("To come a month, after known costs"))
        title = say("Clients of today: {money} to come", money=say.money(float(values.sum())))
    else:
        axes.set_ylabel(say("Purchases to come a month"))
        title = say("Clients of today: {purchases} purchases to come", purchases=say.number(values.sum()))
    axes.tick_params(axis="x", rotation=30)
    return _titled(axes, title, say("Bars by month, with intervals."), say)


def _calibration(found: LifetimeValue) -> pd.DataFrame:
    held = found.choice.holdout
    groups = held.groupby(held["frequency"].clip(upper=MOST_SHOWN))
    frame = groups.agg(
        clients=("client_id", "size"),
        purchases_made=("purchases_made", "mean"),
        purchases_expected=("purchases_expected", "mean"),
    )
    return frame.rename_axis("frequency").reset_index()


def _draw_calibration(axes: Axes, data: pd.DataFrame, found: LifetimeValue, say: Speaker) -> str:
    axes.plot(data["frequency"], data["purchases_made"], "o-", color=INK, label=say("made"))
    axes.plot(data["frequency"], data["purchases_expected"], "s--", color=SECOND, label=say("expected"))
    axes.set_xlabel(say("Repeat purchases before the split ({most} and more together)", most=str(MOST_SHOWN)))
    axes.set_ylabel(say("Purchases a client after it"))
    axes.set_ylim(0)
    axes.legend()
    held = found.choice.holdout
    title = say(
        "Kept apart: {made} purchases made, {expected} expected",
        made=say.number(held["purchases_made"].sum()),
        expected=say.number(held["purchases_expected"].sum()),
    )
    return _titled(axes, title, say("Two lines by earlier repeat purchases."), say)


def _incremental(found: LifetimeValue) -> pd.DataFrame:
    return found.choice.tracking


def _cumulative(found: LifetimeValue) -> pd.DataFrame:
    months = found.choice.tracking
    return months.assign(purchases=months["purchases"].cumsum(), expected=months["expected"].cumsum())


def _tracking(cumulative: bool) -> Callable[[Axes, pd.DataFrame, LifetimeValue, Speaker], str]:
    def draw(axes: Axes, data: pd.DataFrame, found: LifetimeValue, say: Speaker) -> str:
        axes.plot(data["ds"], data["purchases"], color=INK, label=say("made"))
        axes.plot(data["ds"], data["expected"], color=SECOND, linestyle="--", label=say("expected"))
        if not pd.isna(found.choice.split):
            axes.axvline(found.choice.split, color=INK, linewidth=1, linestyle=":", label=say("split"))
        axes.set_xlabel(say("Month"))
        axes.set_ylabel(
            say("Repeat purchases since the beginning") if cumulative else say("Repeat purchases")
        )
        axes.set_ylim(0)
        axes.legend()
        made, expected = data["purchases"].iloc[-1], data["expected"].iloc[-1]
        values = {"made": say.number(made), "expected": say.number(expected)}
        if cumulative:
            title = say("Repeat purchases in all: {made} made, {expected} expected", **values)
        else:
            title = say("Repeat purchases of the last month: {made} made, {expected} expected", **values)
        return _titled(axes, title, say("Two lines by month; a vertical line at the split."), say)

    return draw


def _grid(found: LifetimeValue) -> pd.DataFrame:
    histories = found.choice.histories
    length = float(histories["T"].max())
    most = int(max(np.quantile(histories["frequency"], 0.99), 3))
    frequency = np.unique(np.linspace(0, most, min(most + 1, GRID)).round())
    recency = np.linspace(0, length, GRID)
    x, t_x = (each.ravel() for each in np.meshgrid(frequency, recency))
    can = np.where(x == 0, t_x == 0, t_x > 0)
    frame = pd.DataFrame({"frequency": x[can], "recency": t_x[can], "T": length})
    model = found.choice.model
    return frame.assign(
        expected_purchases=model.expected_purchases(found.horizon, frame),
        probability_alive=model.probability_alive(frame),
    )


def _heat(column: str) -> Callable[[Axes, pd.DataFrame, LifetimeValue, Speaker], str]:
    def draw(axes: Axes, data: pd.DataFrame, found: LifetimeValue, say: Speaker) -> str:
        grid = data.pivot_table(index="recency", columns="frequency", values=column)
        mesh = axes.pcolormesh(grid.columns, grid.index, grid.to_numpy(), cmap="Blues", shading="nearest")
        bar = axes.figure.colorbar(mesh, ax=axes)
        axes.grid(False)
        axes.set_xlabel(say("Repeat purchases"))
        axes.set_ylabel(say("Weeks from the first purchase to the last"))
        if column == "probability_alive":
            bar.set_label(say("Probability of being a client still"))
            title = say("The longer ago frequent clients bought last, the surer they have left")
        else:
            bar.set_label(say("Purchases to come"))
            title = say("Who bought often and lately will buy most")
        return _titled(axes, title, say("Heat map by repeat purchases and time of the last one."), say)

    return draw


def _spend(found: LifetimeValue) -> pd.DataFrame:
    assert found.spend is not None
    own, expected = found.spend.own, found.spend.expected
    low, high = np.quantile(np.concatenate([own, expected]), [0.005, 0.995])
    edges = np.geomspace(max(low, 1e-6) * 0.999, max(high, 1e-6) * 1.001, 41)
    middle = np.sqrt(edges[:-1] * edges[1:])
    shares = [np.histogram(values, edges)[0] / len(values) for values in (own, expected)]
    return pd.DataFrame({"amount": middle, "own_share": shares[0], "expected_share": shares[1]})


def _draw_spend(axes: Axes, data: pd.DataFrame, found: LifetimeValue, say: Speaker) -> str:
    assert found.spend is not None
    axes.step(data["amount"], data["own_share"], where="mid", color=INK, label=say("so far"))
    axes.step(
        data["amount"],
        data["expected_share"],
        where="mid",
        color=SECOND,
        linestyle="--",
        label=say("expected"),
    )
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda money, _: say.money(money)))
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: say.percent(share)))
    axes.set_xlabel(say("Sales of a client on a purchase day (logarithmic)"))
    axes.set_ylabel(say("Share of clients"))
    axes.legend()
    middle = float(np.median(found.spend.expected))
    title = say(
        "Half of the clients are expected to spend {money} or more a purchase day", money=say.money(middle)
    )
    return _titled(axes, title, say("Two lines of the share of clients by spend."), say)


def _percent(axes: Axes, say: Speaker) -> None:
    form = FuncFormatter(lambda share, _: say.percent(share))
    axes.xaxis.set_major_formatter(form)
    axes.yaxis.set_major_formatter(form)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)


def _titled(axes: Axes, title: str, described: str, say: Speaker) -> str:
    axes.set_title(title)
    return say("{title}. {described}", title=title, described=described)


def _always(found: LifetimeValue) -> bool:
    return True


def _money(found: LifetimeValue) -> bool:
    return found.has_money


def _held(found: LifetimeValue) -> bool:
    return len(found.choice.holdout) > 0


def _tracked(found: LifetimeValue) -> bool:
    return len(found.choice.tracking) > 0


VIEWS = {
    "concentration": View(_money, _concentration, _draw_concentration),
    "months": View(_always, _months, _draw_months),
    "calibration": View(_held, _calibration, _draw_calibration),
    "incremental": View(_tracked, _incremental, _tracking(False)),
    "cumulative": View(_tracked, _cumulative, _tracking(True)),
    "purchases": View(_always, _grid, _heat("expected_purchases")),
    "alive": View(_always, _grid, _heat("probability_alive")),
    "spend": View(_money, _spend, _draw_spend),
}
"""The pictures by name; the first that a result can give is the one of ``plot``."""
