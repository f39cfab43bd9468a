import datetime

import numpy as np
import pandas as pd
import pytest

from crmkit.wording import Speaker


@pytest.mark.parametrize(
    ("language", "value", "expected"),
    [
        ("en", 1234567, "€1,234,567"),
        ("ru", 1234567, "1\xa0234\xa0567\xa0€"),
        ("en", 12.5, "€12.50"),
        ("en", -1234.4, "-€1,234"),
        ("en", -0.001, "€0.00"),
        ("en", float("nan"), "–"),
        ("en", float("inf"), "–"),
    ],
)
def test_money_is_written_as_the_language_writes_it(language, value, expected):
    assert Speaker(language, currency="EUR").money(value) == expected


def test_money_without_a_currency_is_a_plain_number():
    assert Speaker("en").money(1234.6) == "1,235"
    assert Speaker("en").money(2.9) == "2.90"


@pytest.mark.parametrize(
    ("language", "share", "digits", "expected"),
    [
        ("en", 0.731, 0, "73%"),
        ("en", 0.731, 1, "73.1%"),
        ("ru", 0.731, 0, "73\xa0%"),
        ("ru", 0.731, 1, "73,1\xa0%"),
    ],
)
def test_shares_are_written_as_per_cent(language, share, digits, expected):
    assert Speaker(language).percent(share, digits) == expected


def test_dates_and_months_are_written_out():
    day = datetime.date(2025, 6, 30)
    assert Speaker("en").date(day) == "30 June 2025"
    assert Speaker("ru").date(day) == "30 июня 2025 г."
    assert Speaker("ru").month(pd.Timestamp(day)) == "июнь 2025"
    assert Speaker("en").date(pd.NaT) == "–"


def test_a_count_may_come_from_numpy():
    assert Speaker("ru").plural("and {n} more row", "and {n} more rows", np.int64(5)).count("5") == 1
    assert Speaker("en").plural("{n} client", "{n} clients", np.int64(1)) == "1 client"


def test_pandas_missing_value_is_a_dash():
    assert Speaker("en").number(pd.NA) == "–"


def test_names_in_values_cannot_reach_other_placeholders():
    assert Speaker("en")("Client {name}.", name="{money}") == "Client {money}."


def test_items_are_listed_as_in_a_sentence():
    assert Speaker("en").enumerate(["a", "b", "c"]) == "a, b, and c"
    assert Speaker("ru").enumerate(["а", "б"]) == "а и б"


def test_an_unknown_language_is_refused_with_those_known():
    with pytest.raises(ValueError, match="language 'de' is not known: expected one of en, ru"):
        Speaker("de")
