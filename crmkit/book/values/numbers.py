"""Numbers written as text: which mark is the decimal one, and what may stand beside the digits, is decided
for a whole column, from all its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmkit.book.contracts import Column
from crmkit.book.engine import MONEY, Engine
from crmkit.book.errors import BookError, option
from crmkit.book.values import number_units as units
from crmkit.wording import Message

if TYPE_CHECKING:
    import ibis.expr.types as ir

_SPACES = r"[\s\x{00A0}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}]+"
_UNSEEN = r"[\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2069}\x{FEFF}]"
_EXPONENT = r"(?:[eE][-+]?\d+)?$"
_SHAPES = {
    "point": r"^(?:\d+|[1-9]\d{0,2}(?:(?:,\d{3})+|(?: \d{3})+)|[1-9]\d?(?:,\d\d)+,\d{3})?(?:\.\d*)?"
    + _EXPONENT,
    "comma": r"^(?:\d+|[1-9]\d{0,2}(?:(?:\.\d{3})+|(?: \d{3})+))?(?:,\d*)?" + _EXPONENT,
}
"""How the digits look under each decimal mark, the other one setting thousands apart; with points also in
groups of two, as in India."""

_MOST_WORDS = 200
_DIGITS = 4
"""Decimals that MONEY keeps."""


@dataclass
class NumbersRead:
    """The distinct cells of a column of numbers with their values."""

    cells: ir.Table
    """``raw``, ``bare`` and ``value``, null where the cell is no number."""
    rows: int = 0
    """Rows whose cell was more than plain digits with a decimal mark."""
    money: float = 0.0
    """What these rows add up to."""
    example: str = ""
    done: list[Message] = field(default_factory=list)
    """What was done to them, in sentences."""
    currency: str = ""
    percent: bool = False
    """Whether the cells were percents; the values are shares only in a column of shares."""


def quick_look(cell: ir.StringColumn) -> dict[str, Any]:
    """Aggregates that tell whether a plain cast reads the whole column rightly."""
    return {"cells": cell.count(), "direct": cell.try_cast(MONEY).count(), **_decimals(cell, ".")}


def reads_directly(seen: Mapping[str, Any]) -> bool:
    """Whether the cast is safe: all cells are numbers, and the points cannot be thousands."""
    # With fewer than three characters behind one of them, spaces included, the marks are decimal ones.
    return seen["cells"] == seen["direct"] and (seen["fewest"] is None or seen["fewest"] < 3)


def second_look(cell: ir.StringColumn) -> dict[str, Any]:
    """Aggregates that tell whether the column is of plain numbers with a decimal comma."""
    return {
        "direct": with_point(cell).count(),
        "points": cell.contains(".").any(),
        **_decimals(cell, ","),
    }


def _decimals(cell: ir.StringColumn, mark: str) -> dict[str, Any]:
    """The fewest and the most characters that follow the mark."""
    at = cell.find(mark)
    after = (at >= 0).ifelse(cell.length() - at - 1, None)
    return {"fewest": after.min(), "most": after.max()}


def with_point(cell: ir.StringColumn) -> ir.DecimalColumn:
    """A plain number with a decimal comma."""
    return cell.replace(",", ".").try_cast(MONEY)


def may_be_rounded(seen: Mapping[str, Any]) -> bool:
    """Whether a quick look found more decimals than are kept."""
    return (seen["most"] or 0) > _DIGITS


def rounded(exact: ir.FloatingValue, value: ir.DecimalValue) -> ir.BooleanValue:
    """Whether the value lost more than what a float's last digits are off."""
    return (exact - value.cast("float64")).abs() > 1e-9 * exact.abs()


