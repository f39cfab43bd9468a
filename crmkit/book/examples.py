"""Cells that may be shown in notes and messages: never what looks like a person's data."""

from __future__ import annotations

import re

from crmkit.book.privacy import looks_personal

_LONGEST = 60
_ADDRESS = re.compile(r"@|\d{3}")
# Words of remarks. A name of a person has none of them.
_REMARK = re.compile(
    r"(?i)\b(?:not|no|none|date|see|included?|separately|unknown|pending|captured|missing|total|line|row|нет|не|"
    r"без|дата|см|включено|отдельно|неизвестно|всего|итого?)\b"
)


# Months and days of the week, and words of money, are no names.
_KNOWN_WORD = re.compile(
    r"(?i)\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|янв\w*|фев\w*|март\w*|апр\w*|ма[йяе]|июн\w*|июл\w*|авг\w*|сент\w*|"
    r"окт\w*|нояб\w*|дек\w*|euros?|dollars?|rub|руб\w*|pounds?|yes|true|false|cash|free|various|week|quarter)\b"
)
_NAME_WORD = re.compile(r"\b[A-ZА-ЯЁ][a-zа-яё]{2,}\b")


def shown(cell: object) -> str:
    """The cell as it may be shown, cut short; blank if it looks like a name, an e-mail or a telephone.

    >>> shown("Date Not Captured"), shown("Anna Example"), shown("anna@example.org")
    ('Date Not Captured', '', '')
    """
    text = "" if cell is None or cell != cell else str(cell).strip()
    if not text or is_person(text):
        return ""
    return text[:_LONGEST] + ("…" if len(text) > _LONGEST else "")


def is_person(text: str) -> bool:
    """Whether a cell that is out of place looks like a name, an e-mail or a telephone."""
    if is_address(text):
        return True
    if _REMARK.search(text):
        return False
    return looks_personal([text], of=3) or bool(_NAME_WORD.search(_KNOWN_WORD.sub("", text)))


def is_address(text: str) -> bool:
    """Whether a cell looks like an e-mail or a telephone."""
    return bool(_ADDRESS.search(text)) and looks_personal([text], of=3)
