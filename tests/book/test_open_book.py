import gzip
import http.server
import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import crmkit as ck
from crmkit.book.formats import files
from tests.book.sources import LEDGER, totals

EXPECTED = {"C001": 2180.00, "C002": 350.50, "C003": 75.00}


def frame():
    import io

    return pd.read_csv(io.StringIO(LEDGER))


def as_csv(folder):
    (folder / "ledger.csv").write_text(LEDGER)
    return folder / "ledger.csv"


def as_gz(folder):
    (folder / "orders.csv.gz").write_bytes(gzip.compress(LEDGER.encode()))
    return folder / "orders.csv.gz"


def as_tsv(folder):
    (folder / "sales.tsv").write_text(LEDGER.replace(",", "\t"))
    return folder / "sales.tsv"


def as_parquet(folder):
    frame().to_parquet(folder / "ledger.parquet")
    return folder / "ledger.parquet"


def as_xlsx(folder):
    frame().to_excel(folder / "ledger.xlsx", index=False, engine="xlsxwriter")
    return folder / "ledger.xlsx"


def as_sqlite(folder):
    with sqlite3.connect(folder / "shop.sqlite") as connection:
        frame().to_sql("ledger", connection, index=False)
    connection.close()
    return folder / "shop.sqlite"


def as_duckdb(folder):
    with duckdb.connect(folder / "shop.duckdb") as connection:
        connection.execute(f"CREATE TABLE ledger AS FROM read_csv('{as_csv(folder)}')")
    return folder / "shop.duckdb"


def as_folder(folder):
    as_csv(folder)
    return folder


def as_files(folder):
    head, *rows = LEDGER.splitlines()
    for number, part in enumerate((rows[:1], rows[1:])):
        (folder / f"ledger_{number}.csv").write_text("\n".join([head, *part]))
    return [folder / "ledger_0.csv", str(folder / "ledger_1.csv")]


def as_frames(folder):
    return {"ledger": frame()}


def as_file_url(folder):
    return as_csv(folder).as_uri()


@pytest.mark.parametrize(
    "make",
    [
        as_csv,
        as_gz,
        as_tsv,
        as_parquet,
        as_xlsx,
        as_sqlite,
        as_duckdb,
        as_folder,
        as_files,
        as_frames,
        as_file_url,
    ],
)
def test_every_kind_of_source_gives_the_same_totals(make, tmp_path):
    book = ck.open_book(make(tmp_path))
    assert totals(book) == EXPECTED
    assert book.as_of == pd.Timestamp("2024-02-29")
    assert book.tables == ("ledger",)


@contextmanager
def served(folder: Path):
    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(folder))

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("make", [as_csv, as_parquet])
def test_a_file_on_a_server_can_be_read_after_the_download_ends(make, tmp_path):
    name = make(tmp_path).name
    with served(tmp_path) as address:
        book = ck.open_book(f"{address}/{name}?token=secret")
    assert totals(book) == EXPECTED
    assert [item["name"] for item in book.fingerprints] == [name]


def test_a_wrong_address_is_refused_without_its_secrets(tmp_path):
    with served(tmp_path) as address, pytest.raises(ck.BookError, match="the server answered 404") as error:
        ck.open_book(f"{address}/none.csv?token=secret")
    assert "secret" not in str(error.value)


def test_an_address_that_cannot_be_reached_is_refused():
    with pytest.raises(ck.BookError, match=r"http://127\.0\.0\.1:9/none\.csv: the address cannot be reached"):
        ck.open_book("http://127.0.0.1:9/none.csv")


@contextmanager
def dripping(beat):
    """A server that promises a file and sends a byte of it at each beat."""
    over = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            while not over.wait(beat):
                self.wfile.write(b"x")
                self.wfile.flush()

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/ledger.csv"
        finally:
            over.set()
            server.shutdown()


def test_a_server_that_falls_silent_is_given_up_soon(monkeypatch):
    monkeypatch.setattr(files, "SILENCE_SECONDS", 0.2)
    with (
        dripping(60) as address,
        pytest.raises(ck.BookError, match=r"sent nothing for 0\.2 seconds") as error,
    ):
        ck.open_book(address)
    assert str(error.value).startswith(f"{address}: ")


