import pytest

import crmkit as ck
from tests.book.sources import LEDGER, totals

EXPECTED = {"C001": 2180.00, "C002": 350.50, "C003": 75.00}
RUSSIAN = "Клиент;Дата;Сумма\nТестов Проба;15.01.2024;1200,00\nОбразцова Мера;20.01.2024;350,50\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_delimiter_and_encoding_are_seen_from_the_file(write, delimiter, encoding):
    content = ("\ufeff" if encoding == "utf-16-le" else "") + LEDGER.replace(",", delimiter)
    assert totals(ck.open_book(write("ledger.csv", content, encoding))) == EXPECTED


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "utf-16"])
def test_russian_files_are_read_in_their_encoding(write, encoding):
    book = ck.open_book(write("export.csv", RUSSIAN, encoding))
    assert totals(book) == {"Образцова Мера": 350.5, "Тестов Проба": 1200.0}
    noted = "encoding" in set(book.notes["kind"])
    assert noted == (encoding != "utf-8")


def test_a_western_file_that_is_not_utf8_is_read_as_cp1252_with_a_note(write):
    content = "client,date,amount,place\nJosé,2024-01-05,5,Café Müller\n"
    book = ck.open_book(write("ledger.csv", content, "cp1252"))
    assert book.table("ledger")["place"].tolist() == ["Café Müller"]
    assert "cp1252" in book.notes.set_index("kind").loc["encoding", "action"]


def test_letters_late_in_a_long_file_decide_the_encoding_too(write):
    lines = (
        ["client,date,amount"]
        + [f"C{i},2024-01-05,1.50" for i in range(20_000)]
        + ["Ромашка,2024-01-06,2.50"] * 3
    )
    book = ck.open_book(write("ledger.csv", "\n".join(lines), "cp1251"))
    assert totals(book)["Ромашка"] == 7.5


def test_the_encoding_can_be_said(write):
    path = write("ledger.csv", RUSSIAN, "cp866")
    settings = ck.Settings.from_dict({"reading": {"encoding": "cp866"}})
    assert totals(ck.open_book(path, config=settings))["Тестов Проба"] == 1200
    wrong = ck.Settings.from_dict({"reading": {"encoding": "latin-99"}})
    with pytest.raises(ck.BookError, match="'latin-99' is not an encoding"):
        ck.open_book(path, config=wrong)
    wrong = ck.Settings.from_dict({"reading": {"encoding": "utf-8"}})
    with pytest.raises(ck.BookError, match="is not utf-8"):
        ck.open_book(path, config=wrong)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_line_ends_do_not_matter(write, ends):
    assert totals(ck.open_book(write("ledger.csv", LEDGER.replace("\n", ends)))) == EXPECTED


def test_quoted_cells_may_hold_delimiters_quotes_and_lines(write):
    content = 'client,date,amount,place\n"A, ""the"" B",2024-01-05,"1,5","x\ny"\nC,2024-01-06,"2,5",z\n'
    book = ck.open_book(write("ledger.csv", content))
    assert totals(book) == {'A, "the" B': 1.5, "C": 2.5}


def test_a_line_that_names_the_delimiter_is_used_and_skipped(write):
    content = "sep=;\nclient;date;amount\nC001;2024-01-15;1200,50\n"
    assert totals(ck.open_book(write("ledger.csv", content))) == {"C001": 1200.5}


def test_blank_lines_before_the_header_do_not_matter(write):
    assert totals(ck.open_book(write("ledger.csv", "\n\n" + LEDGER))) == EXPECTED
