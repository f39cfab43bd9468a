"""Ids that look like names, and the codes that stand for them where names are not to be shown."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence

PREFIX = "client-"
_CODE_LETTERS = 10

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w{2,}")
_PHONE = re.compile(
    r"\+\d[\d\s()-]{8,}|\(?\d{3,5}\)[\d\s-]{5,}|[78][\s(-]+\d{3}[\s)-]+[\d\s-]{7,}|[78]9\d{9}"
)
_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_INITIAL = r"[^\W\d_]\."
_WORDS = re.compile(rf"{_WORD}(?:,?\s+(?:{_WORD}|{_INITIAL}\s?(?:{_INITIAL})?)){{1,4}}\.?")
_RUSSIAN_SURNAME = re.compile(
    r"[А-ЯЁ][а-яё]+(?:ов|ев|ёв|ин|ын|ова|ева|ёва|ина|ына|ий|ой|ая|ко|ук|юк|ич|ян|дзе|швили|ман|ер)"
)
_TITLE = re.compile(r"[^\W\d_a-zа-яё][^\W\d_A-ZА-ЯЁ]{2,}")
# Two words joined as in addresses and logins: anna.example, Anna_Example7.
_LOGIN = re.compile(r"[^\W\d_]{3,}[._][^\W\d_]{3,}\d*")
_CAPITALISED = re.compile(r"[A-ZА-ЯЁ][a-zа-яё]{2,}")
# Words that say a company, not a person. A sole trader (ИП) is a person.
_COMPANY = frozenset(
    re.findall(
        r"\w+",
        "ооо ао оао зао пао нко фгуп гуп муп тоо чуп ltd llc llp inc corp corporation co company gmbh ag sa "
        "srl bv plc oy ab group limited holding shop store магазин компания завод фирма центр школа",
    )
)
# Shares of the distinct ids from which the whole column counts as personal.
_SOME, _MANY = 0.02, 0.5


def looks_personal(ids: Sequence[str], *, of: int | None = None) -> bool:
    """Whether a column of ids holds names, e-mails or telephone numbers.

    Parameters
    ----------
    ids
        Distinct ids, or those among them that hold more than a code.
    of
        How many distinct ids the column has; default: all are in `ids`.

    Examples
    --------
    >>> looks_personal(["Иванов Иван", "Петрова А. Б."]), looks_personal(["ООО Ромашка", "АО Вектор"])
    (True, False)
    >>> looks_personal(["C00017", "C00018"]), looks_personal(["anna@example.org"])
    (False, True)
    """
    count = len(ids) if of is None else of
    sure = sum(_is_personal(text) for text in ids)
    if sure >= max(1, _SOME * count):
        return True
    single = sum(bool(_TITLE.fullmatch(text.strip())) for text in ids)
    return single >= max(1, _MANY * count)


def _is_personal(text: str) -> bool:
    text = text.strip()
    if _EMAIL.search(text) or _PHONE.search(text) or _RUSSIAN_SURNAME.fullmatch(text):
        return True
    if _COMPANY.intersection(re.findall(r"[^\W\d_]+", text.lower())):
        return False
    if _WORDS.fullmatch(text) or (_LOGIN.fullmatch(text) and not text.isupper()):
        return True
    # A name with a year, a number, a place or a date beside it is still a name.
    return len(_CAPITALISED.findall(text)) >= 2


def pseudonyms(ids: Iterable[str], key: str) -> dict[str, str]:
    """A code for each id: HMAC-SHA256 of the id with the key, in letters and digits.

    Parameters
    ----------
    ids
        Distinct ids.
    key
        The company's secret. Blank: one made from the ids themselves, so that the same ids give the same
        codes; whoever knows all the ids can then find the codes out.

    Returns
    -------
    dict
        Id to code, in the order of the ids.

    References
    ----------
    Krawczyk, H., Bellare, M., Canetti, R. (1997). HMAC: keyed-hashing for message authentication. RFC 2104.
    """
    ordered = sorted(ids)
    secret = key.encode() if key else hashlib.sha256("\0".join(ordered).encode()).digest()
    codes = [base64.b32encode(hmac.digest(secret, text.encode(), "sha256")).decode() for text in ordered]
    letters = _CODE_LETTERS
    # Two ids of a million share ten letters about once in two thousand books.
    while len({code[:letters] for code in codes}) < len(codes):
        letters += 2
    return {text: PREFIX + code[:letters] for text, code in zip(ordered, codes)}
