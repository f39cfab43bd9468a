"""Decisions that a user of the simulator may change: a checked policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crmkit.datasets.clinic_days import AS_OF_DAY, START_DAY, day_number
from crmkit.datasets.clinic_truth import AS_OF, PAID_CHANNELS, START

_SHARES = ("reminder_share", "call_share", "care_share", "greeting_share", "offer_share")
_LISTS = ("call_appointments", "reminder_clients", "care_clients", "greeting_clients", "offer_clients")


@dataclass(frozen=True)
class Policy:
    """What the clinics do differently from `start_day` on; None means as they usually do.

    A share replaces the usual habit and the trial: of all occasions, that share gets the contact. A list
    narrows it to the clients (or appointments) named: nobody else is contacted, and of those named the share
    given (all by default).
    """

    start_day: int = START_DAY
    reminder_share: float | None = None
    call_share: float | None = None
    care_share: float | None = None
    greeting_share: float | None = None
    offer_share: float | None = None
    offer_discount: float | None = None
    advertising: dict[str, float] = field(default_factory=dict)
    call_appointments: frozenset[str] | None = None
    reminder_clients: frozenset[str] | None = None
    care_clients: frozenset[str] | None = None
    greeting_clients: frozenset[str] | None = None
    offer_clients: frozenset[str] | None = None

    @property
    def start_week(self) -> int:
        """First whole week in which the policy holds."""
        return -(-self.start_day // 7)


def read_policy(policy: Mapping[str, Any] | None) -> Policy:
    """Check a policy given as a mapping.

    Raises
    ------
    ValueError
        A key is unknown or its value is not what it must be; the message names the key and what was expected.
    """
    if policy is None:
        return Policy()
    if not isinstance(policy, Mapping):
        raise ValueError(f"policy: expected None or a dict, found {type(policy).__name__}.")
    known = ("start", *_SHARES, "offer_discount", "advertising", *_LISTS)
    unknown = sorted(str(key) for key in policy if key not in known)
    if unknown:
        raise ValueError(f"policy: unknown key {unknown[0]!r}. The keys are {', '.join(known)}.")
    checked: dict[str, Any] = {"start_day": _start(policy.get("start", START))}
    for key in (*_SHARES, "offer_discount"):
        if policy.get(key) is not None:
            checked[key] = _number(key, policy[key], 1.0 if key != "offer_discount" else 0.9)
    for key in _LISTS:
        if policy.get(key) is not None:
            checked[key] = _ids(key, policy[key])
            share = key.split("_")[0] + "_share"
            checked.setdefault(share, 1.0)
    checked["advertising"] = _advertising(policy.get("advertising") or {})
    return Policy(**checked)


def _start(value: Any) -> int:
    text = value.isoformat()[:10] if isinstance(value, date) else value
    try:
        day = day_number(date.fromisoformat(text).isoformat())
    except (TypeError, ValueError):
        raise ValueError(
            f"policy['start']: expected an ISO date such as '2024-07-01', found {value!r}."
        ) from None
    if not START_DAY <= day <= AS_OF_DAY:
        raise ValueError(f"policy['start']: expected a day from {START} to {AS_OF}, found {text}.")
    return day


def _number(key: str, value: Any, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
        raise ValueError(f"policy[{key!r}]: expected a number from 0 to {most:g}, found {value!r}.")
    return float(value)


def _ids(key: str, value: Any) -> frozenset[str]:
    if isinstance(value, (str, bytes)):
        raise ValueError(f"policy[{key!r}]: expected a list of ids, found one text.")
    try:
        ids = frozenset(value)
    except TypeError:
        raise ValueError(f"policy[{key!r}]: expected a list of ids, found {type(value).__name__}.") from None
    if not all(isinstance(item, str) for item in ids):
        raise ValueError(f"policy[{key!r}]: expected a list of ids as text, found other things in it.")
    return ids


def _advertising(value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise ValueError(
            "policy['advertising']: expected a dict of channel and multiplier, such as {'search': 1.2}."
        )
    for channel, multiplier in value.items():
        if channel not in PAID_CHANNELS:
            names = ", ".join(PAID_CHANNELS)
            raise ValueError(f"policy['advertising']: unknown channel {channel!r}. The channels are {names}.")
        _number(f"advertising: {channel}", multiplier, 10.0)
    return {channel: float(multiplier) for channel, multiplier in value.items()}
