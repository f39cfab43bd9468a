import pytest

import crmkit as ck
from crmkit.book.contracts import TABLES
from crmkit.book.naming import guess_table, name_columns, name_table, plain
from crmkit.book.synonyms import COLUMNS


def named(headers, table="ledger", mapping=None):
    found = name_columns(headers, table, mapping, where="file.csv")
    return {column: headers[position] for column, position in found.columns.items()}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            [
                "InvoiceNo",
                "StockCode",
                "Description",
                "Quantity",
                "InvoiceDate",
                "UnitPrice",
                "CustomerID",
                "Country",
            ],
            {
                "document_id": "InvoiceNo",
                "product_id": "StockCode",
                "quantity": "Quantity",
                "date": "InvoiceDate",
                "unit_price": "UnitPrice",
                "client_id": "CustomerID",
            },
        ),
        (
            ["Row ID", "Order ID", "Order Date", "Ship Date", "Customer ID", "Customer Name", "Sales"],
            {"document_id": "Order ID", "date": "Order Date", "client_id": "Customer ID", "amount": "Sales"},
        ),
        (
            [
                "Дата",
                "Номер чека",
                "Клиент",
                "Товар",
                "Количество",
                "Цена",
                "Сумма, руб.",
                "Филиал",
                "Сотрудник",
            ],
            {
                "date": "Дата",
                "document_id": "Номер чека",
                "client_id": "Клиент",
                "product_id": "Товар",
                "quantity": "Количество",
                "unit_price": "Цена",
                "amount": "Сумма, руб.",
                "place": "Филиал",
                "staff_id": "Сотрудник",
            },
        ),
        (["household_id", "sales_value", "transaction_timestamp"], None),
        (["cust", "date"], {"client_id": "cust", "date": "date"}),
        (
            ["customer_id", "date", "cds", "dollars"],
            {"client_id": "customer_id", "date": "date", "amount": "dollars"},
        ),
        (["Дата услуги", "Дата", "Код клиента", "Клиент"], {"date": "Дата", "client_id": "Код клиента"}),
    ],
)
def test_common_headers_are_recognised(headers, expected):
    found = named(headers)
    if expected is None:
        assert set(found) == {"client_id", "amount", "date"}
    else:
        assert found == expected


def test_a_price_without_a_quantity_is_the_amount_of_the_line():
    assert named(["Id", "Date", "Price"])["amount"] == "Price"
    assert named(["Id", "Date", "Price", "Qty"])["unit_price"] == "Price"
    assert named(["Id", "Date", "Price"], mapping={"unit_price": "Price"})["unit_price"] == "Price"


def test_two_equally_sure_headers_are_refused_with_both_and_the_way_out():
    with pytest.raises(ck.BookError, match=r"can all be the ledger's amount: 'Total', 'Revenue'") as error:
        named(["client", "date", "Total", "Revenue"])
    assert '--map amount="Total"' in str(error.value)
    assert named(["client", "date", "Total", "Revenue"], mapping={"amount": "Revenue"})["amount"] == "Revenue"


def test_the_own_name_of_a_column_is_surer_than_any_other():
    assert named(["client", "date", "Total", "amount"])["amount"] == "amount"


def test_the_mapping_wins_and_frees_the_other_header():
    found = named(["client_id", "date", "amount", "Сумма со скидкой"], mapping={"amount": "Сумма со скидкой"})
    assert found["amount"] == "Сумма со скидкой"


def test_a_mapped_header_may_differ_in_case_and_spaces():
    assert (
        named(["Код  Клиента ", "Дата"], mapping={"client_id": "код клиента"})["client_id"] == "Код  Клиента "
    )


def test_a_mapped_header_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(
        ck.BookError, match=r"amount is 'Totl', which is not among its headers\. Headers: 'client'"
    ):
        named(["client", "date"], mapping={"amount": "Totl"})
    with pytest.raises(ck.BookError, match="occurs twice"):
        named(["client", "date", "Total", "Total"], mapping={"amount": "Total"})


