"""One key of the settings: its default, what it means, and what it may be."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable
from dataclasses import field
from typing import Any


def key(
    default: Any,
    meaning: str,
    *,
    choices: tuple[Any, ...] = (),
    least: float | None = None,
    most: float | None = None,
    waits: bool = False,
    check: Callable[[str], bool] | None = None,
) -> Any:
    """One key of a section: its default, what it means, what it may be, and whether nothing reads it yet."""
    rules = {"choices": choices, "least": least, "most": most, "check": check}
    return field(default=default, metadata={"meaning": meaning, "waits": waits, **rules})


def is_currency(code: str) -> bool:
    """Whether it is blank or looks like EUR."""
    return not code or (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper())


def is_time_zone(name: str) -> bool:
    """Whether it is blank or a known zone such as Europe/Berlin."""
    try:
        return not name or bool(zoneinfo.ZoneInfo(name))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return False


def is_day(text: str) -> bool:
    """Whether it is blank or a day such as 2025-06-30."""
    try:
        return not text or bool(datetime.datetime.fromisoformat(text))
    except ValueError:
        return False
