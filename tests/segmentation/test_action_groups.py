from collections import Counter
from itertools import product

import pytest

from crmkit.segmentation.action_groups import ACTION_GROUPS, CELL_GROUPS

SCORES = range(1, 6)


def test_each_of_the_125_cells_belongs_to_exactly_one_group():
    times = Counter(
        (int(recency), int(frequency), int(money))
        for group in ACTION_GROUPS
        for cells in group.cells
        for recency, frequency, money in product(*cells)
    )
    assert times == Counter(product(SCORES, repeat=3))


def test_every_group_has_a_name_of_its_own_and_says_what_to_do():
    assert len({group.name for group in ACTION_GROUPS}) == len(ACTION_GROUPS)
    assert all(group.action.endswith(".") for group in ACTION_GROUPS)


@pytest.mark.parametrize(
    ("cell", "group"),
    [
        ((5, 5, 5), "champions"),
        ((3, 5, 1), "loyal"),
        ((5, 1, 5), "new"),
        ((5, 2, 1), "promising"),
        ((3, 1, 1), "needs attention"),
        ((1, 5, 5), "cannot lose"),
        ((1, 3, 3), "at risk"),
        ((2, 1, 1), "hibernating"),
        ((1, 1, 1), "lost"),
    ],
)
def test_typical_cells_have_the_expected_group(cell, group):
    recency, frequency, money = cell
    assert CELL_GROUPS[recency - 1, frequency - 1, money - 1] == group


def test_a_better_recency_never_leads_to_a_group_of_those_who_stay_away():
    away = {"cannot lose", "at risk", "hibernating", "lost"}
    for recency, frequency, money in product(SCORES, repeat=3):
        assert (CELL_GROUPS[recency - 1, frequency - 1, money - 1] in away) == (recency <= 2)