def test_a_server_that_only_drips_is_given_up_too(monkeypatch):
    monkeypatch.setattr(files, "DOWNLOAD_SECONDS", 0.2)
    with dripping(0.02) as address, pytest.raises(ck.BookError, match=r"given up after 0\.2 seconds"):
        ck.open_book(address)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("ftp://example.org/ledger.csv", "not from ftp"),
        ("https://example.org/", "does not end in the name of a file"),
        ("file:///nowhere/ledger.csv", "there is no such file"),
        ("http://127.0.0.1:port/ledger.csv", "cannot be reached"),
        ("http://127.0.0.1:9/a b.csv", "cannot be reached"),
    ],
)
def test_addresses_that_crmkit_cannot_read_are_refused(address, message):
    with pytest.raises(ck.BookError, match=message):
        ck.open_book(address)


def test_a_book_is_returned_as_it_is(ledger):
    book = ck.open_book({"ledger": ledger})
    assert ck.open_book(book) is book


def test_a_frame_is_copied_so_that_later_changes_do_not_reach_the_book(ledger):
    book = ck.open_book({"ledger": ledger})
    ledger["amount"] = 0.0
    assert totals(book)["A"] == 140.0


def test_sheets_of_a_workbook_are_tables_by_their_names(tmp_path):
    path = tmp_path / "shop.xlsx"
    with pd.ExcelWriter(path, engine="xlsxwriter") as writer:
        frame().to_excel(writer, sheet_name="Продажи", index=False)
        pd.DataFrame({"Код клиента": ["C001"], "ФИО": ["Тестова Проба"]}).to_excel(
            writer, sheet_name="Клиенты", index=False
        )
    book = ck.open_book(path, with_names=True)
    assert book.tables == ("ledger", "clients")
    assert book.table("clients")["name"].tolist() == ["Тестова Проба"]


def test_spreadsheet_dates_and_whole_numbers_come_as_they_are(tmp_path):
    path = tmp_path / "ledger.xlsx"
    dates = pd.to_datetime(["2024-01-05 10:30", "2024-02-01 00:00"])
    rows = pd.DataFrame({"Client": [17850.0, 17851.0], "Date": dates, "Amount": [10.5, 20.0]})
    rows.to_excel(path, index=False, engine="xlsxwriter")
    book = ck.open_book(path)
    table = book.table("ledger")
    assert table["client_id"].tolist() == ["17850", "17851"]
    assert table["date"].tolist() == dates.tolist()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", "", "empty.csv: the file is empty"),
        ("blank.csv", "\n \n", "blank.csv: the file is empty"),
        ("header.csv", "client_id,date,amount\n", "header.csv: the file has headers but no rows"),
        (
            "ledger.csv",
            "client_id,amount\nC1,5\n",
            r"no column was recognised as the ledger's date.*'client_id'",
        ),
        ("ledger.csv", "date,amount\n2024-01-01,5\n", "no column was recognised as the ledger's client_id"),
        ("ledger.csv", "client,date\nC1,soon\nC2,later\n", "column 'date', row 2: 'soon' is not a date"),
        ("ledger.csv", "C1,2024-01-01,5\nC2,2024-01-02,6\n", "the first row holds no headers but data"),
        (
            "ledger.csv",
            "client,date\nC1,2024-01-01,7\n",
            "the header has 2 columns. Of the 1 rows read 1 do not fit it; the first of them is row 2",
        ),
        ("ledger.csv", b"\x00\x01\x02\x00PK\x00", "this is not a text file"),
        ("ledger.parquet", b"not parquet", "this is not a Parquet file"),
        ("ledger.xlsx", b"not a workbook", "this is not a spreadsheet"),
        ("shop.duckdb", b"not a database", "neither a DuckDB nor a SQLite database"),
        ("ledger.csv.gz", b"\x1f\x8bnot gzip", "ledger.csv.gz: the packed file is damaged or cut short"),
        ("ledger.docx", b"x", "does not read files of this kind"),
        ("crmkit_list.csv", "a,b\n1,2\n", "no column was recognised as the ledger's date"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(write, name, content, message):
    with pytest.raises(ck.BookError, match=message):
        ck.open_book(write(name, content))


def test_a_damaged_row_is_not_quoted_in_the_message(write):
    path = write("ledger.csv", "client,date,amount\nC1,2024-01-01,5\nТестова Проба,2024-01-02,6,7,8\n")
    with pytest.raises(ck.BookError, match=r"ledger\.csv, row 3") as error:
        ck.open_book(path, on_bad_row="refuse")
    assert "Тестова" not in str(error.value)
    assert error.value.__cause__ is None


def test_sources_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(ck.BookError, match="there is no such file or folder"):
        ck.open_book(tmp_path / "none")
    with pytest.raises(ck.BookError, match=r"holds no none\.csv"):
        ck.open_book(tmp_path / "none.csv")
    with pytest.raises(ck.BookError, match="the folder holds no tables"):
        ck.open_book(tmp_path)
    with pytest.raises(ck.BookError, match="list of files is empty"):
        ck.open_book([])
    with pytest.raises(ck.BookError, match="dict of tables is empty"):
        ck.open_book({})
    with pytest.raises(ck.BookError, match="a DataFrame was expected"):
        ck.open_book({"ledger": [1, 2]})
    with pytest.raises(ck.BookError, match="not int"):
        ck.open_book(5)


def test_a_file_that_may_not_be_read_is_refused(ledger_csv, monkeypatch):
    opens = Path.open

    def refuse(path, *args, **options):
        if path == ledger_csv:
            raise PermissionError
        return opens(path, *args, **options)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ck.BookError, match=r"ledger\.csv: the file cannot be read \(PermissionError\)"):
        ck.open_book(ledger_csv)


