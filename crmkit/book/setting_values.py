"""May a key of the settings have this value?"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from crmkit.book.errors import BookError
from crmkit.wording import Message


def check_value(value: Any, hint: Any, rules: Mapping[str, Any], *, where: str) -> Any:
    """The value as the key holds it.

    Parameters
    ----------
    value
        As TOML or Python gives it.
    hint
        Type of the key.
    rules
        What its definition says: choices, least, most, check, meaning.
    where
        File, section and key, for the refusal.

    Raises
    ------
    BookError
        If the value is of another type, or not one that the rules allow.
    """
    if hint is str and isinstance(value, datetime.date):
        value = value.isoformat()
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if hint is str and rules["choices"]:
        value = _spelt_as_known(value, rules["choices"])
    if hint in _EXPECTED:
        if not isinstance(value, hint) or (hint is not bool and isinstance(value, bool)):
            raise BookError(
                "{where}: expected {expected}, found {value!r}.",
                where=where,
                expected=_EXPECTED[hint],
                value=value,
            )
    elif hint == tuple[str, ...]:
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise BookError(
                '{where}: expected a list of texts such as ["WALK_IN"], found {value!r}.',
                where=where,
                value=value,
            )
        value = tuple(value)
    else:
        if not isinstance(value, list | tuple) or not all(
            isinstance(item, int | float) and not isinstance(item, bool) for item in value
        ):
            raise BookError(
                "{where}: expected a list of numbers such as [30, 90, 180], found {value!r}.",
                where=where,
                value=value,
            )
        value = tuple(float(item) for item in value)
    if rules["choices"] and value not in rules["choices"]:
        choices = ", ".join(repr(choice) for choice in rules["choices"])
        raise BookError(
            "{where}: {value!r} is not one of {choices}.", where=where, value=value, choices=choices
        )
    if rules["check"] is not None and not rules["check"](value):
        raise BookError(
            "{where}: {value!r} cannot be used; this is the {meaning}.",
            where=where,
            value=value,
            meaning=Message(rules["meaning"]),
        )
    if rules["least"] is not None and value < rules["least"]:
        raise BookError(
            "{where}: {value!r} is less than {least}, the least that makes sense.",
            where=where,
            value=value,
            least=rules["least"],
        )
    if rules["most"] is not None and value > rules["most"]:
        raise BookError(
            "{where}: {value!r} is more than {most}, the most that makes sense; 20% is written 0.2.",
            where=where,
            value=value,
            most=rules["most"],
        )
    return value


_EXPECTED = {
    str: Message("text in quotes"),
    bool: Message("true or false"),
    int: Message("a whole number"),
    float: Message("a number"),
}


def _spelt_as_known(value: Any, choices: tuple[Any, ...]) -> Any:
    """A choice with the spaces of the known one: on the command line one writes day-first for "day first"."""

    def bare(word: Any) -> str:
        return str(word).lower().replace("-", " ").replace("_", " ")

    return next((known for known in choices if value != "" and bare(known) == bare(value)), value)
