"""Whether discounts are percents or money: as headers, signs or amounts show, else noted or refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmkit.book.engine import MONEY
from crmkit.book.errors import BookError
from crmkit.book.naming import says_percent
from crmkit.book.notes import Note
from crmkit.book.values.typed import TypedColumn, Work
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir


def percents_by_header(work: Work, rows: ir.Table, typed: Sequence[TypedColumn]) -> None:
    """Hear a header that says that the discounts are percents.

    Raises
    ------
    BookError
        If only some files say so, or all discounts are from 0 to 1 and may be shares.
    """
    item = next((item for item in typed if item.column.name == "discount"), None)
    if item is None or item.percent or work.siblings is None:
        return
    say_so = {says_percent(headers["discount"]) for headers in work.siblings.headers if "discount" in headers}
    if True not in say_so:
        return
    if len(say_so) > 1:
        raise BookError(
            "{where}: the headers of some files say that discounts are percents and those of others do not. "
            "Give all of them in percents or all in money.",
            where=work.where["discount"],
        )
    value = item.value(rows).abs()
    seen = work.engine.value(rows.aggregate(most=value.max(), inside=((value > 0) & (value < 1)).any()))
    if seen["inside"] and seen["most"] <= 1:
        raise BookError(
            "{where}: the header says percents, and no discount is above 1: {example:.2f} can be a share of "
            "the price or a percent of it. Write the sign beside the numbers (20%).",
            where=work.where["discount"],
            example=seen["most"],
        )
    item.percent = True


def discount_in_money(work: Work, rows: ir.Table, typed: Sequence[TypedColumn]) -> None:
    """Turn a discount in percents into money, and refuse one that may be a share or money.

    Raises
    ------
    BookError
        If amounts are worked out with discounts that are all from 0 to 1.
    """
    found = {item.column.name: item for item in typed}
    discount = found.get("discount")
    if discount is None or work.table.name != "ledger":
        return
    quantity, price = found.get("quantity"), found.get("unit_price")
    if discount.percent:
        discount.value = _of_price(discount, quantity, price)
        action = mark("Discounts in percents were turned into money, as shares of quantity times price.")
        if quantity is None or price is None:
            action = mark("Discounts in percents were left out, since there are no prices to take them of.")
        discount.notes.append(Note("discount_percent", work.table.name, action, "discount", changed=True))
    elif quantity is not None and price is not None and "amount" in found:
        _percents_by_amounts(work, rows, found)
    elif quantity is not None and price is not None:
        value = discount.value(rows)
        gross = quantity.value(rows).cast("float64") * price.value(rows).cast("float64")
        seen = work.engine.value(
            rows.aggregate(
                least=value.min(),
                most=value.max(),
                inside=((value > 0) & (value < 1)).any(),
                price=price.value(rows).median(),
                example=value.min(where=value > 0),
                whole=(value == value.floor()).all(),
                rows=(value > 0).sum(),
                money=value.sum(where=value > 0),
                percents=(value.cast("float64") / 100 * gross).sum(where=value > 0),
                beyond=((value > 0) & (value.cast("float64") > gross) & (gross > 0)).sum(),
            )
        )
        if seen["inside"] and seen["least"] >= 0 and seen["most"] <= 1 and seen["price"] > _CHEAP:
            raise BookError(
                "{where}: a discount of {example:.2f} can be a share of the price or money off the line, and "
                "so can all others. Write shares as percents (20%), or give the lines' amounts.",
                where=work.where["discount"],
                example=seen["example"],
            )

        if seen["whole"] and seen["rows"] and seen["least"] >= 0 and 1 < seen["most"] <= 100:
            action = mark(
                "Discounts are whole numbers up to 100 and were taken off as money: {money} together. As "
                "percents they would be {percents}; {beyond} are above the worth of their line. If they are "
                "percents, write % in the header."
            )
            money, percents = float(seen["money"]), float(seen["percents"] or 0)
            values = {"money": round(money, 2), "percents": round(percents, 2), "beyond": int(seen["beyond"])}
            discount.notes.append(
                Note(
                    "discount_maybe_percent",
                    "ledger",
                    action,
                    "discount",
                    int(seen["rows"]),
                    money,
                    values=values,
                )
            )


def _percents_by_amounts(work: Work, rows: ir.Table, found: Mapping[str, TypedColumn]) -> None:
    """Take discounts for percents where the amounts were worked out so."""
    discount = found["discount"]
    value, amount, quantity, price = (
        found[name].value(rows).cast("float64") for name in ("discount", "amount", "quantity", "unit_price")
    )
    gross, slack = quantity * price, 0.011 * (quantity.abs() + 1)
    some = (value > 0) & (gross != 0)
    as_percent, as_money = (
        (amount - net).abs() <= slack for net in (gross * (1 - value / 100), gross - value)
    )
    seen = work.engine.value(
        rows.aggregate(
            rows=some.sum(),
            percent=(some & as_percent).sum(),
            money=(some & as_money).sum(),
            most=value.max(),
        )
    )
    if not seen["rows"] or seen["most"] > 100:
        return
    if seen["percent"] >= _MOST_FIT * seen["rows"] and seen["money"] < (1 - _MOST_FIT) * seen["rows"]:
        discount.value = _of_price(discount, found["quantity"], found["unit_price"])
        action = mark(
            "The amounts show that discounts are percents of quantity times price; they were turned "
            "into money."
        )
        discount.notes.append(
            Note("discount_percent", "ledger", action, "discount", int(seen["rows"]), changed=True)
        )


_MOST_FIT = 0.9
"""Share of the lines with a discount that must agree for it to be a percent."""
_CHEAP = 2
"""Price up to which discounts below 1 are more likely money than shares."""


def _of_price(discount: TypedColumn, quantity: TypedColumn | None, price: TypedColumn | None) -> Any:
    percent = discount.value

    def money(rows: ir.Table) -> ir.DecimalValue:
        if quantity is None or price is None:
            return percent(rows).nullif(percent(rows))
        worked_out = percent(rows).cast("float64") / 100 * quantity.value(rows).cast("float64")
        return (worked_out * price.value(rows).cast("float64")).try_cast(MONEY)

    return money
