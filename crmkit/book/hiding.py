"""Taking names out of what was read, before anything downstream can show them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pandas.api.types import is_string_dtype

from crmkit.book.contracts import TABLES
from crmkit.book.examples import is_address, is_person
from crmkit.book.notes import Note
from crmkit.book.privacy import HIDDEN, are_companies, looks_personal, pseudonyms, says_name
from crmkit.book.rows.catch_alls import is_catch_all
from crmkit.book.rows.draft import SHIFTED
from crmkit.book.rows.spellings import replace_ids
from crmkit.wording import mark

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from crmkit.book.reading import Reading

# Only ids with letters in words, or that may be e-mails, telephones or numbers of cards, need a closer look.
_SUSPECT = r"[@+(]|\p{L}{3,}|\p{L}\.?\s+\p{L}|^\d{10,19}$|^\d+[\s.-][\d\s.№-]+$|^\p{L}\p{L}?\.me/"
_SUSPECT_PYTHON = _SUSPECT.replace(r"\p{L}", r"[^\W\d_]")


def hide_names(reading: Reading, key: str) -> bool:
    """Drop the personal columns of all tables and, if client ids look like names, put codes in their place.

    Parameters
    ----------
    reading
        What was read; its tables, its rows set aside and its notes are changed.
    key
        The company's secret; blank: one made from the ids.

    Returns
    -------
    bool
        Whether ids were replaced.
    """
    for name, table in reading.tables.items():
        reading.tables[name] = table.drop(
            [column for column in TABLES[name].personal if column in table.columns]
        )
    for index, frame in enumerate(reading.set_aside):
        personal = TABLES[frame["table"].iloc[0]].personal
        reading.set_aside[index] = _masked(frame.drop(columns=[name for name in personal if name in frame]))
    holders = {name: table for name, table in reading.tables.items() if "client_id" in table.columns}
    named = _says_names(reading)
    doubtful = named or not all(_are_codes(reading, name) for name in holders)
    codes = _codes(reading, list(holders.values()), key, named=named) if doubtful else {}
    if not codes:
        return False
    _replace(reading, holders, codes)
    remedy = (
        mark("Client ids look like names and are shown as codes made with the key of crmkit.toml, [privacy].")
        if key
        else mark(
            "Client ids look like names and are shown as codes. Set key in crmkit.toml, [privacy], so that "
            "nobody who knows the ids can find the codes out."
        )
    )
    reading.notes.append(Note("pseudonyms", "", remedy, column="client_id", rows=len(codes)))
    return True


def _says_names(reading: Reading) -> bool:
    """Whether the header of the client ids of any part says that they are names."""
    sources = [source for draft in reading.drafts.values() for source in draft.sources]
    return any(says_name(source.headers.get("client_id", "")) for source in sources)


def _are_codes(reading: Reading, name: str) -> bool:
    """Whether a look has shown that all ids begin with the same letters and go on with a digit."""
    look = reading.drafts[name].ids if name in reading.drafts else None
    if look is None or look.words or not any(letter.isalpha() for letter in look.prefix):
        return False
    return not any(re.search(_SUSPECT_PYTHON, text) for text in (look.first, look.last))


def _masked(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows set aside without cells that look like a person's data: in such rows cells may be out of place."""
    contract = TABLES[frame["table"].iloc[0]]
    cells = {}
    for name in frame.columns[4:]:
        if not is_string_dtype(frame[name]):
            continue
        # Products and places are called like people now and then, and are shown elsewhere.
        words = contract[name].kind in ("id", "text") and not frame.attrs.get(SHIFTED)
        looks = frame[name].map(is_address if words else is_person, na_action="ignore") == True  # noqa: E712
        cells[name] = frame[name].mask(looks, HIDDEN)
    return frame.assign(**cells)


def _codes(reading: Reading, holders: list[ir.Table], key: str, *, named: bool) -> dict[str, str]:
    """The code of each client id of all tables, if the ids look personal or are `named` so; else none."""
    engine = reading.engine
    if not holders:
        return {}
    ids = _distinct(holders)
    ids = ids.filter(ids.client_id.notnull())
    found = engine.fetch(ids.filter(ids.client_id.re_search(_SUSPECT)))["client_id"]
    suspects = [text for text in found if not is_catch_all(text)]
    if not suspects and not named:
        return {}
    count = engine.value(ids.aggregate(n=ids.count()))["n"]
    personal = looks_personal(suspects, of=count)
    if not personal and not named:
        return {}
    everyone = [text for text in engine.fetch(ids)["client_id"] if not is_catch_all(text)]
    if not personal and are_companies(everyone):
        return {}
    return pseudonyms(everyone, key)


def _distinct(tables: list[ir.Table]) -> ir.Table:
    import ibis

    ids = [table.select("client_id") for table in tables]
    return ibis.union(*ids, distinct=True) if len(ids) > 1 else ids[0].distinct()


def _replace(reading: Reading, holders: dict[str, ir.Table], codes: dict[str, str]) -> None:
    replace_ids(reading, holders, codes)
    for frame in reading.set_aside:
        if "client_id" in frame:
            # An id as it stood in a bad row may differ from the repaired one, and then has no code.
            frame["client_id"] = frame["client_id"].map(codes).astype("str")
