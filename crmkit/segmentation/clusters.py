"""Do our clients fall into kinds by themselves, and what is each kind like?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError
from crmkit.book.settings import Segmentation
from crmkit.segmentation import cluster_choice
from crmkit.statistics import Context, Result
from crmkit.wording import Claim, Speaker, TableView

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from crmkit.book import Book

FEATURES = ("recency_days", "frequency", "monetary")
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
    rules
        The thresholds.
    """

    context: Context
    table: pd.DataFrame
    profiles: pd.DataFrame
    choice: pd.DataFrame
    verdict: str
    rules: Segmentation

    @property
    def has_money(self) -> bool:
        """Whether the ledger holds amounts."""
        return bool(self.table["monetary"].notna().any())

    def plot_data(self) -> pd.DataFrame:
        """At most 1,000 clients: recency_days, monetary (frequency where there is no money), cluster."""
        height = "monetary" if self.has_money else "frequency"
        places = cluster_choice.sample(self.table.to_numpy(), cluster_choice.SAMPLE, 0)
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
        caveat = say("Often, much and recently compare with all clients.") if number > 1 else ""
        claims = [Claim(self._found(number, say), evidence, self._method(say), caveat)]
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
            "{stability}, "
            "where 1 is perfect and 0 is chance), and the clusters stand further apart than in data without "
            "any "
            "({separation} against {reference}).",
            clusters=found,
            stability=say.number(row["stability"], 2),
            separation=say.number(row["separation"], 2),
            reference=say.number(row["reference"], 2),
        )

    def _one(self, row: dict[str, Any], say: Speaker) -> str:
        values = {
            "cluster": say.number(row["cluster"]),
            "clients": say.plural("{n} client", "{n} clients", int(row["clients"])),
            "share": say.percent(row["client_share"]),
            "profile": self._in_words(row, say),
            "days": say.plural(
                "{n} day since the last purchase",
                "{n} days since the last purchase",
                round(row["recency_days"]),
            ),
            "purchases": say.plural("{n} purchase day", "{n} purchase days", round(row["frequency"])),
        }
        if not self.has_money:
            return say(
                "Cluster {cluster}, {clients} ({share}): {profile}. Typically {days}, {purchases}.", **values
            )
        return say(
            "Cluster {cluster}, {clients} ({share}), {part} of net revenue: {profile}. Typically {days}, "
            "{purchases}, {money}.",
            part=say.percent(row["amount_share"]),
            money=say.money(row["monetary"]),
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
            "k-means on the logarithms of days since the last purchase, purchase days and net revenue, each "
            "divided by the distance between its quartiles. A number of clusters counts if resampled "
            "clients are divided alike (adjusted Rand index of at least {stability}; Fang and Wang 2012, "
            "Hubert and Arabie 1985) and the clusters stand further apart, by {separation} or more, than in "
            "{references} sets of points without clusters (silhouette, Rousseeuw 1987; Tibshirani, Walther "
            "and Hastie 2001). Of those that are about as well separated as the best the smallest is taken.",
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


def cluster(
    book: Book,
    *,
    number: int | None = None,
    window: int | tuple[Any, Any] | None = None,
    seed: int = 0,
) -> Clusters:
    """Find the kinds of clients that the data hold, if there are any.

    Parameters
    ----------
    book
        An open book.
    number
        How many clusters to make. None: as many as are stable and stand apart, or none.
    window
        The part of the ledger to look at: None (all of it), a number of months, or (start, end).
    seed
        Of sampling, resampling and the starts of k-means.

    Returns
    -------
    Clusters
        With ``.table``, ``.profiles``, ``.choice``, ``.explain()``, ``.plot()``.

    Raises
    ------
    BookError
        If nobody bought in the window, or `number` is not from 2 to the number of different clients.

    Notes
    -----
    The method and its sources: :func:`crmkit.segmentation.cluster_choice.try_numbers`. The number is chosen
    on at most 1,000 clients and the centres are found from at most 50,000, so that a million clients take
    seconds.
    """
    summary = book.client_summary(window)
    if summary.empty:
        raise BookError("ledger: no client bought anything in the chosen window. Choose a longer window.")
    rules = book.settings.segmentation
    table = pd.DataFrame(
        {
            "client_id": summary["client_id"],
            "recency_days": summary["recency_days"],
            "frequency": summary["purchase_days"],
            "monetary": summary["amount"].astype(float),
        }
    )
    points = cluster_choice.features(table)
    choice = pd.DataFrame(columns=["clusters", "stability", "separation", "reference"])
    if number is not None:
        different = len(np.unique(points, axis=0)) if points.shape[1] else 1
        if not 2 <= number <= different:
            raise BookError(
                f"number={number}: expected from 2 to {different}, as many as there are clients who differ "
                "in recency, frequency or money."
            )
        verdict, chosen = "wished", number
    elif points.shape[1] == 0:
        verdict, chosen = "alike", 1
    elif len(table) < LEAST_CLIENTS:
        verdict, chosen = "few", 1
    else:
        few = points[cluster_choice.sample(points, cluster_choice.SAMPLE, seed)]
        most = min(rules.clusters_most, len(np.unique(few, axis=0)) - 1)
        if most >= 2:
            choice = cluster_choice.try_numbers(few, most, seed)
        choice["excess"] = choice["separation"] - choice["reference"]
        good = choice[
            (choice["stability"] >= rules.cluster_stability) & (choice["excess"] >= rules.cluster_separation)
        ]
        # Of numbers that do about as well, the smallest: fewer kinds are easier to serve.
        near = good[good["excess"] >= good["excess"].max() - rules.cluster_separation / 2]
        chosen = int(near["clusters"].min()) if len(near) else 1
        choice = choice.drop(columns="excess")
        verdict = "clusters" if len(good) else "none"
    table["cluster"] = _by_money(table, cluster_choice.assign(points, chosen, seed))
    return Clusters(
        context=Context.of(book),
        table=table,
        profiles=_profiles(table),
        choice=choice,
        verdict=verdict,
        rules=rules,
    )


def _level(place: float, very_low: str, low: str, high: str, very_high: str) -> str:
    """The word for a place among all clients; none for the middle, or where the place is not known."""
    limits = (VERY_LOW, LOW, HIGH, VERY_HIGH)
    return ("", very_low, low, "", high, very_high)[
        0 if place != place else 1 + int(np.searchsorted(limits, place))
    ]


def _by_money(table: pd.DataFrame, labels: np.ndarray) -> np.ndarray:
    """Labels from 1, the cluster with most money per client first (purchase days where there is no money)."""
    counts = np.bincount(labels)
    worth = table["monetary"] if table["monetary"].notna().any() else table["frequency"]
    means = np.bincount(labels, weights=np.nan_to_num(worth.to_numpy(dtype=float))) / np.maximum(counts, 1)
    rank = np.empty(len(counts), dtype=int)
    rank[np.lexsort((-counts, -means))] = np.arange(1, len(counts) + 1)
    return rank[labels]


def _profiles(table: pd.DataFrame) -> pd.DataFrame:
    grouped = table.groupby("cluster")
    profiles = pd.DataFrame(
        {
            "clients": grouped.size(),
            "client_share": grouped.size() / len(table),
            "amount": grouped["monetary"].sum(min_count=1),
        }
    )
    total = table["monetary"].sum(min_count=1)
    profiles["amount_share"] = profiles["amount"] / total if total > 0 else np.nan
    for feature in FEATURES:
        medians = grouped[feature].median()
        everyone = np.sort(table[feature].dropna().to_numpy())
        below, above = (np.searchsorted(everyone, medians, side) for side in ("left", "right"))
        profiles[feature] = medians
        profiles[feature.removesuffix("_days") + "_place"] = (
            (below + above) / (2 * len(everyone)) if len(everyone) else np.nan
        )
    return profiles.reset_index()
