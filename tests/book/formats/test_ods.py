"""Sheets of OpenDocument: merged, hidden, erroneous and repeated cells."""

import zipfile

import pytest

import crmkit as ck
from tests.book.sources import totals

_NAMES = "".join(
    f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
    for short in ("office", "table", "text")
)
_KIND = "application/vnd.oasis.opendocument.spreadsheet"
CALC = ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'


def cell(value, more="") -> str:
    if isinstance(value, int | float):
        kind = f'"float" office:value="{value}"'
    elif value[:4].isdigit():
        kind = f'"date" office:date-value="{value}"'
    else:
        kind = '"string"'
    return f"<table:table-cell office:value-type={kind} {more}><text:p>{value}</text:p></table:table-cell>"


def row(*cells, more="") -> str:
    written = (item if str(item).startswith("<") else cell(item) for item in cells)
    return f"<table:table-row {more}>{''.join(written)}</table:table-row>"


@pytest.fixture
def write_ods(tmp_path):
    def write(*rows):
        path = tmp_path / "ledger.ods"
        content = (
            f"<office:document-content{_NAMES}{CALC}><office:body><office:spreadsheet>"
            f'<table:table table:name="Sheet1">{"".join(rows)}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>"
        )
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", _KIND)
            archive.writestr(
                "META-INF/manifest.xml",
                '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
                f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_KIND}"/>'
                "</manifest:manifest>",
            )
            archive.writestr("content.xml", content)
        return path

    return write


HEADER = row("Client", "Date", "Amount")
COVERED = "<table:covered-table-cell/>"


def test_merged_and_hidden_cells_are_read_and_noted(write_ods):
    path = write_ods(
        HEADER,
        row(cell("A", 'table:number-rows-spanned="2"'), "2024-01-15", 5.5),
        row(COVERED, "2024-01-16", 1),
        row("B", "2024-01-17", 7, more='table:visibility="filter"'),
        '<table:table-row table:number-rows-repeated="1048572"><table:table-cell/></table:table-row>',
    )
    book = ck.open_book(path)
    assert totals(book) == {"A": 6.5, "B": 7.0}
    kinds = book.notes.set_index("kind")
    assert kinds.loc["merged_cells", "rows"] == 1
    assert "filter" in kinds.loc["hidden_rows", "action"]


def test_errors_are_no_blanks(write_ods):
    error = '<table:table-cell table:formula="of:=1/0" office:value-type="string" calcext:value-type="error">'
    error += "<text:p>#DIV/0!</text:p></table:table-cell>"
    path = write_ods(
        HEADER, row("A", "2024-01-15", 5), row("A", "2024-01-16", 5), row("A", "2024-01-17", error)
    )
    book = ck.open_book(path, on_bad_row="set_aside")
    assert totals(book) == {"A": 10.0}
    assert book.set_aside["row"].tolist() == [4]


def test_few_bytes_that_stand_for_millions_of_cells_are_refused(write_ods):
    path = write_ods(
        HEADER,
        row(cell("A", 'table:number-columns-repeated="16000"'), more='table:number-rows-repeated="1000000"'),
    )
    with pytest.raises(ck.BookError, match="spans 1000001 rows"):
        ck.open_book(path)


def money(code):
    kind = f'office:value-type="currency" office:currency="{code}" office:value="5"'
    return f"<table:table-cell {kind}><text:p>5</text:p></table:table-cell>"


def test_amounts_of_several_currencies_are_refused(write_ods):
    euros = row("A", "2024-01-15", money("EUR"))
    assert totals(ck.open_book(write_ods(HEADER, euros, row("A", "2024-01-16", money("EUR"))))) == {"A": 10.0}
    with pytest.raises(ck.BookError, match=r"more than one currency.*: EUR \(1\), USD \(1\)"):
        ck.open_book(write_ods(HEADER, euros, row("A", "2024-01-16", money("USD"))))
