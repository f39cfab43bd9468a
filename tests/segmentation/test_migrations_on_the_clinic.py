"""Do the intervals of the moves hold the rates that the clinic's world brings about?"""

import numpy as np
import pytest

import crmkit as ck

SEEDS = range(6)


@pytest.fixture(scope="module")
def tables():
    return {seed: ck.segmentation.migration(ck.datasets.clinic(seed)).table for seed in SEEDS}


@pytest.mark.slow
def test_rates_of_the_same_world_lie_inside_the_intervals_at_the_stated_rate(tables):
    """The rates of a world are those of its other seeds together: the same truth, other luck."""
    inside = cells = 0
    for seed, table in tables.items():
        known = table[table["from_class"] != "new"]
        others = sum(tables[other].loc[known.index, "clients"] for other in SEEDS if other != seed)
        rate = others / others.groupby(known["from_class"]).transform("sum")
        hit = (known["probability_lo"] <= rate) & (rate <= known["probability_hi"])
        inside, cells = inside + int(hit.sum()), cells + len(hit)
    print(f"inside {inside} of {cells}")
    assert 0.9 <= inside / cells <= 0.99


@pytest.mark.slow
def test_classes_found_move_more_than_the_traits_behind_them(tables):
    """What the caveat of the result says: clients near a limit cross it by chance."""
    apparent, true = [], []
    for seed, table in tables.items():
        known = table[table["from_class"] != "new"]
        stayed = known.loc[known["from_class"] == known["to_class"], "clients"].sum()
        apparent.append(1 - stayed / known["clients"].sum())
        changes = np.array(ck.datasets.clinic(seed).truth["class_changes"]["2024-06-30 to 2025-06-30"])
        true.append(1 - np.trace(changes) / changes.sum())
    print(f"moved {np.mean(apparent):.3f}, truly {np.mean(true):.3f}")
    assert all(seen > behind for seen, behind in zip(apparent, true))