def test_a_file_of_the_folder_that_is_no_table_is_noted(ledger_csv, write):
    write("weather.csv", "day,degrees\n2024-01-01,3\n")
    notes = ck.open_book(ledger_csv.parent).notes
    unused = notes[notes["kind"] == "file_not_used"]
    assert "weather.csv" in unused["action"].iloc[0]
    assert "'degrees'" in unused["action"].iloc[0]


def test_one_row_of_one_client_opens(write):
    book = ck.open_book(write("ledger.csv", "client,date,amount\nC1,2024-05-31,5\n"))
    assert totals(book) == {"C1": 5.0}
    assert len(book.panel()) == 1
    assert book.rhythm()["weight"].tolist() == [0.0]


def test_any_one_table_opens_a_book(write):
    book = ck.open_book(write("clients.csv", "client_id,name\nC1,Проба\n"))
    assert book.tables == ("clients",)
    assert pd.isna(book.as_of)
    with pytest.raises(ck.BookError, match="needs the table ledger, and the book has only: clients"):
        book.client_summary()
    with pytest.raises(ck.BookError, match="Did you mean ledger"):
        book.table("leger")


def test_a_book_of_deals_counts_up_to_the_last_one_made(write):
    header = "deal_id,owner,stage,amount,created_at,expected_close,status"
    content = f"{header}\nD1,M1,offer,5,2024-03-02,2024-06-01,open\n"
    assert ck.open_book(write("deals.csv", content)).as_of == pd.Timestamp("2024-03-02")


