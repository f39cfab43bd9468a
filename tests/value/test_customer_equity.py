import pandas as pd
import pytest
from matplotlib import pyplot

import crmkit as ck
from crmkit.value import customer_equity

LEDGER = pd.DataFrame({"client_id": ["a"], "date": ["2024-01-01"], "amount": [1]})


@pytest.fixture(scope="module")
def found():
    book = ck.open_book({"ledger": LEDGER}, currency="EUR")
    return customer_equity(book, acquisition=(6, 0.25, 0.45), retention=(10, 0.5, 0.8), margin=60)


def test_equity_now_and_at_the_best_budgets_and_the_check_are_said(found):
    text = str(found.explain())
    assert "worth €17.33 today and €28.85" in text
    assert text.count("€112.12") == 3


def test_where_nothing_should_be_spent_the_check_says_so(found):
    book = ck.open_book({"ledger": LEDGER})
    poor = customer_equity(book, acquisition=(6, 0.25, 0.45), retention=(10, 0.5, 0.8), margin=2.0)
    assert "nothing should be spent" in str(poor.explain())


def test_the_picture_marks_today_and_the_best(found):
    axes = found.plot()
    marks = [line for line in axes.lines if line.get_marker() in "os"]
    assert sorted(float(line.get_xdata()[0]) for line in marks) == pytest.approx([6, 10, 14.20368, 22.16955])
    pyplot.close(axes.figure)
    assert set(found.plot_data()["side"]) == {"acquisition", "retention"}
