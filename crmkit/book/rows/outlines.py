"""Reports in which a client stands once, in a row of its own above its sales, as 1C writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.book.engine import ROW
from crmkit.book.errors import BookError
from crmkit.book.lines import with_amount
from crmkit.book.rows import row_rules
from crmkit.book.rows.draft import FILE, HEADING, PLACE, Draft, Group
from crmkit.book.rows.row_rules import is_missing_cell

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from crmkit.book.settings import Settings


_LEAST_CLIENTS = 3
"""Clients that make blanks below them look meant."""


def fill_outline(draft: Draft, group: Group) -> bool:
    """Give the sales below a row with a client and without a date that client, where all adds up.

    A file is such a report if it begins with such a row and most of its dated rows have no client, or if none
    has and several such rows stand right above some. Then all must stand below such a row and none may have a
    client, and the amount of each such row must be blank or the sum of the dated rows below it, up to the
    next one; a row of a group of clients must hold the sum of several of them.

    Returns whether the rows of the group changed, so that its columns must be given their types again.

    Raises
    ------
    BookError
        If a file looks like such a report and does not add up.
    """
    found = {item.column.name: item for item in group.typed}
    # Without a row that lacks its date there is none that names a client only.
    if not draft.is_ledger or "client_id" not in found or "date" not in found or found["date"].bad is None:
        return False
    lines = _lines(draft, group)
    counts = draft.engine.fetch(
        lines.group_by(FILE).aggregate(
            headings=lines.is_heading.sum(),
            sales=lines.is_sale.sum(),
            own=(lines.is_sale & lines.has_client).sum(),
        )
    )
    files = counts[FILE][(counts["headings"] > 0) & (2 * counts["own"] < counts["sales"])]
    if not len(files):
        return False
    frame = draft.engine.fetch(lines.filter(lines[FILE].isin(files.tolist())).order_by(PLACE))
    fills = [_headings(draft, int(number), rows) for number, rows in frame.groupby(FILE) if _is_outline(rows)]
    if not fills:
        return False
    _fill(draft, group, fills)
    return True


def refuse_gaps(draft: Draft, settings: Settings) -> None:
    """Refuse a ledger in which a client seems to stand only in the first row of its sales.

    Raises
    ------
    BookError
        If in one file the first row has a client, no client stands in two rows, and more than a third of the
        rows have none, unless the settings say that these are nobody's.
    """
    if not draft.is_ledger or settings.reading.blank_clients == "nobody":
        return
    if "client_id" not in draft.columns or (draft.ids is not None and not draft.ids.missing):
        return
    rows = draft.rows()
    client = rows.client_id
    counted = rows.group_by(FILE).aggregate(rows=rows.count(), named=client.count())
    counts = draft.engine.fetch(counted.order_by(FILE))
    for number, count, named in counts.itertuples(index=False):
        gaps = int(count - named)
        if 3 * gaps <= count or named < _LEAST_CLIENTS:
            continue
        here = rows.filter(rows[FILE] == int(number))
        seen = draft.engine.value(
            here.aggregate(
                clients=here.client_id.nunique(),
                first=here[ROW].min(),
                first_named=here[ROW].min(where=here.client_id.notnull()),
            )
        )
        if seen["clients"] == named and seen["first"] == seen["first_named"]:
            raise BookError(
                "{file}: {gaps} of {rows} rows have no client, and each client stands in one row only, so "
                "that a blank cell may mean the client above or nobody. Write the client into each of its "
                'rows, or say blank_clients = "nobody" in crmkit.toml, [reading].',
                file=draft.sources[int(number)].part.name,
                gaps=gaps,
                rows=int(count),
            )


def _lines(draft: Draft, group: Group) -> ir.Table:
    """The rows of a group that are not blank: place, what each is, and its amount."""
    import ibis

    rows = group.joined
    assert rows is not None
    values = {item.column.name: item.value(rows) for item in group.typed}
    headers = {
        name: [source.headers[name] for source in draft.sources if name in source.headers]
        for name in group.columns
    }
    is_blank = row_rules.is_blank(rows, group.columns)
    is_other = row_rules.is_header(rows, headers) | row_rules.is_total(rows, group.columns, ["date"])
    has_date = values["date"].notnull()
    has_client = values["client_id"].notnull()
    no_date = is_missing_cell(rows["date"])
    valued = with_amount(
        rows.select(
            *PLACE,
            **{
                name: values[name]
                for name in ("amount", "quantity", "unit_price", "discount")
                if name in values
            },
            is_blank=is_blank,
            is_heading=~is_other & no_date & has_client,
            is_sale=~is_other & has_date,
            is_other=is_other,
            has_client=has_client,
        )
    )
    money = valued.amount.cast("float64") if "amount" in valued.columns else ibis.null("float64")
    return valued.filter(~valued.is_blank).select(
        *PLACE, "is_heading", "is_sale", "is_other", "has_client", money=money
    )


def _is_outline(rows: pd.DataFrame) -> bool:
    """Whether rows begin with a heading, or several stand right above sales that are all nobody's."""
    import numpy as np

    heading, sale = rows["is_heading"].to_numpy(bool), rows["is_sale"].to_numpy(bool)
    without = sale & ~rows["has_client"].to_numpy(bool)
    if heading[0]:
        return True
    above = heading[:-1] & (heading | without)[1:]
    return bool(above.sum() > 1 and above.sum() == heading[:-1].sum() and np.array_equal(without, sale))


