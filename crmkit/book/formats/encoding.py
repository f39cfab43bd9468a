"""Which encoding a text file is in, decided from its bytes.

Unicode is known by its marks or by its form. Other encodings give different letters for the same bytes; each
reading is weighed by how far it is from words, and where two readings are about as good nothing is guessed.
"""

from __future__ import annotations

import codecs
import math
import re
from collections import Counter
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from crmkit.book.errors import BookError, option
from crmkit.book.formats.streams import open_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 1 << 17
_CYRILLIC = ("cp1251", "cp866", "koi8-r", "mac-cyrillic", "iso8859-5")
# Alphabets beyond a to z, by encoding: a text is in one language, whose alphabet should hold its letters.
_WESTERN = "àâæçéèêëîïôœùûüÿ äöüß áéíñóúüªº ãõáâàéêíóôúüçªº àèéìíîòóùú åäöæøéèü áðéíóúýþæö éëïóöüè àçèéíïòóúü"
_CENTRAL = "ąćęłńóśźż áčďéěíňóřšťúůýž áäčďéíĺľňóôŕšťúýž áéíóöőúüű ăâîşţ čćđšž äöüß"
_LATIN = {
    "cp1252": _WESTERN,
    "cp1250": _CENTRAL,
    "cp1254": "çğıöşüâîû",
    "cp1257": "ąčęėįšųūž āčēģīķļņšūž äöõüšž",
    "iso8859-2": _CENTRAL,
    "mac-roman": _WESTERN,
    "cp850": _WESTERN,
    "cp852": _CENTRAL,
}
# What makes an encoding less likely before anything is read.
_RARE = {"cp866": 0.5, "koi8-r": 0.5, "cp1250": 0.5} | dict.fromkeys(
    ("mac-cyrillic", "iso8859-5", "cp1254", "cp1257", "iso8859-2", "mac-roman", "cp850", "cp852"), 2.0
)
# What a sign costs anywhere; letters cost about 3, so that a usual sign is likelier than an odd letter.
_SIGNS = dict.fromkeys("\xa0№«»—–“”„’…", 0.5) | dict.fromkeys("°§·•©®™±²³½¼¾‘´×", 1.5)
_MONEY = "€£¥₴"
_SLIP = 4.0
_ODD = 8.0
_ALIEN = 12.0
_RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
_NEIGHBOURS = dict.fromkeys("іїєґў", 2.0) | dict.fromkeys("јљњћђџ", 6.0)
_VOWELS = "aeiouyàâæéèêëîïôœùûüÿäöáíóúãõìòåøýąęěůőűăıªºįųūāēī"
_USUAL_WORDS = (
    "ооо ип ао оао зао пао тоо клиент дата сумма товар количество цена итого магазин розница покупатель "
)
_MARGIN = 3.5
_MARGIN_LATIN = 1.4
_WORST = 4.2


