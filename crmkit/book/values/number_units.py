"""What may stand beside a number: currencies, percent, pieces and measures, debit and credit."""

from __future__ import annotations

from functools import cache

ENGLISH = ("$", "us$", "£", "usd", "gbp", "aud", "nzd", "hk$", "a$", "nz$", "s$", "sgd", "₹", "inr", "rs")
"""Signs and codes of currencies whose locales all set thousands apart with a comma (Unicode CLDR)."""

PERCENT = ("%", "percent", "pct", "проц", "процентов", "процента")
SIDES = ("cr", "dr", "кт", "дт", "кредит", "дебет", "credit", "debit")

_CURRENCIES = {
    "$": "$",
    "USD": "us$ долл доллар доллара долларов dollar dollars usdollars",
    "EUR": "€ евро euro euros",
    "GBP": "£",
    "руб": "р руб рубль рубля рублей rubles roubles",
    "RUB": "₽ rur",
    "¥": "¥",
    "CNY": "元 юань юаней cn¥ rmb",
    "PLN": "zł zl",
    "kr": "kr",
    "CHF": "fr sfr",
    "KZT": "₸ тг тнг тенге",
    "UAH": "₴ грн гривен гривна гривны",
    "BYN": "br byr",
    "TRY": "₺ tl",
    "INR": "₹ rs",
    "KRW": "₩",
    "ILS": "₪",
    "GEL": "₾ лари",
    "AMD": "֏",
    "AZN": "₼",
    "KGS": "сом",
    "UZS": "сум",
    "VND": "₫",
    "BRL": "r$",
    "CAD": "c$ ca$",
    "AUD": "a$",
    "NZD": "nz$",
    "HKD": "hk$",
    "SGD": "s$",
    "CZK": "kč",
    "HUF": "ft",
    "RON": "lei",
    "BGN": "лв",
}
_SHARED = {
    "$": "USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP UYU",
    "руб": "RUB BYN",
    "kr": "SEK NOK DKK ISK",
    "¥": "JPY CNY",
}
"""Signs and words that several currencies share."""

_UNITS = {
    "pieces": "шт штук штуки штука pc pcs piece pieces ea each unit units st stk stück ед единиц экз",
    "boxes": "кор короб коробка коробок box boxes ctn",
    "packs": "уп упак упаковка упаковок pack packs pkg pkgs пач пачка пачек",
    "kg": "кг kg kgs килограмм",
    "g": "г гр грамм g gr",
    "t": "т тонн тонна тонны t",
    "l": "л литр литра литров l ltr litre litres liter liters",
    "ml": "мл ml",
    "m": "м m метр метра метров",
    "cm": "см cm",
    "m²": "м² кв.м квм m² sqm",
    "minutes": "мин минута минуты минут min mins minute minutes",
    "hours": "ч час часа часов h hr hrs hour hours",
    "days": "дн дней день дня day days",
    "weeks": "нед недель неделя недели week weeks wk wks",
}
_TIMES = ("minutes", "hours", "days", "weeks")


@cache
def _known(words: str) -> dict[str, str]:
    table = _CURRENCIES if words == "currencies" else _UNITS
    return {word: name for name, found in table.items() for word in found.split()}


@cache
def _codes() -> frozenset[str]:
    from babel.numbers import list_currencies

    return frozenset(list_currencies())


def currency(word: str) -> str:
    """The ISO 4217 code of a sign or word in lower case without points, blank if it is none.

    A sign or word that several currencies share is its own name.

    >>> currency("€"), currency("rur"), currency("chf"), currency("$"), currency("apples")
    ('EUR', 'RUB', 'CHF', '$', '')
    """
    known = _known("currencies").get(word, "")
    return known or (word.upper() if len(word) == 3 and word.upper() in _codes() else "")


def settled(names: dict[str, str]) -> dict[str, str]:
    """Words with their currencies, where a shared sign beside one of its currencies means that one.

    >>> settled({"$": "$", "cad": "CAD"}), settled({"$": "$", "eur": "EUR"})
    ({'$': 'CAD', 'cad': 'CAD'}, {'$': '$', 'eur': 'EUR'})
    """
    meant = {}
    for shared, owners in _SHARED.items():
        found = set(names.values()) & set(owners.split())
        meant[shared] = found.pop() if len(found) == 1 else shared
    return {word: meant.get(name, name) for word, name in names.items()}


def unit(word: str, expected: str = "") -> str:
    """The one name of a unit of quantity, blank if the word is none.

    Parameters
    ----------
    word
        As in :func:`currency`.
    expected
        The unit that the contract says; where that is a unit of time, only units of time are known, and
        elsewhere only others.

    >>> unit("шт"), unit("pcs"), unit("мин", "minutes"), unit("apples")
    ('pieces', 'pieces', 'minutes', '')
    """
    found = _known("units").get(word, "")
    return found if (found in _TIMES) == (expected in _TIMES) else ""
