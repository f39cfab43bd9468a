"""Currencies that only the number formats of cells show."""

import pytest

import crmkit as ck
from tests.book.sources import totals
from tests.book.workbooks import DAYS, put, workbook

HEADER = ["Client", "Date", "Amount"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.xlsx"


EURO, DOLLAR, ROUBLE = "[$€-407] #,##0.00", '"$"#,##0.00', '#,##0.00 "₽"'


def priced(path, *sheets):
    """A workbook whose sheets have an amount in each of some number formats."""

    def fill(book, sheet, day):
        for number, forms in enumerate(sheets):
            page = sheet if number == 0 else book.add_worksheet(f"Page {number}")
            put(page, [HEADER], day=day)
            for row, form in enumerate(forms, start=1):
                put(page, [["A", DAYS[row]]], day=day, row=row)
                page.write(row, 2, 10.5, book.add_format({"num_format": form}))

    return workbook(path, fill)


@pytest.mark.parametrize(
    "sheets",
    [
        [(EURO, DOLLAR)],
        [(EURO, ROUBLE, EURO)],
        [(EURO, "_-$* #,##0.00_-")],
        [(EURO, 44)],
        [("[$USD] 0", "[$EUR] 0")],
        [(EURO, EURO), (ROUBLE, ROUBLE)],
    ],
)
def test_amounts_shown_in_several_currencies_are_refused(path, sheets):
    with pytest.raises(
        ck.BookError, match=r"column 'Amount': the formats .* more than one currency.* EUR \("
    ):
        ck.open_book(priced(path, *sheets))


@pytest.mark.parametrize(
    "forms", [(EURO, EURO, "0.00"), (DOLLAR, "[$USD] 0", 44), ("[$-409]0.00", '0" шт."')]
)
def test_amounts_shown_in_one_currency_are_read(path, forms):
    assert totals(ck.open_book(priced(path, forms))) == {"A": 10.5 * len(forms)}


def test_a_currency_shown_outside_the_amounts_does_not_matter(path):
    def fill(book, sheet, day):
        put(sheet, [["Rate", None], [None, None], HEADER, ["A", DAYS[0], 100], ["B", DAYS[1], 7]], day=day)
        sheet.write(0, 1, 90.5, book.add_format({"num_format": ROUBLE}))
        sheet.write(3, 2, 100, book.add_format({"num_format": EURO}))

    assert totals(ck.open_book(workbook(path, fill))) == {"A": 100, "B": 7}


def test_months_shown_in_several_currencies_are_refused(path):
    def fill(book, sheet, day):
        put(sheet, [["Client", "Jan 2024", "Feb 2024"], ["A", 1, 2]], day=day)
        for row, form in enumerate((EURO, DOLLAR), start=1):
            sheet.write(row, 0, "A")
            sheet.write(row, 1, 5, book.add_format({"num_format": form}))

    with pytest.raises(ck.BookError, match="more than one currency"):
        ck.open_book(workbook(path, fill))
