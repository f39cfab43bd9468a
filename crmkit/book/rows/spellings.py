"""Client ids across all tables: spellings of one name made one, missing markers taken for no client.

Ids that are names are merged where they differ by case, spaces, quotes, full width or ё and е alone. Codes
are never merged: C001 and c001 may be two clients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmkit.book.engine import Engine
from crmkit.book.examples import is_person
from crmkit.book.notes import Note
from crmkit.book.rows.catch_alls import is_catch_all
from crmkit.book.rows.draft import PLACE
from crmkit.book.rows.id_look import look_at
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd
    import pyarrow as pa

    from crmkit.book.rows.tables import Reading
    from crmkit.book.settings import Settings

_MARKERS = (
    "null,none,nan,nat,n/a,#n/a,na,<na>,\\n,nil,(null),(none),(blank),(empty),-,--,–,—,?,undefined,not "
    "set,no id,(пусто),#н/д,н/д,б/д,нет данных,не указан,не указано"
)
MISSING_IDS = frozenset(_MARKERS.split(","))
"""What stands for a missing id, in lower case."""

_LOOK_ALIKE = dict(zip("асеорхукмтвні", "aceopxykmtbhi"))
_SHOWN = 3


def settle_clients(reading: Reading, settings: Settings) -> None:
    """Make the client ids of all tables one: spellings merged, markers and ids on the wish list no client."""
    holders = {
        name: rows
        for name, rows in reading.tables.items()
        if "client_id" in rows.columns and "_client" not in rows.columns
    }
    holders = {
        name: rows
        for name, rows in holders.items()
        if settings.reading.no_client or _has_words(reading, name, rows)
    }
    if not holders:
        return
    ids = _ids(reading.engine, list(holders.values()))
    # A marker is no name, and is not merged with one.
    ids["new"] = ids["id"].astype(object)
    ids["digit"] = ids["id"].str.contains(r"\d")
    ids["seen"] = visible(ids["id"])
    ids["spaced"] = ids["seen"].str.contains(" ", regex=False)
    ids["word"] = ids["spaced"] | ~ids["digit"]
    _drop_markers(reading, ids)
    known = ids["new"].notna()
    ids["key"] = normalised(ids["id"])
    if settings.reading.merge_names:
        _merge(reading, ids, known)
    _drop_wished(reading, ids, settings.reading.no_client)
    _note_alike(reading, ids[known])
    changed = ids[(ids["new"] != ids["id"]) | ids["new"].isna()]
    if len(changed):
        replace_ids(
            reading, holders, dict(zip(changed["id"], changed["new"].where(changed["new"].notna(), None)))
        )


def _has_words(reading: Reading, name: str, rows: ir.Table) -> bool:
    draft = reading.drafts.get(name)
    # The ledger's ids have been looked at while it was read.
    return (draft.ids if draft is not None and draft.ids else look_at(reading.engine, rows)).words


def _ids(engine: Engine, tables: Sequence[ir.Table]) -> pd.DataFrame:
    """The distinct ids of all tables with how often each occurs, sorted."""
    import ibis

    counted = [
        rows.group_by(id=rows.client_id.cast("string")).aggregate(rows=rows.count()) for rows in tables
    ]
    union = ibis.union(*counted) if len(counted) > 1 else counted[0]
    total = union.filter(union.id.notnull()).group_by("id").aggregate(rows=union["rows"].sum().cast("int64"))
    return engine.fetch(total.order_by("id"))


def visible(ids: pd.Series) -> pd.Series:
    """Ids as they are seen: full width as half, without marks that do not show, with single spaces.

    Examples
    --------
    >>> import pandas as pd
    >>> visible(pd.Series(["Ｃ００１", "C001\\u200b", " Acme\\u00a0 Ltd"])).tolist()
    ['C001', 'C001', 'Acme Ltd']
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.utf8_normalize(pa.array(ids.astype(object), pa.string()), form="NFKC")
    return _replaced(text, _UNSEEN, ids)