def read(cells: ir.Table, engine: Engine, *, decimal: str, column: Column, where: Message) -> NumbersRead:
    """Read the distinct cells of a column of numbers.

    Parameters
    ----------
    cells
        ``raw``; ``bare``: the cell trimmed, null if it stands for a missing value; ``rows``: how many.
    engine
        The engine that holds them; it keeps each step, since one expression of all would be too large for it.
    decimal
        ``"point"``, ``"comma"``, or blank to see it from the values.
    column
        The column, whose kind and unit say what may stand beside the digits.
    where
        File and column, for messages.

    Raises
    ------
    BookError
        If the column fits both marks, or uses both, or more than one currency or unit, or if most cells are
        percents or have a side of an account.
    """
    pieces = engine.store(_split(_pieces(cells)), scratch=True)
    beside = _beside(pieces, engine, column, where=where)
    known = beside.known
    plain_words = pieces.before.isin(known) & pieces.after.isin(known)
    signs = pieces.sign_before + "0" + pieces.sign_after
    digits = (plain_words & signs.isin(("0", "+0", "-0", "(0)", "0-"))).ifelse(pieces.digits, None)
    tidy = engine.store(pieces.mutate(digits=digits, negative=signs.isin(("-0", "(0)", "0-"))), scratch=True)
    seen = engine.value(tidy.aggregate(**_evidence(tidy)))
    chosen, settled = _mark(seen, decimal, where=where)
    thousands = "." if chosen == "comma" else ","
    plain = tidy.digits.replace(" ", "").replace(thousands, "").replace(",", ".")
    fits = tidy.digits.re_search(_SHAPES[chosen])
    value = fits.ifelse(tidy.negative.ifelse("-", "") + plain, None).try_cast(MONEY)
    share = tidy.after.isin(units.PERCENT) | tidy.before.isin(units.PERCENT)
    if beside.percent and column.kind == "share":
        value = share.ifelse((value.cast("float64") / 100).try_cast(MONEY), value)
    elif beside.percent:
        value = (share | (value == 0)).ifelse(value, None)
    if column.kind == "share":
        value = value.between(0, 1).ifelse(value, None)
    exact = plain.try_cast("float64")
    changed = {
        "words": (tidy.before != "") | (tidy.after != ""),
        "thousands": tidy.digits.contains(" ") | tidy.digits.contains(thousands),
        "negatives": tidy.negative & (tidy.sign_before != "-"),
        "rounded": ~share & rounded(exact, value.abs()),
    }
    valued = engine.store(tidy.mutate(value=value, **changed), scratch=True)
    found = _noted(valued, engine)
    done = [*settled, *beside.done] if found["n_words"] or settled else []
    if found["n_thousands"] and not settled:
        done.append(
            Message(
                "Marks between thousands were taken out; decimal in crmkit.toml, [reading], says otherwise."
            )
        )
    if found["n_negatives"]:
        done.append(Message("Numbers in brackets or with a minus behind them were read as negative."))
    if found["n_rounded"]:
        done.append(rounding())
    return NumbersRead(
        valued.select("raw", "bare", "value"),
        rows=int(found["rows"] or 0) if done else 0,
        money=float(found["money"] or 0),
        example=found["example"] or "",
        done=done,
        currency=beside.currency,
        percent=beside.percent,
    )


def rounding() -> Message:
    """What is said of numbers with more decimals than are kept."""
    return Message("Numbers were rounded to {digits} decimals.", digits=_DIGITS)


def _pieces(cells: ir.Table) -> ir.Table:
    """Each cell with one kind of minus and space, cut at its first and last digit."""
    text = cells.bare.re_replace(_UNSEEN, "").re_replace("[−–—‒]", "-").re_replace(_SPACES, " ")
    text = text.re_replace(r"(\d)['’ʼ](\d)", r"\1 \2").re_replace(r"(\d)['’ʼ](\d)", r"\1 \2")
    # An apostrophe in front is a spreadsheet's mark for text; a dash after the mark stands for no cents.
    text = text.re_replace("^'", "").re_replace(r"(\d)[.,]-+(\D*)$", r"\1\2").strip()
    return cells.select("raw", "bare", "rows", text=text)


