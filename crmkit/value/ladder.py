"""How far does the next money go when the best contacts are made first?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Way:
    """One kind of contact that more money could buy.

    Attributes
    ----------
    kind, arm
        The kind of contact; of several arms on the same occasions one can be chosen.
    cost
        Money for one contact.
    effect
        Expected money more for each contact.
    room
        So many more contacts a year are possible.
    draws
        Possible effects, shape (draws,).
    """

    kind: str
    arm: str
    cost: float
    effect: float
    room: float
    draws: np.ndarray


@dataclass(frozen=True)
class Rung:
    """So many contacts of one way."""

    way: Way
    contacts: float

    @property
    def spent(self) -> float:
        """Money for them."""
        return self.contacts * self.way.cost


def climb(ways: Sequence[Way], budget: float) -> list[Rung]:
    """The contacts to buy with a budget: those that bring most for their money first, each while there is
    room.

    Of the arms on the same occasions the one that leaves most after its cost is taken; a contact that is
    expected to bring less than it costs is not bought, so that money may be left over.

    Examples
    --------
    >>> sms = Way("sms", "reminder", cost=0.1, effect=5.0, room=1000, draws=np.ones(1))
    >>> call = Way("call", "care", cost=4.0, effect=20.0, room=500, draws=np.ones(1))
    >>> [(rung.way.arm, round(rung.contacts)) for rung in climb([call, sms], 500.0)]
    [('reminder', 1000), ('care', 100)]
    """
    best: dict[str, Way] = {}
    for way in ways:
        rival = best.get(way.kind)
        if way.effect > way.cost and (rival is None or way.effect - way.cost > rival.effect - rival.cost):
            best[way.kind] = way
    # The most for the money first; what costs nothing comes before everything.
    ordered = sorted(best.values(), key=lambda way: (-way.effect / max(way.cost, 1e-9), way.kind, way.arm))
    rungs, rest = [], budget
    for way in ordered:
        contacts = way.room if way.cost <= 0 else min(way.room, rest / way.cost)
        if contacts > 0:
            rungs.append(Rung(way, contacts))
            rest -= contacts * way.cost
    return rungs


def gain(rungs: Sequence[Rung]) -> float:
    """Expected money that the contacts bring, their cost not taken off."""
    return float(sum(rung.contacts * rung.way.effect for rung in rungs))


def gain_draws(rungs: Sequence[Rung], size: int) -> np.ndarray:
    """Possible values of the same, shape (draws,)."""
    total = np.zeros(size)
    for rung in rungs:
        total = total + rung.contacts * rung.way.draws
    return total


def spent(rungs: Sequence[Rung]) -> float:
    """Money for the contacts."""
    return float(sum(rung.spent for rung in rungs))