def normalised(ids: pd.Series) -> pd.Series:
    """Names without what does not tell two of them apart.

    Examples
    --------
    >>> import pandas as pd
    >>> normalised(pd.Series(["ООО «Ёлка»", 'ооо  "елка" ', "ＡＢ\\u200b"])).tolist()
    ['ооо елка', 'ооо елка', 'ab']
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.utf8_lower(pa.array(visible(ids).astype(object), pa.string()))
    return _replaced(text, (*_SAME, *_UNSEEN), ids)


def _replaced(text: pa.Array, pairs: Sequence[tuple[str, str]], ids: pd.Series) -> pd.Series:
    import pandas as pd
    import pyarrow.compute as pc

    for pattern, replacement in pairs:
        text = pc.replace_substring_regex(text, pattern, replacement)
    return pd.Series(text.to_pandas().to_numpy(object), index=ids.index, dtype="str")


_UNSEEN = (
    (r"[\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}\x{FEFF}\x{00AD}]", ""),
    (r"[\s\x{00A0}\x{2000}-\x{200A}\x{202F}\x{3000}]+", " "),
    (r"^ | $", ""),
)
_SAME = (
    (r"[‘’`´ʼ′]", "'"),
    (r"[«»„“”‟\"″]|''", ""),
    # Apostrophes around words are quotes.
    (r"(^|\s)'", r"\1"),
    (r"'(\s|$)", r"\1"),
    (r"[‐‑‒–—―−]", "-"),
    ("ё", "е"),
)


def _drop_markers(reading: Reading, ids: pd.DataFrame) -> None:
    """Ids that stand for a missing one become none where all others are codes; else they are only noted."""
    bare = ids["id"].str.strip().str.lower()
    marker = bare.isin(MISSING_IDS)
    if not marker.any():
        return
    others = ids[~marker & ~ids["id"].map(is_catch_all)]
    example = ", ".join(ids.loc[marker, "id"].head(_SHOWN))
    rows = int(ids.loc[marker, "rows"].sum())
    if len(others) and others["digit"].all():
        ids.loc[marker, "new"] = None
        action = mark(
            "Ids that stand for a missing one count as no client, since all others hold a digit. Give such a "
            "client another id in the file if it is one."
        )
        reading.notes.append(
            Note("missing_ids", "", action, "client_id", rows, example=example, changed=True)
        )
        return
    action = mark(
        "Ids that look like a marker of a missing one stay clients, since other ids are words too. no_client "
        "in crmkit.toml, [reading], lists ids that are no clients."
    )
    reading.notes.append(Note("doubtful_ids", "", action, "client_id", rows, example=example))


def _merge(reading: Reading, ids: pd.DataFrame, known: pd.Series) -> None:
    """Give all spellings of a name the most frequent one; of equally frequent ones the first in order."""
    import pyarrow as pa

    # Among codes a word of its own may be a code too, whose letters count.
    mostly_words = ids.loc[known, "word"].mean() >= 0.5
    by_name = known & ids["word"] & (ids["spaced"] | mostly_words) & (ids["key"] != "")
    # Codes are one only if they look the same.
    names = ids[known].assign(key=ids["key"].where(by_name, "\0" + ids["seen"]))
    # Letters of mixed case in more than one way, such as aBcD and AbCd, are codes.
    names["mixed"] = (
        ~(
            (names["id"] == names["id"].str.lower())
            | (names["id"] == names["id"].str.upper())
            | (names["id"] == names["id"].str.title())
        )
        & ~ids["spaced"][known]
        & by_name[known]
    )
    groups = names.groupby("key", sort=False)
    several = groups["id"].transform("size").gt(1) & groups["mixed"].transform("sum").le(1)
    names = names[several].sort_values(["key", "rows", "id"], ascending=[True, False, True])
    if names.empty:
        return
    best = names.groupby("key")["id"].transform("first")
    names["best"] = _replaced(pa.array(best.astype(object), pa.string()), _UNSEEN, best)
    ids.loc[names.index, "new"] = names["best"]
    changed = names[names["id"] != names["best"]]
    merged = names.groupby("key").ngroups
    action = mark(
        "Spellings of one client that differ by case, spaces, quotes or ё and е were merged: {before} ids "
        "became {after}. merge_names = false in crmkit.toml, [reading], keeps them apart."
    )
    values = {"before": len(names), "after": merged}
    example = _example(names[names["key"] == names["key"].iloc[0]])
    rows = int(changed["rows"].sum())
    reading.notes.append(
        Note("merged_names", "", action, "client_id", rows, example=example, values=values, changed=True)
    )


def _example(names: pd.DataFrame) -> str:
    shown = list(names["id"].head(_SHOWN + 1))
    if any(is_person(text) for text in shown):
        return ""
    return f"{', '.join(repr(text) for text in shown[1:])} → {names['best'].iloc[0]!r}"


def _drop_wished(reading: Reading, ids: pd.DataFrame, wished: Sequence[str]) -> None:
    """Ids that the settings call no client become none."""
    wishes = {text.strip().lower() for text in wished}
    found = ids["new"].notna() & (
        ids["id"].str.strip().str.lower().isin(wishes) | ids["new"].isin(list(wished))
    )
    if not found.any():
        return
    ids.loc[found, "new"] = None
    action = mark("Rows of the ids in no_client of crmkit.toml, [reading], count as without a client.")
    example = _shown(ids.loc[found, "id"])
    rows = int(ids.loc[found, "rows"].sum())
    reading.notes.append(Note("no_client", "", action, "client_id", rows, example=example, changed=True))


def _note_alike(reading: Reading, ids: pd.DataFrame) -> None:
    """Ids that may be one client and were not merged: lost zeros, letters of two alphabets, case of codes."""
    left = ids.drop_duplicates("new")
    zeros = left[left["id"].str.fullmatch(r"\d+")]
    stripped = zeros["id"].str.lstrip("0")
    lost = zeros[stripped.groupby(stripped).transform("size").gt(1)]
    action = mark(
        "Ids that differ by zeros at the beginning alone, which spreadsheets drop, were not merged. If they "
        "are one client, export the column as text."
    )
    _note(reading, "lost_zeros", action, lost)
    alike = left["key"]
    for letter, latin in _LOOK_ALIKE.items():
        alike = alike.str.replace(letter, latin, regex=False)
    twins = left[left["key"].groupby(alike).transform("nunique").gt(1)]
    action = mark(
        "Ids that look alike and use letters of two alphabets, such as Cyrillic А and Latin A, were not "
        "merged. Correct them in the file if they are one client."
    )
    _note(reading, "look_alikes", action, twins)
    same = left[left["key"].groupby(left["key"]).transform("size").gt(1)]
    action = mark(
        "Codes of clients that differ by case or spaces alone were not merged. Correct them in the file if "
        "they are one client."
    )
    _note(reading, "alike_codes", action, same)


def _note(reading: Reading, kind: str, action: str, ids: pd.DataFrame) -> None:
    if len(ids):
        rows = int(ids["rows"].sum())
        reading.notes.append(Note(kind, "", action, "client_id", rows, example=_shown(ids["id"])))


def _shown(ids: pd.Series) -> str:
    """The first ids as an example; blank if one of them may be a person's."""
    first = sorted(ids, key=lambda text: (text.lstrip("0"), text))[:_SHOWN]
    return "" if any(is_person(text) for text in first) else ", ".join(first)


def replace_ids(reading: Reading, holders: Mapping[str, ir.Table], new: Mapping[str, Any]) -> None:
    """Put new client ids into the tables of a reading; no id where the new one is None."""
    import pyarrow as pa

    columns = {
        "client_id": pa.array(list(new), pa.string()),
        "_new": pa.array(list(new.values()), pa.string()),
    }
    lookup = reading.engine.arrow_table(pa.table(columns | {"_found": pa.array([True] * len(new))}))
    lookup = lookup.select("client_id", "_new", "_found")
    for name, rows in holders.items():
        joined = rows.left_join(lookup, "client_id").drop("client_id_right")
        joined = joined.mutate(client_id=joined._found.fill_null(False).ifelse(joined._new, joined.client_id))
        # An integer id would still tell the old one.
        joined = joined.select([column for column in rows.columns if column != "_client"])
        if name in reading.scanned:
            reading.tables[name] = joined
        else:
            # A join does not keep the order of the file.
            reading.tables[name] = reading.engine.store(joined.order_by(list(PLACE)))
