"""What the columns of one table must agree on: one currency, whole units, costs and discounts without a
minus."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crmkit.book.errors import BookError
from crmkit.book.notes import Note
from crmkit.book.values.currencies import check_headers
from crmkit.book.values.number_units import settled
from crmkit.book.values.typed import TypedColumn, Work
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.values.typed import Expression


def one_currency(work: Work, typed: Sequence[TypedColumn]) -> None:
    """Refuse amounts whose headers or signs name more than one currency, or another one than a column does.

    Raises
    ------
    BookError
        If two headers or the signs in two columns are of different currencies, or a column of
        currencies in the same files names another one.
    """
    if work.siblings:
        money = [item.column.name for item in typed if item.column.kind == "money"]
        headers = [[found[name] for name in money if name in found] for found in work.siblings.headers]
        check_headers([(part.name, names) for part, names in zip(work.siblings.parts, headers)])
    signs = {item.column.name: item.currency for item in typed if item.currency}
    if not signs:
        return
    header, found = work.siblings.currencies() if work.siblings else ("", ())
    known = settled({name: name for name in (*signs.values(), *found)})
    signs = {name: known[currency] for name, currency in signs.items()}
    if len(set(signs.values())) > 1:
        first, *others = signs.items()
        second = next(item for item in others if item[1] != first[1])
        raise BookError(
            "The amounts of one table are in more than one currency. {place}: {currency}; {other_place}: "
            "{other}. Convert them to one.",
            place=work.where[first[0]],
            currency=first[1],
            other_place=work.where[second[0]],
            other=second[1],
        )
    if found and set(signs.values()) - {known[currency] for currency in found}:
        name, currency = next(iter(signs.items()))
        raise BookError(
            "{where}: the signs beside the numbers say {currency}, and the column '{header}' says {other}. "
            "Correct the one that is wrong in the file.",
            where=work.where[name],
            currency=currency,
            header=header,
            other=", ".join(found),
        )


def note_scaled_headers(work: Work, typed: Sequence[TypedColumn]) -> None:
    """Note headers of money, and titles above them, that say that the numbers are thousands or cents."""
    for item in typed if work.siblings else ():
        if item.column.kind != "money" or work.siblings is None:
            continue
        headers = [found[item.column.name] for found in work.siblings.headers if item.column.name in found]
        if header := next((header for header in headers if _SCALED.search(header)), None):
            action = mark(
                "The header {header} says that the numbers are not in whole units of money. They count as "
                "they stand; convert them in the file if the money should be in whole units."
            )
            values = {"header": repr(header[:60])}
            item.notes.append(
                Note("scaled_header", work.table.name, action, item.column.name, work.count, values=values)
            )
    titles = [title for part in work.siblings.parts for title in part.titles] if work.siblings else []
    said = next((match[0] for title in titles if (match := _SCALED.search(title))), None)
    money = next((item for item in typed if item.column.kind == "money"), None)
    if said and money is not None and not any(note.kind == "scaled_header" for note in money.notes):
        action = mark(
            "A title above the headers says '{said}', so that the numbers may not be in whole units of "
            "money. They count as they stand; convert them in the file if they are not."
        )
        values = {"said": said.strip(" (")}
        money.notes.append(
            Note("scaled_title", work.table.name, action, money.column.name, work.count, values=values)
        )


_SCALED = re.compile(
    r"\b(?:тыс|тысяч\w*|млн|миллион\w*|коп|копе\w+|thousands?|millions?|cents?|pence|kopecks?)\b"
    r"|[$€£' (]000\b",
    re.IGNORECASE,
)


def refuse_two_minuses(work: Work, rows: ir.Table, typed: Sequence[TypedColumn]) -> None:
    """Refuse lines of which quantity and price both have a minus and no amount says what they bring.

    Raises
    ------
    BookError
        If there are such lines: a minus too many would make a sale of a return.
    """
    found = {item.column.name: item.value for item in typed}
    if work.table.name != "ledger" or "amount" in found or not {"quantity", "unit_price"} <= found.keys():
        return
    both = (found["quantity"](rows) < 0) & (found["unit_price"](rows) < 0)
    count = work.engine.value(rows.aggregate(n=both.sum()))["n"]
    if count:
        raise BookError(
            "{where}: in {rows} rows the quantity and the price both have a minus, so that a return would "
            "count as a sale. Give the price no minus in the file, or give the amounts of the lines.",
            where=work.where["unit_price"],
            rows=int(count),
        )


def turn_minus_signs(work: Work, rows: ir.Table, typed: Sequence[TypedColumn]) -> None:
    """Read costs and discounts that stand with a minus beside every sale as costs and reductions.

    They then have the sign of the money they belong to. Where only some have a minus, they count as they
    stand, with a note.
    """
    found = {item.column.name: item for item in typed}
    quantity, price = found.get("quantity"), found.get("unit_price")
    gross = None
    if quantity is not None and price is not None:
        pieces, each = quantity.value, price.value

        def gross(rows: ir.Table) -> Any:
            return pieces(rows).cast("float64") * each(rows).cast("float64")

    if work.table.name != "ledger":
        return
    amount = found["amount"].value if "amount" in found else gross
    for name, money in (("cost", amount), ("discount", gross)):
        item = found.get(name)
        if item is None or money is None:
            continue
        # A plain cast knows one way to write a minus.
        is_plain = item.cells is None and rows[name].type().is_string()
        if is_plain and not work.engine.value(rows.aggregate(n=rows[name].contains("-").any()))["n"]:
            continue
        value = item.value(rows)
        sold = (money(rows) > 0) & (value != 0)
        seen = work.engine.value(
            rows.aggregate(
                sold=sold.sum(),
                minus=(sold & (value < 0)).sum(),
                money=value.sum(where=sold & (value < 0)),
            )
        )
        if not seen["minus"]:
            continue
        turned = seen["minus"] == seen["sold"]
        if turned:
            item.value = _of_sign(item, money)
        kind = f"{name}_sign" if turned else f"{name}_signs_differ"
        action = _TURNED[name] if turned else _DIFFER[name]
        known = math.nan if item.percent else float(seen["money"])
        item.notes.append(Note(kind, "ledger", action, name, int(seen["minus"]), known, changed=turned))


_TURNED = {
    "cost": mark(
        "All costs of sales stand with a minus sign; they were read as costs, which lower the margin. A "
        "mapping without cost leaves them out."
    ),
    "discount": mark(
        "All discounts of sales stand with a minus sign; they were read as reductions of the price. A "
        "mapping without discount leaves them out."
    ),
}
_DIFFER = {
    "cost": mark(
        "Some costs of sales stand with a minus sign and others without. They count as they stand, so that a "
        "minus raises the margin; correct the signs in the file if all are costs."
    ),
    "discount": mark(
        "Some discounts of sales stand with a minus sign and others without. They count as they stand, so "
        "that a minus raises the amount; correct the signs in the file if all are reductions."
    ),
}


def _of_sign(item: TypedColumn, money: Expression) -> Expression:
    """The column with the sign of the money it belongs to; percents have none of their own."""
    value = item.value
    if item.percent:
        return lambda rows: value(rows).abs()
    return lambda rows: (money(rows) < 0).fill_null(False).ifelse(-value(rows).abs(), value(rows).abs())
