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
        (["1,23,456.78", "12,34,567"], [123456.78, 1234567]),
        (["1\u2009234,50", "2\u2007000,1"], [1234.5, 2000.1]),
        (["р.500", "1 200 р.", "30,5 рублей"], [500, 1200, 30.5]),
        (["$.50", "$2.25"], [0.5, 2.25]),
        (["US$ 5.5", "USD 2", "3 usd"], [5.5, 2, 3]),
        (["12,50 zł", "1 000 zł"], [12.5, 1000]),
        (["500 тг", "20 ₸", "7 KZT"], [500, 20, 7]),
        (["CHF 1'200.50", "100.–", "80.-"], [1200.5, 100, 80]),
        (["100,-", "20,50"], [100, 20.5]),
        (["($20.50)", "-$3", "$-4", "5.5-"], [-20.5, -3, -4, -5.5]),
        (["\u200e12.5", "7"], [12.5, 7]),
        (["'12.5", "7"], [12.5, 7]),
    ],
)
def test_numbers_are_read_as_the_column_shows(amounts, expected):
    assert read(amounts) == expected


@pytest.mark.parametrize(
    ("amounts", "whole", "fraction"),
    [
        (["1,234", "2,500"], "1234", "1.234"),
        (["1.234", "7.125"], "1234", "1.234"),
        (["1,234 ", "5"], "1234", "1.234"),
        (["1.234 ", "5"], "1234", "1.234"),
    ],
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
        read(["12,5", "3.75"], decimal="point", on_bad_row="refuse")


def test_amounts_in_two_currencies_are_refused():
    with pytest.raises(ck.BookError, match=r"more than one currency.*EUR \(1\), USD \(2\).*rates"):
        read(["$10", "20 €", "30 USD"])


def test_a_dollar_sign_makes_the_comma_a_mark_between_thousands_and_says_so():
    frame = pd.DataFrame({"client": "C", "date": "2024-01-05", "amount": ["$90,000 ", "$60,500", "$5"]})
    book = ck.open_book({"ledger": frame})
    assert book.table("ledger")["amount"].tolist() == [90000, 60500, 5]
    note = book.notes.set_index("kind").loc["numbers_read"]
    assert (note["rows"], note["amount"]) == (3, 150505)
    assert 'decimal = "comma"' in note["action"]
    assert read(["$90,000"], decimal="comma") == [90]
    with pytest.raises(ck.BookError, match=r"can be read as 90000 or as 90\.000"):
        read(["90,000 €"])


@pytest.mark.parametrize("amounts", [["5%", "10%"], ["5 CR", "7 DR"]])
def test_amounts_that_are_no_money_are_refused(amounts):
    with pytest.raises(ck.BookError, match="an amount was expected"):
        read(amounts)


def lines_of(column, cells, **more):
    frame = pd.DataFrame({"client": "C", "date": "2024-01-05", "amount": 1, column: cells, **more})
    return ck.open_book({"ledger": frame})


def test_one_unit_of_quantity_is_taken_off_with_a_note_and_two_are_refused():
    book = lines_of("quantity", ["10 шт", "3 шт.", "2 pcs", "1,5"])
    assert book.table("ledger")["quantity"].tolist() == [10, 3, 2, 1.5]
    note = book.notes.set_index("kind").loc["numbers_read"]
    assert (note["rows"], note["column"]) == (3, "quantity")
    assert "pieces" in note["action"]
    with pytest.raises(ck.BookError, match=r"more than one unit.*kg \(1\), pieces \(2\)"):
        lines_of("quantity", ["10 шт", "2 kg", "3 pcs"])


def test_numbers_in_brackets_and_thousands_are_noted_with_their_rows_and_money():
    frame = pd.DataFrame({"client": "C", "date": "2024-01-05", "amount": ["(500.00)", "1,234.50", "3"]})
    note = ck.open_book({"ledger": frame}).notes.set_index("kind").loc["numbers_read"]
    assert (note["rows"], note["amount"]) == (2, 734.5)
    assert "brackets" in note["action"]
    assert "thousands" in note["action"]


def test_plain_numbers_need_no_note():
    frame = pd.DataFrame(
        {"client": "C", "date": "2024-01-05", "amount": ["-500.00", "1234,50".replace(",", ".")]}
    )
    assert "numbers_read" not in set(ck.open_book({"ledger": frame}).notes["kind"])


def test_decimals_beyond_the_fourth_are_rounded_with_a_note():
    frame = pd.DataFrame({"client": "C", "date": "2024-01-05", "amount": ["0.12345", "19.990000000000002"]})
    book = ck.open_book({"ledger": frame})
    assert sorted(book.table("ledger")["amount"]) == [0.1235, 19.99]
    assert book.notes.set_index("kind").loc["numbers_read", "rows"] == 1


def test_percents_are_shares_where_a_share_is_wanted():
    frame = pd.DataFrame(
        {"resource_id": ["A", "B"], "skills": "x", "hours_week": 40, "attrition": ["15%", "7,5 %"]}
    )
    ledger = pd.DataFrame({"client": ["C"], "date": ["2024-01-05"], "amount": [1]})
    book = ck.open_book({"ledger": ledger, "staff": frame})
    assert book.table("staff")["attrition"].tolist() == [0.15, 0.075]


def test_minutes_in_hours_are_refused():
    contacts = pd.DataFrame(
        {
            "contact_id": ["1"],
            "client_id": ["C"],
            "kind": ["call"],
            "planned_at": ["2024-01-05"],
            "status": ["kept"],
            "minutes": ["2 ч"],
        }
    )
    ledger = pd.DataFrame({"client": ["C"], "date": ["2024-01-05"], "amount": [1]})
    with pytest.raises(ck.BookError, match="in hours, and minutes were expected"):
        ck.open_book({"ledger": ledger, "contacts": contacts})


@pytest.mark.parametrize(
    "bad",
    [
        "abc",
        "12 apples",
        "See DN-304 (ID#:10589)",
        "1.2.3",
        "1,23,4",
        "12 5",
        "1 2 3",
        "inf",
        "12:30",
        "5 m2",
        "-(5)",
        "(5",
        "~5",
        "5*",
        "60k",
        "1,5 млн",
        "#REF!",
        "1e99",
    ],
)
def test_what_is_no_number_is_refused_with_its_place(bad):
    with pytest.raises(ck.BookError, match=r"ledger, column 'amount', row 2: .* is not a number"):
        read(["10.5", bad], on_bad_row="refuse")


@pytest.mark.parametrize("blank", ["", " ", "-", "n/a", "NULL", None])
def test_a_missing_amount_stays_missing_and_is_noted(blank):
    frame = pd.DataFrame({"client": "C", "date": "2024-01-05", "amount": ["10.5", blank]})
    book = ck.open_book({"ledger": frame})
    assert book.table("ledger")["amount"].isna().tolist() == [False, True]
    assert book.notes.set_index("kind").loc["blank_amount", "rows"] == 1


def test_an_infinite_amount_in_a_typed_column_is_refused():
    with pytest.raises(ck.BookError, match="'inf' is not a number"):
        read([1.0, float("inf")], on_bad_row="refuse")


def test_money_adds_up_exactly():
    assert read(["0.10"] * 3)[0] == 0.1
    frame = pd.DataFrame({"client": "C", "date": "2024-01-05", "amount": ["0.10"] * 1000})
    assert ck.open_book({"ledger": frame}).client_summary()["amount"].tolist() == [100.0]
