"""What the value of clients says: its tables, words, pictures and decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.statistics import Context, Result
from crmkit.wording import Claim, Speaker, TableView

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from crmkit.value.choice import Choice
    from crmkit.value.purchase_model import PurchaseModel
    from crmkit.value.spend import Spend


@dataclass(frozen=True)
class LifetimeValue(Result):
    """What clients are expected to bring.

    Attributes
    ----------
    table
        One row per client who has bought: client_id; purchase_days and recency_days so far;
        probability_alive; expected_purchases (purchase days in the horizon), purchases_lo, purchases_hi.
        Where the ledger has amounts, in money: net_per_purchase, what a purchase day is expected to bring
        after known costs; expected_margin, in the horizon, not discounted; residual_value, the same
        discounted, with value_lo and value_hi; realised_value, what the client has brought up to `as_of`,
        which is no part of the residual value.
    total
        measure (purchases, margin, residual, realised), estimate, lo, hi, of all clients of the table.
    by_month
        One row per month of the horizon: ds (first day; calendar months if `as_of` is the last day of one),
        expected_purchases, purchases_lo, purchases_hi, expected_margin, amount_lo, amount_hi (money, not
        discounted), discount_factor. Months add up to the total; limits do not.
    by_class
        The same per month and class, with a column class after ds, blank for clients without one; None if no
        classes were given.
    of_class
        One row per class: class, clients, expected_purchases, purchases_lo, purchases_hi, expected_margin,
        amount_lo, amount_hi (money, not discounted); None if no classes were given.
    assigned, assigned_limits
        The clients of the highest residual value with it, by client_id; limits of their sum.
    influence
        The clients who move the fit, and the model without them, as
        :func:`crmkit.value.influence.influence` gives them; None if the fit did not converge.
    choice
        The model, the clock and what they were chosen from.
    spend
        What a purchase day brings; None for a ledger without amounts.
    horizon_months, horizon
        The horizon in months, and in weeks of the clock.
    discount_rate
        A year.
    left_out
        Clients in the ledger who have no purchase day, such as those whose returns outweigh all they bought.
    """

    context: Context
    table: pd.DataFrame
    total: pd.DataFrame
    by_month: pd.DataFrame
    by_class: pd.DataFrame | None
    of_class: pd.DataFrame | None
    assigned: pd.Series
    assigned_limits: tuple[float, ...]
    influence: tuple[pd.DataFrame, PurchaseModel | None] | None
    choice: Choice
    spend: Spend | None
    horizon_months: int
    horizon: float
    discount_rate: float
    left_out: int

    @property
    def has_money(self) -> bool:
        """Whether the ledger holds amounts."""
        return self.spend is not None

    def value(self, measure: str, column: str = "estimate") -> float:
        """A figure of :attr:`total`."""
        return float(self.total.set_index("measure").loc[measure, column])

    @property
    def views(self) -> tuple[str, ...]:
        """Names of the pictures of :meth:`plot_view`."""
        from crmkit.value.value_plots import VIEWS

        return tuple(name for name, view in VIEWS.items() if view.fits(self))

    def view_data(self, view: str) -> pd.DataFrame:
        """Exactly what :meth:`plot_view` draws."""
        return self._view(view).data(self)

    def plot_view(self, view: str, ax: Axes | None = None, *, lang: str | None = None) -> Axes:
        """Another picture: one of :attr:`views`.

        Parameters
        ----------
        view
            ``"concentration"`` (residual value, the best client first), ``"months"`` (purchases to come),
            ``"calibration"`` (hold-out by frequency), ``"incremental"`` and ``"cumulative"`` (repeat
            purchases by month, with the split), ``"purchases"`` and ``"alive"`` (heat maps by frequency and
            recency), or ``"spend"`` (per purchase day, so far and expected).
        ax
            Axes to draw on; default: a new picture.
        lang
            Language; default: the book's.

        Raises
        ------
        ValueError
            If there is no such picture, or the book cannot give it.
        """
        from crmkit.statistics.figure import Picture, new_axes, style

        drawer = self._view(view)
        axes = ax if ax is not None else new_axes()
        with style():
            alt_text = drawer.draw(axes, drawer.data(self), self, self.context.speaker(lang))
        if isinstance(axes.figure, Picture):
            axes.figure.alt_text = alt_text
        return axes

    def _view(self, view: str) -> Any:
        from crmkit.value.value_plots import VIEWS

        if view not in self.views:
            raise ValueError(f"view must be one of {', '.join(self.views)}, not {view!r}.")
        return VIEWS[view]

    def plot_data(self) -> pd.DataFrame:
        """The concentration of the residual value, or the months where there is no money."""
        return self.view_data(self.views[0])

    def _draw(self, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
        return str(self._view(self.views[0]).draw(axes, data, self, say))

    def show(
        self, frame: pd.DataFrame | None = None, *, rows: int | None = 10, lang: str | None = None
    ) -> TableView:
        """The clients, the most valuable first, or another frame of this result."""
        from crmkit.value.lifetime_words import worded

        say = self.context.speaker(lang)
        if frame is None:
            by = "residual_value" if self.has_money else "expected_purchases"
            frame = self.table.sort_values(by, ascending=False, kind="stable")
        return TableView(worded(frame, say), say, rows=rows)

    def _claims(self, say: Speaker) -> Sequence[Claim]:
        from crmkit.value.lifetime_words import claims

        return claims(self, say)

    def _decide(self, say: Speaker) -> Sequence[dict[str, Any]]:
        from crmkit.value.lifetime_decisions import decisions

        return decisions(self, say)
