"""Spreadsheets: which cells are the table, and what calamine does not tell about them."""

import datetime
import zipfile

import pytest

import crmkit as ck
from tests.book.sources import totals
from tests.book.workbooks import DAYS, inline_row, put, raw_xlsx, workbook

HEADER = ["Client", "Date", "Amount"]
ROWS = [["A", DAYS[0], 100], ["A", DAYS[1], 20.5], ["B", DAYS[2], 30], ["C", DAYS[3], 7]]
TOTALS = {"A": 120.5, "B": 30.0, "C": 7.0}


def note(book, kind):
    """The one note of a kind, as a row."""
    found = book.notes[book.notes["kind"] == kind]
    assert len(found) == 1, book.notes["kind"].tolist()
    return found.iloc[0]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.xlsx"


def test_a_value_merged_over_rows_holds_for_each_of_them_and_is_noted(path):
    def fill(book, sheet, day):
        put(sheet, [HEADER, *ROWS, [None, DAYS[4], 1]], day=day)
        sheet.merge_range(1, 0, 2, 0, "A")

    workbook(path, fill)
    book = ck.open_book(path, on_bad_row="refuse")
    assert totals(book) == TOTALS
    assert note(book, "merged_cells")["rows"] == 1
    assert book.table("ledger")["client_id"].isna().sum() == 1


def test_the_table_is_found_anywhere_in_the_sheet(path):
    workbook(
        path,
        lambda book, sheet, day: (
            sheet.write(0, 0, "Sales of the first half of 2024"),
            sheet.merge_range(1, 0, 1, 5, "Made for the tests"),
            put(sheet, [HEADER, *ROWS], day=day, row=4, column=2),
        ),
    )
    assert totals(ck.open_book(path)) == TOTALS


def test_headings_over_several_columns_stand_above_the_headers(path):
    def fill(book, sheet, day):
        put(sheet, [[None, None, None], HEADER, *ROWS], day=day)
        sheet.merge_range(0, 0, 1, 0, "Client")
        sheet.merge_range(0, 1, 0, 2, "Sale")

    assert totals(ck.open_book(workbook(path, fill))) == TOTALS


def test_columns_that_are_merged_for_looks_are_one(path):
    def fill(book, sheet, day):
        sheet.merge_range(0, 0, 0, 2, "Client")
        sheet.merge_range(0, 3, 0, 4, "Date")
        sheet.write(0, 5, "Amount")
        for at, (client, date, amount) in enumerate(ROWS, start=1):
            sheet.merge_range(at, 0, at, 2, client)
            put(sheet, [[None, date, amount]], day=day, row=at, column=3)

    book = ck.open_book(workbook(path, fill))
    assert totals(book) == TOTALS
    assert "columns_not_used" not in set(book.notes["kind"])


def test_tables_side_by_side_are_told_apart(path):
    def fill(book, sheet, day):
        put(sheet, [HEADER, *ROWS], day=day)
        put(sheet, [["Manager", "Bonus"], ["Tester", 5], ["Prober", 6]], day=day, column=4)

    book = ck.open_book(workbook(path, fill))
    assert totals(book) == TOTALS
    assert "'Manager', 'Bonus'" in note(book, "file_not_used")["action"]


def test_two_months_side_by_side_are_one_ledger(path):
    def fill(book, sheet, day):
        put(sheet, [HEADER, *ROWS[:2]], day=day)
        put(sheet, [HEADER, *ROWS[2:]], day=day, column=4)

    assert totals(ck.open_book(workbook(path, fill))) == TOTALS


def test_a_blank_column_inside_a_table_does_not_split_it(path):
    def fill(book, sheet, day):
        wide = [
            [client, None, date, "x", amount]
            for client, date, amount in [["Client", "Date", "Amount"], *ROWS]
        ]
        put(sheet, wide, day=day)

    assert totals(ck.open_book(workbook(path, fill))) == TOTALS


def test_a_table_below_another_one_is_not_read_as_its_rows(path):
    def fill(book, sheet, day):
        put(sheet, [HEADER, *ROWS], day=day)
        put(sheet, [["Client", "City", "Phone"], ["A", "Testville", "+1 555 0100"]], day=day, row=7)

    book = ck.open_book(workbook(path, fill))
    assert totals(book) == TOTALS
    assert len(book.table("ledger")) == 4


