"""Sentences, numbers and dates in the reader's language."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable
from typing import Any

from crmkit.wording.catalogue import translations
from crmkit.wording.message import Message

UNKNOWN = "–"


class Speaker:
    """Says things in one language and one currency.

    Parameters
    ----------
    language
        ``"en"`` or ``"ru"``.
    currency
        ISO 4217 code such as ``"EUR"``; empty when the book does not say: money is then a plain number.

    Examples
    --------
    >>> say = Speaker("en", currency="EUR")
    >>> say("The top {share} bring {money}.", share=say.percent(0.2), money=say.money(1234567))
    'The top 20% bring €1,234,567.'
    >>> say.plural("{n} client", "{n} clients", 3)
    '3 clients'
    """

    def __init__(self, language: str = "en", *, currency: str = "") -> None:
        from babel import Locale

        self.language = language
        self.currency = currency
        self._translations = translations(language)
        self._locale = Locale.parse(language)

    def __call__(self, message: str, /, **values: object) -> str:
        """The translation of `message` with its ``{placeholders}`` filled in, Messages among them said."""
        spoken = {
            name: value.said(self) if isinstance(value, Message) else value for name, value in values.items()
        }
        return self.translated(message).format(**spoken)

    def translated(self, message: str, /) -> str:
        """The translation of `message`, with its placeholders as they stand."""
        return self._translations.gettext(message) if message else message

    def plural(self, one: str, many: str, n: int, /, **values: object) -> str:
        """The form of the message that goes with the number `n`, which fills ``{n}``."""
        # gettext's rules take Python's integers only.
        text = self._translations.ngettext(one, many, int(n))
        return text.format(n=self.number(n), **values)

    def number(self, value: float, digits: int = 0) -> str:
        """A number with the language's marks, at most `digits` decimals; a dash if unknown."""
        from babel.numbers import format_decimal

        if unknown(value):
            return UNKNOWN
        pattern = "#,##0" + ("." + "#" * digits if digits else "")
        return format_decimal(_settle(value, digits), format=pattern, locale=self._locale)

    def money(self, value: float, digits: int | None = None) -> str:
        """Money in the speaker's currency: whole units from 100 on, cents below; a dash if unknown."""
        from babel.numbers import format_currency, format_decimal

        if unknown(value):
            return UNKNOWN
        if digits is None:
            digits = 0 if abs(value) >= 100 or float(value).is_integer() else 2
        amount = _settle(value, digits)
        tail = "." + "0" * digits if digits else ""
        if not self.currency:
            return format_decimal(amount, format="#,##0" + tail, locale=self._locale)
        pattern = self._locale.currency_formats["standard"].pattern.replace(".00", tail)
        return format_currency(
            amount, self.currency, format=pattern, locale=self._locale, currency_digits=False
        )

    def percent(self, share: float, digits: int = 0) -> str:
        """A share from 0 to 1 as per cent; a dash if unknown."""
        from babel.numbers import format_percent

        if unknown(share):
            return UNKNOWN
        pattern = self._locale.percent_formats[None].pattern.replace(
            "0%", "0" + ("." + "0" * digits if digits else "") + "%"
        )
        pattern = pattern.replace("0\xa0%", "0" + ("." + "0" * digits if digits else "") + "\xa0%")
        return format_percent(_settle(share, digits + 2), format=pattern, locale=self._locale)

    def date(self, day: datetime.date) -> str:
        """A day, in full: 30 June 2025."""
        from babel.dates import format_date

        if unknown(day):
            return UNKNOWN
        pattern = "d MMMM y 'г'." if self.language == "ru" else "d MMMM y"
        return format_date(day, format=pattern, locale=self._locale)

    def month(self, day: datetime.date) -> str:
        """The month of a day: June 2025."""
        from babel.dates import format_date

        return UNKNOWN if unknown(day) else format_date(day, format="LLLL y", locale=self._locale)

    def interval(self, low: float, high: float, form: Callable[[float], str] | None = None) -> str:
        """An interval such as [61% – 67%], each end written by `form` (a method of this speaker)."""
        write = form or self.number
        return f"[{write(low)} – {write(high)}]"

    def enumerate(self, items: Iterable[str]) -> str:
        """Items as a list in a sentence: a, b and c."""
        from babel.lists import format_list

        return format_list(list(items), locale=self._locale)


def unknown(value: Any) -> bool:
    """Whether a value is missing, not a number, or infinite."""
    if value is None or (isinstance(value, float) and math.isinf(value)):
        return True
    try:
        return bool(value != value)
    except TypeError:  # pandas' NA, which cannot be compared
        return True


def _settle(value: float, digits: int) -> float:
    """Round, and drop the sign of a zero, so that no reader meets -0."""
    return round(float(value), digits) + 0.0
