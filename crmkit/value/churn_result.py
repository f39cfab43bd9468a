"""What is known about clients who are leaving: per client, by group, over time, and how far to trust it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError
from crmkit.book.sections import Value
from crmkit.statistics import Context, Result
from crmkit.value import churn_words as words
from crmkit.value.churn_holdout import Holdout
from crmkit.value.drop_out import drop_out_by_group, money_left
from crmkit.value.modified_beta_geo import ModifiedBetaGeoModel
from crmkit.value.monthly import Monthly
from crmkit.value.return_cohorts import return_cohorts
from crmkit.value.save_list import CallCost, saved_interval
from crmkit.wording import Claim, Speaker, TableView

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NEXT_LEVEL = 0.8
"""Level of the interval of the next purchase; at 0.95 it would say little."""
BANDS = (0.0, 1.0, 2.0, 3.0, 4.0)
"""Silence in usual gaps of the client, from which the bars of the plot begin."""
LEAST_REPEAT = 10
"""So many must have bought again by a month for what was known then to be modelled."""


@dataclass(frozen=True)
class Churn(Result):
    """Who is leaving, what money goes with them, and whom to call.

    Attributes
    ----------
    table
        One row per client who has bought: client_id; last_date; purchase_days; recency_days (days silent);
        gap_days (usual days between purchases, see ``book.rhythm()``); overdue_days (silent beyond that);
        probability_alive, that they have not left; probability_purchase, that they buy within `horizon`;
        next_date, the day of the next purchase as likely before as after, and next_lo and next_hi, between
        which it lies with 80%, all three if they still are a client; value, money a year if they stay;
        value_at_risk, value times the probability that they left; saved, the money that a call is expected to
        save, its cost taken off. The money is NaN where the ledger has no amounts.
    model
        The purchase model, in days.
    monthly
        Purchases by month, from which everything is made.
    holdout
        How ways to foresee purchases did in the past, and which of them is used.
    horizon
        Months in which a purchase is foreseen.
    measure
        What `value` is: ``"margin"`` or ``"amount"`` (net revenue) of the last 12 months, ``"given"``, or
        blank without amounts.
    shares
        Smallest and largest share of clients about to leave who stay if called.
    measured
        Whether the caller gave them; otherwise they are an assumption of the settings.
    call
        Cost of a call, and where it is known from.
    rules
        The thresholds.
    seed
        Of the draws.
    """

    context: Context
    table: pd.DataFrame
    model: ModifiedBetaGeoModel
    monthly: Monthly
    holdout: Holdout
    horizon: int
    measure: str
    shares: tuple[float, float]
    measured: bool
    call: CallCost
    rules: Value
    seed: int
    _kept: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def save_list(self) -> pd.DataFrame:
        """Whom to call: overdue clients for whom a call saves more than it costs, those with most first.

        Returns
        -------
        DataFrame
            client_id, recency_days, gap_days, probability_alive, value_at_risk, saved, reason; at most
            save_list_clients of the settings. Empty without amounts.
        """
        return self.show_save_list(self.context.speaker())

    def show_save_list(self, say: Speaker) -> pd.DataFrame:
        """The :attr:`save_list` with its reasons in the speaker's language."""
        worth = self.table[(self.table["saved"] > 0) & (self.table["overdue_days"] > 0)]
        worth = worth.sort_values(["saved", "client_id"], ascending=[False, True], kind="stable")
        chosen = worth.head(self.rules.save_list_clients)
        reasons = [words.reason(client, say) for client in chosen.itertuples()]
        columns = ["client_id", "recency_days", "gap_days", "probability_alive", "value_at_risk", "saved"]
        return chosen[columns].assign(reason=pd.Series(reasons, index=chosen.index, dtype="str"))

    def saved_interval(self) -> tuple[float, float]:
        """Limits of the money that calls to the clients of the save list save together."""
        chosen = self.save_list.index
        return saved_interval(
            self.model,
            self.monthly.histories(len(self.monthly.ends) - 1).loc[chosen],
            self.table.loc[chosen, "value"].to_numpy(float),
            shares=self.shares,
            cost=self.call.cost,
            seed=self.seed,
        )

    def by_group(self, groups: pd.Series, *, known_on: Any = None) -> pd.DataFrame:
        """The share of each group's clients who have left, with its limits.

        Parameters
        ----------
        groups
            The group of each client, by client_id, such as the source channel or the class.
        known_on
            For groups made from purchases, such as classes: the day on which they were made (ISO date), which
            must be a past one. What made the group is then not read as a sign of staying or leaving. Default:
            None, for groups that do not come from purchases.

        Returns
        -------
        DataFrame
            group, clients, left_share, share_lo, share_hi, pooled_share; see
            :func:`crmkit.value.drop_out.drop_out_by_group`.

        Raises
        ------
        BookError
            If no client has a group, or nobody had bought by `known_on`.
        """
        now = self.monthly.histories(len(self.monthly.ends) - 1)
        if groups.index.has_duplicates:
            raise BookError("groups: a client occurs twice. Give one group for each client, by client_id.")
        if groups.reindex(now["client_id"]).isna().all():
            raise BookError("groups: no client of the ledger has one. Give a Series of groups by client_id.")
        then = None
        if known_on is not None:
            month = int(self.monthly.ends.searchsorted(pd.Timestamp(known_on), side="right")) - 1
            if month < 0 or not self.monthly.known(month).any():
                raise BookError(
                    "known_on: nobody had bought by {day}. Give a day within the ledger.", day=known_on
                )
            then = self.monthly.histories(month)
        return drop_out_by_group(self.model, now, then, groups, seed=self.seed)

    def left_share(self) -> dict[str, float]:
        """The share of all clients who have left: left_share, share_lo, share_hi."""
        if "left" not in self._kept:
            one = pd.Series("all", index=pd.Index(self.table["client_id"].to_numpy(dtype=object)))
            self._kept["left"] = self.by_group(one).iloc[0].to_dict()
        return self._kept["left"]

    def risk_interval(self) -> tuple[float, float]:
        """Limits of the money a year of the clients who have left: of the sum of value_at_risk."""
        if "risk" not in self._kept:
            now = self.monthly.histories(len(self.monthly.ends) - 1)
            value = self.table["value"].to_numpy(float)
            self._kept["risk"] = money_left(self.model, now, value, seed=self.seed)
        return self._kept["risk"]

    def history(self, client_id: str) -> pd.DataFrame:
        """How likely one client was still there, at each past month with what was known then.

        Parameters
        ----------
        client_id
            A client of the table.

        Returns
        -------
        DataFrame
            date (last day of the month), purchase_days up to then, recency_days, probability_alive; from the
            month of the first purchase. The model is fitted anew to what was known at each month; NaN where
            fewer than 10 had bought again by then.

        Raises
        ------
        BookError
            If there is no such client.
        """
        place = np.flatnonzero(self.monthly.client_id == client_id)
        if not len(place):
            raise BookError("'{client}' is not a client who has bought in this ledger.", client=client_id)
        only = np.zeros(len(self.monthly.client_id), bool)
        only[place] = True
        rows = []
        for month in np.flatnonzero(self.monthly.bought[place[0]] > 0).tolist():
            frame, model = self.monthly.histories(month, only), self._model_at(month)
            rows.append(
                {
                    "date": self.monthly.ends[month],
                    "purchase_days": int(frame["frequency"].iloc[0]) + 1,
                    "recency_days": int(frame["T"].iloc[0] - frame["recency"].iloc[0]),
                    "probability_alive": float(model.probability_alive(frame)[0]) if model else np.nan,
                }
            )
        return pd.DataFrame(rows)

    def _model_at(self, month: int) -> ModifiedBetaGeoModel | None:
        """The model as it would have been fitted at the end of a month."""
        if month not in self._kept:
            frame = self.monthly.histories(month)
            fits = (frame["frequency"] > 0).sum() >= LEAST_REPEAT
            self._kept[month] = ModifiedBetaGeoModel().fit(frame) if fits else None
        return self._kept[month]

    @property
    def cohorts(self) -> pd.DataFrame:
        """The share of each quarter's new clients who buy in each later quarter: see
        :func:`crmkit.value.return_cohorts.return_cohorts`."""
        return return_cohorts(self.monthly)

    @property
    def calibration(self) -> pd.DataFrame:
        """Forecast and observed shares of purchases in the hold-out: way, tenth, clients, predicted,
        observed, share_lo, share_hi; empty without a hold-out."""
        return self.holdout.calibration

    def plot_data(self) -> pd.DataFrame:
        """Money at risk by silence: silence (usual gaps, from), clients, left (expected number who left),
        value_at_risk, and lost_value, the part of it that is with clients counted as lost."""
        table = self.table
        silence = table["recency_days"] / np.maximum(table["gap_days"], 1.0)
        band = np.array(BANDS)[np.searchsorted(BANDS, silence, side="right") - 1]
        lost = table["probability_alive"] < self.rules.lost_probability
        frame = pd.DataFrame(
            {
                "silence": band,
                "left": 1 - table["probability_alive"],
                "value_at_risk": table["value_at_risk"],
                "lost_value": table["value_at_risk"].where(lost, table["value_at_risk"] * 0),
            }
        ).groupby("silence")
        found = frame.agg(
            clients=("left", "size"),
            left=("left", "sum"),
            value_at_risk=("value_at_risk", lambda money: money.sum(skipna=False)),
            lost_value=("lost_value", lambda money: money.sum(skipna=False)),
        )
        empty = {"clients": 0, "left": 0.0} | (
            {"value_at_risk": 0.0, "lost_value": 0.0} if self.measure else {}
        )
        found = found.reindex(pd.Index(BANDS, name="silence")).fillna(empty).reset_index()
        return found.astype({"clients": int})

    def show(
        self, frame: pd.DataFrame | None = None, *, rows: int | None = 10, lang: str | None = None
    ) -> TableView:
        """The table, or another frame of this result, as a reader sees it, at most `rows` rows."""
        say = self.context.speaker(lang)
        shown = self.table if frame is None else words.worded(frame, say)
        return TableView(shown, say, rows=rows)

    def _claims(self, say: Speaker) -> Sequence[Claim]:
        return words.claims(self, say)

    def _decide(self, say: Speaker) -> Sequence[Mapping[str, Any]]:
        return words.decisions(self, say)

    def _draw(self, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
        from crmkit.value.churn_plot import draw_risk

        return draw_risk(self, axes, data, say)

    def plot_history(self, client_id: str, ax: Axes | None = None, *, lang: str | None = None) -> Axes:
        """Draw :meth:`history` of one client on `ax`, or on a new picture."""
        from crmkit.value.churn_plot import draw_history

        data = self.history(client_id)
        return self._picture(lambda axes, say: draw_history(self, client_id, axes, data, say), ax, lang)

    def plot_calibration(self, ax: Axes | None = None, *, lang: str | None = None) -> Axes:
        """Draw :attr:`calibration` on `ax`, or on a new picture."""
        from crmkit.value.churn_plot import draw_calibration

        return self._picture(lambda axes, say: draw_calibration(self, axes, self.calibration, say), ax, lang)

    def plot_cohorts(self, ax: Axes | None = None, *, lang: str | None = None) -> Axes:
        """Draw :attr:`cohorts` as a heat map on `ax`, or on a new picture."""
        from crmkit.value.churn_plot import draw_cohorts

        return self._picture(lambda axes, say: draw_cohorts(self, axes, self.cohorts, say), ax, lang)

    def _picture(self, draw: Callable[[Axes, Speaker], str], ax: Axes | None, lang: str | None) -> Axes:
        from crmkit.statistics.figure import Picture, new_axes, style

        axes = ax if ax is not None else new_axes()
        with style():
            alt_text = draw(axes, self.context.speaker(lang))
        if isinstance(axes.figure, Picture):
            axes.figure.alt_text = alt_text
        return axes
