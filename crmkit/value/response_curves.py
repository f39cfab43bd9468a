"""How do the rates of winning and of keeping clients answer to money, and what budgets are best?

Blattberg and Deighton's curves: each further unit of money moves a rate by less, up to a ceiling. They are
elicited from three figures that a manager can name: today's spend, today's rate, and the rate that no money
would exceed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crmkit.book.errors import BookError


@dataclass(frozen=True)
class ResponseCurve:
    """A rate that rises with spend towards a ceiling: ceiling x (1 - exp(-steepness x spend)).

    Attributes
    ----------
    ceiling
        The rate that no spend exceeds, from 0 to 1.
    steepness
        How fast it is approached, per unit of money.

    Examples
    --------
    >>> curve = ResponseCurve.through(spend=6, rate=0.25, ceiling=0.45)
    >>> round(curve.steepness, 5), round(float(curve.rate(6)), 2)
    (0.13516, 0.25)
    """

    ceiling: float
    steepness: float

    @classmethod
    def through(cls, *, spend: float, rate: float, ceiling: float) -> ResponseCurve:
        """The curve through today's spend and rate, below a ceiling.

        Parameters
        ----------
        spend
            Money today, for each prospect or client, more than 0.
        rate
            Share won or kept today, between 0 and the ceiling.
        ceiling
            Largest share that any money could win or keep, at most 1.

        Raises
        ------
        BookError
            If the three cannot lie on such a curve.
        """
        if not spend > 0:
            raise BookError(
                "spend: {spend} is no point of a response curve. Give what is spent today on each prospect "
                "or client, more than 0.",
                spend=spend,
            )
        if not 0 < rate < ceiling <= 1:
            raise BookError(
                "rate {rate} and ceiling {ceiling}: the rate must be more than 0 and below the ceiling, and "
                "the ceiling at most 1.",
                rate=rate,
                ceiling=ceiling,
            )
        return cls(ceiling, -float(np.log1p(-rate / ceiling)) / spend)

    def rate(self, spend: float | np.ndarray) -> np.ndarray:
        """The rate at a spend for each prospect or client, money."""
        return -self.ceiling * np.expm1(-self.steepness * np.asarray(spend, dtype=float))

    def slope(self, spend: float | np.ndarray) -> np.ndarray:
        """By how much the rate rises with one more unit of money."""
        return self.ceiling * self.steepness * np.exp(-self.steepness * np.asarray(spend, dtype=float))

    def average_cost(self, spend: float) -> float:
        """Money for each client won or kept; of the first one, where nothing is spent."""
        rate = float(self.rate(spend))
        return spend / rate if rate > 0 else self.marginal_cost(0.0)

    def marginal_cost(self, spend: float) -> float:
        """Money for one client more."""
        return float(1 / self.slope(spend))


@dataclass(frozen=True)
class Equity:
    """What one prospect is worth at two budgets.

    Attributes
    ----------
    acquisition_spend, retention_spend
        Money for each prospect, and for each client and period.
    acquisition_rate, retention_rate
        Shares won, and kept from period to period.
    client_value
        Money that a client just won will leave, discounted, the spend on keeping them taken off.
    equity
        Money that a prospect is worth: acquisition_rate x client_value - acquisition_spend.
    marginal_acquisition, marginal_retention
        Money for one more client won, and for one more kept.
    average_acquisition, average_retention
        Money for each client won, and for each one kept.
    """

    acquisition_spend: float
    retention_spend: float
    acquisition_rate: float
    retention_rate: float
    client_value: float
    equity: float
    marginal_acquisition: float
    marginal_retention: float
    average_acquisition: float
    average_retention: float


def equity(
    acquisition: ResponseCurve,
    retention: ResponseCurve,
    *,
    margin: float,
    discount: float,
    acquisition_spend: float,
    retention_spend: float,
) -> Equity:
    """Customer equity of one prospect at given budgets.

    Parameters
    ----------
    acquisition, retention
        Response of the share won, and of the share kept from one period to the next.
    margin
        Money that a client leaves in a period, before the spend on keeping them.
    discount
        Rate at which money loses value in a period, such as 0.1.
    acquisition_spend, retention_spend
        Money for each prospect, and for each client and period.

    Notes
    -----
    a m - A + a (m - R/r) r'/(1 - r') with r' = r/(1 + d): Blattberg, R., Deighton, J. (1996), "Manage
    marketing by the customer equity test", Harvard Business Review 74(4), 136-144.
    """
    won, kept = float(acquisition.rate(acquisition_spend)), float(retention.rate(retention_spend))
    # (m - R/r) r'/(1 - r') without the division by a rate of zero.
    value = margin + (margin * kept - retention_spend) / (1 + discount - kept)
    return Equity(
        acquisition_spend=acquisition_spend,
        retention_spend=retention_spend,
        acquisition_rate=won,
        retention_rate=kept,
        client_value=value,
        equity=won * value - acquisition_spend,
        marginal_acquisition=acquisition.marginal_cost(acquisition_spend),
        marginal_retention=retention.marginal_cost(retention_spend),
        average_acquisition=acquisition.average_cost(acquisition_spend),
        average_retention=retention.average_cost(retention_spend),
    )


def best_budgets(
    acquisition: ResponseCurve, retention: ResponseCurve, *, margin: float, discount: float
) -> Equity:
    """The budgets of the highest customer equity.

    A client's value depends on the spend on keeping alone, so that one is found first: its first-order
    condition falls in it, and has one root, found between bounds. The spend on winning then follows in closed
    form. A spend of 0 is best where even the first unit of money brings back less.

    Parameters
    ----------
    acquisition, retention, margin, discount
        As in :func:`equity`.

    Raises
    ------
    BookError
        If the margin or the discount rate is not positive.

    Notes
    -----
    At the optimum the marginal cost of acquisition equals the marginal cost of retention equals the value
    of an acquired client: Pfeifer, P. (2005), "The optimal ratio of acquisition and retention costs", Journal
    of Targeting, Measurement and Analysis for Marketing 13, 179-188.

    Examples
    --------
    >>> won = ResponseCurve.through(spend=6, rate=0.25, ceiling=0.45)
    >>> kept = ResponseCurve.through(spend=10, rate=0.5, ceiling=0.8)
    >>> best = best_budgets(won, kept, margin=60, discount=0.1)
    >>> round(best.acquisition_spend, 2), round(best.retention_spend, 2), round(best.equity, 2)
    (14.2, 22.17, 28.85)
    """
    from scipy.optimize import brentq

    if not (margin > 0 and discount > 0):
        raise BookError(
            "margin {margin} and discount {discount}: both must be more than 0. A client who leaves nothing "
            "is worth no budget.",
            margin=margin,
            discount=discount,
        )
    most = margin * (1 + discount)

    def excess(spend: float) -> float:
        kept = float(retention.rate(spend))
        return float(retention.slope(spend)) * (most - spend) - (1 + discount - kept)

    keep = float(brentq(excess, 0.0, most, xtol=1e-12)) if excess(0.0) > 0 else 0.0
    kept = float(retention.rate(keep))
    value = margin + (margin * kept - keep) / (1 + discount - kept)
    first = acquisition.ceiling * acquisition.steepness * value
    win = float(np.log(first)) / acquisition.steepness if first > 1 else 0.0
    return equity(
        acquisition,
        retention,
        margin=margin,
        discount=discount,
        acquisition_spend=win,
        retention_spend=keep,
    )
