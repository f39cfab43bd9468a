import pytest

import crmkit as ck
from crmkit.book.formats.grid import clean, find_header


def found(text):
    return find_header([line.split(";") for line in text.strip("\n").split("\n")], name="file.csv")


DATA = "A;15.01.2024;1200,00\nB;20.01.2024;350,50"


@pytest.mark.parametrize(
    ("above", "row"),
    [
        ("", 0),
        ("ООО «Проба»\nОтчет: Продажи\nПериод: 01.01.2024 - 31.05.2024;;\n;;\n", 4),
        ("Период;01.01.2024\n", 1),
        ("Клиент;Все\nПериод;01.01.2024\n", 2),
        ("Sales report;2024\n;\nMade on;2024-06-01\n", 3),
    ],
)
@pytest.mark.parametrize("header", ["Клиент;Дата;Сумма", "client_id;date;amount", "Kunde;Datum;Betrag"])
def test_the_header_is_found_below_titles_filters_and_dates(above, row, header):
    answer = found(f"{above}{header}\n{DATA}")
    assert (answer.first, answer.last, answer.headers) == (row, row, tuple(header.split(";")))
    assert len(answer.titles) == sum(bool(line.strip(";")) for line in above.splitlines())


def test_a_header_that_comes_again_with_more_columns_is_not_the_header():
    answer = found("client;date;amount\nA;2024-01-01;1\nclient;date;amount;product\nB;2024-01-01;2;x")
    assert answer.first == 0
    answer = found("Kunde;Datum;Betrag\nA;2024-01-01;1\nKunde;Datum;Betrag\nB;2024-01-01;2")
    assert answer.first == 0


def test_group_headings_above_the_headers_are_no_headers():
    answer = found("Клиент;;Продажа;\nКод;Имя;Дата;Сумма\nA;Б;01.02.2024;5")
    assert answer.headers == ("Код", "Имя", "Дата", "Сумма")


def test_headers_on_two_rows_are_put_together():
    answer = found("Клиент;Дата;Продажа;\n;;Кол-во;Сумма\nA;01.02.2024;5;6")
    assert (answer.first, answer.last) == (0, 1)
    assert answer.headers == ("Клиент", "Дата", "Кол-во", "Сумма")


@pytest.mark.parametrize(
    "header",
    ["Клиент;Янв 2024;Фев 2024", "Клиент;2024-01;2024-02", "Client;01.2024;02.2024", "Client;2023;2024"],
)
def test_columns_of_months_or_years_are_headers(header):
    assert found(f"{header}\nA;5;6\nB;;7").headers == tuple(header.split(";"))


def test_dates_in_two_columns_are_not_months():
    with pytest.raises(ck.BookError, match="no headers but data"):
        found("A;2024-01-05;2024-02-05\nB;2024-01-06;2024-02-06")


@pytest.mark.parametrize(
    "row", ["C001;2024-01-05;10", "C001;5 января 2024;10 руб.", "a@b.com;x;10:30", "A;(10.00);$5"]
)
def test_data_in_the_first_row_are_refused(row):
    with pytest.raises(ck.BookError, match=r"file\.csv: the first row holds no headers but data"):
        found(f"{row}\n{row}")


def test_blank_and_recurring_headers_get_names():
    assert found(f";Дата;Сумма;Сумма;;\n1;{DATA}").headers == ("column_1", "Дата", "Сумма", "Сумма (2)")


@pytest.mark.parametrize(
    "header", ["*Client name", "Client\nname*", '"Client name"', "'Client  name'", "\ufeffClient name:"]
)
def test_marks_around_a_header_are_taken_off(header):
    assert clean(header) == "Client name"
