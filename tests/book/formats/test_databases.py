"""Tables of one database are of different things, unlike the files of a folder."""

import contextlib
import sqlite3

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import crmkit as ck
from tests.book.sources import totals

ORDERS = "CREATE TABLE orders (date TEXT, client TEXT, amount REAL)"
ROWS = "INSERT INTO orders VALUES ('2024-01-05', 'A', 5), ('2024-01-06', 'B', 6)"


@pytest.fixture(params=[sqlite3, duckdb], ids=["sqlite", "duckdb"])
def made(request, tmp_path):
    """Make a database by statements and return its path."""

    def make(*statements):
        path = tmp_path / "company.db"
        with contextlib.closing(request.param.connect(str(path))) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()
        return path

    return make


def test_tables_with_other_columns_are_not_added_to_the_ledger(made):
    changes = "CREATE TABLE orders_audit AS SELECT *, 'x' AS changed FROM orders"
    with pytest.raises(ck.BookError, match=r"'orders' and company\.db, table 'orders_audit' can both be"):
        ck.open_book(made(ORDERS, ROWS, changes))


def test_tables_with_the_same_columns_are_one_ledger(made):
    more = "CREATE TABLE order_archive AS SELECT '2023-01-05' AS date, 'A' AS client, 1 AS amount"
    book = ck.open_book(made(ORDERS, ROWS, more))
    assert totals(book) == {"A": 6, "B": 6}
    assert "joined" in set(book.notes["kind"])


def test_views_of_tables_are_not_counted_again(made):
    book = ck.open_book(made(ORDERS, ROWS, "CREATE VIEW sales AS SELECT * FROM orders"))
    assert totals(book) == {"A": 5, "B": 6}
    assert "'sales'" in book.notes.set_index("kind").loc["views_not_read", "action"]


def test_a_database_of_views_alone_is_read(made):
    view = "CREATE VIEW orders AS SELECT '2024-01-05' AS date, 'A' AS client, 5 AS amount"
    assert totals(ck.open_book(made(view))) == {"A": 5}


def test_cells_of_bytes_are_refused(made):
    table = ORDERS.replace("client TEXT", "client BLOB")
    with pytest.raises(ck.BookError, match="table 'orders', column 'client': the cells hold lists"):
        ck.open_book(made(table, "INSERT INTO orders VALUES ('2024-01-05', CAST('A' AS BLOB), 5)"))


def test_tables_of_sqlite_without_numbered_rows_are_read(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "company.db")) as connection:
        connection.execute("CREATE TABLE orders (client TEXT PRIMARY KEY, date, amount) WITHOUT ROWID")
        connection.execute("INSERT INTO orders VALUES ('A', '2024-01-05', 5)")
        connection.commit()
    assert totals(ck.open_book(tmp_path / "company.db")) == {"A": 5}


def test_tables_of_one_name_in_two_schemas_of_duckdb_are_both_read(tmp_path):
    with contextlib.closing(duckdb.connect(str(tmp_path / "company.duckdb"))) as connection:
        for statement in (
            ORDERS,
            ROWS,
            "CREATE SCHEMA old",
            "CREATE TABLE old.orders AS FROM orders LIMIT 1",
        ):
            connection.execute(statement)
    assert totals(ck.open_book(tmp_path / "company.duckdb")) == {"A": 10, "B": 6}


@pytest.mark.parametrize(
    "clients",
    [pa.array([{"id": 1}]), pa.array([[1]]), pa.array([[("id", 1)]], pa.map_(pa.string(), pa.int64()))],
    ids=["struct", "list", "map"],
)
def test_nested_columns_of_parquet_are_refused_where_they_are_used(tmp_path, clients):
    path = tmp_path / "ledger.parquet"
    pq.write_table(pa.table({"date": ["2024-01-05"], "client": clients, "amount": [1.5]}), path)
    with pytest.raises(ck.BookError, match=r"ledger\.parquet, column 'client': the cells hold lists"):
        ck.open_book(path)
    pq.write_table(pa.table({"date": ["2024-01-05"], "client": ["A"], "amount": [1], "x": clients}), path)
    assert totals(ck.open_book(path)) == {"A": 1}
