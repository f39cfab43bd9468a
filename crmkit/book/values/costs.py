"""Whether costs are those of the line or of one piece: as the header says, else noted where numbers do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmkit.book.engine import MONEY
from crmkit.book.errors import BookError
from crmkit.book.naming import plain, plain_set
from crmkit.book.notes import Note
from crmkit.book.synonyms import UNIT_COST
from crmkit.book.values.typed import TypedColumn, Work
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir


def costs_of_lines(work: Work, rows: ir.Table, typed: Sequence[TypedColumn]) -> None:
    """Multiply costs of one piece by the quantity, where the header says so; note where only the numbers do.

    Raises
    ------
    BookError
        If only some files have such a header.
    """
    found = {item.column.name: item for item in typed}
    cost, quantity, price = (found.get(name) for name in ("cost", "quantity", "unit_price"))
    if work.table.name != "ledger" or cost is None or quantity is None or work.siblings is None:
        return
    each, pieces = cost.value, quantity.value
    say_so = {plain(headers["cost"]) in _UNIT_COST for headers in work.siblings.headers if "cost" in headers}
    if len(say_so) > 1:
        raise BookError(
            "{where}: the headers of some files say that costs are those of one piece, and those of others "
            "do not. Give all of them for one piece or all for the line.",
            where=work.where["cost"],
        )
    if say_so == {True}:
        cost.value = lambda rows: (each(rows).cast("float64") * pieces(rows).cast("float64")).try_cast(MONEY)
        action = mark(
            "The header says that costs are those of one piece; they were multiplied by the quantity. A "
            "mapping without cost leaves them out."
        )
        cost.notes.append(Note("cost_per_piece", "ledger", action, "cost", work.count, changed=True))
    elif price is not None:
        number = pieces(rows).cast("float64").abs()
        share = (each(rows).cast("float64") / price.value(rows).cast("float64")).abs()
        one, more = number == 1, number >= 2
        seen = work.engine.value(
            rows.aggregate(
                ones=(one & share.notnull()).sum(),
                more=(more & share.notnull()).sum(),
                one=share.median(where=one),
                piece=share.median(where=more),
                line=(share / number).median(where=more),
            )
        )
        if min(seen["ones"], seen["more"]) < _LEAST_LINES or not seen["one"] or not seen["line"]:
            return
        if (
            abs(math.log(seen["piece"] / seen["one"]))
            < _ALIKE
            < abs(math.log(seen["line"] / seen["one"])) - _ALIKE
        ):
            action = mark(
                "The costs do not grow with the quantity, as costs of one piece do not. They count as costs "
                "of the line; if they are those of one piece, call the column unit_cost."
            )
            cost.notes.append(Note("cost_maybe_per_piece", "ledger", action, "cost", int(seen["more"])))


_UNIT_COST = plain_set(UNIT_COST)
_LEAST_LINES, _ALIKE = 10, 0.2
"""Lines of one piece and of more that show it, and the logarithm of shares that count as alike."""
