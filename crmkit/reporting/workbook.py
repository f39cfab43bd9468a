"""Tables as files for a spreadsheet, in which no cell can run."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from crmkit.wording import VOCABULARY, Speaker, Term, mark

FORMATS = {
    "money": "#,##0.00",
    "share": "0.0%",
    "count": "#,##0",
    "number": "#,##0.00",
    "score": "0.0000",
    "date": "yyyy-mm-dd",
}
MOST_ROWS = 1_048_575
"""Rows below the heading that one sheet can hold."""

SHEETS = {
    "decisions": mark("Decisions"),
    "concentration": mark("Concentration"),
    "rfm": mark("RFM"),
    "classes": mark("Classes"),
    "clusters": mark("Clusters"),
    "migration": mark("Migration"),
    "notes": mark("Notes about the data"),
}


def write_workbook(path: Path, tables: Mapping[str, pd.DataFrame], say: Speaker, *, as_of: date) -> None:
    """Write one sheet for each table, headed in the reader's language; same tables, same bytes.

    Numbers are numbers and dates are dates; text is never a formula or a link.

    Parameters
    ----------
    path
        Of the .xlsx file.
    tables
        By name.
    say
        Speaker of the reader's language.
    as_of
        Stands in the file as the day on which it was made.
    """
    import xlsxwriter

    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, {"constant_memory": True, **safe}) as book:
        book.set_properties({"created": datetime(as_of.year, as_of.month, as_of.day)})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        forms = {form: book.add_format({"num_format": pattern}) for form, pattern in FORMATS.items()}
        taken: set[str] = set()
        for name, frame in tables.items():
            for start in range(0, max(len(frame), 1), MOST_ROWS):
                sheet = book.add_worksheet(_sheet_name(name, say, taken))
                _fill(sheet, frame.iloc[start : start + MOST_ROWS], say, head, forms)


def _fill(sheet: Any, frame: pd.DataFrame, say: Speaker, head: Any, forms: Mapping[str, Any]) -> None:
    terms = [VOCABULARY.get(str(name), Term(str(name))) for name in frame.columns]
    sheet.freeze_panes(1, 0)
    for place, term in enumerate(terms):
        width = 16 if term.form in FORMATS else _width(frame.iloc[:, place])
        sheet.set_column(place, place, width, forms.get(term.form))
        sheet.write_string(0, place, say(term.label), head)
    if terms:
        sheet.autofilter(0, 0, len(frame), len(terms) - 1)
    columns = [_plain(frame.iloc[:, place], term, say) for place, term in enumerate(terms)]
    for row, values in enumerate(zip(*columns), start=1):
        for place, value in enumerate(values):
            if value is None:
                continue
            if isinstance(value, str):
                sheet.write_string(row, place, value)
            elif isinstance(value, datetime):
                sheet.write_datetime(row, place, value, forms.get(terms[place].form, forms["date"]))
            else:
                sheet.write_number(row, place, value, forms.get(terms[place].form))


def _width(column: pd.Series) -> int:
    """Room for most texts of a column, in characters."""
    lengths = column.head(200).map(lambda text: len(str(text)))
    return int(min(max(lengths.max() if len(lengths) else 0, 12), 60)) + 2


def _plain(column: pd.Series, term: Term, say: Speaker) -> list[Any]:
    """A column as text, numbers, days and None."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return [None if value is pd.NaT else value.to_pydatetime() for value in column]
    if pd.api.types.is_bool_dtype(column.dtype):
        return [say("yes") if value else say("no") for value in column]
    if pd.api.types.is_numeric_dtype(column.dtype):
        return [value if math.isfinite(value) else None for value in column.astype(float).tolist()]
    return [_settle(value, term, say) for value in column]


def _settle(value: Any, term: Term, say: Speaker) -> Any:
    if isinstance(value, str):
        return value
    if value is None or value is pd.NaT or value != value:
        return None
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    return str(value)


def _sheet_name(name: str, say: Speaker, taken: set[str]) -> str:
    """A name that a spreadsheet accepts, unlike those taken."""
    number, known, rest = re.fullmatch(r"(\d\d )?(\S+)(.*)", name).groups()  # type: ignore[union-attr]
    label = (number or "") + (say(SHEETS[known]) if known in SHEETS else known) + rest
    label = re.sub(r"[\[\]:*?/\\']", " ", label)[:31].strip() or "Table"
    unique, count = label, 1
    while unique.lower() in taken:
        count += 1
        unique = f"{label[: 31 - len(str(count)) - 3]} ({count})"
    taken.add(unique.lower())
    return unique


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a table as UTF-8 CSV in which a spreadsheet takes no text for a formula."""
    safe = frame.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name].dtype):
            safe[name] = _guard(safe[name])
    safe.columns = pd.Index([_guarded(str(name)) for name in safe.columns])
    safe.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def _guard(column: Iterable[Any]) -> list[Any]:
    return [_guarded(value) if isinstance(value, str) else value for value in column]


def _guarded(text: str) -> str:
    """Text behind an apostrophe if a spreadsheet would run it; a number such as -4.50 stays as it is."""
    runs = text.startswith(("=", "+", "-", "@", "\t", "\r"))
    return "'" + text if runs and not re.fullmatch(r"[+-]?\d+([.,]\d+)?", text) else text
