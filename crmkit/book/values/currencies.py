"""Currencies that a column or the headers name: amounts of more than one cannot be added up."""

from __future__ import annotations

import re
from collections import Counter
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
        "transactioncurrency ordercurrency вал",
    )
)
_NUMBERS = {
    "643": "RUB",
    "810": "RUB",
    "840": "USD",
    "978": "EUR",
    "826": "GBP",
    "156": "CNY",
    "392": "JPY",
    "756": "CHF",
    "398": "KZT",
    "933": "BYN",
    "980": "UAH",
    "949": "TRY",
    "985": "PLN",
    "981": "GEL",
    "860": "UZS",
}
"""Numeric codes of ISO 4217, and that of the rouble before 1998, which is still written."""
_HEADER_WORDS = {"руб", "рублей", "р", "rub", "usd", "eur", "gbp", "kzt", "byn", "uah", "тг", "тенге", "грн"}
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


def check_headers(sources: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Refuse headers of money that name more than one currency.

    Parameters
    ----------
    sources
        For each part its name and the headers of its columns of money.

    Raises
    ------
    BookError
        If the headers name more than one currency, as ``"Amount ($)"`` and ``"Amount (€)"`` do.
    """
    found: dict[str, str] = {}
    places: dict[str, str] = {}
    for file, headers in sources:
        for header in headers:
            tokens = re.findall(r"[$€£₽₸₴]|[^\W\d_]+", header.lower())
            # The first word is the header's own: "EUR" may be all of it, and "р" no currency there.
            for token in tokens[1:]:
                if not token.isalpha() or token in _HEADER_WORDS:
                    found[token] = currency(token)
                    places.setdefault(token, f"{file}: {header!r}")
    meant = settled(found)
    if len(set(meant.values())) > 1:
        first = {name: places[token] for token, name in reversed(meant.items())}
        listed = ", ".join(first[name] for name in sorted(first))
        raise BookError(
            "The headers name amounts in more than one currency, which cannot be added up: {listed}. Convert "
            "the amounts to one, or leave files or columns out.",
            listed=listed,
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
        code = column.cast("string").upper().re_replace(r"\.0$", "").re_replace(r"[\s.]+", "")
        is_code = code.re_search(r"^[\p{L}$€£₽¥₸₴]{1,16}$") | code.isin(tuple(_NUMBERS))
        code = is_code.ifelse(code, None)
        rows = code.as_table().distinct().limit(_MOST * 20)
        names = {name for name in engine.fetch(rows).iloc[:, 0] if name == name and name}
        found |= {_NUMBERS.get(name) or currency(name.lower()) or name for name in names}
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


def check_formats(parts: Sequence[Part]) -> None:
    """Refuse amounts that the formats of their cells show in more than one currency.

    Raises
    ------
    BookError
        If the formats of a table's cells, in all its parts, name more than one currency.
    """
    rows: Counter[str] = Counter()
    for part in parts:
        for header, found in part.currencies.items():
            rows.update(found)
            meant = settled({name: name for name in rows})
            if len(set(meant.values())) > 1:
                listing = ", ".join(f"{meant[name]} ({count})" for name, count in sorted(rows.items()))
                raise BookError(
                    "{file}, column '{column}': the formats of the cells show amounts in more than one "
                    "currency, in so many cells: {listing}. They cannot be added up. Convert them to one "
                    "currency at the rates of their dates, or keep the rows of one.",
                    file=part.name,
                    column=header,
                    listing=listing,
                )