def _headings(draft: Draft, number: int, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of one file that name the client of those below, with where those end; all checked."""
    import numpy as np

    part = draft.sources[number].part
    place = rows[ROW].to_numpy()
    heading, sale = rows["is_heading"].to_numpy(bool), rows["is_sale"].to_numpy(bool)
    money = rows["money"].to_numpy(float)
    starts = np.flatnonzero(heading)
    ends = np.append(starts[1:], len(rows))
    sums = np.concatenate([[0.0], np.cumsum(np.where(sale, np.nan_to_num(money), 0.0))])
    counts = np.concatenate([[0], np.cumsum(sale)])
    below, count = sums[ends] - sums[starts], counts[ends] - counts[starts]
    given = money[starts]
    agrees = np.isnan(given) | (np.abs(given - below) < row_rules.CENT)
    agrees[count == 0] = _of_groups(given, sums[starts], sums[-1], count)[count == 0]
    wrong = np.zeros(len(rows), dtype=bool)
    wrong[starts] = ~agrees
    wrong |= sale & rows["has_client"].to_numpy(bool)
    wrong |= sale & (np.cumsum(heading) == 0)
    # Below a total nobody can tell whose the sales are.
    wrong |= sale & _after_other(heading, rows["is_other"].to_numpy(bool))
    if wrong.any():
        raise BookError(
            "{file}, row {row}: rows with a client and without a date seem to stand above the sales of that "
            "client, as in a report, but here that does not hold: the amount is not the sum of the dated "
            "rows below, or a dated row has a client of its own or stands below a total. Write the client "
            "into each row of a sale, or export the list of sales.",
            file=part.name,
            row=int(place[wrong.argmax()]) // part.rows_each + part.first_row,
        )
    return rows.iloc[starts][[FILE, ROW]]


def _of_groups(
    given: NDArray[np.float64], sums: NDArray[np.float64], whole: float, count: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which rows without sales directly below hold nothing, or the sum up to another such row or the end."""
    import numpy as np

    upper = np.flatnonzero(count == 0)
    agrees = np.zeros(len(given), dtype=bool)
    for at in upper:
        ends = np.append(sums[upper[upper > at]], whole)
        holds = (np.abs(ends - sums[at] - given[at]) < row_rules.CENT) & (ends != sums[at])
        agrees[at] = given[at] == 0.0 or bool(holds.any())
    return agrees


def _after_other(heading: NDArray[np.bool_], other: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which rows have a total, or the headers again, between them and the heading above."""
    import numpy as np

    at = np.arange(len(heading))
    last = np.maximum.accumulate(np.where(heading, at, -1))
    return np.maximum.accumulate(np.where(other, at, -1)) > last


def _fill(draft: Draft, group: Group, fills: list[pd.DataFrame]) -> None:
    """Write the client of each heading into the rows below it, and mark the headings."""
    import ibis
    import pandas as pd
    import pyarrow as pa

    engine = draft.engine
    found = pd.concat(fills)
    table = pa.table({FILE: pa.array(found[FILE], pa.int64()), "_at": pa.array(found[ROW], pa.int64())})
    marks = engine.arrow_table(table)
    marks = marks.select(**{FILE: marks[FILE], ROW: marks["_at"], HEADING: ibis.literal(True)})
    names = [*group.columns, *PLACE, HEADING]
    rows = group.rows.left_join(marks, PLACE).select(*names)
    rows = rows.mutate(**{HEADING: rows[HEADING].fill_null(False)})
    at = rows[HEADING].ifelse(rows[ROW], None)
    rows = rows.mutate(_at=at.max().over(group_by=rows[FILE], order_by=rows[ROW], rows=(None, 0)))
    named = rows.filter(rows[HEADING]).select(**{FILE: rows[FILE], "_at": rows[ROW], "_name": rows.client_id})
    rows = rows.left_join(named, [FILE, "_at"]).select(*names, "_name")
    is_sale = ~is_missing_cell(rows.date)
    client = is_sale.ifelse(rows["_name"].fill_null(rows.client_id), rows.client_id)
    group.rows = engine.store(rows.mutate(client_id=client).select(*names).order_by(PLACE))