def test_fingerprints_tell_files_and_frames_apart(ledger_csv, ledger):
    import hashlib

    content = ledger_csv.read_bytes()
    expected = {"name": "ledger.csv", "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    assert ck.open_book(ledger_csv).fingerprints == [expected]
    same, other = ck.open_book({"ledger": ledger}), ck.open_book({"ledger": ledger.head(5)})
    assert same.fingerprints == ck.open_book({"ledger": ledger}).fingerprints
    assert same.fingerprints != other.fingerprints


def test_what_was_read_from_where_is_told(ledger_csv):
    sources = ck.open_book(ledger_csv).sources
    assert sources.to_dict("records") == [
        {
            "part": "ledger.csv",
            "table": "ledger",
            "columns": 3,
            "mapping": "date = date, client_id = client_id, amount = amount",
        }
    ]


def test_a_file_named_after_clients_that_holds_sales_is_a_ledger(tmp_path):
    path = tmp_path / "my_customers.csv"
    path.write_text("client,date,amount\nC1,2024-01-31,10.00\nC2,2024-02-29,5.50\n", encoding="utf-8")
    assert ck.open_book(path).client_summary()["amount"].tolist() == [10.0, 5.5]


def test_a_file_given_twice_is_refused(tmp_path):
    text = "client_id,date,amount\nC1,2024-01-31,10.00\n"
    for name in ("ledger.csv", "ledger (1).csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ck.BookError, match="hold the same, so that every row would count twice"):
        ck.open_book(tmp_path)
    with pytest.raises(ck.BookError, match="hold the same"):
        ck.open_book([tmp_path / "ledger.csv", tmp_path / "ledger.csv"])


def test_sales_without_a_date_are_not_taken_for_a_list_of_clients(tmp_path):
    path = tmp_path / "sales_2024.csv"
    path.write_text("client_id,amount\nC1,10.00\nC2,5.50\n", encoding="utf-8")
    with pytest.raises(ck.BookError, match="no column was recognised as the ledger's date"):
        ck.open_book(path)
    other = tmp_path / "nodate.csv"
    path.rename(other)
    with pytest.raises(ck.BookError, match="no column was recognised as the ledger's date"):
        ck.open_book(other)


def test_a_ledger_of_sums_of_months_counts_to_the_end_of_its_last_month(write):
    monthly = "client,date,amount\nA,2024-01-01,5\nB,2024-02-01,6\nA,2024-02-01,7\n"
    book = ck.open_book(write("ledger.csv", monthly))
    assert book.as_of == pd.Timestamp("2024-02-29")
    assert book.last_complete("MS") == pd.Timestamp("2024-02-01")
    assert ck.open_book(write("ledger.csv", monthly + "A,2024-01-31,1\n")).as_of == pd.Timestamp("2024-02-01")


def test_money_in_two_columns_for_the_sides_of_an_account_is_refused(write):
    path = write("sales.csv", "Дата,Клиент,Дебет,Кредит\n2024-01-05,A,5,\n2024-01-06,A,,3\n")
    with pytest.raises(ck.BookError, match="two columns, 'Дебет' and 'Кредит'"):
        ck.open_book(path)
    assert ck.open_book(path, mapping={"amount": "Дебет"}).client_summary()["amount"].tolist() == [5]
    assert "ledger" in ck.open_book(path, mapping={"amount": ""}).tables


@pytest.mark.parametrize("header", ["Сумма, тыс. руб.", "amount, thousand", "Revenue $000"])
def test_headers_in_thousands_are_the_amount_with_a_note(write, header):
    book = ck.open_book(write("sales.csv", f"date;client;{header}\n2024-01-05;A;5\n2024-01-06;B;3\n"))
    assert book.client_summary()["amount"].tolist() == [5, 3]
    assert "scaled_header" in set(book.notes["kind"])


def test_an_unknown_header_that_sounds_like_money_is_asked_about(write):
    path = write("sales.csv", "date;client;Order amount excl. delivery\n2024-01-05;A;5\n")
    with pytest.raises(ck.BookError, match=r"'Order amount excl\. delivery' sounds like it"):
        ck.open_book(path)
    assert (
        ck.open_book(path, mapping={"amount": "Order amount excl. delivery"}).client_summary()["amount"].sum()
        == 5
    )
    assert "ledger" in ck.open_book(path, mapping={"amount": ""}).tables


def test_another_column_that_sounds_like_the_amount_is_noted(write):
    path = write("sales.csv", "date,client,amount,Gross total with tax\n2024-01-05,A,10,12\n")
    book = ck.open_book(path)
    assert book.client_summary()["amount"].tolist() == [10]
    note = book.notes.set_index("kind").loc["other_amounts"]
    assert "'Gross total with tax'" in note["action"]
    assert not note["changed"]
