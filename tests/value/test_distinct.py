import numpy as np
import pandas as pd
import pytest

from crmkit.value.distinct import distinct, distinct_with_rows


@pytest.fixture(scope="module")
def columns():
    generator = np.random.default_rng(1)
    return generator.poisson(1.5, 5000).astype(float), generator.integers(0, 40, 5000) / 7


def test_counts_are_those_of_pandas_and_rows_lead_back(columns):
    found, rows = distinct_with_rows(*columns)
    expected = pd.DataFrame({"x": columns[0], "t": columns[1]}).groupby(["x", "t"]).size().reset_index()
    assert len(found) == len(expected)
    assert found.columns[0].tolist() == expected["x"].tolist()
    assert found.columns[1].tolist() == expected["t"].tolist()
    assert found.counts.tolist() == expected[0].tolist()
    for column, values in zip(found.columns, columns):
        assert (column[rows] == values).all()
    assert found.total(1) == pytest.approx(columns[1].sum())
    without = distinct(*columns)
    assert without.counts.tolist() == found.counts.tolist()
    assert [each.tolist() for each in without.columns] == [each.tolist() for each in found.columns]


def test_weights_are_added_up(columns):
    weights = np.random.default_rng(2).integers(0, 2, 5000).astype(float) * 1.5
    found = distinct(*columns, weights=weights)
    assert found.counts.sum() == weights.sum()
    assert (found.counts > 0).all()
    assert found.total(0) == pytest.approx((columns[0] * weights).sum())


def test_more_levels_than_an_integer_can_hold_are_no_trouble():
    generator = np.random.default_rng(3)
    columns = [generator.random(3000) for _ in range(6)]
    found, rows = distinct_with_rows(*columns)
    assert len(found) == len(distinct(*columns)) == 3000
    assert all((column[rows] == values).all() for column, values in zip(found.columns, columns))


def test_few_clients_picked_at_even_steps_stand_for_all(columns):
    found = distinct(*columns)
    few = found.thinned(500)
    assert few.counts.sum() == 500
    assert len(few) < len(found)
    for column in (0, 1):
        mean = few.total(column) / 500
        assert mean == pytest.approx(found.total(column) / 5000, rel=0.05)
