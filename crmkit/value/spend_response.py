"""How many more clients does a little more money bring, and how sure is that?

Some clients would come without advertising; the money adds others, each further unit fewer, and part of it
works later. How much of each is learned from the ups and downs of the spend.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SHARES = (np.arange(20) + 0.5) / 20
_HALVES = np.geomspace(0.1, 10, 13)
_CARRY = np.arange(10) / 10
LEAST_LEARNED = 0.1
"""By so much, as a share, the data must narrow what was thought possible beforehand to have said anything."""


@dataclass(frozen=True)
class SpendResponse:
    """What is known of one channel: weighted possibilities.

    Attributes
    ----------
    share
        Share of the clients that the money brings, at the mean spend.
    half
        Spend at which half of what money can add is added, per period.
    weight
        Probability of each possibility; they add up to 1.
    mean
        Mean spend per period.
    """

    share: Floats
    half: Floats
    weight: Floats
    mean: float

    def elasticity(self, spend: float) -> Floats:
        """By how many per cent clients rise with one per cent more spend, at a lasting spend per period."""
        if not spend > 0:
            return np.zeros(len(self.weight))
        added = self._added(spend)
        return added * self.half / (spend + self.half) / (1 - self.share + added)

    def rise(self, spend: float, step: float) -> Floats:
        """By what share clients rise when a lasting spend per period becomes `step` higher."""
        reached = [self._added(each) + 1 - self.share for each in (spend, spend + step)]
        return reached[1] / reached[0] - 1

    def _added(self, spend: float) -> Floats:
        return self.share * spend / (spend + self.half) * (self.mean + self.half) / self.mean

    def draws(self, spend: float, size: int, rng: np.random.Generator) -> Floats:
        """Elasticities at a spend, drawn by their probability."""
        return rng.choice(self.elasticity(spend), size=size, p=self.weight)

    def learned(self, spend: float) -> float:
        """By what share the data narrowed the elasticity; 0 if they said nothing."""
        values = self.elasticity(spend)
        before = values.std()
        after = np.sqrt(self.weight @ (values - self.weight @ values) ** 2)
        return float(1 - after / before) if before > 0 else 0.0


def spend_response(
    clients: NDArray, spend: NDArray, *, season: NDArray | None = None, level: NDArray | None = None
) -> SpendResponse:
    """Learn the response of new clients to spend.

    Parameters
    ----------
    clients
        New clients in each period, shape (periods,).
    spend
        Money in each period, not negative, shape (periods,).
    season
        How many come in each period relative to others, money apart; default: equally many.
    level
        Number of the stretch each period lies in, from 0; what else moves the level from stretch to stretch,
        such as a growing name, is not counted as an effect of money. Default: one stretch.

    Returns
    -------
    SpendResponse

    Raises
    ------
    ValueError
        If nothing was spent, or something negative.

    Notes
    -----
    Counts are Poisson with mean season x level x (1 - share + share x f(stock) / f(mean spend)), f(s) =
    s / (s + half); the stock is a weighted mean of present and past spend, as in Broadbent, S. (1979), "One
    way TV advertisements work", Journal of the Market Research Society 21, 139-166. A line in the logarithm
    of the spend would not do: pauses have none. All possibilities are tried on a grid, equally likely
    beforehand in the share, in the logarithm of half (0.1 to 10 times the mean spend), and in the carry-over;
    the level is at its likeliest. Where counts scatter more than Poisson ones, the likelihood counts for as
    much less (McCullagh, P., Nelder, J. (1989), Generalized Linear Models, chapter 6).

    Examples
    --------
    >>> spend = np.tile([0.0, 100.0, 200.0], 40)
    >>> found = spend_response(np.tile([10, 20, 23], 40), spend)
    >>> found.learned(100.0) > 0.5
    True
    """
    from scipy.signal import lfilter

    count, money = np.asarray(clients, dtype=float), np.asarray(spend, dtype=float)
    if (money < 0).any() or not money.sum() > 0:
        raise ValueError("spend must be positive in some period and negative in none.")
    usual = np.ones(len(count)) if season is None else np.asarray(season, dtype=float)
    stretch = np.zeros(len(count), dtype=int) if level is None else np.asarray(level)
    mean = float(money.mean())
    share, half, carry = (
        grid.ravel() for grid in np.meshgrid(_SHARES, _HALVES * mean, _CARRY, indexing="ij")
    )
    stocks = np.stack([lfilter([1 - c], [1, -c], money, zi=[c * mean])[0] for c in _CARRY])
    stock = stocks[np.searchsorted(_CARRY, carry)]
    added = stock / (stock + half[:, None]) / (mean / (mean + half))[:, None]
    relative = usual * (1 - share[:, None] + share[:, None] * added)
    member = np.eye(stretch.max() + 1)[stretch]
    came, sums = count @ member, relative @ member
    likelihood = np.log(relative) @ count - np.log(sums) @ came
    best = int(likelihood.argmax())
    expected = relative[best] * (came / sums[best])[stretch]
    seen = expected > 0
    free = max(int(seen.sum()) - member.shape[1] - 3, 1)
    scatter = ((count - expected)[seen] ** 2 / expected[seen]).sum() / free
    weight = np.exp((likelihood - likelihood[best]) / max(scatter, 1.0))
    return SpendResponse(share, half, weight / weight.sum(), mean)
