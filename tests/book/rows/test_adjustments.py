import pandas as pd
import pytest

import crmkit as ck
from tests.book.sources import totals

HEADER = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID\n"
SALE = "489434,85048,CHRISTMAS BALL,12,2009-12-01,6.95,13085\n"


def opened(write, rows, **reading):
    settings = ck.Settings.from_dict({"reading": reading})
    return ck.open_book(write("ledger.csv", HEADER + SALE + "".join(rows)), config=settings)


def test_a_bad_debt_without_a_client_is_in_the_totals_and_not_among_sales(write):
    book = opened(
        write, ["A506401,B,Adjust bad debt,1,2010-04-29,-53594.36,\n", "9,X,cash sale,1,2010-04-30,10,\n"]
    )
    assert book.table("ledger").eval("quantity * unit_price").sum() == pytest.approx(-53_500.96)
    assert book.panel(partial=True)["y"].sum() == pytest.approx(93.40)
    parts = book.reconciliation().set_index("part")
    assert parts.loc["adjustments"].tolist() == [1, pytest.approx(-53_594.36)]
    assert parts.loc["without_client"].tolist() == [1, 10]
    assert parts.loc["read"].tolist() == pytest.approx(parts.drop("read").sum().tolist())
    notes = book.notes.set_index("kind")
    assert notes.loc["adjustments", "amount"] == pytest.approx(-53_594.36)
    assert notes.loc["without_client", "rows"] == 2


def test_adjustments_can_count_among_sales(write):
    book = opened(write, ["A506401,B,Adjust bad debt,1,2010-04-29,-53594.36,\n"], adjustments="sales")
    assert book.panel(partial=True)["y"].sum() == pytest.approx(-53_510.96)


@pytest.mark.parametrize(
    ("words", "is_adjustment"),
    [
        ("Списание долга", True),
        ("Корректировка", True),
        ("Bank Charges", True),
        ("AMAZON FEE", True),
        ("Adjustable wrench", False),
        ("Coffee", False),
        ("Manual", False),
    ],
)
def test_words_that_say_that_a_row_is_no_sale(write, words, is_adjustment):
    book = opened(write, [f"1,X1,{words},1,2010-04-29,-5,\n"])
    assert ("adjustments" in set(book.notes["kind"])) == is_adjustment


def test_the_same_words_with_a_client_are_a_sale(write):
    book = opened(write, ["1,X1,Adjust bad debt,1,2010-04-29,-5,13085\n", "2,X1,ball,1,2010-04-29,-5,\n"])
    assert "adjustments" not in set(book.notes["kind"])
    assert totals(book) == {"13085": pytest.approx(78.4)}


@pytest.mark.parametrize(
    ("header", "codes"), [("Currency", "EUR USD"), ("Валюта", "руб. USD"), ("ISO currency", "EUR GBP")]
)
def test_a_column_of_two_currencies_is_refused(write, header, codes):
    first, second = codes.split()
    path = write(
        "ledger.csv", f"client,date,amount,{header}\nA,2024-01-05,5,{first}\nB,2024-01-06,6,{second}\n"
    )
    with pytest.raises(
        ck.BookError, match=r"more than one currency \(.*USD.*\)|more than one currency \(EUR, GBP\)"
    ):
        ck.open_book(path)


def test_one_currency_in_two_spellings_is_read(write):
    path = write(
        "ledger.csv", "client,date,amount,Валюта\nA,2024-01-05,5,руб.\nB,2024-01-06,6,RUB\nC,2024-01-07,1,\n"
    )
    assert totals(ck.open_book(path)) == {"A": 5, "B": 6, "C": 1}


def test_a_frame_of_two_currencies_is_refused():
    frame = pd.DataFrame(
        {"client": ["A", "B"], "date": "2024-01-05", "amount": 1.0, "currency": ["EUR", "usd"]}
    )
    with pytest.raises(ck.BookError, match=r"column 'currency': .*\(EUR, USD\)"):
        ck.open_book({"ledger": frame})