def _split(pieces: ir.Table) -> ir.Table:
    """What stands before the digits, the digits, and what stands after them."""
    head = pieces.text.re_extract(r"^(\D*)\d", 1)
    tail = pieces.text.re_extract(r"\d(\D*)$", 1)
    # The point of an abbreviation belongs to the word: р.5 is five, $.5 is a half.
    first = head.re_extract(r"(?:^|[^\p{L}])([.,])$", 1)
    last = tail.re_extract(r"^([.,])(?:\P{L}|$)", 1)
    middle = pieces.text.re_extract(r"^\D*(\d(?:.*\d)?)\D*$", 1).nullif("")

    def word(part: ir.StringValue) -> ir.StringValue:
        return part.lower().re_replace(r"[-+(). ]", "")

    def signs(part: ir.StringValue) -> ir.StringValue:
        return part.re_replace(r"[^-+()]", "")

    return pieces.select(
        "raw",
        "bare",
        "rows",
        digits=first + middle + last,
        before=word(head).re_replace(",$", ""),
        after=word(tail).re_replace("^,", ""),
        sign_before=signs(head),
        sign_after=signs(tail),
    )


@dataclass
class _Beside:
    known: list[str]
    currency: str = ""
    percent: bool = False
    done: list[Message] = field(default_factory=list)


def _beside(pieces: ir.Table, engine: Engine, column: Column, *, where: Message) -> _Beside:
    """Decide what the words and signs beside the digits mean."""
    import ibis

    numbers = pieces.filter(pieces.digits.notnull())
    both = ibis.union(
        numbers.select(word=numbers.before, rows=numbers.rows),
        numbers.select(word=numbers.after, rows=numbers.rows),
    )
    counted = both.filter(both.word != "").group_by("word").aggregate(rows=both.rows.sum())
    # Words that no table below knows are long or many; the ones that matter are short and frequent.
    counted = counted.filter(counted.word.length() <= 12).order_by([counted.rows.desc(), counted.word])
    found = engine.fetch(counted.limit(_MOST_WORDS))
    rows = dict(zip(found["word"], found["rows"].astype(int)))
    total = int(engine.value(numbers.aggregate(n=numbers.rows.sum()))["n"] or 0)
    for words, problem in (
        (units.PERCENT, Message("the cells are percents")),
        (units.SIDES, Message("the cells have a side of the account, such as CR or DR, and no sign")),
    ):
        most = 2 * sum(rows.get(word, 0) for word in words) > total
        if most and words is units.PERCENT and column.name == "discount":
            return _Beside(["", *words], percent=True)
        if most and column.kind != "share":
            raise BookError(
                "{where}: {problem}, and an amount was expected. Export the column as plain numbers, or map "
                "another one.",
                where=where,
                problem=problem,
            )
    if column.kind == "share":
        percents = [word for word in rows if word in units.PERCENT]
        done = [Message("Percents were read as shares of 1.")] if percents else []
        return _Beside(["", *percents], percent=bool(percents), done=done)
    name = units.currency if column.kind == "money" else lambda word: units.unit(word, column.unit)
    names = {word: name(word) for word in rows if name(word)}
    if column.kind == "money":
        names = units.settled(names)
    kinds = sorted(set(names.values()))
    listing = ", ".join(
        f"{kind} ({sum(rows[word] for word in names if names[word] == kind)})" for kind in kinds
    )
    if len(kinds) > 1 and column.kind == "money":
        raise BookError(
            "{where}: the amounts are in more than one currency, in so many rows: {listing}. They cannot be "
            "added up. Convert them to one currency at the rates of their dates, or keep the rows of one.",
            where=where,
            listing=listing,
        )
    if len(kinds) > 1:
        raise BookError(
            "{where}: the numbers have more than one unit, in so many rows: {listing}. They cannot be added "
            "up. Convert them to one unit, or keep the rows of one.",
            where=where,
            listing=listing,
        )
    expected = column.unit if column.unit in ("minutes", "hours", "days", "weeks") else ""
    if kinds and expected and kinds[0] != expected:
        raise BookError(
            "{where}: the cells are in {found}, and {expected} were expected. Convert them in the file.",
            where=where,
            found=kinds[0],
            expected=expected,
        )
    done = []
    if kinds and column.kind == "money":
        done = [
            Message(
                "The sign of the currency {currency} was taken off; numbers without one count as the same "
                "currency.",
                currency=kinds[0],
            )
        ]
    elif kinds:
        done = [
            Message(
                "The unit {unit} was taken off; numbers without one count as the same unit.", unit=kinds[0]
            )
        ]
    currency = kinds[0] if kinds and column.kind == "money" else ""
    return _Beside(["", *names], currency=currency, done=done)


