"""Random draws that belong to somebody: each draw is named by what it decides and for whom.

A draw is a hash of the seed, the purpose and the keys (client, week, line …), so it does not depend on how
many other draws were made before it. Changing one decision in the simulator therefore leaves every draw of
everybody else as it was: common random numbers, without storing any of them.

The mixing function is the finaliser of SplitMix64 (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195),
used as a counter-based generator (Salmon et al. 2011, doi:10.1145/2063384.2063405). It is integer arithmetic
alone, hence the same on every machine and with every version of NumPy.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import ArrayLike, NDArray

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def _mix(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND
    return bits ^ (bits >> np.uint64(31))


class Draws:
    """All random numbers of one made-up world, addressed by purpose and keys.

    Parameters
    ----------
    seed : int
        Names the world; 0 or more.

    Examples
    --------
    >>> draws = Draws(0)
    >>> alone = draws.uniform("visit", 7)
    >>> among_others = draws.uniform("visit", [3, 7, 9])
    >>> bool(alone[0] == among_others[1])
    True
    """

    def __init__(self, seed: int) -> None:
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= int(seed) < 2**63:
            raise ValueError(f"seed: expected a whole number from 0 to 2**63 - 1, found {seed!r}.")
        self._seed = np.array([int(seed)], dtype=np.uint64)

    def uniform(self, purpose: str, *keys: ArrayLike) -> NDArray[np.float64]:
        """Numbers between 0 and 1 (both excluded), one for each combination of the broadcast whole-number
        keys."""
        bits = _mix(self._seed + np.array([zlib.crc32(purpose.encode())], dtype=np.uint64) * _STEP)
        for key in keys:
            bits = _mix(bits + (np.atleast_1d(np.asarray(key)).astype(np.uint64) + np.uint64(1)) * _STEP)
        return ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53

    def normal(self, purpose: str, *keys: ArrayLike) -> NDArray[np.float64]:
        """Standard normal numbers."""
        from scipy.special import ndtri

        return ndtri(self.uniform(purpose, *keys))

    def gamma(self, shape: float, purpose: str, *keys: ArrayLike) -> NDArray[np.float64]:
        """Gamma numbers with the given shape and mean 1."""
        from scipy.special import gammaincinv

        return gammaincinv(shape, self.uniform(purpose, *keys)) / shape

    def choice(self, weights: ArrayLike, purpose: str, *keys: ArrayLike) -> NDArray[np.int64]:
        """Indices drawn in proportion to `weights`, the same weights for every key."""
        return pick(np.asarray(weights, dtype=np.float64), self.uniform(purpose, *keys))

    def whole(self, count: ArrayLike, purpose: str, *keys: ArrayLike) -> NDArray[np.int64]:
        """Whole numbers from 0 to `count` - 1, all equally likely."""
        return (self.uniform(purpose, *keys) * np.asarray(count)).astype(np.int64)


def pick(weights: NDArray[np.float64], uniforms: NDArray[np.float64]) -> NDArray[np.int64]:
    """Index chosen by each uniform number, from one row of weights for all or one row for each."""
    edges = np.cumsum(weights, axis=-1)
    if weights.ndim == 1:
        return np.minimum(np.searchsorted(edges, uniforms * edges[-1], side="right"), len(weights) - 1)
    chosen = (uniforms[:, None] * edges[:, -1:] >= edges).sum(axis=1)
    return np.minimum(chosen, weights.shape[1] - 1)
