"""Ids that look like names, and the codes that stand for them where names are not to be shown."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence

PREFIX = "client-"
_CODE_LETTERS = 10
HIDDEN = "•••"
"""What stands in place of what is not to be shown."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w{2,}")
_PHONE = re.compile(
    r"\+\d[\d\s()-]{8,}|\(?\d{3,5}\)[\d\s-]{5,}|[78][\s(-]+\d{3}[\s)-]+[\d\s-]{7,}|[78]9\d{9}"
)
_HANDLE = re.compile(r"@\w[\w.]+")
_LINK = re.compile(
    r"(?i)\b(?:wa\.me|t\.me|telegram\.me|vk\.com|vk\.ru|ok\.ru|instagram\.com|facebook\.com|fb\.com|viber\.me|"
    r"linkedin\.com)/\S+"
)
_GROUPED_PHONE = re.compile(r"(?:1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4}")
_TEN_DIGITS = re.compile(r"\d{10}")
_AMERICAN = re.compile(r"[2-9]\d{2}[2-9]\d{6}")
_GROUPED_CARD = re.compile(r"[2-6]\d{3}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?")
_LONG_NUMBER = re.compile(r"\d{13,19}")
_INSURANCE = re.compile(r"\d{3}-\d{3}-\d{3}[ -]\d{2}")
# Not a year and a running number: 2024 000123.
_PASSPORT = re.compile(r"(?!(?:19|20)\d\d 0)\d{2} ?\d{2} (?:№ ?)?\d{6}")
_NUMBERS = (_HANDLE, _GROUPED_PHONE, _GROUPED_CARD, _INSURANCE, _PASSPORT)
_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_INITIAL = r"[^\W\d_]\."
_WORDS = re.compile(rf"{_WORD}(?:,?\s+(?:{_WORD}|{_INITIAL}\s?(?:{_INITIAL})?)){{1,4}}\.?")
_RUSSIAN_SURNAME = re.compile(
    r"[А-ЯЁ][а-яё]+(?:ов|ев|ёв|ин|ын|ова|ева|ёва|ина|ына|ий|ой|ая|ко|ук|юк|ич|ян|дзе|швили|ман|ер)"
)
_TITLE = re.compile(r"[^\W\d_a-zа-яё][^\W\d_A-ZА-ЯЁ]{2,}")
# Two words joined as in addresses and logins: anna.example, Anna_Example7.
_LOGIN = re.compile(r"[^\W\d_]{3,}[._][^\W\d_]{3,}\d*")
# One word with a number or a date beside it: 001 Иванов, Ivan 01.02.1980.
_NUMBERED = re.compile(r"(?:№ ?)?\d[\d./-]*[.):]? +([^\W\d_]+)|([^\W\d_]+),? +\d[\d./-]*")
_CAPITALISED = re.compile(r"[A-ZА-ЯЁ][a-zа-яё]{2,}")
# Words that say a company, not a person. A sole trader (ИП) is a person.
_COMPANY = frozenset(
    re.findall(
        r"\w+",
        "ооо ао оао зао пао нко фгуп гуп муп тоо чуп ltd llc llp inc corp corporation co company gmbh ag sa "
        "srl bv plc oy ab group limited holding shop store магазин компания завод фирма центр школа",
    )
)
# Common given names, since headers and sheets, too, are called by two words with capital letters.
_GIVEN = frozenset(
    re.findall(
        r"\w+",
        "alexander alexey alexei alice andrew andrey anna anne anton antonio barbara boris carlos charles "
        "christopher daniel david denis diana dmitry dmitri edward elena elizabeth emily emma eric eugene "
        "galina george hans helen henry igor irina ivan jack james jane jennifer jessica john jose joseph "
        "karen katherine kevin kirill laura linda lisa lucy maria marina martin mary maxim michael mikhail "
        "natalia nikita nikolay nina oleg olga oliver patricia paul pavel peter petr philip richard robert "
        "roman ruslan samuel sandra sarah sergey sergei sofia sophia stephen steven susan svetlana tatiana "
        "thomas timur vadim valentina vera victor viktor vladimir william yulia yuri "
        "александр александра алексей алена алина алиса анастасия андрей анна антон антонина арина артем "
        "борис вадим валентина валерий василий вера вероника виктор виктория виталий владимир галина георгий "
        "григорий дарья денис диана дмитрий евгений евгения егор екатерина елена елизавета жанна иван игорь "
        "илья инна ирина катя кирилл константин ксения лариса леонид лидия людмила маша максим маргарита "
        "марина мария михаил наталья наталия никита николай нина оксана олег ольга оля павел петр полина "
        "роман руслан светлана семен сергей софия софья степан тамара татьяна тимур ульяна федор юлия юрий "
        "яна ярослав",
    )
)
_SURNAME = re.compile(
    rf"{_RUSSIAN_SURNAME.pattern}|[А-ЯЁ][а-яё]+(?:вич|вна|енко)|[A-Z][a-z]{{2,}}(?:ov|ova|ev|eva|enko|sky|skaya)"
)
_INITIALS = re.compile(r"(?<!\w)[A-ZА-ЯЁ]\.")
# Words of headers that say a name or an address of a person, and words that say that it is not a person's.
_PERSONAL_HEADER = frozenset(
    re.findall(
        r"\w+",
        "name names fullname surname firstname lastname nickname username clientname customername phone "
        "telephone mobile email mail passport фио имя фамилия отчество телефон почта паспорт снилс",
    )
)
_NO_PERSON = frozenset(
    re.findall(
        r"\w+",
        "company account organisation organization firm business household id code number no фирмы "
        "компании организации магазина код номер ид",
    )
)
# Shares of the distinct ids from which the whole column counts as personal.
_SOME, _MANY = 0.02, 0.5
# How many numbers of ten digits, and what share of them, must be telephones before any counts as one.
_FEWEST, _NEARLY_ALL = 4, 0.95


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
    single = sum(bool(_TITLE.fullmatch(text.strip())) or _is_given(text.strip()) for text in ids)
    # Distinct words: Table 1, Table 2 and so on are numbers, not names.
    single += len(
        {word for text in ids if _TITLE.fullmatch(word := _numbered(text)) and not _is_company(word)}
    )
    return single >= max(1, _MANY * count) or _are_telephones(ids) or _are_cards(ids)


