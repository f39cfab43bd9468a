import pandas as pd
import pytest

import crmkit as ck


def ledger(**columns):
    frame = pd.DataFrame({"client": "C", "date": "2024-01-05", **columns})
    return ck.open_book({"ledger": frame})


def test_a_column_that_names_two_currencies_is_refused_with_their_rows():
    with pytest.raises(ck.BookError, match=r"column 'Валюта': .*more than one currency \(RUB, USD\)"):
        ledger(amount=["100", "5", "200"], Валюта=["руб.", "USD", "RUB"])


def test_one_currency_under_several_names_is_one():
    book = ledger(amount=["100 руб.", "5", "200 ₽"], Currency=["RUB", "руб", None])
    assert book.table("ledger")["amount"].tolist() == [100, 5, 200]


def test_a_sign_that_currencies_share_is_the_one_that_the_column_says():
    assert ledger(amount=["$100", "$5"], currency=["CAD", "CAD"]).client_summary()["amount"].tolist() == [105]
    assert ledger(amount=["100 руб.", "5"], валюта=["BYN", "BYN"]).client_summary()["amount"].tolist() == [
        105
    ]
    assert ledger(amount=["kr 100", "5 SEK"]).client_summary()["amount"].tolist() == [105]


def test_files_in_two_currencies_are_refused(write):
    write("ledger_1.csv", "client,date,amount,currency\nA,2024-01-05,5,EUR\n")
    folder = write("ledger_2.csv", "client,date,amount,currency\nA,2024-01-06,5,USD\n").parent
    with pytest.raises(ck.BookError, match="more than one currency"):
        ck.open_book(folder)


def test_a_sign_that_contradicts_the_currency_column_is_refused():
    with pytest.raises(ck.BookError, match=r"say \$, and the column 'currency' says EUR"):
        ledger(amount=["$100", "$5"], currency=["EUR", "EUR"])


@pytest.mark.parametrize(
    ("header", "scaled"),
    [
        ("Сумма, тыс. руб.", True),
        ("Amount (cents)", True),
        ("Сумма, коп.", True),
        ("Revenue $000", True),
        ("Sales in thousands", True),
        ("Percent amount", False),
        ("Amount 2000", False),
    ],
)
def test_a_header_that_says_thousands_or_cents_is_noted(header, scaled):
    frame = pd.DataFrame({"client": "C", "date": "2024-01-05", header: ["10", "20"]})
    book = ck.open_book({"ledger": frame}, mapping={"amount": header})
    assert book.client_summary()["amount"].tolist() == [30]
    notes = book.notes[book.notes["kind"] == "scaled_header"]
    assert notes["rows"].tolist() == ([2] if scaled else [])
    assert notes["action"].str.contains(header, regex=False).all()


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Продажи за год, тыс. руб.", "тыс"),
        ("Sales (in thousands)", "thousands"),
        ("Sales, $000", "$000"),
        ("Единица измерения: млн руб.", "млн"),
        ("Sales of 2000", ""),
    ],
)
def test_a_title_that_says_thousands_or_millions_is_noted(write, title, said):
    path = write("ledger.csv", f"{title};;\n\nclient;date;amount\nA;2024-01-05;10\nB;2024-01-06;20\n")
    book = ck.open_book(path)
    assert book.client_summary()["amount"].tolist() == [10, 20]
    notes = book.notes[book.notes["kind"] == "scaled_title"]
    assert notes["rows"].tolist() == ([2] if said else [])
    assert notes["action"].str.contains(f"'{said}'", regex=False).all()


def test_numeric_codes_of_two_currencies_are_refused():
    with pytest.raises(ck.BookError, match=r"more than one currency \(RUB, USD\)"):
        ledger(amount=["100", "9000"], **{"Currency Code": ["840", "643"]})
    with pytest.raises(ck.BookError, match=r"more than one currency \(EUR, USD\)"):
        ledger(amount=[100, 9000], **{"Currency Code": [840.0, 978.0]})
    assert ledger(amount=[1, 2], currency=[643, 643]).client_summary()["amount"].tolist() == [3]
    assert ledger(amount=["1", "2"], currency=["643", "RUB"]).client_summary()["amount"].tolist() == [3]


@pytest.mark.parametrize(("one", "other"), [("Amount ($)", "Amount (€)"), ("Amount USD", '"Сумма, руб."')])
def test_files_whose_headers_name_two_currencies_are_refused(write, one, other):
    write("ledger_1.csv", f"client,date,{one}\nA,2024-01-05,5\n")
    folder = write("ledger_2.csv", f"client,date,{other}\nA,2024-01-06,5\n").parent
    with pytest.raises(ck.BookError, match="headers name amounts in more than one currency"):
        ck.open_book(folder)


def test_headers_that_name_one_currency_in_several_ways_are_read():
    book = ledger(**{"Сумма, руб.": ["5", "6"], "Себестоимость (RUB)": ["1", "2"]})
    assert book.client_summary()["margin"].tolist() == [8]


def test_signs_of_two_columns_must_agree():
    with pytest.raises(ck.BookError, match="of one table are in more than one currency"):
        ledger(amount=["$100", "$5"], cost=["10 €", "2 €"])


