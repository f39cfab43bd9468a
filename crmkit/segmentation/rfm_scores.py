"""Who bought lately, often and for much, and what to do with each kind of client?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError
from crmkit.book.settings import Rfm as RfmRules
from crmkit.segmentation.action_groups import ACTION_GROUPS, CELL_GROUPS
from crmkit.segmentation.measures import a_year
from crmkit.statistics import Context, Result
from crmkit.statistics.intervals import total_interval
from crmkit.wording import Claim, Speaker, TableView

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from crmkit.book import Book

FEATURES = ("recency_days", "frequency", "monetary")
ENDANGERED = ("cannot lose", "at risk")
DAYS_TO_ACT = {"cannot lose": 7, "at risk": 30}


@dataclass(frozen=True)
class Rfm(Result):
    """Scores by recency, frequency and money, and the action group of each client.

    Attributes
    ----------
    table
        One row per client: client_id, recency_days (days since the last purchase), frequency (purchase days),
        monetary (net amount), recency_score, frequency_score, monetary_score (the best is the highest), cell
        (the three scores together), group.
    groups
        One row per action group: group, clients, client_share, amount (net), amount_share (of the net total;
        NaN if that is not positive), recency_days and frequency (medians).
    bands
        What each score means: measure, score, lo, hi (smallest and largest value with that score), clients.
    scores
        How many different scores each of the three could take.
    yearly
        What turns money of the period into money a year.
    """

    context: Context
    table: pd.DataFrame
    groups: pd.DataFrame
    bands: pd.DataFrame
    scores: Mapping[str, int]
    yearly: float

    @property
    def has_money(self) -> bool:
        """Whether the ledger holds amounts."""
        return bool(self.table["monetary"].notna().any())

    def plot_data(self) -> pd.DataFrame:
        """The groups: group, client_share, amount_share."""
        return self.groups[["group", "client_share", "amount_share"]]

    def show(
        self, frame: pd.DataFrame | None = None, *, rows: int | None = 10, lang: str | None = None
    ) -> TableView:
        """The clients, or another frame such as ``groups``, as a reader sees it; groups come with their
        action."""
        say = self.context.speaker(lang)
        shown = self.table if frame is None else frame
        if "group" in shown:
            names = shown["group"]
            shown = shown.assign(group=[say(name) for name in names])
            if "client_id" not in shown:
                actions = {group.name: say(group.action) for group in ACTION_GROUPS}
                shown = shown.assign(action=names.map(actions))
        if "measure" in shown:
            shown = shown.assign(measure=shown["measure"].map(_feature_names(say)))
        return TableView(shown, say, rows=rows)

    def _claims(self, say: Speaker) -> Sequence[Claim]:
        claims = [Claim(self._leading(say), self.groups, self._method(say), self._caveat(say))]
        endangered = self.groups[self.groups["group"].isin(ENDANGERED)]
        if len(endangered):
            claims.append(Claim(self._in_danger(endangered, say)))
        few = [name for name in FEATURES if self._scores_used(name) < self.scores[name]]
        if few and len(self.table) > 1:
            claims += [Claim(self._fewer(name, say)) for name in few]
        return claims

    def _leading(self, say: Speaker) -> str:
        if len(self.table) == 1:
            return say(
                "There is one client: scores compare clients with each other, so they say nothing here. Use "
                "cut points of your own."
            )
        measure = "amount_share" if self.groups["amount_share"].notna().all() else "client_share"
        group = self.groups.loc[self.groups[measure].idxmax()]
        values = {
            "group": say(group["group"]),
            "clients": say.plural("{n} client", "{n} clients", int(group["clients"])),
            "share": say.percent(group["client_share"]),
            "money": say.percent(group["amount_share"]),
        }
        if measure == "client_share":
            return say("The largest group is “{group}”: {clients} ({share}).", **values)
        return say(
            "Most of the money comes from the group “{group}”: {clients} ({share}) bring {money} of net "
            "revenue.",
            **values,
        )

    def _in_danger(self, endangered: pd.DataFrame, say: Speaker) -> str:
        values = {
            "clients": say.plural("{n} client", "{n} clients", int(endangered["clients"].sum())),
            "groups": say.enumerate(f"“{say(name)}”" for name in endangered["group"]),
            "money": say.money(endangered["amount"].sum()),
            "share": say.percent(endangered["amount_share"].sum(skipna=False)),
        }
        if not self.has_money or endangered["amount_share"].isna().any():
            return say(
                "They used to buy and have stayed away for long: {clients} ({groups}). Call them first.",
                **values,
            )
        return say(
            "They used to buy and have stayed away for long: {clients} ({groups}), who brought {money} "
            "({share} of net revenue). Call first those who brought most.",
            **values,
        )

    def _fewer(self, feature: str, say: Speaker) -> str:
        return say(
            "{feature}: only {used} of {all} scores occur, because few values differ and equal values "
            "always get the same score.",
            feature=_feature_names(say)[feature],
            used=say.number(self._scores_used(feature)),
            all=say.number(self.scores[feature]),
        )

    def _scores_used(self, feature: str) -> int:
        return int((self.bands["measure"] == feature).sum())

    def _caveat(self, say: Speaker) -> str:
        if not self.has_money:
            return say("The ledger holds no money: the score of money repeats that of purchase days.")
        return say(
            "Scores rank clients against each other: somebody is always last. Cut points of your own do not."
        )

    def _method(self, say: Speaker) -> str:
        return say(
            "Each client is placed among all by days since the last purchase, purchase days and net "
            "revenue; the place is cut into equal parts, 5 being best (Hughes 1994; Bult and Wansbeek "
            "1995). Equal values share their middle place; one purchase day always scores 1. The group "
            "follows from the three scores by fixed rules."
        )

    def _draw(self, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
        from matplotlib.ticker import FuncFormatter

        from crmkit.statistics.figure import ACCENT, PALE

        places = np.arange(len(data))
        money = bool(data["amount_share"].notna().all())
        thick = 0.4 if money else 0.7
        axes.barh(
            places - thick / 2 * money, data["client_share"], thick, color=PALE, label=say("share of clients")
        )
        if money:
            axes.barh(
                places + thick / 2,
                data["amount_share"],
                thick,
                color=ACCENT,
                label=say("share of net revenue"),
            )
        axes.set_yticks(places, [say(name) for name in data["group"]])
        axes.invert_yaxis()
        axes.grid(False, axis="y")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: say.percent(share)))
        axes.set_xlabel(say("Share of all"))
        axes.set_ylabel(say("Group"))
        axes.legend(loc="lower right")
        best = data.loc[data["amount_share" if money else "client_share"].idxmax()]
        values = {
            "group": say(best["group"]),
            "share": say.percent(best["client_share"]),
            "money": say.percent(best["amount_share"]),
        }
        if money:
            title = say("“{group}”: {share} of clients, {money} of net revenue", **values)
        else:
            title = say("“{group}”: {share} of clients", **values)
        axes.set_title(title)
        return say("{title}. Bars by action group: share of clients and share of net revenue.", title=title)

    def _decide(self, say: Speaker) -> Sequence[dict[str, Any]]:
        if not self.has_money:
            return []
        rows = []
        for name in ENDANGERED:
            members = self.table[self.table["group"] == name]
            amount = members["monetary"].sum() * self.yearly
            if amount <= 0:
                continue
            lo, hi = total_interval(members["monetary"].to_numpy())
            clients = say.plural("{n} client", "{n} clients", len(members))
            rows.append(
                {
                    "id": f"rfm-{name.replace(' ', '-')}",
                    "action": say(
                        "“{group}”, {clients}: {action}",
                        group=say(name),
                        clients=clients,
                        action=say(_action(name)),
                    ),
                    "owner": say("Client managers"),
                    "due": self.context.as_of + pd.Timedelta(days=DAYS_TO_ACT[name]),
                    "amount": amount,
                    "lo": lo * self.yearly,
                    "hi": hi * self.yearly,
                    "reason": say(
                        "Half of them have not bought for {days} days or more. The money is what they "
                        "brought, a year if the ledger is longer: it is at stake, a call will not win all "
                        "of it.",
                        days=say.number(members["recency_days"].median()),
                    ),
                }
            )
        return rows


def rfm(
    book: Book,
    *,
    cuts: Mapping[str, Sequence[float]] | None = None,
    window: int | tuple[Any, Any] | None = None,
) -> Rfm:
    """Score every client by recency, frequency and money, and name what to do.

    Parameters
    ----------
    book
        An open book.
    cuts
        Cut points of your own, ascending: ``recency_days`` (up to 30 days is best with ``[30, 90, 180,
        365]``), ``frequency`` (purchase days) and ``monetary`` (net money; the score rises from each cut
        point on). What is not given is taken from the settings (section rfm), else cut into equal parts of
        all clients.
    window
        The part of the ledger to look at: None (all of it), a number of months, or (start, end).

    Returns
    -------
    Rfm
        With ``.table``, ``.groups``, ``.bands``, ``.explain()``, ``.plot()``, ``.decisions``.

    Raises
    ------
    BookError
        If nobody bought in the window, or cut points are not ascending numbers.

    Notes
    -----
    A client's place is the share of clients below plus half of those equal, so ties always get the same score
    and a measure on which all are equal puts everybody in the middle. One purchase day always scores 1: it is
    not a habit. The money score does not depend on the currency unit.

    Hughes, A. M. (1994), "Strategic Database Marketing", Probus; Bult, J. R. and Wansbeek, T. (1995),
    "Optimal selection for direct mail", Marketing Science 14, 378-394, doi:10.1287/mksc.14.4.378.
    """
    summary = book.client_summary(window)
    if summary.empty:
        raise BookError("ledger: no client bought anything in the chosen window. Choose a longer window.")
    limits = _limits(cuts, book.settings.rfm)
    table = pd.DataFrame(
        {
            "client_id": summary["client_id"],
            "recency_days": summary["recency_days"],
            "frequency": summary["purchase_days"],
            "monetary": summary["amount"].astype(float),
        }
    )
    scores: dict[str, int] = {}
    for feature in FEATURES:
        values = table[feature].to_numpy(dtype=float)
        if feature == "monetary" and np.isnan(values).all():
            table["monetary_score"] = table["frequency_score"]
            scores[feature] = scores["frequency"]
            continue
        better = -values if feature == "recency_days" else values
        if feature in limits:
            cut = np.array(limits[feature])
            # A client exactly at a cut point has the better score on either scale.
            table[_score(feature)] = 1 + np.searchsorted(
                np.sort(-cut if better is not values else cut), better, "right"
            )
            scores[feature] = len(cut) + 1
        else:
            scores[feature] = book.settings.rfm.quantiles
            table[_score(feature)] = place_scores(better, scores[feature])
            if feature == "frequency":
                table.loc[table["frequency"] <= 1, "frequency_score"] = 1
    fifths = [_fifth(table[_score(feature)].to_numpy(), scores[feature]) for feature in FEATURES]
    table["cell"] = _join([table[_score(feature)] for feature in FEATURES])
    table["group"] = CELL_GROUPS[tuple(fifth - 1 for fifth in fifths)]
    return Rfm(
        context=Context.of(book),
        table=table,
        groups=_groups(table),
        bands=pd.concat([_bands(table, feature) for feature in FEATURES], ignore_index=True),
        scores=scores,
        yearly=a_year(summary["first_date"].min(), book.as_of),
    )


def place_scores(values: np.ndarray, parts: int) -> np.ndarray:
    """Scores 1 to `parts` by a client's place among all; ties share their middle place.

    Parameters
    ----------
    values
        Shape (clients,), larger is better; unknown values (NaN) are placed lowest, as equals.
    parts
        How many equal parts the places are cut into.

    Returns
    -------
    numpy.ndarray
        Whole numbers, shape (clients,).

    Examples
    --------
    >>> place_scores(np.array([1, 1, 1, 1, 2, 2, 3, 4, 5, 90]), 5).tolist()
    [1, 1, 1, 1, 3, 3, 4, 4, 5, 5]
    """
    known = np.where(np.isnan(values), -np.inf, values)
    _, place, count = np.unique(known, return_inverse=True, return_counts=True)
    # In whole numbers, so that a place exactly between two parts does not hang on the last digit of a float.
    twice_middle = 2 * count.cumsum() - count
    return -(-twice_middle * parts // (2 * len(values)))[place]


def _score(feature: str) -> str:
    return feature.removesuffix("_days") + "_score"


def _fifth(scores: np.ndarray, parts: int) -> np.ndarray:
    """The score on the scale from 1 to 5 on which the groups are written."""
    return -(-5 * (2 * scores - 1) // (2 * parts))


def _join(scores: list[pd.Series]) -> pd.Series:
    wide = any(score.max() > 9 for score in scores)
    first, second, third = (score.astype(str) for score in scores)
    between = "-" if wide else ""
    return first + between + second + between + third


def _limits(cuts: Mapping[str, Sequence[float]] | None, rules: RfmRules) -> dict[str, tuple[float, ...]]:
    given = dict(cuts or {})
    for name in given:
        if name not in FEATURES:
            raise BookError(f"cuts: '{name}' is not known: expected some of {', '.join(FEATURES)}.")
    limits = {name: tuple(given.get(name, getattr(rules, name))) for name in FEATURES}
    for name, points in limits.items():
        numbers = np.array(points, dtype=float)
        if not (np.isfinite(numbers).all() and (np.diff(numbers) > 0).all()):
            raise BookError(
                f"cut points of {name}: expected ascending numbers such as [30, 90, 180, 365], found "
                f"{list(points)}."
            )
    return {name: points for name, points in limits.items() if points}


def _groups(table: pd.DataFrame) -> pd.DataFrame:
    order = [group.name for group in ACTION_GROUPS]
    grouped = table.groupby("group", sort=False)
    groups = grouped.agg(
        clients=("client_id", "size"),
        amount=("monetary", lambda money: money.sum(min_count=1)),
        recency_days=("recency_days", "median"),
        frequency=("frequency", "median"),
    )
    groups = (
        groups.reindex([name for name in order if name in groups.index]).rename_axis("group").reset_index()
    )
    total = groups["amount"].sum(min_count=1)
    groups.insert(2, "client_share", groups["clients"] / len(table))
    groups.insert(4, "amount_share", groups["amount"] / total if total > 0 else np.nan)
    return groups


def _bands(table: pd.DataFrame, feature: str) -> pd.DataFrame:
    bands = (
        table.groupby(_score(feature))[feature]
        .agg(lo="min", hi="max", clients="size")
        .reset_index(names="score")
    )
    return bands.assign(measure=feature)[["measure", "score", "lo", "hi", "clients"]]


def _action(name: str) -> str:
    return next(group.action for group in ACTION_GROUPS if group.name == name)


def _feature_names(say: Speaker) -> dict[str, str]:
    return {
        "recency_days": say("Days since the last purchase"),
        "frequency": say("Purchase days"),
        "monetary": say("Net revenue"),
    }
