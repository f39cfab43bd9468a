import decimal

import pandas as pd
import pytest

import crmkit as ck


def read(amounts, **options):
    frame = pd.DataFrame({"client": "C", "date": "2024-01-05", "amount": amounts})
    return ck.open_book({"ledger": frame}, **options).table("ledger")["amount"].tolist()


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (["1200.50", "-3", "+7", "0.125"], [1200.5, -3, 7, 0.125]),
        (["1200,50", "-3,5", "1.234,5"], [1200.5, -3.5, 1234.5]),
        (["1,234.50", "12,345,678.9"], [1234.5, 12345678.9]),
        (["1 200,50", "1\xa0234,5", "1\u202f000"], [1200.5, 1234.5, 1000]),
        (["1 234,567", "2,125"], [1234.567, 2.125]),
        (["$1,234.50", "-$20.00", "$ 5.5"], [1234.5, -20, 5.5]),
        (["1 200,50 руб.", "35,00 руб."], [1200.5, 35]),
        (["100 EUR", "20.5 eur"], [100, 20.5]),
        (["(500.00)", "20-", "−5"], [-500, -20, -5]),
        (["1'234.50", "2’000.75"], [1234.5, 2000.75]),
        (["1e3", "2.5E+2"], [1000, 250]),
        (["1,234,567", "2,000"], [1234567, 2000]),
        (["0,125", "0,250"], [0.125, 0.25]),
        ([1, 2.5], [1, 2.5]),
        ([decimal.Decimal("1.10"), 2], [1.1, 2]),
    ],
)
def test_numbers_are_read_as_the_column_shows(amounts, expected):
    assert read(amounts) == expected


@pytest.mark.parametrize(
    ("amounts", "whole", "fraction"),
    [(["1,234", "2,500"], "1234", "1.234"), (["1.234", "7.125"], "1234", "1.234")],
)
def test_numbers_that_fit_two_marks_are_refused_with_both_readings(amounts, whole, fraction):
    with pytest.raises(ck.BookError, match=f"can be read as {whole} or as {fraction}"):
        read(amounts)


def test_the_option_settles_the_mark():
    assert read(["1,234", "2,500"], decimal="point") == [1234, 2500]
    assert read(["1,234", "2,500"], decimal="comma") == [1.234, 2.5]
    assert read(["1.234"], decimal="comma") == [1234]


def test_a_column_with_both_marks_is_refused():
    with pytest.raises(ck.BookError, match=r"decimal comma \('12,5'\) and some a decimal point \('3.75'\)"):
        read(["12,5", "3.75"])
    with pytest.raises(ck.BookError, match="a comma and a point, each before three digits"):
        read(["1,234", "1.234"])


def test_under_one_mark_the_other_never_changes_a_number_silently():
    with pytest.raises(ck.BookError, match="row 1: '12,5' is not a number"):
        read(["12,5", "3.75"], decimal="point")


def test_amounts_in_two_currencies_are_refused():
    with pytest.raises(ck.BookError, match=r"more than one currency \(EUR, USD\)"):
        read(["$10", "20 €"])


@pytest.mark.parametrize(
    "bad", ["abc", "12 apples", "See DN-304 (ID#:10589)", "1.2.3", "1,23,4", "12 5", "1 2 3", "inf", "12:30"]
)
def test_what_is_no_number_is_refused_with_its_place(bad):
    with pytest.raises(ck.BookError, match=r"ledger, column 'amount', row 2: .* is not a number"):
        read(["10.5", bad])


@pytest.mark.parametrize("blank", ["", " ", "-", "n/a", "NULL", None])
def test_a_missing_amount_stays_missing_and_is_noted(blank):
    frame = pd.DataFrame({"client": "C", "date": "2024-01-05", "amount": ["10.5", blank]})
    book = ck.open_book({"ledger": frame})
    assert book.table("ledger")["amount"].isna().tolist() == [False, True]
    assert book.notes.set_index("kind").loc["blank_amount", "rows"] == 1


def test_an_infinite_amount_in_a_typed_column_is_refused():
    with pytest.raises(ck.BookError, match="'inf' is not a number"):
        read([1.0, float("inf")])


def test_money_adds_up_exactly():
    assert read(["0.10"] * 3)[0] == 0.1
    frame = pd.DataFrame({"client": "C", "date": "2024-01-05", "amount": ["0.10"] * 1000})
    assert ck.open_book({"ledger": frame}).client_summary()["amount"].tolist() == [100.0]