def find_encoding(head: bytes, path: Path, *, name: str) -> str:
    """The encoding of a text file.

    Parameters
    ----------
    head
        Its first bytes, unpacked.
    path
        The file itself, of which all lines with bytes above 127 are looked at if it is not Unicode.
    name
        What messages call it.

    Raises
    ------
    BookError
        If no encoding gives words, or two give different ones.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if wide := _unmarked_unicode(head):
        return wide
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return legacy_encoding(path, name=name)
    return "utf-8"


def _unmarked_unicode(head: bytes) -> str:
    """UTF-16 or UTF-32 without a byte order mark, seen from where the zero bytes are; else blank."""
    head = head[: 1 << 16]
    if head.count(0) < len(head) / 10 or len(head) < 8:
        return ""
    for encoding, step, place in (
        ("utf-32-le", 4, 0),
        ("utf-32-be", 4, 3),
        ("utf-16-le", 2, 0),
        ("utf-16-be", 2, 1),
    ):
        low = head[place::step]
        high = [head[at::step] for at in range(step) if at != place]
        # Latin, Cyrillic and common signs have 0, 4 or 32 in their higher byte.
        usual = sum(part.count(0) + part.count(4) + part.count(32) for part in high)
        if low.count(0) <= len(low) / 20 and usual >= 0.95 * sum(len(part) for part in high):
            return encoding
    return ""


def legacy_encoding(path: Path, *, name: str) -> str:
    """The encoding of a file that is not Unicode, decided from its lines with bytes above 127."""
    sample, number, broken, whole = bytearray(), 0, 0, 0
    with open_bytes(path) as stream:
        while len(sample) < _SAMPLE and (line := stream.readline(_SAMPLE)):
            number += 1
            if line.isascii():
                continue
            sample += line
            try:
                line.decode("utf-8")
                whole += 1
            except UnicodeDecodeError:
                broken = broken or number
    if whole > 0.2 * sample.count(b"\n"):
        raise BookError(
            "{file}: some lines are in UTF-8 and others, the first of them line {row}, are not. Save the "
            "file again in UTF-8, or say its encoding: {option}.",
            file=name,
            row=broken,
            option=option("encoding", "cp1251"),
        )
    return weigh(bytes(sample), name=name)


def weigh(sample: bytes, *, name: str) -> str:
    """The encoding in which bytes read best as words; see :func:`find_encoding`."""
    costs: dict[str, float] = {}
    texts: dict[str, str] = {}
    for encoding in (*_LATIN, *_CYRILLIC):
        try:
            texts[encoding] = sample.decode(encoding)
        except UnicodeDecodeError:
            # A few bytes stand for nothing in some encodings.
            continue
        costs[encoding] = _cost(texts[encoding], encoding) + _RARE.get(encoding, 0.0)
    best = min(costs, key=lambda encoding: costs[encoding], default="")
    if not best or costs[best] > _WORST * _beyond_ascii(texts[best]) + _RARE.get(best, 0.0):
        raise BookError(
            "{file}: the file is not in Unicode, and in no encoding that crmkit tries do its letters make "
            "words. Say its encoding: {option}; or save it in UTF-8.",
            file=name,
            option=option("encoding", "cp1251"),
        )
    for other in sorted(costs, key=lambda encoding: costs[encoding]):
        margin = _MARGIN_LATIN if best in _LATIN and other in _LATIN else _MARGIN
        if costs[other] - costs[best] < margin and texts[other] != texts[best]:
            raise BookError(
                "{file}: the letters in it can be read in the encoding {first} or {second}, which give "
                "different words. Say which: {option}; or save the file in UTF-8.",
                file=name,
                first=best,
                second=other,
                option=option("encoding", best),
            )
    return best


def _words(text: str) -> list[tuple[str, bool]]:
    """The different words with letters beyond ASCII, and whether they touch a digit, in a fixed order."""
    found = re.finditer(r"\d?([^\W\d_²³¹½¼¾]+)\d?", text)
    return sorted({(word[1], word[0] != word[1]) for word in found if not word[1].isascii()})


def _signs(text: str) -> list[tuple[str, str, str]]:
    """The different signs beyond ASCII that are not letters, with their neighbours."""
    found = re.findall(r"(?s)(?<=(.))([^\x00-\x7f])(?=(.))", f" {text} ")
    return sorted({sign for sign in found if not sign[1].isalpha()})


def _beyond_ascii(text: str) -> int:
    return len(_signs(text)) + sum(char > "\x7f" for word, _ in _words(text) for char in word)


def _cost(text: str, encoding: str) -> float:
    """How far a text is from words, each different word and sign counted once."""
    total = sum(_sign_cost(*sign) for sign in _signs(text))
    words = _words(text)
    if encoding in _CYRILLIC:
        return total + sum(_cyrillic_cost(*word) for word in words)
    alphabets = [frozenset(alphabet) for alphabet in _LATIN[encoding].split()]
    letters = [char for word, _ in words for char in word.lower() if char > "\x7f"]
    alien = min(sum(char not in alphabet for char in letters) for alphabet in alphabets)
    return total + 5.0 * alien + sum(_latin_cost(*word) for word in words)


def _sign_cost(before: str, sign: str, after: str) -> float:
    if sign in _MONEY:
        return 0.5 if before.isdigit() or after.isdigit() else 1.0 if before in " \xa0" else _SLIP
    if sign not in _SIGNS:
        return _ODD
    left, right = before.isalnum(), after.isalnum()
    if sign in "«„‘":
        slips = left + (not right)
    elif sign in "»”“":
        slips = right + (before in " \n\t,;|")
    elif sign in "–—":
        slips = (left != right) + (before.isalpha() and after.isalpha())
    elif sign == "№":
        slips = left + (not after.isdigit() and after not in " \xa0\n;,")
    elif sign in "°²³½¼¾±×":
        slips = (not (before.isdigit() or after.isdigit())) + after.isalpha() + before.isalpha()
    elif sign == "\xa0":
        slips = not (left or right)
    else:
        slips = sign != "’" and before.isalpha() and after.isalpha()
    slips += (before > "\x7f" and not left) + (after > "\x7f" and not right)
    return _SIGNS[sign] + _SLIP * slips


def _case_cost(word: str) -> float:
    """Words are small, capital, or begin with a capital."""
    return 0.0 if word.islower() or word.isupper() or word[1:].islower() else _ODD


def _cyrillic_cost(word: str, by_digit: bool) -> float:
    pairs = _pair_costs()
    lower = word.lower()
    cost = _case_cost(word) + (_SLIP if by_digit and (len(word) == 1 or word.islower()) else 0.0)
    if len(word) == 1:
        cost += _SLIP if lower not in "авиксуоя" else _SLIP / 2 * word.isupper()
    for first, second in pairwise(f" {lower} "):
        if second == " " or first == " ":
            known = (second if first == " " else first) in _RUSSIAN
            cost += pairs.get((first, second), 7.0 if known else 0.0)
        else:
            cost += pairs.get((first, second), 7.0)
    cost += sum(_NEIGHBOURS.get(char, _ALIEN) for char in lower if char not in _RUSSIAN)
    return cost * sum(char > "\x7f" for char in word) / (len(word) + 1)


@cache
def _pair_costs() -> dict[tuple[str, str], float]:
    """Minus the logarithm of how likely one letter is to follow another, from crmkit's own Russian texts."""
    from crmkit.book.synonyms import COLUMNS

    messages = files("crmkit.wording").joinpath("locales", "ru.po").read_text(encoding="utf-8")
    headers = " ".join(group for table in COLUMNS.values() for groups in table.values() for group in groups)
    text = f"{messages} {headers} {_USUAL_WORDS * 5}".lower()
    words = re.findall(f"[{_RUSSIAN}]+", text)
    counts = Counter(pair for word in words for pair in pairwise(f" {word} "))
    firsts: Counter[str] = Counter()
    for (first, _), count in counts.items():
        firsts[first] += count
    size = len(_RUSSIAN) + 1
    return {
        (first, second): -math.log((counts[first, second] + 0.5) / (firsts[first] + 0.5 * size))
        for first in f" {_RUSSIAN}"
        for second in f" {_RUSSIAN}"
    }


def _latin_cost(word: str, by_digit: bool) -> float:
    cost = _case_cost(word) + (_SLIP if by_digit else 0.0)
    cost += _SLIP if len(word) == 1 else 0.0
    beyond = sum(char > "\x7f" for char in word)
    cost += 5.0 * max(0, 2 * beyond - len(word) - (len(word) < 3))
    padded = f" {word.lower()} "
    for before, char, after in zip(padded, padded[1:], padded[2:]):
        if char <= "\x7f":
            continue
        is_vowel = char in _VOWELS
        alike = sum((side in _VOWELS) == is_vowel for side in (before, after) if side != " ")
        cost += 2.0 + 1.5 * alike
        # Spanish has its letter before vowels only, Polish before anything else.
        cost += 4.0 * ((char == "ñ" and after not in _VOWELS) + (char == "ń" and after in _VOWELS))
    return cost
