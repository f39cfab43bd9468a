import gzip

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
    book = ck.open_book(write("export.csv", RUSSIAN, encoding), with_names=True)
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
    book = ck.open_book(path, config=settings, with_names=True)
    assert totals(book)["Тестов Проба"] == 1200
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


@pytest.mark.parametrize(
    "ended",
    [
        LEDGER.replace("\n", "\r"),
        LEDGER.replace("\n", "\r\n", 2),
        LEDGER.replace("\n", "\r\r\n"),
        LEDGER.replace("\n", "\n\n"),
        LEDGER.replace("\n", "\n   \n"),
        LEDGER.rstrip("\n"),
        LEDGER + "\x1a",
        LEDGER + "\n\n\n",
    ],
)
def test_any_line_ends_and_blank_lines_are_read(write, ended):
    book = ck.open_book(write("ledger.csv", ended))
    assert totals(book) == EXPECTED
    assert not book.notes["kind"].tolist()


def test_zero_bytes_are_left_out_with_a_note(write):
    for content in (LEDGER.replace("C", "C\x00"), LEDGER + "\x00\x00"):
        book = ck.open_book(write("ledger.csv", content))
        assert totals(book) == EXPECTED
        assert noted(book) == {"zero_bytes_removed": 0}


@pytest.mark.parametrize(
    ("delimiter", "spelt"), [("^", "^"), ("~", "~"), (":", ":"), ("   ", "space"), (" ", "space")]
)
@pytest.mark.parametrize("suffix", ["csv", "dat"])
def test_rare_delimiters_are_seen_and_noted(write, delimiter, spelt, suffix):
    path = write(f"ledger.{suffix}", LEDGER.replace(",", delimiter))
    book = ck.open_book(path)
    assert totals(book) == EXPECTED
    assert list(noted(book)) == ["delimiter"]
    path = write(f"ledger.{suffix}", LEDGER.replace(",", delimiter).replace("C002", "C002,x"))
    assert totals(ck.open_book(path))["C002,x"] == 350.5
    said = ck.Settings.from_dict({"reading": {"delimiter": spelt}})
    assert totals(ck.open_book(path, config=said))["C002,x"] == 350.5


def test_the_delimiter_is_the_one_that_gives_known_headers(write):
    content = "name, surname;Client ID;Date, time;Amount, EUR\nx, y;C1;2024-01-05, 10:00;1,50\n"
    book = ck.open_book(write("ledger.csv", content), mapping={"date": "Date, time"}, on_bad_row="set_aside")
    assert totals(book) == {"C1": 1.5}


def noted(book):
    return dict(zip(book.notes["kind"], book.notes["rows"]))


def test_a_quotation_mark_that_is_not_closed_costs_no_row(write):
    content = LEDGER.replace("C002", '"C002')
    book = ck.open_book(write("ledger.csv", content))
    assert totals(book) == EXPECTED
    assert noted(book) == {"quotes_mended": 1}
    assert "row 3" in book.notes["action"].iloc[0]


def test_an_accident_late_in_a_long_file_is_mended_too(write):
    lines = ["client,date,amount", *(f"C{number % 9},2024-01-05,1.00" for number in range(30_000))]
    lines[20_000] = '"C1,2024-01-05,1.00'
    lines[25_000] += ",,"
    lines[26_000] = "C1,2024-01-06"
    book = ck.open_book(write("ledger.csv", "\n".join(lines)))
    assert noted(book)["quotes_mended"] == 1
    assert noted(book)["short_rows"] == 1
    assert "row 26001" in book.notes.set_index("kind").loc["short_rows", "action"]
    assert sum(totals(book).values()) == 29_999


def test_lines_that_can_be_read_in_two_ways_are_set_aside(write):
    content = 'client,date,amount,note\nA,2024-01-05,1,"x\nB,2024-01-05,2,y"\n' + "C,2024-01-05,4,z\n" * 3
    book = ck.open_book(write("ledger.csv", content))
    assert totals(book) == {"C": 12.0}
    assert book.set_aside["row"].tolist() == [2, 3]
    assert "quotation mark" in book.set_aside["reason"].iloc[0]


