"""What to do with a client of given scores? One action group for each of the 125 cells.

The rules are data: for each group the scores of recency, frequency and money that belong to it, 5 being best.
Every cell belongs to exactly one group; a test counts them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from crmkit.wording import mark


@dataclass(frozen=True)
class ActionGroup:
    """One group: its name, its cells as ("scores of recency", "of frequency", "of money"), and what to do."""

    name: str
    cells: tuple[tuple[str, str, str], ...]
    action: str


ACTION_GROUPS = (
    ActionGroup(
        mark("champions"),
        (("45", "45", "45"),),
        mark("Thank them in person and ask them to recommend you; they need no discount."),
    ),
    ActionGroup(
        mark("loyal"),
        (("45", "45", "123"), ("3", "45", "12345")),
        mark("Show them what else they could buy."),
    ),
    ActionGroup(
        mark("promising"),
        (("45", "23", "12345"),),
        mark("Agree the next purchase while they are here, so that it becomes a habit."),
    ),
    ActionGroup(
        mark("new"),
        (("45", "1", "12345"),),
        mark("Welcome them, and help with the second purchase."),
    ),
    ActionGroup(
        mark("needs attention"),
        (("3", "123", "12345"),),
        mark("Remind them in person, before they get used to staying away."),
    ),
    ActionGroup(
        mark("cannot lose"),
        (("12", "45", "45"),),
        mark("Call each of them, ask what has changed, and put it right."),
    ),
    ActionGroup(
        mark("at risk"),
        (("12", "45", "123"), ("12", "3", "12345"), ("2", "12", "45")),
        mark("Write with a reason to come back; call those who brought most."),
    ),
    ActionGroup(
        mark("hibernating"),
        (("2", "12", "123"),),
        mark("One cheap reminder in season."),
    ),
    ActionGroup(
        mark("lost"),
        (("1", "12", "12345"),),
        mark("Spend nothing on them, and learn why they left."),
    ),
)

CELL_GROUPS = np.full((5, 5, 5), "", dtype=object)
"""Name of the group by the scores of recency, frequency and money, each less one."""
for _group in ACTION_GROUPS:
    for _cells in _group.cells:
        for _cell in product(*_cells):
            CELL_GROUPS[tuple(int(score) - 1 for score in _cell)] = _group.name
