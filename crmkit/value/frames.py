"""May a frame be used by a model? Its columns as arrays, or a refusal that says which row is wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.book.errors import BookError
from crmkit.wording.message import Message

Floats = NDArray[np.float64]


def numbers(
    frame: pd.DataFrame, columns: tuple[str, ...], *, model: str
) -> tuple[list[Floats], Floats | None]:
    """The named columns, and how many clients each row stands for.

    Parameters
    ----------
    frame
        One row per client, or per kind of client with a column ``weights``: their number.
    columns
        Names of the columns that must be there, with numbers that are not negative.
    model
        Who asks; named in the refusal.

    Returns
    -------
    tuple
        One array of shape (rows,) per column, and the weights, shape (rows,), or None: one each.

    Raises
    ------
    BookError
        If a column is missing, the frame has no rows or weights only of 0, or a value is blank, infinite or
        negative.

    Examples
    --------
    >>> numbers(pd.DataFrame({"frequency": [2, 0]}), ("frequency",), model="any")
    ([array([2., 0.])], None)
    """
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise BookError(
            "{model}: the frame has no column '{column}'. Expected columns: {columns}.",
            model=model,
            column=missing[0],
            columns=", ".join(columns),
        )
    wanted = (*columns, "weights") if "weights" in frame.columns else columns
    arrays = [_numbers(frame[name], name, model) for name in wanted]
    if not len(frame) or (len(wanted) > len(columns) and not arrays[-1].any()):
        raise BookError("{model}: the frame has no rows. Give at least one client or period.", model=model)
    return (arrays[:-1], arrays[-1]) if len(wanted) > len(columns) else (arrays, None)


def refuse(wrong: NDArray[np.bool_], column: str, problem: Message, *, model: str) -> None:
    """Refuse a frame for the first row that is wrong, if there is one.

    Raises
    ------
    BookError
        It names the row by its place, not by its label, which may be a name.
    """
    if wrong.any():
        raise BookError(
            "{model}, column '{column}', row {row} (the first is 0): {problem}. Rows of this kind: {rows}.",
            model=model,
            column=column,
            row=int(wrong.argmax()),
            problem=problem,
            rows=int(wrong.sum()),
        )


def histories(frame: pd.DataFrame, *, model: str) -> tuple[Floats, Floats, Floats, Floats | None]:
    """Frequency, recency, T and weights of clients, checked against each other.

    Returns
    -------
    tuple
        Three arrays of shape (rows,), and the weights, shape (rows,), or None: one each.

    Raises
    ------
    BookError
        As :func:`numbers`; or if a frequency is not whole, recency is larger than T, a client without repeat
        purchases has a recency, or one with repeat purchases has none.
    """
    (frequency, recency, T), weights = numbers(frame, ("frequency", "recency", "T"), model=model)
    whole = Message("a number of repeat purchases is whole")
    refuse(frequency != np.floor(frequency), "frequency", whole, model=model)
    later = Message("the last purchase lies after T, the end of what is known")
    refuse(recency > T, "recency", later, model=model)
    no_repeat = Message("a client without repeat purchases has recency 0")
    refuse((frequency == 0) & (recency > 0), "recency", no_repeat, model=model)
    repeat = Message("repeat purchases come after the first, so that recency is more than 0")
    refuse((frequency > 0) & (recency == 0), "recency", repeat, model=model)
    return frequency, recency, T, weights


def opportunities(frame: pd.DataFrame, *, model: str) -> tuple[Floats, Floats, Floats, Floats | None]:
    """As :func:`histories`, where T counts opportunities to buy and at most one purchase is made at each.

    Raises
    ------
    BookError
        As :func:`histories`; or if recency or T is not whole, or frequency is larger than recency.
    """
    frequency, recency, T, weights = histories(frame, model=model)
    for name, values in (("recency", recency), ("T", T)):
        whole = Message("opportunities to buy are counted in whole numbers")
        refuse(values != np.floor(values), name, whole, model=model)
    more = Message("more purchases than opportunities up to the last one")
    refuse(frequency > recency, "frequency", more, model=model)
    return frequency, recency, T, weights


def refuse_no_repeat(frequency: Floats, T: Floats, *, model: str) -> None:
    """Refuse histories from which no rate of repeat purchases can be learnt.

    Raises
    ------
    BookError
        If nobody is observed for any time, or nobody bought again.
    """
    if not T.max(initial=0) > 0:
        raise BookError(
            "{model}: T is 0 for every client, so that nobody could have bought again. Give a longer period.",
            model=model,
        )
    if not frequency.max(initial=0) > 0:
        raise BookError(
            "{model}: no client bought again, so that slow clients cannot be told from those who left. Give "
            "a longer period, or all clients and not only the new ones.",
            model=model,
        )


def _numbers(values: pd.Series, name: str, model: str) -> Floats:
    try:
        array = values.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        array = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    refuse(~np.isfinite(array), name, Message("a number is missing or cannot be read"), model=model)
    refuse(array < 0, name, Message("the number is negative"), model=model)
    return array