@pytest.mark.parametrize(
    ("stem", "table"),
    [
        ("ledger", "ledger"),
        ("orders_2024-05", "ledger"),
        ("Продажи за май", "ledger"),
        ("чеки", "ledger"),
        ("clients", "clients"),
        ("Клиенты", "clients"),
        ("PriceList", "products"),
        ("сотрудники", "staff"),
        ("opportunities", "deals"),
        ("export (3)", None),
        ("clients and orders", None),
    ],
)
def test_files_are_recognised_by_their_names(stem, table):
    assert name_table(stem) == table


@pytest.mark.parametrize(
    ("headers", "table"),
    [
        (["client_id", "date", "amount"], "ledger"),
        (["Клиент", "Дата", "Сумма", "Менеджер"], "ledger"),
        (["household_id", "age", "income"], "clients"),
        (["Код клиента", "ФИО", "Телефон", "Email", "Дата регистрации", "Город"], "clients"),
        (["product_id", "category", "unit_cost"], "products"),
        (["deal_id", "client_id", "owner", "stage", "amount", "expected_close", "status"], "deals"),
        (["period", "channel", "amount"], "spend"),
        (["degrees", "wind"], None),
    ],
)
def test_files_are_recognised_by_their_headers(headers, table):
    assert guess_table(headers, {}, where="file.csv") == table


@pytest.mark.parametrize("table", TABLES)
def test_the_own_names_of_every_table_are_recognised(table):
    headers = [column.name for column in TABLES[table].columns]
    assert named(headers, table) == {name: name for name in headers}


@pytest.mark.parametrize("table", TABLES)
def test_synonyms_are_of_columns_that_there_are_and_none_is_there_twice(table):
    assert set(COLUMNS[table]) <= {column.name for column in TABLES[table].columns}
    for groups in COLUMNS[table].values():
        headers = [plain(header) for group in groups for header in group.split(", ")]
        assert len(headers) == len(set(headers))


def test_a_quantity_without_any_money_is_refused_unless_the_mapping_says_that_there_is_none(write):
    path = write("export.csv", "client,date,qty\nC1,2024-01-15,3\nC2,2024-01-20,1\n")
    with pytest.raises(ck.BookError, match=r"no column was recognised as the amount.*'qty'.*--map amount="):
        ck.open_book(path)
    book = ck.open_book(path, mapping={"amount": ""})
    assert "amount" not in book.table("ledger")
    assert "no_amount" in set(book.notes["kind"])


def test_a_blank_header_in_the_mapping_keeps_a_column_out():
    headers = ("date", "client", "amount", "store")
    assert "place" not in name_columns(headers, "ledger", {"place": ""}, where="x").columns


def test_a_number_of_its_own_does_not_make_a_list_of_clients(write):
    content = "ID;Тема;Важность\n1;a;начат\n2;b;закончен\n"
    with pytest.raises(ck.BookError, match="'ID'"):
        ck.open_book(write("export.csv", content))


def test_deals_are_recognised_by_the_headers_of_russian_programs(write):
    content = (
        "Название сделки;Ответственный;Компания;Этап сделки;Бюджет сделки;Дата закрытия\n"
        "Первая;Тест А;Альфа;Выиграна;100;05.02.2024\nВторая;Тест А;Бета;Проиграна;900;25.02.2024\n"
    )
    book = ck.open_book(write("export.csv", content))
    assert book.tables == ("ledger", "deals")
    assert book.client_summary()["client_id"].tolist() == ["Альфа"]


@pytest.mark.parametrize("header", ["Cost %", "Себестоимость, %", "Amount %", "Price (%)"])
def test_a_header_that_says_percent_is_no_money(header):
    assert set(named(["Date", "Client", header])) == {"date", "client_id"}


def test_a_mapping_may_still_name_a_header_that_says_percent():
    assert named(["Date", "Client", "Cost %"], mapping={"cost": "Cost %"})["cost"] == "Cost %"


@pytest.mark.parametrize(
    "headers", [("Datum", "Kunde", "Betrag"), ("Fecha", "Cliente", "Importe"), ("Date", "Client", "Montant")]
)
def test_the_plainest_headers_of_other_languages_are_recognised(headers):
    assert named(headers) == dict(zip(("date", "client_id", "amount"), headers))
