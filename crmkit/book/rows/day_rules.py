"""Days that lie too far from all others to be true: slips of the pen, and days that stand for no day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.book.days import day_of
from crmkit.book.errors import BookError
from crmkit.book.notes import Note
from crmkit.book.rows.draft import Draft
from crmkit.wording import mark
from crmkit.wording.message import Message

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from crmkit.book.rows.tables import Reading
    from crmkit.book.settings import Settings

COLUMNS = {"ledger": "date", "contacts": "planned_at"}
"""The day of each table that is looked at."""

PLACEHOLDERS = (
    "1899-12-30", "1899-12-31", "1900-01-01", "1900-01-02", "1901-01-01", "1904-01-01", "1970-01-01",
    "1980-01-01", "2038-01-19", "2049-12-31", "2050-12-31", "2078-12-31", "2079-06-06", "2099-01-01",
    "2099-12-31", "2100-01-01", "2199-12-31",
)  # fmt: skip
"""Days that systems write where there is none."""

_YEAR = 366
# Gap in days, and the largest share of rows beyond it, from which they are implausible.
_GAPS = ((10 * _YEAR, 0.5), (5 * _YEAR, 0.05))
_FUTURE = (_YEAR, 0.01)


def implausible(days: NDArray[np.datetime64], rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which days are too far from the others.

    Parameters
    ----------
    days
        Distinct days, ascending.
    rows
        How many rows each has.

    Returns
    -------
    array
        True for days before or after a gap of ten years beyond which less than half of the rows are, or five
        years and a twentieth; for days a year after all others with a hundredth of the rows at most; and for
        days that stand for no day, a year from the others.

    Examples
    --------
    >>> import numpy as np
    >>> implausible(np.array(["1969-02-01", "2014-07-16", "2015-01-14"], "M8[D]"), np.array([1, 1, 1]))
    array([ True, False, False])
    """
    import numpy as np

    number = days.astype("datetime64[D]").astype("int64")
    share = rows / max(rows.sum(), 1)
    upto, since = np.cumsum(share), np.cumsum(share[::-1])[::-1]
    gap = np.diff(number)
    stands = np.isin(number, np.array(PLACEHOLDERS, "M8[D]").astype("int64"))
    before = np.zeros(len(gap), dtype=bool)
    after = np.zeros(len(gap), dtype=bool)
    for least, most in _GAPS:
        before |= (gap > least) & (upto[:-1] < most)
        after |= (gap > least) & (since[1:] < most)
    after |= (gap > _FUTURE[0]) & (since[1:] <= _FUTURE[1])
    # Outer days that stand for none, one after the other, as long as a year lies between them and the rest.
    before |= (gap > _YEAR) & np.logical_and.accumulate(stands)[:-1] & (upto[:-1] < 0.5)
    after |= (gap > _YEAR) & np.logical_and.accumulate(stands[::-1])[::-1][1:] & (since[1:] < 0.5)
    first = np.flatnonzero(before)[-1] + 1 if before.any() else 0
    last = np.flatnonzero(after)[0] if after.any() else len(days) - 1
    place = np.arange(len(days))
    return (place < first) | (place > last)


def remove_far_days(draft: Draft, reading: Reading, settings: Settings) -> None:
    """Set rows aside whose day is outside the settings' days or, without those, implausible."""
    column = COLUMNS.get(draft.table.name, "")
    rows = draft.rows()
    if column not in rows.columns:
        return
    first, last = settings.reading.first_date, settings.reading.last_date
    counts = _counts(draft, rows, column)
    days = counts["day"]
    if draft.is_ledger and ((first and days.max() < day_of(first)) or (last and days.min() > day_of(last))):
        raise BookError(
            "first_date and last_date in crmkit.toml, [reading], leave no row of the ledger, whose dates are "
            "from {first:%Y-%m-%d} to {last:%Y-%m-%d}.",
            first=days.min(),
            last=days.max(),
        )
    far = _far(counts, first, last)
    if not far.any():
        return
    days = counts.loc[far, "day"]
    moment = rows[column]
    keys = rows.filter(moment.date().isin([day.date() for day in days]))
    count, amount = draft.set_apart(
        reading, keys, Message("{column}: not among the days that count", column=column)
    )
    action = mark(
        "Rows with dates before {first} or after {last} were set aside: they are outside the days that were "
        "asked for, or too far from all others to be true. Other days can be set with first_date and "
        "last_date in crmkit.toml, [reading]."
    )
    kept = counts.loc[~far, "day"]
    values = {"first": f"{kept.min():%Y-%m-%d}", "last": f"{kept.max():%Y-%m-%d}"}
    example = ", ".join(f"{day:%Y-%m-%d}" for day in days[:5]) + (", …" if len(days) > 5 else "")
    reading.notes.append(
        Note(
            "implausible_dates",
            draft.table.name,
            action,
            column,
            count,
            amount,
            example,
            values,
            changed=True,
        )
    )


def _counts(draft: Draft, rows: ir.Table, column: str) -> pd.DataFrame:
    """How many rows each day has, in the order of the days."""
    import pandas as pd

    counted = rows.group_by(day=rows[column].date()).aggregate(rows=rows.count())
    counted = counted.filter(counted.day.notnull())
    # Few values, which lists bring faster than a frame.
    seen = draft.engine.value(counted.aggregate(day=counted.day.collect(), rows=counted["rows"].collect()))
    frame = pd.DataFrame({"day": pd.to_datetime(seen["day"] or []), "rows": seen["rows"] or []})
    return frame.sort_values("day", ignore_index=True)


def _far(counts: pd.DataFrame, first: str, last: str) -> NDArray[np.bool_]:
    import numpy as np

    days, rows = counts["day"].to_numpy("datetime64[D]"), counts["rows"].to_numpy("int64")
    inside = np.ones(len(days), dtype=bool)
    if first:
        inside &= days >= np.datetime64(first[:10])
    if last:
        inside &= days <= np.datetime64(last[:10])
    far = ~inside
    if not inside.any():
        return np.zeros(len(days), dtype=bool)
    guess = np.zeros(len(days), dtype=bool)
    guess[inside] = implausible(days[inside], rows[inside])
    middle = days[inside & ~guess]
    # A side for which the settings name a day is settled by them.
    return far | (guess & (((days < middle.min()) & (not first)) | ((days > middle.max()) & (not last))))
