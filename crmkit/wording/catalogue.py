"""Translations: English is the source, every other language is a gettext catalogue in ``locales/``."""

from __future__ import annotations

import gettext
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "ru")


def mark(message: str) -> str:
    """Return `message` unchanged: marks a text for translation where it is defined away from a speaker.

    >>> mark("Who are our clients?")
    'Who are our clients?'
    """
    return message


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of one language.

    Parameters
    ----------
    language
        One of ``LANGUAGES``.

    Raises
    ------
    ValueError
        If crmkit does not speak the language.
    """
    if language == "en":
        return gettext.NullTranslations()
    if language not in LANGUAGES:
        raise ValueError(f"language '{language}' is not known: expected one of {', '.join(LANGUAGES)}.")
    # The readable catalogue is compiled on first use, so no compiled copy can go stale beside it.
    from io import BytesIO

    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with files(__package__).joinpath("locales", f"{language}.po").open("rb") as source:
        catalogue = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
