"""From the company's names to crmkit's: headers to columns, files to tables.

A name that the mapping gives wins; then crmkit's own name; then the surest of the common headers. Two equally
sure headers for one column are refused, since a guess would change the numbers silently.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from crmkit.book.contracts import TABLES
from crmkit.book.errors import BookError
from crmkit.book.privacy import HIDDEN, names_person
from crmkit.book.synonyms import COLUMNS
from crmkit.book.synonyms import TABLES as TABLE_NAMES
from crmkit.wording import Message

# Units and currencies that follow a header: "Сумма, руб." or "Price (USD)".
_UNITS = {"руб", "рублей", "р", "rub", "usd", "eur", "gbp", "kzt", "byn", "uah", "тг", "тенге", "грн", "ед"}
_UNITS |= {"тыс", "тысяч", "тысячах", "млн", "thousand", "thousands", "000", "million", "millions", "mln"}
# Money that is left unread under a header with such a word was most likely meant.
_MONEY_WORDS = {
    "amount",
    "sum",
    "total",
    "revenue",
    "turnover",
    "sales",
    "сумма",
    "сумме",
    "выручка",
    "оборот",
    "стоимость",
    "betrag",
    "umsatz",
    "montant",
    "importe",
    "kwota",
}


@dataclass(frozen=True)
class Naming:
    """Which of a file's headers is which column of a table."""

    table: str
    columns: Mapping[str, int]
    """Column of the contract to the position of the file's column."""
    unused: tuple[str, ...] = ()
    price_is_amount: bool = False
    """Whether a price without a quantity was taken for the amount of the line."""


def plain(header: str) -> str:
    """A header without case, spaces, punctuation and units: ``"Сумма, руб."`` and ``"СУММА"`` are one.

    >>> plain("Invoice_Date"), plain("InvoiceDate"), plain("Сумма, руб.")
    ('invoicedate', 'invoicedate', 'сумма')
    """
    text = unicodedata.normalize("NFKC", header).replace("№", " номер ").replace("No.", "no")
    text = text.lower().replace("ё", "е")
    words = re.findall(r"[^\W_]+", text)
    while len(words) > 1 and words[-1] in _UNITS:
        words.pop()
    return "".join(words)


def says_percent(header: str) -> bool:
    """Whether a header says that its numbers are percents.

    >>> says_percent("Cost %"), says_percent("Скидка, %"), says_percent("Cost")
    (True, True, False)
    """
    return "%" in unicodedata.normalize("NFKC", header)


def plain_set(texts: str) -> frozenset[str]:
    """Headers or words, divided by a comma and a space, as :func:`plain` has them."""
    return frozenset(plain(text) for text in texts.split(", "))


@cache
def _ranks(table: str) -> Mapping[str, tuple[tuple[str, int], ...]]:
    """Plain header to the columns it may be, each with its rank; rank 0 is crmkit's own name."""
    ranks: dict[str, dict[str, int]] = {}
    for column in TABLES[table].columns:
        ranks.setdefault(plain(column.name), {})[column.name] = 0
        for rank, group in enumerate(COLUMNS[table].get(column.name, ()), start=1):
            for header in group.split(", "):
                ranks.setdefault(plain(header), {}).setdefault(column.name, rank)
    return {header: tuple(columns.items()) for header, columns in ranks.items()}


@cache
def known_headers(table: str) -> frozenset[str]:
    """Plain headers that are commonly used in a table."""
    return frozenset(_ranks(table))


def name_columns(
    headers: Sequence[str], table: str, mapping: Mapping[str, str] | None = None, *, where: str
) -> Naming:
    """Say which header is which column of `table`.

    Parameters
    ----------
    headers
        The file's headers, in order.
    table
        Name of the table of the contract.
    mapping
        {column: header} given by the user; a blank header says that the file has no such column.
    where
        Name of the file, for messages.

    Raises
    ------
    BookError
        If the mapping names a header that the file has not (or has twice), or two headers are equally good
        for one column.
    """
    chosen: dict[str, int] = {}
    absent = {column for column, header in (mapping or {}).items() if not header}
    for column, header in (mapping or {}).items():
        if header:
            chosen[column] = _mapped(headers, header, column, table, where=where)
    free = [position for position in range(len(headers)) if position not in chosen.values()]
    candidates: dict[tuple[int, str], list[int]] = {}
    known = _ranks(table)
    for position in free:
        # "Amount (2)" is a header that recurs: which one is meant is for the user to say.
        for column, rank in known.get(plain(re.sub(r" \(\d+\)$", "", headers[position])), ()):
            # Percents are no money; those of a discount can be turned into it.
            if (
                column != "discount"
                and TABLES[table][column].kind == "money"
                and says_percent(headers[position])
            ):
                continue
            if column not in chosen and column not in absent:
                candidates.setdefault((rank, column), []).append(position)
    for (_, column), found in sorted(candidates.items(), key=lambda item: item[0][0]):
        positions = [position for position in found if position not in chosen.values()]
        if column in chosen or not positions:
            continue
        if len(positions) > 1:
            raise BookError(
                "{where}: these headers can all be the {table}'s {column}: {shown}. Say which: {ways}.",
                where=where,
                table=table,
                column=column,
                shown=listed([headers[position] for position in positions]),
                ways=ways_to_map(table, column, headers[positions[0]]),
            )
        chosen[column] = positions[0]
    price_is_amount = (
        table == "ledger"
        and "unit_price" in chosen
        and not {"quantity", "amount"} & chosen.keys()
        and "amount" not in absent
    )
    if price_is_amount and not (mapping and "unit_price" in mapping):
        chosen["amount"] = chosen.pop("unit_price")
    used = set(chosen.values())
    unused = tuple(header for position, header in enumerate(headers) if position not in used)
    return Naming(table, chosen, unused, price_is_amount and "amount" in chosen)