def _is_personal(text: str) -> bool:
    text = text.strip()
    if _EMAIL.search(text) or _PHONE.search(text) or _RUSSIAN_SURNAME.fullmatch(text):
        return True
    if _LINK.search(text) or any(pattern.fullmatch(text) for pattern in _NUMBERS):
        return True
    if _is_company(text):
        return False
    if _RUSSIAN_SURNAME.fullmatch(_numbered(text)):
        return True
    if _WORDS.fullmatch(text) or (_LOGIN.fullmatch(text) and not text.isupper()):
        return True
    # A name with a year, a number, a place or a date beside it is still a name.
    return len(_CAPITALISED.findall(text)) >= 2


def names_person(label: str) -> bool:
    """Whether a header or the name of a sheet holds a person's name, an e-mail or a telephone.

    Ids may be coded on a suspicion; labels are needed, and are hidden only if a name in them is known.

    >>> names_person("Ivan Petrov"), names_person("anna@example.org"), names_person("Ship Mode")
    (True, True, False)
    """
    if _EMAIL.search(label) or _PHONE.search(label) or _LINK.search(label) or _HANDLE.fullmatch(label):
        return True
    words = re.findall(_WORD, label)
    if any(word[0].isupper() and _is_given(word) for word in words):
        return True
    # A word with the ending of a surname may be any word; initials beside it make it one.
    return any(_SURNAME.fullmatch(word) for word in words) and bool(_INITIALS.search(label))


def says_name(header: str) -> bool:
    """Whether a header of client ids says that they are names, telephones or addresses of people.

    >>> says_name("Client Name"), says_name("ФИО"), says_name("Клиент"), says_name("Company name")
    (True, True, False, False)
    """
    split = re.sub(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])", " ", header)
    words = set(re.findall(r"[^\W\d_]+", split.lower())) | set(re.findall(r"[^\W\d_]+", header.lower()))
    return bool(words & _PERSONAL_HEADER) and not words & (_COMPANY | _NO_PERSON)


def are_companies(ids: Iterable[str]) -> bool:
    """Whether each of the ids says that it is a company."""
    return all(_is_company(text) for text in ids)


def _is_company(text: str) -> bool:
    return bool(_COMPANY.intersection(re.findall(r"[^\W\d_]+", text.lower())))


def _is_given(word: str) -> bool:
    return word.lower().replace("ё", "е") in _GIVEN


def _numbered(text: str) -> str:
    """The word beside a number; blank if the text is anything else."""
    found = _NUMBERED.fullmatch(text.strip())
    return (found[1] or found[2]) if found else ""


def _are_telephones(ids: Sequence[str]) -> bool:
    """Whether the numbers of ten digits are telephones of several areas of North America."""
    numbers = [text for text in ids if _TEN_DIGITS.fullmatch(text)]
    sure = [text for text in numbers if _AMERICAN.fullmatch(text)]
    if len(sure) < _FEWEST or len(sure) < _NEARLY_ALL * len(numbers):
        return False
    # Numbers of Russian taxpayers have ten digits too, and a check digit.
    companies = sum(_weighed(text) % 11 % 10 == int(text[-1]) for text in sure)
    return len({text[:3] for text in sure}) > 1 and companies < _MANY * len(sure)


def _weighed(text: str) -> int:
    return sum(weight * int(digit) for weight, digit in zip((2, 4, 10, 3, 5, 9, 4, 6, 8), text))


def _are_cards(ids: Sequence[str]) -> bool:
    """Whether most long numbers have the check digit of bank cards, which one number of ten has by chance."""
    numbers = [text for text in ids if _LONG_NUMBER.fullmatch(text)]
    cards = [text for text in numbers if text[0] in "23456" and _has_check_digit(text)]
    return len(cards) > _MANY * len(numbers)


def _has_check_digit(number: str) -> bool:
    """Luhn's formula (ISO/IEC 7812-1)."""
    digits = [int(digit) for digit in reversed(number)]
    return (sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0


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