def test_rows_keep_their_numbers_in_the_file(write):
    content = (
        'Sales of May\n\nclient,date,amount,note\nA,2024-01-05,1,"x\ny"\n\nB,soon,2,z\nC,2024-01-07,3,z\n'
    )
    book = ck.open_book(write("ledger.csv", content), on_bad_row="set_aside")
    assert totals(book) == {"A": 1.0, "C": 3.0}
    # The line break inside a cell does not count, as in a spreadsheet program.
    assert book.set_aside["row"].tolist() == [6]
    assert "row 3" in book.notes.set_index("kind").loc["header_found", "action"]


def test_rows_shorter_or_longer_than_the_header(write):
    longer = "client,date,amount\nA,2024-01-05,1,\nB,2024-01-06,2,,,\nA,2024-01-07,3\n"
    book = ck.open_book(write("ledger.csv", longer))
    assert totals(book) == {"A": 4.0, "B": 2.0}
    assert not noted(book)
    shorter = "client,date,amount,note\nA,2024-01-05,1\nB,2024-01-06,2,x\nA,2024-01-07,3\n"
    book = ck.open_book(write("ledger.csv", shorter))
    assert totals(book) == {"A": 4.0, "B": 2.0}
    assert noted(book)["short_rows"] == 2
    filled = "client,date,amount\nA,2024-01-05,1\nB,2024-01-06,2,50\nA,2024-01-07,3\n"
    book = ck.open_book(write("ledger.csv", filled))
    assert totals(book) == {"A": 4.0}
    assert book.set_aside["row"].tolist() == [3]
    assert book.set_aside["reason"].tolist() == ["4 cells where the header has 3"]


@pytest.mark.parametrize(
    "rows",
    ["1,A,2024-01-05,1\n2,B,2024-01-06,2\n", "A,2024-01-05,1,50\nB,2024-01-06,2,25\n"],
)
def test_rows_that_mostly_do_not_fit_the_header_are_refused(write, rows):
    with pytest.raises(
        ck.BookError, match=r"the header has 3 columns. Of the 2 rows read 2 do not fit it"
    ) as error:
        ck.open_book(write("ledger.csv", "client,date,amount\n" + rows))
    assert "row 2, with 4" in str(error.value)
    assert 'delimiter = ","' in str(error.value)


@pytest.mark.parametrize("mark", ["'", '"'])
def test_rows_and_cells_in_quotation_marks_of_any_kind(write, mark):
    rows = [[f"{mark}{cell}{mark}" for cell in line.split(",")] for line in LEDGER.splitlines()]
    assert totals(ck.open_book(write("ledger.csv", "\n".join(map(",".join, rows))))) == EXPECTED


def test_rows_in_quotation_marks_as_a_whole(write):
    content = "".join(f'"{line}"\n' for line in LEDGER.splitlines())
    assert totals(ck.open_book(write("ledger.csv", content))) == EXPECTED


def test_backslashes_before_quotation_marks(write):
    content = 'client,date,amount,note\nA,2024-01-05,1,"x \\"y\\", z"\nB,2024-01-06,2,"\\"q\\", r"\n'
    book = ck.open_book(write("ledger.csv", content), mapping={"place": "note"})
    assert book.table("ledger")["place"].tolist() == ['x "y", z', '"q", r']


def test_an_export_pasted_below_another_is_read_once_each(write):
    again = LEDGER + "\ufeff" + LEDGER.replace("2024", "2020")
    book = ck.open_book(write("ledger.csv", again))
    assert totals(book) == {client: 2 * amount for client, amount in EXPECTED.items()}
    assert "repeated_header" in noted(book)


