"""The words of dates: months and days of the week, in the forms that exports use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

LOCALES = ("en", "ru", "uk", "de", "fr", "es", "it", "pt", "nl", "pl")
"""Languages whose names of months the Unicode CLDR gives in full and short."""

_MORE = {
    # Forms that the CLDR lacks: Russian cases, and abbreviations of offices and programs.
    1: "январе январём январем январю",
    2: "фев феврале февралём февралем февралю",
    3: "марте мартом марту",
    4: "апреле апрелем апрелю",
    5: "мае маем маю",
    6: "июне июнем июню",
    7: "июле июлем июлю",
    8: "августе августом августу",
    9: "sept сен сентябре сентябрём сентябрем сентябрю",
    10: "октябре октябрём октябрем октябрю",
    11: "ноя ноябре ноябрём ноябрем ноябрю",
    12: "декабре декабрём декабрем декабрю",
}
_WEEKDAYS = ["tues", "weds", "thur", "thurs", "пнд", "втр", "срд", "чтв", "птн", "сбт", "вск"]
"""Abbreviations that the CLDR lacks."""


@cache
def months() -> Mapping[int, tuple[str, ...]]:
    """The words of each month from 1 to 12, in lower case and without the point of an abbreviation.

    A word that means different months in two languages is left out.

    >>> [month for month, words in months().items() if "sept" in words or "мая" in words]
    [5, 9]
    """
    from babel.dates import get_month_names

    meanings: dict[str, set[int]] = {}
    for locale in LOCALES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for month, word in get_month_names(width, context, locale).items():
                    meanings.setdefault(word.lower().rstrip("."), set()).add(month)
    for month, words in _MORE.items():
        for word in words.split():
            meanings.setdefault(word, set()).add(month)
    return {
        month: tuple(sorted(word for word, found in meanings.items() if found == {month}))
        for month in range(1, 13)
    }


@cache
def weekday() -> str:
    """A day of the week in any of the languages, as a pattern for text in lower case.

    A word that is also a month is left out.
    """
    from babel.dates import get_day_names

    words = set(_WEEKDAYS)
    for locale in LOCALES:
        for width in ("wide", "abbreviated", "short"):
            words |= {word.lower().rstrip(".") for word in get_day_names(width, "format", locale).values()}
    words -= {word for names in months().values() for word in names}
    return "(?:" + "|".join(sorted(words, key=lambda word: (-len(word), word))) + ")"
