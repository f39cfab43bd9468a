import pandas as pd
import pytest

import crmkit as ck
from crmkit.book import check_report
from crmkit.book.contracts import TABLES
from crmkit.book.questions import QUESTIONS


def answers(**tables):
    return ck.open_book(tables).answers().set_index("question")


def test_a_ledger_without_amounts_still_answers_who_is_leaving(ledger):
    found = answers(ledger=ledger.drop(columns="amount"))
    assert found.loc["churn", "answered"]
    assert not found.loc["concentration", "answered"]
    assert found.loc["concentration", "missing"] == "ledger.amount"


def test_a_column_without_values_does_not_answer_anything(ledger):
    found = answers(ledger=ledger.assign(amount=None))
    assert not found.loc["concentration", "answered"]


def test_what_is_missing_is_told_with_its_alternatives(ledger):
    found = answers(ledger=ledger)
    assert found.loc["occasions", "missing"] == "clients.birthday or facts.date"
    assert found.loc["advertising", "missing"] == "spend"


def test_one_more_table_is_weighed_by_what_it_unlocks(ledger):
    report = check_report(ck.open_book({"ledger": ledger}))
    added = report.additions.set_index("addition")
    assert "Where is advertising worth its money?" in added.loc["spend", "unlocks"]
    assert "Who is VIP, A, B, C and D?" in added.loc["contacts.minutes", "improves"]
    with_spend = pd.DataFrame({"period": ["2024-01-01"], "channel": ["search"], "amount": [5]})
    assert answers(ledger=ledger, spend=with_spend).loc["advertising", "answered"]


def test_the_check_holds_what_was_read(write, ledger_csv):
    report = check_report(ck.open_book(ledger_csv))
    assert report.tables.to_dict("records") == [
        {"table": "ledger", "rows": 4, "columns": 3, "names": "date, client_id, amount"}
    ]
    assert report.reconciliation["amount"].iloc[0] == pytest.approx(2605.5)
    assert report.name == "ledger"


def test_questions_need_what_the_contracts_have():
    for question in QUESTIONS:
        for name in [option for options in question.needs for option in options] + list(question.better):
            table, _, column = name.partition(".")
            assert table in TABLES
            assert not column or column in TABLES[table]
    assert len({question.key for question in QUESTIONS}) == len(QUESTIONS)


def test_a_name_that_the_package_has_not_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'opn_book'"):
        ck.opn_book  # noqa: B018
