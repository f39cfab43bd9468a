"""One ranking of all decisions, in which no client's money counts twice."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.reporting.conclusions import Conclusion, as_shown, decided
from crmkit.reporting.ranking import ORDER, ranked
from crmkit.statistics import DECISION_COLUMNS, Context


def decisions(**amounts):
    frame = pd.DataFrame({"id": list(amounts), "amount": list(amounts.values())})
    return frame.reindex(columns=list(DECISION_COLUMNS))


def test_the_most_money_comes_first_and_what_has_none_last():
    order = ranked(decisions(a=1.0, b=float("nan"), c=3.0, d=3.0), {})
    assert order["id"].tolist() == ["c", "d", "a", "b"]


def test_of_equal_money_what_is_due_earlier_comes_first():
    due = pd.to_datetime(["2025-07-02", "2025-07-01"])
    assert ranked(decisions(a=1.0, b=1.0).assign(due=due), {})["id"].tolist() == ["b", "a"]


worlds = st.dictionaries(
    st.sampled_from("abcd"),
    st.dictionaries(st.sampled_from("uvwxyz"), st.integers(1, 9).map(float), min_size=1),
    min_size=1,
)


@settings(deadline=None, max_examples=50)
@given(worlds)
def test_what_no_earlier_decision_covers_counts_each_client_once(world):
    clients = {name: pd.Series(money) for name, money in world.items()}
    order = ranked(decisions(**{name: money.sum() for name, money in clients.items()}), clients)
    first = {client: name for name in reversed(order["id"].tolist()) for client in world[name]}
    assert sum(map(len, world.values())) - order["covered_clients"].sum() == len(first)
    once = sum(world[name][client] for client, name in first.items())
    assert order["amount"].sum() - order["covered_amount"].sum() == pytest.approx(once)


def test_notebooks_are_ranked_together_and_the_overlap_is_shown_only_where_there_is_one():
    context = Context(pd.Timestamp("2025-06-30"))
    call = Conclusion(context, "", decisions(call=5.0), {}, clients={"call": pd.Series({"C1": 5.0})})
    visit = Conclusion(context, "", decisions(visit=7.0), {}, clients={"visit": pd.Series({"C1": 7.0})})
    together = decided([call, visit])
    assert together[["id", "covered_clients", "covered_amount"]].to_numpy().tolist() == [
        ["visit", 0, 0],
        ["call", 1, 5],
    ]
    assert "covered_clients" in as_shown(together)
    assert "covered_clients" not in as_shown(decided([call]))
    assert ORDER in repr(call)
    assert ORDER in call._repr_html_()
