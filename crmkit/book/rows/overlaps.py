"""Files and sheets that hold the same sales: what both have counts once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.book.engine import MONEY
from crmkit.book.errors import BookError
from crmkit.book.lines import with_amount
from crmkit.book.notes import Note
from crmkit.book.rows.draft import FILE, PLACE, Draft
from crmkit.book.rows.row_rules import CENT
from crmkit.wording import mark
from crmkit.wording.message import Message

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from crmkit.book.rows.tables import Reading
    from crmkit.book.settings import Settings

_LINE, _UNIT = "_line", "_unit"
_COMPLETE = 0.9
"""Share of the documents in the common days that must be in both parts."""
_LEAST_ROWS, _LEAST_DAYS = 10, 2
_NOTICED = 0.5
_LEAST_SAME = 3
"""Documents with the same money in other lines from which it is no chance."""


def remove_overlaps(draft: Draft, reading: Reading, settings: Settings) -> None:
    """Set aside what a part of the ledger repeats of an earlier one, where nothing else explains it.

    Parts overlap where, in the days that both cover, both have the same: nine of ten documents with the same
    lines, or without document numbers all lines, ten at least and on two days. A ledger that was cut into
    parts at random shows neither. Less than that is only noted.

    Raises
    ------
    BookError
        If two parts hold the same documents otherwise: orders beside their lines, or two states of them.
    """
    if not draft.is_ledger or len(draft.sources) < 2 or settings.reading.overlaps == "keep":
        return
    rows = _with_units(draft)
    units = _units(draft, rows)
    _refuse_same_money(draft, units)
    pairs = _pairs(draft, units)
    for pair in pairs.itertuples(index=False):
        seen = _seen(draft, units, pair)
        names = {"first": draft.sources[pair.a].part.name, "second": draft.sources[pair.b].part.name}
        if not _is_overlap(seen, has_documents=_has_documents(draft)):
            if seen["rows"] >= 2 and seen["rows"] >= _NOTICED * min(seen["rows_a"], seen["rows_b"]):
                action = mark(
                    "{first} and {second} hold rows that are alike in every column used. They were kept, "
                    "since equal sales are possible; check whether some were exported twice."
                )
                rows_alike = int(seen["rows"])
                reading.notes.append(
                    Note("possible_overlap", "ledger", action, rows=rows_alike, values=names)
                )
            continue
        if seen["versions"]:
            raise BookError(_two_states(names, seen["versions"]))
        keys = rows.semi_join(_shared(units, pair), _UNIT)
        keys = keys.filter(keys[FILE] == pair.b)
        count, amount = draft.set_apart(reading, keys, Message("also in {file}", file=names["first"]))
        if not count:
            continue
        action = mark(
            "{first} and {second} overlap: what both hold counts once, and the rows of {second} were set "
            'aside. overlaps = "keep" in crmkit.toml, [reading], counts both.'
        )
        reading.notes.append(Note("overlap", "ledger", action, "", count, amount, values=names, changed=True))


def remove_duplicates(draft: Draft, reading: Reading, settings: Settings) -> None:
    """Set aside rows that are exactly like an earlier one, if the settings say so."""
    import ibis

    if not draft.is_ledger or settings.reading.duplicates != "drop":
        return
    rows = draft.rows()
    number = ibis.row_number().over(group_by=draft.columns, order_by=PLACE)
    rows = rows.mutate(_number=number)
    count, amount = draft.set_apart(
        reading, rows.filter(rows._number > 0), Message("like an earlier row in every column used")
    )
    if count:
        action = mark(
            "Duplicate rows, like an earlier one in every column used, were set aside, as duplicates = "
            '"drop" in crmkit.toml, [reading], asks; "keep" counts them.'
        )
        reading.notes.append(Note("duplicates", "ledger", action, "", count, amount, changed=True))


def _has_documents(draft: Draft) -> bool:
    return all("document_id" in group.columns for group in draft.groups)


def _refuse_same_money(draft: Draft, units: ir.Table) -> None:
    """Refuse parts that hold the same documents in other lines: with the same money, or without things."""
    if not _has_documents(draft):
        return
    left, right = (units.select(_UNIT, **{side: units[FILE]}, **_of(units, side)) for side in ("a", "b"))
    both = left.join(right, _UNIT)
    both = both.filter(both.a < both.b)
    same = (both.money_a - both.money_b).abs() < CENT
    found = draft.engine.fetch(
        both.group_by(["a", "b"])
        .aggregate(
            documents=both.count(),
            same=same.sum(),
            other=(same & (both.content_a != both.content_b) & (both.money_a != 0)).sum(),
            lines_a=both.lines_a.sum(),
            lines_b=both.lines_b.sum(),
            differ=(both.content_a != both.content_b).sum(),
        )
        .order_by(["a", "b"])
    )
    alone = draft.engine.fetch(units.group_by(FILE).aggregate(n=units.count())).set_index(FILE)["n"]
    for pair in found.itertuples(index=False):
        of_most = 2 * pair.documents > max(alone[pair.a], alone[pair.b])
        if (
            _has_things(draft, pair.a) != _has_things(draft, pair.b)
            and of_most
            and pair.differ >= _LEAST_SAME
        ):
            raise BookError(_beside_lines(draft, pair, int(pair.documents)))
        if (
            pair.other >= _LEAST_SAME
            and pair.same >= _COMPLETE * pair.documents
            and pair.lines_a != pair.lines_b
        ):
            raise BookError(_beside_lines(draft, pair, int(pair.same)))


def _has_things(draft: Draft, number: int) -> bool:
    """Whether a part says what was sold."""
    return "product_id" in draft.sources[number].positions


def _beside_lines(draft: Draft, pair: Any, count: int) -> Message:
    return Message(
        "{first} and {second} hold the same documents ({count}), one in more detail than the other, as a "
        "list of orders beside the list of their lines does: everything would count twice. Leave one of them "
        'out; overlaps = "keep" in crmkit.toml, [reading], counts both.',
        first=draft.sources[pair.a].part.name,
        second=draft.sources[pair.b].part.name,
        count=count,
    )


def _of(units: ir.Table, side: str) -> dict[str, ir.Value]:
    return {f"{name}_{side}": units[name] for name in ("money", "content", "lines")}


def _two_states(names: dict[str, str], count: int) -> Message:
    return Message(
        "{first} and {second} hold the same documents, and {count} of them differ, as an export and a later "
        "one of the same time do: they would count twice. Leave the older file out, or its rows of that "
        'time; overlaps = "keep" in crmkit.toml, [reading], counts both.',
        count=count,
        **names,
    )


def _with_units(draft: Draft) -> ir.Table:
    """The rows with a hash of the line and what it belongs to: its document, or else the line itself."""
    import ibis

    rows = with_amount(draft.rows())
    common = [name for name in draft.columns if all(name in group.columns for group in draft.groups)]
    line = ibis.literal("")
    for name in common:
        line = line + "\x1f" + rows[name].cast("string").fill_null("\x1e")
    rows = rows.select(
        *PLACE,
        date=rows.date,
        amount=rows.amount if "amount" in rows.columns else ibis.literal(0, MONEY),
        **{_LINE: line.hash()},
        _document=rows.document_id if _has_documents(draft) else ibis.null("string"),
    )
    return rows.mutate(**{_UNIT: ibis.coalesce("d" + rows._document, "l" + rows[_LINE].cast("string"))})


def _units(draft: Draft, rows: ir.Table) -> ir.Table:
    """One row per part and unit: how many lines it has, their common hash, and when it was."""
    grouped = rows.group_by([FILE, _UNIT]).aggregate(
        lines=rows.count(),
        kinds=rows[_LINE].nunique(),
        money=rows.amount.sum().fill_null(0),
        content=rows[_LINE].cast("decimal(38, 0)").sum(),
        first=rows.date.min(),
        last=rows.date.max(),
    )
    return draft.engine.store(grouped, scratch=True)


def _pairs(draft: Draft, units: ir.Table) -> pd.DataFrame:
    """The pairs of parts that share units with the same content, with the moments that both cover."""
    import numpy as np

    extents = draft.engine.fetch(
        units.group_by(FILE).aggregate(first=units["first"].min(), last=units["last"].max())
    ).set_index(FILE)
    left = units.select(a=FILE, **{_UNIT: units[_UNIT], "lines": units.lines, "content": units.content})
    right = units.select(b=FILE, **{_UNIT: units[_UNIT], "lines": units.lines, "content": units.content})
    joined = left.join(right, [_UNIT, "lines", "content"])
    joined = joined.filter(joined.a < joined.b)
    pairs = draft.engine.fetch(joined.select("a", "b").distinct().order_by(["a", "b"]))
    firsts, lasts = (extents[name] for name in ("first", "last"))
    pairs["low"] = np.maximum(firsts.loc[pairs["a"]].to_numpy(), firsts.loc[pairs["b"]].to_numpy())
    pairs["high"] = np.minimum(lasts.loc[pairs["a"]].to_numpy(), lasts.loc[pairs["b"]].to_numpy())
    return pairs


def _inside(units: ir.Table, pair: Any, file: int) -> ir.Table:
    """The units of a part that lie in the time that both parts cover."""
    return units.filter(units[FILE] == file, units["first"] >= pair.low, units["last"] <= pair.high)


def _shared(units: ir.Table, pair: Any) -> ir.Table:
    """The units that both parts hold with the same content."""
    return _inside(units, pair, pair.a).semi_join(_inside(units, pair, pair.b), [_UNIT, "lines", "content"])


def _seen(draft: Draft, units: ir.Table, pair: Any) -> dict[str, int]:
    """How much of the common time both parts hold: units and rows of each, and those they share."""
    shared = _shared(units, pair)
    counted = {
        "units": shared.count(),
        "rows": shared.lines.sum(),
        "kinds": shared.kinds.sum(),
        "days": shared["first"].date().nunique(),
    }
    seen = draft.engine.value(shared.aggregate(**counted))
    for side, file in (("a", pair.a), ("b", pair.b)):
        rows = _inside(units, pair, file)
        own = {f"units_{side}": rows.count(), f"rows_{side}": rows.lines.sum()}
        seen |= draft.engine.value(rows.aggregate(**own))
    both = _inside(units, pair, pair.a).join(
        _inside(units, pair, pair.b).select(_UNIT, other=units["content"]), _UNIT
    )
    both = both.filter(both.content != both.other)
    seen |= draft.engine.value(both.aggregate(versions=both.count()))
    return {name: int(value or 0) for name, value in seen.items()}


def _is_overlap(seen: dict[str, int], *, has_documents: bool) -> bool:
    if has_documents:
        # One line twice may be two sales; a document of two different lines is not sold twice by chance.
        known = seen["units"] + seen["versions"]
        is_same = seen["kinds"] > 1 and seen["units"] >= _NOTICED * known
        return is_same and known >= _COMPLETE * max(seen["units_a"], seen["units_b"])
    complete = seen["rows"] == seen["rows_a"] == seen["rows_b"]
    return complete and seen["rows"] >= _LEAST_ROWS and seen["days"] >= _LEAST_DAYS
