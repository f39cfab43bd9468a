from dataclasses import dataclass

import pandas as pd
import pytest
from matplotlib import pyplot, rcParams
from matplotlib.figure import Figure

from crmkit.statistics import DECISION_COLUMNS, Context, Result
from crmkit.wording import Claim


@dataclass(frozen=True)
class Takings(Result):
    """The smallest result that has everything."""

    context: Context
    table: pd.DataFrame

    def _claims(self, say):
        return [Claim(say.money(self.table["amount"].sum()))]

    def plot_data(self):
        return self.table

    def _draw(self, axes, data, say):
        axes.bar(data["client_id"], data["amount"])
        axes.set_title(say.money(data["amount"].sum()))
        return "Bars by client."

    def _decide(self, say):
        money = pd.Series([5.0], index=["C3"])
        return [{"id": "1", "action": "Call", "amount": 5.0, "clients": money}, {"id": "2", "action": "Ask"}]


@pytest.fixture
def takings():
    context = Context(pd.Timestamp("2025-06-30"), language="ru", currency="EUR")
    return Takings(context, pd.DataFrame({"client_id": ["C1", "C2", "C3"], "amount": [1000.0, 200.0, 34.0]}))


def test_it_speaks_the_books_language_unless_told_otherwise(takings):
    assert str(takings.explain()) == "1\xa0234\xa0€"
    assert str(takings.explain("en")) == "€1,234"


def test_it_draws_on_the_axes_it_is_given_and_returns_them(takings):
    _, axes = pyplot.subplots()
    assert takings.plot(axes) is axes
    assert len(axes.patches) == len(takings.plot_data())
    pyplot.close("all")


def test_its_own_picture_carries_the_alternative_text(takings):
    figure = takings.plot().figure
    assert isinstance(figure, Figure)
    data, metadata = figure._repr_mimebundle_()
    assert data["text/plain"] == metadata["image/png"]["alt"] == "Bars by client."
    assert data["image/png"] == figure._repr_mimebundle_()[0]["image/png"]
    pyplot.close("all")


def test_in_a_notebook_the_picture_is_drawn_once_and_brings_its_alternative_text(takings, monkeypatch):
    from IPython.core.formatters import DisplayFormatter

    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **more: shown.append((data, more)))
    figure = takings.plot().figure
    assert DisplayFormatter().format(figure) == ({}, {})
    data, metadata = figure._repr_mimebundle_()
    assert shown == [(data, {"metadata": metadata, "raw": True})]
    pyplot.close("all")


def test_axes_show_their_picture_once_and_never_a_line_about_themselves(takings, monkeypatch):
    from IPython.core.formatters import DisplayFormatter

    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **more: shown.append(data))
    axes = takings.plot()
    assert DisplayFormatter().format(axes) == ({}, {})
    assert shown == []
    pyplot.close("all")
    assert DisplayFormatter().format(axes) == ({}, {})
    assert [data["text/plain"] for data in shown] == ["Bars by client."]


def test_the_title_is_in_the_style_and_the_style_stays_within(takings):
    before = dict(rcParams)
    axes = takings.plot()
    assert axes.get_title(loc="left")
    assert axes.title.get_text() == ""
    assert dict(rcParams) == before
    pyplot.close("all")


def test_decisions_always_have_one_shape(takings):
    decisions = takings.decisions
    assert tuple(decisions.columns) == DECISION_COLUMNS
    assert decisions.loc[0, "action"] == "Call"
    assert decisions["lo"].isna().all()


def test_a_shown_table_says_how_many_rows_are_left_out(takings):
    assert repr(takings.show(rows=2, lang="en")).endswith("and 1 more row")


def test_decisions_say_which_clients_they_are_about_where_they_are_about_some(takings):
    assert {name: money.to_dict() for name, money in takings.decided_clients.items()} == {"1": {"C3": 5.0}}
    assert tuple(takings.decisions.columns) == DECISION_COLUMNS