def _mapped(headers: Sequence[str], header: str, column: str, table: str, *, where: str) -> int:
    positions = [position for position, found in enumerate(headers) if found == header]
    positions = positions or [
        position for position, found in enumerate(headers) if plain(found) == plain(header) != ""
    ]
    if len(positions) == 1:
        return positions[0]
    problem = Message("occurs twice") if positions else Message("is not among its headers")
    raise BookError(
        "{where}: the mapping says that {table}.{column} is {header!r}, which {problem}. Headers: {headers}.",
        where=where,
        table=table,
        column=column,
        header=header,
        problem=problem,
        headers=listed(headers),
    )


def ways_to_map(table: str, column: str, header: str) -> str:
    """The ways to say which header is a column: on the command line, in ``crmkit.toml``, in Python.

    >>> ways_to_map("ledger", "cost", "Spent")
    '--map cost="Spent" (crmkit.toml, [mapping.ledger]: cost = "Spent"; Python: mapping={"cost": "Spent"})'
    """
    spelt = f'{column}="{header}"' if table == "ledger" else f'{table}.{column}="{header}"'
    given = f'{{"{column}": "{header}"}}'
    python = given if table == "ledger" else f'{{"{table}": {given}}}'
    return f'--map {spelt} (crmkit.toml, [mapping.{table}]: {column} = "{header}"; Python: mapping={python})'


def sounds_like_money(header: str) -> bool:
    """Whether a word of the header is one for money.

    >>> sounds_like_money("Order amount, excl. delivery"), sounds_like_money("Sales agent id")
    (True, False)
    """
    words = re.findall(r"[^\W_]+", header.lower().replace("ё", "е"))
    return not _NO_MONEY & set(words) and bool(_MONEY_WORDS & set(words))


_NO_MONEY = {
    "id",
    "agent",
    "rep",
    "person",
    "manager",
    "team",
    "name",
    "date",
    "no",
    "number",
    "code",
    "channel",
    "type",
}


def missing_columns(naming: Naming) -> tuple[str, ...]:
    """Required columns of the table that no header gives, and for which nothing can stand in."""
    return tuple(
        column.name
        for column in TABLES[naming.table].columns
        if column.required and not {column.name, *column.instead} & naming.columns.keys()
    )


def name_table(stem: str) -> str | None:
    """The table that a file or sheet called `stem` holds, if its name says so.

    >>> name_table("orders_2024-05"), name_table("Клиенты"), name_table("export (3)")
    ('ledger', 'clients', None)
    """
    words = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFKC", stem).lower().replace("ё", "е"))
    whole = "".join(words)
    known = _table_names()
    if whole in known:
        return known[whole]
    found = {known[word] for word in words if word in known}
    return found.pop() if len(found) == 1 else None


@cache
def _table_names() -> Mapping[str, str]:
    return {plain(name): table for table, names in TABLE_NAMES.items() for name in names.split(", ")}


def guess_table(
    headers: Sequence[str], mappings: Mapping[str, Mapping[str, str]], *, where: str
) -> str | None:
    """The table with all required columns among the headers that uses most of them; None if there is none."""
    best: tuple[int, int, str] | None = None
    for table in TABLES:
        mapping = {column: header for column, header in mappings.get(table, {}).items() if header in headers}
        try:
            naming = name_columns(headers, table, mapping, where=where)
        except BookError:
            # Ambiguous, which the reading of the chosen table will say; the table itself is still possible.
            continue
        if missing_columns(naming):
            continue
        # A client beside an amount is a sale or a deal that lacks its date, not a list of clients.
        if len(naming.columns) < 2 and any(
            "amount" in _columns_of(other, headers, mappings, where=where) for other in ("ledger", "deals")
        ):
            continue
        # Every table may have a number of its own: alone it makes no list of clients.
        if [plain(headers[at]) for at in naming.columns.values()] == ["id"] and len(headers) > 2:
            continue
        score = (len(naming.columns), len(TABLES[table].required), table)
        if best is None or score[:2] > best[:2]:
            best = score
    return best[2] if best else None


def _columns_of(
    table: str, headers: Sequence[str], mappings: Mapping[str, Mapping[str, str]], *, where: str
) -> Mapping[str, int]:
    mapping = {column: header for column, header in mappings.get(table, {}).items() if header in headers}
    try:
        return name_columns(headers, table, mapping, where=where).columns
    except BookError:
        # Two headers for one column of sales: sales all the same, and the mapping may say which.
        return {"amount": -1}


def listed(headers: Sequence[str], *, most: int = 30) -> str:
    """Headers for a message: quoted, cut short where there are many, without those that name a person.

    >>> listed(["Ship Mode", "Ivan Petrov"])
    "'Ship Mode', '•••'"
    """
    shown = ", ".join(repr(HIDDEN if names_person(header) else header[:60]) for header in headers[:most])
    return shown + (f" and {len(headers) - most} more" if len(headers) > most else "")
