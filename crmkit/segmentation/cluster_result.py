"""What the clusters say: each in words, the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.book.sections import Segmentation
from crmkit.segmentation import cluster_choice
from crmkit.segmentation.measures import say_past
from crmkit.statistics import Context, Result
from crmkit.wording import Claim, Speaker, TableView

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST_CLIENTS = 30
VERY_LOW, LOW, HIGH, VERY_HIGH = 0.1, 0.35, 0.65, 0.9
"""Places of a cluster's median among all clients at which the words for it change."""


@dataclass(frozen=True)
class Clusters(Result):
    """Kinds of clients found in the data.

    Attributes
    ----------
    table
        One row per client: client_id, recency_days, frequency (purchase days), monetary (net amount), cluster
        (1 brings most per client; all are 1 where there are no clusters worth naming).
    profiles
        One row per cluster: cluster, clients, client_share, amount (net), amount_share, and the medians
        recency_days, frequency, monetary with their places among all clients (recency_place, frequency_place,
        monetary_place: 0.5 is the middle).
    choice
        How well each number of clusters describes the clients: clusters, stability, separation, reference.
        Empty if there was nothing to try.
    verdict
        ``"clusters"``, ``"none"`` (no clusters worth naming), ``"alike"`` (all clients are equal), ``"few"``
        (too few clients to tell) or ``"wished"`` (the number was given).
    last
        Day of the last purchase of all.
    rules
        The thresholds.
    """

    context: Context
    table: pd.DataFrame
    profiles: pd.DataFrame
    choice: pd.DataFrame
    verdict: str
    last: pd.Timestamp
    rules: Segmentation

    @property
    def has_money(self) -> bool:
        """Whether the ledger holds amounts."""
        return bool(self.table["monetary"].notna().any())

    def plot_data(self) -> pd.DataFrame:
        """At most 1,000 clients: recency_days, monetary (frequency where there is no money), cluster."""
        height = "monetary" if self.has_money else "frequency"
        places = cluster_choice.sample(len(self.table), cluster_choice.SAMPLE, 0)
        return self.table.iloc[places][["recency_days", height, "cluster"]].reset_index(drop=True)

    def show(
        self, frame: pd.DataFrame | None = None, *, rows: int | None = 10, lang: str | None = None
    ) -> TableView:
        """The clients, or another frame such as ``profiles``, as a reader sees it; profiles come in words."""
        say = self.context.speaker(lang)
        shown = self.table if frame is None else frame
        if "recency_place" in shown:
            words = [self._in_words(row, say) for row in shown.to_dict("records")]
            shown = shown.drop(columns=[f"{name}_place" for name in ("recency", "frequency", "monetary")])
            shown = shown.assign(profile=words)
        return TableView(shown, say, rows=rows)

    def _claims(self, say: Speaker) -> Sequence[Claim]:
        number = len(self.profiles)
        evidence = self.choice if len(self.choice) else None
        compared = say("Often, much and recently compare with all clients.") if number > 1 else ""
        caveat = " ".join([compared, say_past(self.last, self.context.as_of, say)]).strip()
        method = "" if self.verdict in ("few", "alike") else self._method(say)
        claims = [Claim(self._found(number, say), evidence, method, caveat)]
        if number > 1:
            claims += [Claim(self._one(row, say)) for row in self.profiles.to_dict("records")]
        return claims

    def _found(self, number: int, say: Speaker) -> str:
        if self.verdict == "few":
            return say(
                "There are too few clients ({clients}) to look for clusters: from {least} on it makes sense.",
                clients=say.number(len(self.table)),
                least=say.number(LEAST_CLIENTS),
            )
        if self.verdict == "alike" and not self.has_money:
            return say("No clusters worth naming: all clients are equal in recency and purchase days.")
        if self.verdict == "alike":
            return say("No clusters worth naming: all clients are equal in recency, frequency and money.")
        if self.verdict == "none":
            return say(
                "No clusters worth naming: clients differ by degree, not by kind, so any division would be "
                "arbitrary. Use the action groups or the classes."
            )
        found = say.plural("{n} cluster", "{n} clusters", number)
        if self.verdict == "wished":
            return say(
                "Clients are divided into {clusters}, as asked; whether these exist by themselves was not "
                "tested.",
                clusters=found,
            )
        row = self.choice[self.choice["clusters"] == number].iloc[0]
        return say(
            "Clients fall into {clusters}. On resampled clients the division repeats itself (agreement "
            "{stability}, where 1 is perfect and 0 is chance), and the clusters stand further apart than in "
            "data without any ({separation} against {reference}).",
            clusters=found,
            stability=say.number(row["stability"], 2),
            separation=say.number(row["separation"], 2),
            reference=say.number(row["reference"], 2),
        )

    def _one(self, row: dict[str, Any], say: Speaker) -> str:
        typical = [
            say.plural(
                "{n} day since the last purchase",
                "{n} days since the last purchase",
                round(row["recency_days"]),
            ),
            say.plural("{n} purchase day", "{n} purchase days", round(row["frequency"])),
        ]
        if np.isfinite(row["monetary"]):
            typical.append(say.money(row["monetary"]))
        values = {
            "cluster": say.number(row["cluster"]),
            "clients": say.plural("{n} client", "{n} clients", int(row["clients"])),
            "share": say.percent(row["client_share"]),
            "part": say.percent(row["amount_share"]),
            "profile": self._in_words(row, say),
            "typical": say.enumerate(typical),
        }
        if np.isnan(row["amount_share"]):
            return say("Cluster {cluster}, {clients} ({share}): {profile}. Typically {typical}.", **values)
        return say(
            "Cluster {cluster}, {clients} ({share}), {part} of net revenue: {profile}. Typically {typical}.",
            **values,
        )

    def _in_words(self, row: dict[str, Any], say: Speaker) -> str:
        words = [self._frequency_in_words(row, say), self._money_in_words(row, say)]
        words.append(
            _level(
                row["recency_place"],
                say("came very recently"),
                say("came recently"),
                say("have not come for long"),
                say("have not come for very long"),
            )
        )
        words = [word for word in words if word]
        return say.enumerate(words) if words else say("are like most clients")

    def _frequency_in_words(self, row: dict[str, Any], say: Speaker) -> str:
        if row["frequency"] < 1:
            return say("kept no purchase")
        if row["frequency"] <= 1 and row["frequency_place"] < HIGH:
            return say("bought once")
        return _level(
            row["frequency_place"],
            say("buy very rarely"),
            say("buy rarely"),
            say("buy often"),
            say("buy very often"),
        )

    def _money_in_words(self, row: dict[str, Any], say: Speaker) -> str:
        if row["monetary"] < 0:
            return say("returned more than they bought")
        return _level(
            row["monetary_place"],
            say("spend very little"),
            say("spend little"),
            say("spend much"),
            say("spend very much"),
        )

    def _method(self, say: Speaker) -> str:
        return say(
            "k-means on the logarithms of days since the last purchase, purchase days and, where the ledger "
            "holds money, net revenue, each divided by the distance between its quartiles. A number of "
            "clusters counts if resampled clients are divided alike (adjusted Rand index of at least "
            "{stability}; Fang and Wang 2012, Hubert and Arabie 1985) and the clusters stand further apart, "
            "by {separation} or more, than in {references} sets of points without clusters (silhouette, "
            "Rousseeuw 1987; Tibshirani, Walther and Hastie 2001). Of those that are about as well separated "
            "as the best the smallest is taken.",
            stability=say.number(self.rules.cluster_stability, 2),
            separation=say.number(self.rules.cluster_separation, 2),
            references=say.number(2 * cluster_choice.REFERENCES),
        )

    def _title(self, number: int, say: Speaker) -> str:
        clusters = say.plural("{n} cluster", "{n} clusters", number)
        return {
            "clusters": say("Clients fall into {clusters}", clusters=clusters),
            "wished": say("Clients divided into {clusters}, as asked", clusters=clusters),
            "none": say("No clusters worth naming: clients differ by degree"),
            "few": say("Too few clients to look for clusters"),
            "alike": say("No clusters: all clients are alike"),
        }[self.verdict]

    def _draw(self, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
        from matplotlib import colormaps
        from matplotlib.ticker import FuncFormatter

        number = int(data["cluster"].max())
        height = data.columns[1]
        money = height == "monetary"
        colours = colormaps["cividis"](np.linspace(0.0, 0.9, number))
        for cluster, colour, marker in zip(range(1, number + 1), colours, "osD^vPX*pH"):
            some = data[data["cluster"] == cluster]
            axes.scatter(
                some["recency_days"] + 1,
                some[height],
                14,
                color=colour,
                marker=marker,
                alpha=0.6,
                label=str(cluster),
            )
        axes.set_xscale("log")
        if (data[height] > 0).all():
            axes.set_yscale("log")
        else:
            sizes = data.loc[data[height] != 0, height].abs()
            axes.set_yscale("symlog", linthresh=float(sizes.quantile(0.05)) if len(sizes) else 1.0)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda days, _: say.number(days)))
        axes.yaxis.set_major_formatter(
            FuncFormatter(lambda value, _: say.money(value) if money else say.number(value))
        )
        axes.set_xlabel(say("Days since the last purchase, plus one"))
        axes.set_ylabel(say("Net revenue of the client") if money else say("Purchase days"))
        if number > 1:
            axes.legend(title=say("Cluster"), loc="center left", bbox_to_anchor=(1, 0.5))
        title = self._title(number, say)
        axes.set_title(title)
        if not money:
            return say(
                "{title}. Each point is one client: days since the last purchase against purchase days.",
                title=title,
            )
        return say(
            "{title}. Each point is one client: days since the last purchase against money brought.",
            title=title,
        )


def _level(place: float, very_low: str, low: str, high: str, very_high: str) -> str:
    """The word for a place among all clients; none for the middle, or where the place is not known."""
    limits = (VERY_LOW, LOW, HIGH, VERY_HIGH)
    return ("", very_low, low, "", high, very_high)[
        0 if place != place else 1 + int(np.searchsorted(limits, place))
    ]