def test_text_below_the_table_is_accounted_for(write):
    book = ck.open_book(write("ledger.csv", LEDGER + "\nSigned: A. Person\nPage 1, of 1, of 1, in all\n"))
    assert totals(book) == EXPECTED
    assert sorted(book.set_aside["row"]) == [7, 8]


def test_recurring_headers_are_refused_until_one_is_named(write):
    path = write("ledger.csv", "client,date,amount,amount\nA,2024-01-05,1,7\n")
    with pytest.raises(ck.BookError, match=r"'amount \(2\)'"):
        ck.open_book(path)
    assert totals(ck.open_book(path, mapping={"amount": "amount (2)"})) == {"A": 7.0}


def test_sizes_that_no_table_has_are_refused_without_reading_on(write):
    with pytest.raises(ck.BookError, match="a table has at most 20000"):
        ck.open_book(write("ledger.csv", ",".join(f"c{at}" for at in range(30_000)) + "\n1\n"))
    with pytest.raises(ck.BookError, match="first rows are longer than 262144 characters"):
        ck.open_book(write("ledger.csv", "x" * 300_000))
    huge = "client,date,amount\n" + "A,2024-01-05,1\n" * 20_000 + "B" * 10_000_001 + ",2024-01-05,1\n"
    with pytest.raises(ck.BookError, match="row 20002: the row is longer than 10000000 characters"):
        ck.open_book(write("ledger.csv", huge))


def test_a_packed_file_is_read_whatever_it_is_called(write):
    for name in ("ledger.csv.gz", "ledger.csv", "ledger.txt"):
        assert totals(ck.open_book(write(name, gzip.compress(LEDGER.encode("utf-16"))))) == EXPECTED
    with pytest.raises(ck.BookError, match="the packed file is damaged or cut short"):
        ck.open_book(write("ledger.csv.gz", gzip.compress(LEDGER.encode() * 1000)[:-20]))


def test_an_encoding_may_be_spelt_in_any_way(write):
    path = write("ledger.csv", RUSSIAN, "cp1251")
    for spelt in ("windows-1251", "CP1251"):
        settings = ck.Settings.from_dict({"reading": {"encoding": spelt}})
        assert totals(ck.open_book(path, config=settings)) == {
            "Образцова Мера": 350.5,
            "Тестов Проба": 1200.0,
        }
    with pytest.raises(ck.BookError, match="'base64' is not an encoding"):
        ck.open_book(path, config=ck.Settings.from_dict({"reading": {"encoding": "base64"}}))


def test_a_delimiter_of_several_marks_can_be_said(write):
    path = write("ledger.csv", LEDGER.replace(",", "::").replace("C001", '"C::1"'))
    settings = ck.Settings.from_dict({"reading": {"delimiter": "::"}})
    assert totals(ck.open_book(path, config=settings))["C::1"] == 2180


def test_columns_of_a_printed_table_are_told_apart_by_their_gaps(write):
    content = "client     date         amount\nA B        2024-01-05   5.50\nC          2024-01-06   6\n"
    assert totals(ck.open_book(write("ledger.txt", content))) == {"A B": 5.5, "C": 6.0}


def test_a_blank_cell_among_spaces_is_not_guessed(write):
    content = "client date amount\nA 2024-01-05 5\nB 2024-01-06\nC 2024-01-06 6\n"
    book = ck.open_book(write("ledger.txt", content))
    assert totals(book) == {"A": 5.0, "C": 6.0}
    assert book.set_aside["row"].tolist() == [3]


@pytest.mark.parametrize("second", ["client,date,cost,amount", "client,date,product,amount"])
def test_headers_that_come_again_in_another_order_are_refused(write, second):
    content = f"client,date,amount,cost\nA,2024-01-05,10,5\nB,2024-01-05,10,5\n{second}\nA,2024-01-06,5,10\n"
    with pytest.raises(ck.BookError, match=r"ledger\.csv, row 4: headers stand here again, and another one"):
        ck.open_book(write("ledger.csv", content))
