import pytest

import crmkit as ck
from tests.book.sources import totals

ROWS = "2024-01-05,A,5,x\n2024-01-16,B,6,y\n"


def opened(write, rows):
    return ck.open_book(write("ledger.csv", f"date,client,amount,product\n{rows}"), with_names=True)


def noted(book):
    return book.notes.set_index("kind")


def test_phrases_for_totals_with_a_date_are_no_clients(write):
    sure = ["Итого за январь", "Итого за период", "Итого по клиенту А", "Всего за день", "Сальдо на начало"]
    sure += ["Сальдо на 01.01.2024", "Обороты за период", "Остаток на конец", "Остаток", "Opening balance"]
    sure += ["Total for A", "Subtotal A", "Sub-total:", "Grand total 2024"]
    labels = [*sure, "ALL", "Все клиенты", "Total 2024"]
    book = opened(write, ROWS + "".join(f"2024-01-31,{label},11,\n" for label in labels))
    assert totals(book) == {"A": 5, "B": 6}
    assert noted(book).loc["totals", ["rows", "amount"]].tolist() == [17, 187]
    assert "17 of 17 agree" in noted(book).loc["totals", "action"]


def test_totals_of_months_and_of_the_whole_are_each_checked_against_their_rows(write):
    february = "2024-02-16,A,20,x\n2024-02-20,B,30,x\n2024-02-28,Итого за февраль,50,\n"
    book = opened(write, f"{ROWS}2024-01-31,Итого за январь,11,\n{february}2024-02-28,Итого за период,61,\n")
    assert totals(book) == {"A": 25, "B": 36}
    assert "3 of 3 agree" in noted(book).loc["totals", "action"]


def test_balances_that_agree_with_no_sum_are_no_clients(write):
    book = opened(write, f"2024-01-01,Сальдо на начало,5000,\n{ROWS}2024-01-31,Сальдо на конец,5011,\n")
    assert totals(book) == {"A": 5, "B": 6}
    assert "0 of 2 agree" in noted(book).loc["totals", "action"]
    parts = book.reconciliation().set_index("part")["amount"]
    assert parts["read"] == parts.drop("read").sum() == 10022


def test_clients_whose_names_begin_like_a_total_stay_though_their_amounts_agree(write):
    names = ["Total Energies", "Total Wine", "Итого Сервис", "All Saints", "Sum Up", "Balance", "Сальдо Плюс"]
    names += ["Allianz", "Остаткин", "Оборотов", "Totalline"]
    book = opened(write, ROWS + "".join(f"2024-01-31,{name},11,z\n" for name in names))
    assert totals(book) == {"A": 5, "B": 6} | dict.fromkeys(names, 11)
    assert not {"totals", "doubtful_totals"} & set(noted(book).index)


def test_likely_totals_that_agree_with_no_sum_are_noted_and_stay(write):
    labels = ["ALL", "Total 2024", "Все клиенты"]
    book = opened(write, ROWS + "".join(f"2024-01-31,{label},3,z\n" for label in labels))
    assert totals(book) == {"A": 5, "B": 6} | dict.fromkeys(labels, 3)
    assert noted(book).loc["doubtful_totals", "rows"] == 3


@pytest.mark.parametrize("client", ["A", ""])
@pytest.mark.parametrize("label", ["Итого", "Subtotal", "Total"])
def test_a_total_among_the_products_is_no_sale(write, label, client):
    rows = f"2024-01-05,{client},5,x\n2024-01-05,{client},6,y\n2024-01-05,{client},11,{label}\n"
    book = opened(write, f"{rows}2024-02-05,B,1,x\n")
    assert book.table("ledger")["amount"].sum() == 12
    assert noted(book).loc["totals", ["column", "rows"]].tolist() == ["product_id", 1]