def test_a_discount_in_percents_is_taken_of_the_price():
    book = ledger(quantity=["2", "1", "1"], unit_price=["10", "100", "8"], discount=["10%", "12,5 %", "0"])
    assert book.client_summary()["amount"].tolist() == [18 + 87.5 + 8]
    assert book.table("ledger")["discount"].tolist() == [2, 12.5, 0]
    assert "discount_percent" in set(book.notes["kind"])


def test_a_discount_in_percents_without_prices_is_left_out_with_a_note():
    book = ledger(amount=["20", "30"], discount=["10%", "0%"])
    assert book.client_summary()["amount"].tolist() == [50]
    assert book.table("ledger")["discount"].isna().all()
    assert "discount_percent" in set(book.notes["kind"])


def test_a_header_that_says_percent_makes_the_discounts_percents():
    book = ledger(quantity=[2, 1], unit_price=[10, 100], **{"Discount %": [10, 5]})
    assert book.client_summary()["amount"].tolist() == [18 + 95]
    assert "discount_percent" in set(book.notes["kind"])
    book = ledger(amount=["20", "30"], **{"Скидка, %": ["10", "0"]})
    assert book.client_summary()["amount"].tolist() == [50]


def test_discounts_under_percent_that_may_be_shares_are_refused():
    with pytest.raises(ck.BookError, match=r"header says percents.*0\.20 can be a share"):
        ledger(quantity=[1, 2], unit_price=[100, 50], **{"Discount %": [0.2, 0.1]})


def test_files_of_which_only_one_has_percents_in_its_header_are_refused(write):
    write("ledger_1.csv", "client,date,quantity,price,discount\nA,2024-01-05,1,50,5\n")
    folder = write("ledger_2.csv", "client,date,quantity,price,discount %\nA,2024-01-06,1,50,5\n").parent
    with pytest.raises(ck.BookError, match="some files say that discounts are percents"):
        ck.open_book(folder)


def test_discounts_that_may_be_shares_or_money_are_refused_where_amounts_rest_on_them():
    with pytest.raises(ck.BookError, match=r"discount of 0\.20 can be a share"):
        ledger(quantity=[1, 2], unit_price=[100, 50], discount=["0.2", "0"])
    assert ledger(amount=[1, 2], discount=["0.2", "0"]).client_summary()["amount"].tolist() == [3]


def test_costs_with_a_minus_beside_every_sale_lower_the_margin():
    book = ledger(amount=[100, 200, -100], cost=[-60, -50, 60])
    assert book.client_summary()["margin"].tolist() == [40 + 150 - 40]
    note = book.notes.set_index("kind").loc["cost_sign"]
    assert (note["rows"], note["amount"], note["changed"]) == (2, -110, True)


def test_costs_of_returns_with_a_minus_are_right_as_they_stand():
    book = ledger(amount=["100", "-100"], cost=["60", "-60"])
    assert book.client_summary()["margin"].tolist() == [0]
    assert not book.notes["kind"].str.startswith("cost_sign").any()


def test_costs_of_which_some_have_a_minus_count_as_they_stand_with_a_note():
    book = ledger(amount=[100, 200], cost=[-60, 50])
    assert book.client_summary()["margin"].tolist() == [160 + 150]
    note = book.notes.set_index("kind").loc["cost_signs_differ"]
    assert (note["rows"], note["amount"], note["changed"]) == (1, -60, False)


def test_discounts_with_a_minus_beside_every_sale_are_reductions():
    book = ledger(quantity=[1, 1, 2, -1], unit_price=[100, 1000, 500, 100], discount=[-10, -20, 0, -10])
    assert book.table("ledger")["amount"].tolist() == [90, 980, 1000, -90]
    assert book.notes.set_index("kind").loc["discount_sign", "rows"] == 2
    book = ledger(quantity=["2", "-1"], unit_price=["10", "100"], discount=["-10%", "-5%"])
    assert book.table("ledger")["amount"].tolist() == [18, -95]


def test_discounts_of_which_some_have_a_minus_count_as_they_stand_with_a_note():
    book = ledger(quantity=[1, 1], unit_price=[100, 1000], discount=[-10, 20])
    assert book.client_summary()["amount"].tolist() == [110 + 980]
    assert book.notes.set_index("kind").loc["discount_signs_differ", "rows"] == 1


def test_times_of_a_frame_in_a_zone_stay_on_their_clock():
    dates = pd.to_datetime(["2024-03-05 00:00", "2024-03-06 00:30"]).tz_localize("Europe/Moscow")
    frame = pd.DataFrame({"client": ["A", "B"], "date": dates})
    read = ck.open_book({"ledger": frame}).table("ledger")["date"]
    assert read.dt.strftime("%Y-%m-%d %H:%M").tolist() == ["2024-03-05 00:00", "2024-03-06 00:30"]


def test_floats_with_more_decimals_are_rounded_with_a_note_and_their_last_digits_are_not():
    notes = ledger(amount=[0.12345, 19.990000000000002, 3.0]).notes.set_index("kind")
    assert notes.loc["numbers_read", "rows"] == 1
    assert notes.loc["numbers_read", "amount"] == pytest.approx(0.12345, abs=0.0001)


def test_two_minuses_in_a_line_are_refused():
    with pytest.raises(ck.BookError, match="in 1 rows the quantity and the price both have a minus"):
        ledger(quantity=["1", "-1"], unit_price=["10", "-10"])
    assert ledger(quantity=["1", "-1"], unit_price=["10", "10"]).client_summary()["amount"].tolist() == [0]
