import pandas as pd
import pytest

import crmkit as ck
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
    added = ck.open_book({"ledger": ledger}).additions().set_index("addition")
    assert "Where is advertising worth its money?" in added.loc["spend", "unlocks"]
    assert "Who is VIP, A, B, C and D?" in added.loc["contacts.minutes", "improves"]
    with_spend = pd.DataFrame({"period": ["2024-01-01"], "channel": ["search"], "amount": [5]})
    assert answers(ledger=ledger, spend=with_spend).loc["advertising", "answered"]


def test_contents_are_the_tables_with_their_rows_and_the_columns_that_hold_values(ledger):
    book = ck.open_book({"ledger": ledger.assign(place=None)})
    assert book.contents().to_dict("records") == [
        {"table": "ledger", "rows": len(ledger), "columns": 3, "names": "date, client_id, amount"}
    ]


def test_a_ledger_that_names_no_client_answers_nothing_about_clients(ledger):
    found = answers(ledger=ledger.assign(client_id=""))
    for question in ("concentration", "rfm", "classes", "clusters", "migration", "churn", "lifetime_value"):
        assert found.loc[question, "missing"] == "ledger.client_id"
    assert found.loc["sales_forecast", "answered"]


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