def test_a_product_called_total_stays_where_it_does_not_always_equal_the_rest(write):
    rows = "2024-01-05,A,5,x\n2024-01-05,A,5,Total\n2024-01-06,B,7,x\n2024-01-06,B,5,Total\n"
    book = opened(write, rows)
    assert totals(book) == {"A": 10, "B": 12}
    assert noted(book).loc["doubtful_totals", "rows"] == 2


def test_the_rest_of_a_payment_is_a_sale(write):
    book = opened(
        write, "2024-01-05,A,5,Предоплата\n2024-01-16,A,5,Остаток\n2024-01-17,,7,Остаток на товар\n"
    )
    assert book.table("ledger")["amount"].sum() == 17
    assert not {"totals", "doubtful_totals"} & set(noted(book).index)


def test_a_total_in_the_place_of_a_document_without_a_client_is_no_sale(write):
    content = "date,client,amount,document\n2024-01-05,A,5,D1\n2024-01-06,B,6,D2\n2024-01-31,,11,Итого\n"
    book = ck.open_book(write("ledger.csv", content))
    assert book.table("ledger")["amount"].sum() == 11
    assert noted(book).loc["totals", "rows"] == 1


@pytest.mark.parametrize("label", ["VAT 20%", "НДС (20%)", "Tips"])
def test_taxes_and_tips_among_products_or_clients_are_noted(write, label):
    among_products = noted(opened(write, f"{ROWS}2024-01-16,B,2,{label}\n")).loc["charges"]
    assert among_products[["column", "rows", "amount"]].tolist() == ["product_id", 1, 2]
    among_clients = noted(opened(write, f"{ROWS}2024-01-16,{label},2,z\n")).loc["charges"]
    assert among_clients[["column", "rows", "amount"]].tolist() == ["client_id", 1, 2]


def test_a_sale_without_a_date_is_no_total_though_its_amount_agrees(write):
    book = opened(write, f"{ROWS},C,11,z\n2024-02-05,B,1,x\n2024-02-06,B,1,x\n")
    assert book.set_aside["reason"].str.split(":").str[0].tolist() == ["date"]
    assert "totals" not in noted(book).index


def test_a_row_without_a_date_and_a_client_that_agrees_is_a_total(write):
    book = opened(write, f"{ROWS},,11,\n2024-02-05,B,1,x\n2024-02-06,B,1,x\n")
    assert book.set_aside["reason"].tolist() == ["a row of totals"]


DAYS = "2024-01-05,A,5\n2024-01-05,B,6\n{first}2024-01-06,A,7\n2024-01-06,B,2\n{second}"


@pytest.mark.parametrize(
    ("first", "second"), [("2024-01-05,,11\n", "2024-01-06,,9\n"), ("", "2024-01-06,,20\n")]
)
def test_rows_without_a_client_that_are_sums_of_others_are_totals(write, first, second):
    path = write("ledger.csv", "date,client,amount\n" + DAYS.format(first=first, second=second))
    book = ck.open_book(path)
    assert totals(book) == {"A": 12, "B": 8}
    note = book.notes.set_index("kind").loc["totals"]
    assert note["amount"] == 20
    parts = book.reconciliation().set_index("part")["amount"]
    assert parts["read"] == parts.drop("read").sum() == 40


def test_rows_without_a_client_of_which_one_is_no_sum_are_sales_of_nobody(write):
    content = DAYS.format(first="2024-01-05,,11\n", second="2024-01-06,,10\n")
    book = ck.open_book(write("ledger.csv", "date,client,amount\n" + content))
    assert "totals" not in set(book.notes["kind"])
    parts = book.reconciliation().set_index("part")["amount"]
    assert parts["without_client"] == 21


def test_a_client_called_total_with_an_order_of_their_own_stays(write):
    content = (
        "date,client,order_id,amount\n2024-01-05,Shell,1,100\n2024-01-06,BP,2,150\n2024-01-07,Total,3,250\n"
    )
    book = ck.open_book(write("ledger.csv", content), with_names=True)
    assert totals(book) == {"Shell": 100, "BP": 150, "Total": 250}
    assert "doubtful_totals" in set(book.notes["kind"])
