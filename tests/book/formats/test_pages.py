"""Web pages and XML spreadsheets under the names of spreadsheets."""

import pytest

import crmkit as ck
from tests.book.sources import totals

PAGE = """<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}">
<style>td {{ color: black }}</style></head><body><h1>Продажи за 2024 год</h1>
<table><tr><td>Меню</td></tr></table>
<table border=1>
<tr><td colspan=3>Отчёт о продажах</td></tr>
<tr><th>Клиент<th>Дата<th>Сумма, руб.</tr>
<tr><td rowspan="2">ООО &quot;Ромашка&quot;</td><td>15.01.2024</td><td>1&nbsp;234,50</td></tr>
<tr><td>20.02.2024<td>100,00
<tr><td>ИП Ёлкин</td><td>25.02.2024</td><td><b>7</b>,<i>25</i></td></tr>
</table></body></html>"""
CLIENTS = {'ООО "Ромашка"': 1334.5, "ИП Ёлкин": 7.25}


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("windows-1251", "cp1251"), ("utf-8", "utf-8"), ("utf-8", "utf-8-sig"), ("windows-1251", "utf-8")],
)
def test_a_page_that_is_named_xls_is_read_in_its_own_encoding(write, charset, encoding):
    book = ck.open_book(write("sales.xls", PAGE.format(charset=charset), encoding), with_names=True)
    assert totals(book) == CLIENTS
    assert book.notes["kind"].tolist().count("merged_cells") == 1


def test_a_table_inside_a_table_is_a_table_of_its_own(write):
    page = (
        "<table><tr><td>Menu</td><td><table><tr><td>Client</td><td>Date</td><td>Amount</td></tr>"
        "<tr><td>A</td><td>2024-01-15</td><td>5</td></tr></table></td></tr>"
        "<tr><td>x</td><td>y</td></tr></table>"
    )
    assert totals(ck.open_book(write("sales.xls", page))) == {"A": 5.0}


def test_a_page_without_a_table_is_refused(write):
    with pytest.raises(ck.BookError, match="without a table"):
        ck.open_book(write("sales.xls", "<html><body>Please log in</body></html>"))


def test_a_cell_over_millions_of_columns_is_refused(write):
    page = "<table>" + "<tr><td colspan=16384>1</td></tr>" * 3000 + "</table>"
    with pytest.raises(ck.BookError, match="spans"):
        ck.open_book(write("sales.xls", page))


XML = """<?xml version="1.0" encoding="{encoding}"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="Продажи"><Table>
<Row><Cell ss:MergeAcross="2"><Data ss:Type="String">Отчёт</Data></Cell></Row>
<Row ss:Index="4"><Cell><Data ss:Type="String">Клиент</Data></Cell>
<Cell><Data ss:Type="String">Дата</Data></Cell>
<Cell><Data ss:Type="String">Сумма</Data></Cell></Row>
<Row><Cell ss:MergeDown="1"><Data ss:Type="String">Завод №5</Data></Cell>
<Cell><Data ss:Type="DateTime">2024-01-15T00:00:00.000</Data><Comment><Data>Wrong</Data></Comment></Cell>
<Cell>{amount}</Cell></Row>
<Row ss:Hidden="1"><Cell ss:Index="2"><Data ss:Type="DateTime">2024-02-15T00:00:00.000</Data></Cell>
<Cell><Data ss:Type="Number">100</Data></Cell></Row>
</Table></Worksheet></Workbook>"""
AMOUNT = '<Data ss:Type="Number">1200.5</Data>'


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "utf-16"])
def test_an_xml_spreadsheet_is_read(write, encoding):
    content = XML.format(encoding=encoding, amount=AMOUNT)
    book = ck.open_book(write("sales.xls", content, encoding), with_names=True)
    assert totals(book) == {"Завод №5": 1300.5}
    kinds = book.notes["kind"].tolist()
    assert "merged_cells" in kinds
    assert "hidden_rows" in kinds


def test_an_xml_spreadsheet_without_the_result_of_a_formula_is_refused(write):
    content = XML.format(encoding="utf-8", amount="").replace("<Cell></Cell>", '<Cell ss:Formula="=1+1"/>')
    with pytest.raises(ck.BookError, match=r"column 'Сумма', row 5.*formula"):
        ck.open_book(write("sales.xls", content))


def test_a_broken_xml_spreadsheet_is_refused(write):
    with pytest.raises(ck.BookError, match="damaged"):
        ck.open_book(write("sales.xls", XML.format(encoding="utf-8", amount=AMOUNT)[:900]))


def test_an_encoding_that_the_user_says_must_fit(write):
    path = write("sales.xls", PAGE.format(charset="windows-1251"), "cp1251")
    with pytest.raises(ck.BookError, match="the file is not in utf-8"):
        ck.open_book(path, config=ck.Settings().replace("reading", encoding="utf-8"))
