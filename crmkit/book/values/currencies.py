"""A column that says the currency of each row: amounts of more than one cannot be added up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from crmkit.book.errors import BookError
from crmkit.book.formats.part import Part
from crmkit.book.naming import plain
from crmkit.book.values.number_units import currency, settled

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.engine import Engine

_HEADERS = frozenset(
    re.findall(
        r"\w+",
        "currency currencycode currencyiso isocurrency currencyid curr cur ccy valuta валюта кодвалюты "
        "валютадокумента валютаоплаты валютаоперации валютаплатежа währung waehrung devise moneda waluta "
        "transactioncurrency ordercurrency",
    )
)
_MOST = 12


def currency_column(part: Part, used: Mapping[str, int]) -> int | None:
    """The position of a column that is not used and that its header calls a currency."""
    return next(
        (
            at
            for at, header in enumerate(part.headers)
            if plain(header) in _HEADERS and at not in used.values()
        ),
        None,
    )


def check_currencies(engine: Engine, cells: Sequence[tuple[Part, str, ir.StringColumn]]) -> None:
    """Refuse amounts in more than one currency.

    Parameters
    ----------
    cells
        For each part that has one: the part, the header and the column of currencies.

    Raises
    ------
    BookError
        If the columns hold more than one currency.
    """
    found: set[str] = set()
    for part, header, column in cells:
        code = column.cast("string").upper().re_replace(r"[\s.]+", "")
        code = code.re_search(r"^[\p{L}$€£₽¥₸₴]{1,16}$").ifelse(code, None)
        rows = code.as_table().distinct().limit(_MOST * 20)
        names = {name for name in engine.fetch(rows).iloc[:, 0] if name == name and name}
        found |= {currency(name.lower()) or name for name in names}
        # A sign that several currencies share is the one beside it.
        found = set(settled({name: name for name in found}).values())
        if len(found) > 1:
            listed = ", ".join(sorted(found)[:_MOST]) + (", …" if len(found) > _MOST else "")
            raise BookError(
                "{file}, column '{column}': the amounts are in more than one currency ({currencies}) and "
                "cannot be added up. Keep the rows of one currency in the file, or convert the amounts to "
                "one and leave this column out.",
                file=part.name,
                column=header,
                currencies=listed,
            )
