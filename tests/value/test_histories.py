import pandas as pd
import pytest

import crmkit as ck
from crmkit.value.histories import purchase_histories


def book():
    ledger = pd.DataFrame(
        {
            "date": pd.to_datetime(
                ["2024-01-01", "2024-01-15", "2024-01-15", "2024-03-11", "2024-01-08", "2024-02-01"]
            ),
            "client_id": ["A", "A", "A", "A", "B", "C"],
            "amount": [10.0, 20.0, 10.0, 50.0, 30.0, -5.0],
            "cost": [5.0, 10.0, 5.0, 25.0, 10.0, 0.0],
        }
    )
    return ck.open_book({"ledger": ledger}, as_of="2024-03-18")


def test_purchase_days_and_not_lines_count_and_a_client_with_returns_alone_has_no_history():
    found = purchase_histories(book()).set_index("client_id")
    assert found.index.tolist() == ["A", "B"]
    assert found.loc["A"].round(6).tolist() == [2, 10, 11, 30, 0.5]
    assert found.loc["B", ["frequency", "recency", "T"]].tolist() == [0, 0, 10]


def test_nothing_after_the_day_asked_for_is_known():
    found = purchase_histories(book(), until="2024-01-22", unit="day").set_index("client_id")
    assert found.loc["A", ["frequency", "recency", "T"]].tolist() == [1, 14, 21]
    assert found.loc["A", "monetary_value"] == 20


def test_a_unit_that_is_none_is_refused():
    with pytest.raises(ValueError, match="unit must be one of day, week"):
        purchase_histories(book(), unit="fortnight")