def _evidence(tidy: ir.Table) -> dict[str, Any]:
    """Aggregates that tell the decimal mark: cells that allow only one, and cells that allow either."""
    digits = tidy.digits
    marked = digits.re_search("[.,]")
    fits_point, fits_comma = (digits.re_search(_SHAPES[name]) for name in ("point", "comma"))
    point, comma = marked & fits_point & ~fits_comma, marked & fits_comma & ~fits_point
    # Three digits after a lone mark may be thousands or decimals: 1,234.
    either = marked & fits_point & fits_comma
    return {
        "comma": comma.any(),
        "point": point.any(),
        "either_comma": (either & digits.contains(",")).any(),
        "either_point": (either & digits.contains(".")).any(),
        "either": either.sum(),
        "english": (either & tidy.before.isin(units.ENGLISH)).sum(),
        "spaced": digits.contains(" ").any(),
        "comma_example": tidy.bare.min(where=comma),
        "point_example": tidy.bare.min(where=point),
        "either_example": digits.min(where=either),
        "either_cell": tidy.bare.min(where=either),
    }


def _mark(seen: Mapping[str, Any], decimal: str, *, where: Message) -> tuple[str, list[Message]]:
    """The decimal mark, and what must be said about it."""
    if decimal:
        return decimal, []
    if seen["comma"] and seen["point"]:
        raise BookError(
            "{where}: some numbers use a decimal comma ({comma!r}) and some a decimal point ({point!r}). "
            "Make them alike in the file, or give {one}, or {other}, so that the others count as cells that "
            "cannot be read.",
            where=where,
            comma=seen["comma_example"],
            point=seen["point_example"],
            one=option("decimal", "comma"),
            other=option("decimal", "point"),
        )
    if seen["comma"] or seen["point"]:
        return "comma" if seen["comma"] else "point", []
    if not (seen["either_comma"] or seen["either_point"]):
        return "point", []
    if seen["either_comma"] and seen["either_point"]:
        raise BookError(
            "{where}: the numbers use a comma and a point, each before three digits, so that either may be "
            "the decimal mark. Say which with {one}, or with {other}.",
            where=where,
            one=option("decimal", "comma"),
            other=option("decimal", "point"),
        )
    own, other = ("comma", "point") if seen["either_comma"] else ("point", "comma")
    if seen["spaced"]:
        # Thousands are already set apart by spaces, so that the mark must be the decimal one.
        return own, []
    if own == "comma" and seen["english"] == seen["either"]:
        return "point", [
            Message(
                "The comma in {example} was taken for a mark between thousands, since the currency's sign "
                'before the number is of a country that writes it so; decimal = "comma" in crmkit.toml, '
                "[reading], makes it the decimal one.",
                example=seen["either_cell"],
            )
        ]
    example = seen["either_example"]
    raise BookError(
        "{where}: {example!r} can be read as {whole} or as {fraction}, and so can every number in the column "
        "that has the mark. Say which: it is {whole} with {one}; it is {fraction} with {two}.",
        where=where,
        example=example,
        whole=example.replace(",", "").replace(".", ""),
        fraction=example.replace(",", "."),
        one=option("decimal", other),
        two=option("decimal", own),
    )


def _noted(valued: ir.Table, engine: Engine) -> Mapping[str, Any]:
    """How many rows each change concerns, and all of them together."""
    import ibis

    kinds = ("words", "thousands", "negatives", "rounded")
    flags = {name: valued[name].fill_null(False) & valued.value.notnull() for name in kinds}
    touched = ibis.or_(*flags.values())
    shown = valued.raw + " → " + valued.value.cast("float64").cast("string").re_replace(r"\.0$", "")
    return engine.value(
        valued.aggregate(
            **{f"n_{name}": valued.rows.sum(where=flag) for name, flag in flags.items()},
            rows=valued.rows.sum(where=touched),
            money=(valued.value * valued.rows.cast(MONEY)).sum(where=touched),
            example=shown.min(where=touched),
        )
    )
