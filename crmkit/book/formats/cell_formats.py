"""Currencies that the number formats of a workbook's cells show beside plain numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

from crmkit.book.values.number_units import currency, settled

_OWN = dict.fromkeys((5, 6, 7, 8, 42, 44), '"$"0')
"""Formats that a workbook need not write down; other countries' programs write theirs under these numbers."""
_PIECES = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]|\"([^\"]*)\"|((?:\\?[$€£₽¥₴₸])+)")


def shown_currency(form: str) -> str:
    """The currency that a number format shows, as :mod:`crmkit.book.values.number_units` names it; or blank.

    >>> shown_currency("[$€-407] #,##0.00"), shown_currency('#,##0.00 "руб."'), shown_currency("[$-409]0.00")
    ('EUR', 'руб', '')
    """
    for found in _PIECES.finditer(form.partition(";")[0]):
        word = "".join(piece for piece in found.groups() if piece).replace("\\", "")
        if name := currency(word.strip().replace(".", "").lower()):
            return name
    return ""


def currencies_of(styles: bytes) -> Mapping[int, str]:
    """The currency of each cell style that shows one, by its number; none unless they are several.

    Parameters
    ----------
    styles
        The part of a workbook that lists its styles, as XML.
    """
    forms = dict(_OWN)
    used: list[int] = []
    inside = False

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        nonlocal inside
        tag = tag.rpartition(":")[2]
        if tag == "numFmt":
            forms[int(attributes.get("numFmtId", 0))] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            inside = True
        elif tag == "xf" and inside:
            used.append(int(attributes.get("numFmtId", 0)))

    def end(tag: str) -> None:
        nonlocal inside
        inside = inside and tag.rpartition(":")[2] != "cellXfs"

    parser: Any = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(styles, True)
    found = {number: shown_currency(forms.get(form, "")) for number, form in enumerate(used)}
    names = settled({name: name for name in found.values() if name})
    several = len(set(names.values())) > 1
    return {number: names[name] for number, name in found.items() if name and several}