def test_hidden_rows_and_columns_count_and_are_noted(path):
    def fill(book, sheet, day):
        put(sheet, [HEADER, *ROWS], day=day)
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_column(2, 2, None, None, {"hidden": True})

    book = ck.open_book(workbook(path, fill))
    assert totals(book) == TOTALS
    assert note(book, "hidden_rows")[["rows", "amount"]].tolist() == [1, 20.5]
    assert "'Amount'" in note(book, "hidden_columns")["action"]


def test_rows_hidden_by_a_filter_are_said_to_be(path):
    def fill(book, sheet, day):
        put(sheet, [HEADER, *ROWS], day=day)
        sheet.autofilter(0, 0, 4, 2)
        sheet.filter_column(0, "x == A")
        for row in (3, 4):
            sheet.set_row(row, None, None, {"hidden": True})

    found = note(ck.open_book(workbook(path, fill)), "hidden_rows")
    assert found[["rows", "amount"]].tolist() == [2, 37]
    assert "filter" in found["action"]


def test_hidden_sheets_are_not_read_and_named(path):
    def fill(book, sheet, day):
        put(sheet, [HEADER, *ROWS], day=day)
        draft = book.add_worksheet("Draft")
        put(draft, [HEADER, *ROWS], day=day)
        draft.hide()

    book = ck.open_book(workbook(path, fill))
    assert totals(book) == TOTALS
    assert "Draft" in note(book, "hidden_sheets")["action"]


def test_a_file_with_hidden_sheets_only_is_refused(path):
    def fill(book, sheet, day):
        draft = book.add_worksheet("Draft")
        put(draft, [HEADER, *ROWS], day=day)
        draft.hide()

    with pytest.raises(ck.BookError, match="are hidden: Draft"):
        ck.open_book(workbook(path, fill))


def test_a_formula_without_its_result_is_refused(path):
    cells = ["<f>1+1</f><v></v>", "<f>1+1</f>", "<f>1+1</f><v/>"]
    for cell in cells:
        raw_xlsx(
            path,
            inline_row(1, *HEADER)
            + inline_row(2, "A", "2024-01-15", "5")
            + inline_row(3, "A", "2024-01-16", cell),
        )
        with pytest.raises(ck.BookError, match=r"column 'Amount', row 3.*formula.*save it"):
            ck.open_book(path)


def test_zeros_that_stand_for_results_yet_to_be_computed_are_refused(path):
    def fill(book, sheet, day):
        put(sheet, [HEADER, *[[client, date, None] for client, date, _ in ROWS]], day=day)
        for row in range(1, 5):
            sheet.write_formula(row, 2, "=2*3")

    with pytest.raises(ck.BookError, match="formula"):
        ck.open_book(workbook(path, fill))


def test_results_of_formulas_are_read(path):
    def fill(book, sheet, day):
        put(sheet, [HEADER, *[[client, date, None] for client, date, _ in ROWS]], day=day)
        for row, (*_, amount) in enumerate(ROWS, start=1):
            sheet.write_formula(row, 2, f"={amount}", None, amount)

    assert totals(ck.open_book(workbook(path, fill))) == TOTALS


def test_errors_of_formulas_are_noted_and_their_rows_not_counted(path):
    def fill(book, sheet, day):
        put(sheet, [HEADER, *ROWS], day=day)
        sheet.write_formula(1, 2, "=Z1", None, "#REF!")

    book = ck.open_book(workbook(path, fill), on_bad_row="set_aside")
    assert totals(book) == TOTALS | {"A": 20.5}
    assert note(book, "error_cells")["rows"] == 1
    assert len(book.set_aside) == 1


def test_days_counted_from_1904_are_read_right(path):
    workbook(path, lambda book, sheet, day: put(sheet, [HEADER, *ROWS], day=day), {"date_1904": True})
    assert ck.open_book(path).table("ledger")["date"].min().date() == datetime.date(2024, 1, 15)


