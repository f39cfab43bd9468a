import re

import pandas as pd
import pytest

from crmkit.wording import Speaker, TableView


@pytest.fixture
def clients():
    return pd.DataFrame(
        {
            "client_id": ["=1+1", "<script>x</script>"],
            "amount": [1234.5, None],
            "amount_share": [0.731, 0.05],
            "last_date": pd.to_datetime(["2025-06-30", None]),
            "answered": [True, False],
            "clients": [1200, 3],
        }
    )


def test_columns_are_headed_and_written_by_the_vocabulary(clients):
    lines = repr(TableView(clients, Speaker("en", currency="EUR"))).splitlines()
    assert lines[0].split("  ")[0] == "Client"
    assert "73%" in lines[1]
    assert "30 June 2025" in lines[1]
    assert "yes" in lines[1]
    assert "1,200" in lines[1]
    assert "5.0%" in lines[2]
    assert lines[2].count("–") == 2


def test_html_shows_data_and_runs_none_of_it(clients):
    html = TableView(clients, Speaker("en"))._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;x&lt;/script&gt;" in html
    assert '<th scope="col" class="number">Amount</th>' in html
    assert 'tabindex="0"' in html


def test_values_of_unknown_columns_are_still_readable():
    frame = pd.DataFrame({"seen_on": pd.to_datetime(["2025-06-30"]), "open_now": [True], "size": [2.354]})
    shown = repr(TableView(frame, Speaker("en"))).splitlines()[1]
    assert re.split(r"\s{2,}", shown) == ["30 June 2025", "yes", "2.35"]


def test_left_out_rows_are_counted(clients):
    assert "and 1 more row" in TableView(clients, Speaker("en"), rows=1)._repr_html_()
    assert "more row" not in TableView(clients, Speaker("en"), rows=2)._repr_html_()
