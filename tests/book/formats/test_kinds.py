import gzip
import zipfile

import pandas as pd
import pytest

import crmkit as ck
from crmkit.book.formats import archives
from tests.book.sources import LEDGER, totals

EXPECTED = {"C001": 2180.00, "C002": 350.50, "C003": 75.00}


def frame():
    rows = [line.split(",") for line in LEDGER.splitlines()]
    return pd.DataFrame(rows[1:], columns=rows[0]).astype({"amount": "float64"})


def zipped(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def notes(book):
    return set(book.notes["kind"])


@pytest.mark.parametrize("name", ["ledger.csv", "ledger.txt", "ledger.xls", "ledger.parquet"])
def test_a_spreadsheet_is_read_whatever_it_is_called(tmp_path, name):
    frame().to_excel(tmp_path / "made.xlsx", index=False)
    path = (tmp_path / "made.xlsx").rename(tmp_path / name)
    book = ck.open_book(path)
    assert totals(book) == EXPECTED
    assert ("other_format" in notes(book)) == (name != "ledger.xls")


@pytest.mark.parametrize("name", ["ledger.csv", "ledger.xlsx", "ledger.db"])
def test_parquet_is_read_whatever_it_is_called(tmp_path, name):
    frame().to_parquet(tmp_path / name)
    book = ck.open_book(tmp_path / name)
    assert totals(book) == EXPECTED
    assert "other_format" in notes(book)


@pytest.mark.parametrize("name", ["ledger.xlsx", "ledger.xls", "ledger.parquet", "ledger.db"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_is_read_whatever_it_is_called(write, name, delimiter):
    book = ck.open_book(write(name, LEDGER.replace(",", delimiter)))
    assert totals(book) == EXPECTED
    assert "other_format" in notes(book)


@pytest.mark.parametrize("name", ["ledger.csv", "ledger.xls", "ledger.html"])
def test_a_page_with_a_table_is_read_whatever_it_is_called(write, name):
    book = ck.open_book(write(name, f"<html><body>{frame().to_html(index=False)}</body></html>"))
    assert totals(book) == EXPECTED


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7 x", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"BZh91AY", "bzip2"),
        (b'[{"client": "A"}]', "JSON"),
        (b'{"client": "A"}', "JSON"),
        (b"x" * 257 + b"ustar", "tar"),
        (gzip.compress(b"x" * 257 + b"ustar", mtime=0), "tar"),
    ],
)
def test_formats_that_are_no_tables_are_refused_by_name(write, content, kind):
    with pytest.raises(
        ck.BookError, match=rf"ledger\.csv: this is a {kind} file, which crmkit does not read"
    ):
        ck.open_book(write("ledger.csv", content))


def test_the_tables_in_an_archive_are_read(tmp_path):
    clients = "client_id,name\nC001,Проба\n".encode("cp1251")
    path = zipped(
        tmp_path / "export.zip",
        {
            "data/ledger.csv": LEDGER,
            "data/clients.csv": clients,
            "readme.txt": "no table",
            "__MACOSX/data/._ledger.csv": "x",
            "picture.png": "x",
        },
    )
    book = ck.open_book(path, with_names=True)
    assert totals(book) == EXPECTED
    assert book.table("clients")["name"].dropna().tolist() == ["Проба"]
    assert totals(ck.open_book(path.rename(tmp_path / "ledger.csv"))) == EXPECTED


def test_a_spreadsheet_in_an_archive_is_read(tmp_path):
    frame().to_excel(tmp_path / "made.xlsx", index=False)
    path = zipped(tmp_path / "export.zip", {"ledger.xlsx": (tmp_path / "made.xlsx").read_bytes()})
    assert totals(ck.open_book(path)) == EXPECTED


def test_messages_name_the_archive_and_the_file(tmp_path):
    path = zipped(tmp_path / "export.zip", {"ledger.csv": "A,2024-01-05,5\n"})
    with pytest.raises(ck.BookError, match=r"export\.zip/ledger\.csv: the first row holds no headers"):
        ck.open_book(path)


def test_archives_without_tables_or_within_archives_are_refused(tmp_path):
    with pytest.raises(ck.BookError, match=r"holds no tables. Files in it: a\.png, readme\.txt"):
        ck.open_book(zipped(tmp_path / "one.zip", {"readme.txt": "x", "a.png": "x"}))
    inner = zipped(tmp_path / "inner.zip", {"ledger.csv": LEDGER})
    with pytest.raises(ck.BookError, match="an archive in an archive"):
        ck.open_book(zipped(tmp_path / "outer.zip", {"more.zip": inner.read_bytes()}))
    (tmp_path / "cut.zip").write_bytes(inner.read_bytes()[:60])
    with pytest.raises(ck.BookError, match=r"cut\.zip: the archive is damaged"):
        ck.open_book(tmp_path / "cut.zip")


def test_an_archive_that_would_unpack_to_absurd_sizes_is_not_opened(tmp_path, monkeypatch):
    bomb = zipped(tmp_path / "bomb.zip", {"ledger.csv": b"0" * (60 << 20)})
    with pytest.raises(ck.BookError, match="the archive would unpack to 60 MB"):
        ck.open_book(bomb)
    monkeypatch.setattr(archives, "MOST_BYTES", 10)
    with pytest.raises(ck.BookError, match="would unpack"):
        ck.open_book(zipped(tmp_path / "large.zip", {"ledger.csv": LEDGER}))


def test_a_copy_is_found_packed_or_not(tmp_path):
    (tmp_path / "ledger.csv").write_text(LEDGER, encoding="utf-8")
    packed = tmp_path / "ledger.csv.gz"
    packed.write_bytes(gzip.compress(LEDGER.encode()))
    with pytest.raises(ck.BookError, match=r"ledger\.csv and ledger\.csv\.gz hold the same"):
        ck.open_book(tmp_path)
    packed.unlink()
    zipped(tmp_path / "old.zip", {"ledger.csv": LEDGER})
    with pytest.raises(ck.BookError, match=r"ledger\.csv and old\.zip hold the same"):
        ck.open_book([tmp_path / "ledger.csv", tmp_path / "old.zip"])


def test_an_archive_beside_tables_is_left_out_with_a_note(tmp_path):
    zipped(tmp_path / "backup.zip", {"ledger.csv": LEDGER + "C009,2024-03-01,5.00\n"})
    assert totals(ck.open_book(tmp_path))["C009"] == 5
    (tmp_path / "ledger.csv").write_text(LEDGER, encoding="utf-8")
    book = ck.open_book(tmp_path)
    assert totals(book) == EXPECTED
    assert "backup.zip" in book.notes.set_index("kind").loc["file_not_used", "action"]


def test_a_file_without_an_ending_is_read_as_what_it_is(write, tmp_path):
    assert totals(ck.open_book(write("export", LEDGER.replace(",", ";")))) == EXPECTED
    frame().to_excel(tmp_path / "made.xlsx", index=False)
    assert totals(ck.open_book((tmp_path / "made.xlsx").rename(tmp_path / "sales"))) == EXPECTED


def test_notes_and_reports_beside_tables_are_no_tables(write, tmp_path):
    write("README.txt", "What the columns mean: ...")
    write("report.html", "<html><table><tr><td>1</td></tr></table></html>")
    with pytest.raises(ck.BookError, match="the folder holds no tables"):
        ck.open_book(tmp_path)
    write("ledger.csv", LEDGER)
    assert totals(ck.open_book(tmp_path)) == EXPECTED