@pytest.mark.parametrize(
    "form",
    [
        '#,##0.00 "руб."',
        "[Red]-0.00",
        "0.00E+00",
        "#,##0.00\\ [$₽-419];[Red]\\-#,##0.00",
        '0" дней"',
        "0%",
        "@",
    ],
)
def test_the_format_of_a_number_does_not_change_it(path, form):
    def fill(book, sheet, day):
        put(sheet, [HEADER, *ROWS], day=day)
        sheet.write_number(1, 2, 100, book.add_format({"num_format": form}))

    assert totals(ck.open_book(workbook(path, fill))) == TOTALS


def test_a_damaged_file_is_refused(path):
    workbook(path, lambda book, sheet, day: put(sheet, [HEADER, *ROWS], day=day))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ck.BookError, match="damaged"):
        ck.open_book(path)


def test_a_file_that_would_unpack_to_far_too_much_is_refused_unopened(path):
    bomb = "<c/>" * 9_000_000
    raw_xlsx(path, inline_row(1, *HEADER), more={"xl/sharedStrings.xml": bomb})
    with pytest.raises(ck.BookError, match="unpack"):
        ck.open_book(path)


def test_two_cells_in_opposite_corners_do_not_fill_the_memory(path):
    raw_xlsx(
        path,
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    )
    with pytest.raises(ck.BookError, match="spans 1048576 rows and 16384 columns"):
        ck.open_book(path)


def test_formats_down_to_the_last_row_are_no_cells(path):
    raw_xlsx(
        path,
        inline_row(1, *HEADER)
        + inline_row(2, "A", "2024-01-15", "5")
        + '<row r="1048576"><c r="XFD1048576" s="0"/></row>',
    )
    assert totals(ck.open_book(path)) == {"A": 5.0}


def test_declarations_in_the_xml_are_refused(path):
    sheet = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">]><worksheet><row r="1" hidden="1"/></worksheet>'
    raw_xlsx(path, "", more={"xl/worksheets/sheet1.xml": sheet})
    with pytest.raises(ck.BookError, match="damaged"):
        ck.open_book(path)


@pytest.mark.parametrize("amount", ["Amount", "What they paid"])
def test_an_amount_merged_over_rows_counts_once(path, amount):
    def fill(book, sheet, day):
        put(sheet, [["Client", "Date", amount], *ROWS, ["D", DAYS[4], None], ["D", DAYS[5], None]], day=day)
        sheet.merge_range(5, 2, 6, 2, 90)

    book = ck.open_book(workbook(path, fill), mapping={"amount": amount})
    assert totals(book) == TOTALS | {"D": 90.0}
    assert note(book, "merged_numbers")["rows"] == 1


def test_numbers_stored_as_text_keep_their_decimal_mark_beside_numbers_proper(path):
    rows = [["A", DAYS[0], 100.25], ["A", DAYS[1], "1 234,50"], ["B", DAYS[2], "7,25"]]
    workbook(path, lambda book, sheet, day: put(sheet, [HEADER, *rows], day=day))
    assert totals(ck.open_book(path)) == {"A": 1334.75, "B": 7.25}


def test_a_mark_in_text_beside_numbers_that_can_be_of_thousands_is_refused_until_it_is_said(path):
    rows = [["A", DAYS[0], 100.25], ["A", DAYS[1], "1,234"]]
    workbook(path, lambda book, sheet, day: put(sheet, [HEADER, *rows], day=day))
    with pytest.raises(ck.BookError, match="'1,234', in which the mark may be"):
        ck.open_book(path)
    assert totals(ck.open_book(path, decimal="point")) == {"A": 1334.25}
    assert totals(ck.open_book(path, decimal="comma")) == {"A": 101.48}


def test_ids_with_more_digits_than_a_spreadsheet_keeps_are_refused(path):
    rows = [[1234567890123456789, DAYS[0], 1], [1234567890123456799, DAYS[1], 2]]
    workbook(path, lambda book, sheet, day: put(sheet, [HEADER, *rows], day=day))
    with pytest.raises(ck.BookError, match="ids were rounded"):
        ck.open_book(path)


def test_days_written_as_plain_numbers_are_counted_from_where_the_workbook_counts(path):
    rows = [["A", 43844, 1], ["A", 43845, 2]]
    workbook(path, lambda book, sheet, day: put(sheet, [HEADER, *rows], day=day), {"date_1904": True})
    assert ck.open_book(path).table("ledger")["date"].min().date() == datetime.date(2024, 1, 15)


