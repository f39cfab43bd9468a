"""The Lorenz curve of clients, read from the best client on, and the figures taken from it."""

from __future__ import annotations

import numpy as np

SINGLE_AT_TOP, SINGLE_AT_BOTTOM, GROUPS = 1000, 200, 800


def curve(values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Running shares of clients and of money, both starting at 0 and ending at 1.

    Parameters
    ----------
    values
        Money of each client, sorted from the largest to the smallest, shape (groups,); may be negative.
    weights
        How often each client counts, shape (several, groups).

    Returns
    -------
    tuple
        Shares of clients and of money, each (several, groups + 1). Money is NaN where the total is not
        positive.
    """
    clients = _from_zero(weights.cumsum(axis=1))
    money = _from_zero((weights * values).cumsum(axis=1))
    total = money[:, -1:]
    return clients / clients[:, -1:], money / np.where(total > 0, total, np.nan)


def figures(values: np.ndarray, weights: np.ndarray, *, top: float, goals: tuple[float, ...]) -> np.ndarray:
    """Share of the money of the top clients, share of clients needed for each goal, Gini coefficient.

    Parameters
    ----------
    values, weights
        As in :func:`curve`.
    top
        Share of clients whose share of the money is asked for.
    goals
        Shares of the money for which the smallest share of clients is asked.

    Returns
    -------
    numpy.ndarray
        Shape (several, goals + 2); NaN where the total is not positive.

    Notes
    -----
    Between two clients the curve is a straight line. With negative totals the Gini coefficient is divided by
    one plus twice the area in which the poorest clients' curve lies below zero, so that it stays between 0
    and 1: Chen, C.-N., Tsaur, T.-W. and Rhai, T.-S. (1982), "The Gini coefficient and negative income",
    Oxford Economic Papers 34, 473-478, doi:10.1093/oxfordjournals.oep.a041563, as corrected by Berrebi, Z. M.
    and Silber, J. (1985), Oxford Economic Papers 37, 525-526, doi:10.1093/oxfordjournals.oep.a041707.

    Examples
    --------
    >>> money = np.array([500.0, 500, 400, 300, 300, 200, -100, -300, -300, -500])
    >>> figures(money, np.ones((1, 10)), top=0.2, goals=(0.8, 0.5)).round(3).tolist()
    [[1.0, 0.16, 0.1, 0.907]]
    """
    clients, money = curve(values, weights)
    step = np.diff(clients, axis=1)
    gini = (step * (money[:, 1:] + money[:, :-1])).sum(axis=1) - 1
    below = np.zeros(len(weights))
    if values.min() < 0:
        below = (step * _area_above_zero(money[:, :-1] - 1, money[:, 1:] - 1)).sum(axis=1)
    return np.column_stack(
        [
            _read(clients, money, top),
            *(np.where(np.isfinite(gini), _read(money, clients, goal), np.nan) for goal in goals),
            gini / (1 + 2 * below),
        ]
    )


def neighbours(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sorted values as groups of neighbours, so that a million clients can be resampled as 2,000 groups.

    The largest 1,000 and the smallest 200, which move the figures most, stay single; up to 2,000 all do.

    Returns
    -------
    tuple
        Mean value and number of clients of each group.
    """
    size = len(values)
    if size <= SINGLE_AT_TOP + SINGLE_AT_BOTTOM + GROUPS:
        return values, np.ones(size)
    starts = np.concatenate(
        [
            np.arange(SINGLE_AT_TOP),
            np.linspace(SINGLE_AT_TOP, size - SINGLE_AT_BOTTOM, GROUPS, endpoint=False).astype(int),
            np.arange(size - SINGLE_AT_BOTTOM, size),
        ]
    )
    counts = np.diff(np.append(starts, size))
    return np.add.reduceat(values, starts) / counts, counts.astype(float)


def _from_zero(running: np.ndarray) -> np.ndarray:
    return np.pad(running, ((0, 0), (1, 0)))


def _read(x: np.ndarray, y: np.ndarray, at: float) -> np.ndarray:
    """Where each row's line first reaches x = `at`, its y; NaN in a row that never does."""
    reached = x >= at - 1e-12
    place = np.maximum(reached.argmax(axis=1), 1)[:, None]
    x0, x1 = np.take_along_axis(x, place - 1, axis=1), np.take_along_axis(x, place, axis=1)
    y0, y1 = np.take_along_axis(y, place - 1, axis=1), np.take_along_axis(y, place, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = y0 + (y1 - y0) * np.clip((at - x0) / (x1 - x0), 0, 1)
    return np.where(reached.any(axis=1), found[:, 0], np.nan)


def _area_above_zero(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Mean height above zero of the straight lines from `left` to `right`."""
    crossing = (left > 0) != (right > 0)
    highest = np.maximum(np.maximum(left, right), 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(crossing, highest**2 / (2 * np.abs(right - left)), (left + right) / 2)
    return np.where(highest > 0, part, 0)