def test_a_file_with_a_password_is_named_as_such(path):
    path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + "EncryptedPackage".encode("utf-16-le")
    )
    with pytest.raises(ck.BookError, match="password"):
        ck.open_book(path)


def test_sheets_of_one_table_are_joined_and_named(path):
    def fill(book, sheet, day):
        put(sheet, [HEADER, *ROWS[:2]], day=day)
        put(book.add_worksheet("Later"), [HEADER, *ROWS[2:]], day=day)

    book = ck.open_book(workbook(path, fill))
    assert totals(book) == TOTALS
    assert "sheet 'Later'" in note(book, "joined")["action"]


def test_a_cover_sheet_and_cells_without_headers_do_not_stop_the_reading(path):
    def fill(book, sheet, day):
        put(sheet, [HEADER, *ROWS], day=day)
        put(sheet, [[1, 2], [3, 4], [5, 6], [7, 8], [9, 1], [2, 3]], day=day, column=5)
        put(book.add_worksheet("Cover"), [[2024, 1]], day=day)

    book = ck.open_book(workbook(path, fill))
    assert totals(book) == TOTALS
    assert "column F on" in note(book, "cells_not_read")["action"]
    assert "'Cover'" in note(book, "sheet_not_read")["action"]


def test_a_sheet_that_goes_on_without_headers_is_refused(path):
    def fill(book, sheet, day):
        put(sheet, [HEADER, *ROWS[:2]], day=day)
        put(book.add_worksheet("More"), ROWS[2:], day=day)

    with pytest.raises(ck.BookError, match="sheet 'More': the first row holds no headers"):
        ck.open_book(workbook(path, fill))


def test_headers_without_rows_are_refused(path):
    workbook(path, lambda book, sheet, day: put(sheet, [HEADER], day=day))
    with pytest.raises(ck.BookError, match="headers but no rows"):
        ck.open_book(path)


def test_dates_in_iso_form_are_dates(path):
    date = '<c r="B2" t="d"><v>2024-01-15T00:00:00</v></c>'
    row = inline_row(2, "A", "x", "5").replace('<c r="B2" t="inlineStr"><is><t>x</t></is></c>', date)
    raw_xlsx(path, inline_row(1, *HEADER) + row)
    assert ck.open_book(path).table("ledger")["date"].dt.date.tolist() == [datetime.date(2024, 1, 15)]


def test_far_cells_of_a_binary_workbook_do_not_fill_the_memory(tmp_path):
    def record(kind: int, *numbers: int) -> bytes:
        content = b"".join(number.to_bytes(4, "little") for number in numbers)
        return bytes([kind, len(content)]) + content

    sheet = record(0, 0) + record(5, 0, 0, 0, 0) + record(0, 1_048_575) + record(5, 16_383, 0, 0, 0)
    path = tmp_path / "ledger.xlsb"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.bin", b"")
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    with pytest.raises(ck.BookError, match="spans 1048576 rows and 16384 columns"):
        ck.open_book(path)


def test_amounts_beyond_a_blank_column_belong_to_the_rows_beside_them(path):
    def fill(book, sheet, day):
        put(sheet, [HEADER[:2], *[row[:2] for row in ROWS], ["D", DAYS[4]], ["D", DAYS[5]]], day=day)
        put(sheet, [["Amount", "Comment"], *[[row[2], "x"] for row in ROWS]], day=day, column=3)

    assert totals(ck.open_book(workbook(path, fill))).items() >= TOTALS.items()


def test_a_sheet_named_like_a_table_without_its_columns_does_not_hinder_the_ledger(path):
    def fill(book, sheet, day):
        put(sheet, [HEADER, *ROWS], day=day)
        put(book.add_worksheet("Clients"), [["City", "Count"], ["Testville", 5]], day=day)

    book = ck.open_book(workbook(path, fill))
    assert totals(book) == TOTALS
    assert "'City', 'Count'" in note(book, "file_not_used")["action"]
    with pytest.raises(ck.BookError, match="no column was recognised as the clients's client_id"):
        ck.open_book(path, mapping={"clients": {"district": "City"}})
