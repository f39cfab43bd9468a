import pandas as pd
import pytest

import crmkit as ck


@pytest.fixture
def book():
    rows = [
        ("2024-01-03", "A", 10.0, "N", "P1", 1, "D1"),
        ("2024-01-20", "B", 20.0, "N", "P2", 2, "D2"),
        ("2024-01-20", "B", 5.0, "S", "P1", 1, "D2"),
        ("2024-03-31", "A", 40.0, "S", "P1", 4, "D3"),
        ("2024-03-31", "A", -40.0, "S", "P1", -4, "D4"),
        ("2024-04-02", None, 7.0, "N", "P2", 1, "D5"),
        ("2024-05-15", "C", 100.0, "N", "P2", 9, "D6"),
    ]
    columns = ["date", "client_id", "amount", "place", "product_id", "quantity", "document_id"]
    return ck.open_book(
        {
            "ledger": pd.DataFrame(rows, columns=columns),
            "clients": pd.DataFrame({"client_id": ["A", "B", "C"], "district": ["x", "y", "x"]}),
            "products": pd.DataFrame(
                {"product_id": ["P1", "P2"], "category": ["c1", "c2"], "unit_cost": [1.0, 2.0]}
            ),
        }
    )


def series(frame):
    return {
        name: dict(zip(rows["ds"].dt.strftime("%m-%d"), rows["y"]))
        for name, rows in frame.groupby("unique_id")
    }


def test_months_without_sales_are_zero_and_the_partial_month_is_left_out(book):
    frame = book.panel()
    assert list(frame.columns) == ["unique_id", "ds", "y"]
    assert series(frame) == {"total": {"01-01": 35, "02-01": 0, "03-01": 0, "04-01": 7}}
    assert series(book.panel(partial=True))["total"]["05-01"] == 100


def test_a_series_starts_with_its_own_first_period(book):
    assert series(book.panel(by="place")) == {
        "N": {"01-01": 30, "02-01": 0, "03-01": 0, "04-01": 7},
        "S": {"01-01": 5, "02-01": 0, "03-01": 0, "04-01": 0},
    }
    assert "C" not in series(book.panel(by="client_id"))


def test_a_column_that_two_tables_have_is_told_by_its_table(book):
    frames = {name: book.table(name) for name in book.tables}
    frames["clients"] = frames["clients"].assign(name=["a", "b", "c"])
    frames["products"] = frames["products"].assign(name=["p", "q"])
    both = ck.open_book(frames, with_names=True)
    assert set(series(both.panel(by="products.name"))) == {"p", "q"}
    assert "a" in series(both.panel(by="name"))


def test_columns_of_clients_and_products_divide_the_ledger(book):
    assert series(book.panel(by="category"))["c2"]["01-01"] == 20
    by_district = series(book.panel(by="district"))
    assert by_district["x"]["01-01"] == 10
    assert by_district[""]["04-01"] == 7
    assert series(book.panel(by=["place", "category"]))["N / c2"]["01-01"] == 20


@pytest.mark.parametrize(
    ("measure", "january", "march", "april"),
    [
        ("amount", 35, 0, 7),
        ("quantity", 4, 0, 1),
        ("margin", 35 - 6, 0, 5),
        ("documents", 2, 2, 1),
        ("clients", 2, 1, 0),
        ("purchases", 2, 0, 0),
        ("lines", 3, 2, 1),
    ],
)
def test_measures(book, measure, january, march, april):
    total = series(book.panel(measure))["total"]
    assert (total["01-01"], total["03-01"], total["04-01"]) == (january, march, april)


def test_panels_add_up_to_the_ledger(book):
    expected = book.table("ledger")["amount"].sum()
    for by in (None, "place", "category", ["place", "district"]):
        for freq in ("MS", "W", "D"):
            assert book.panel(by=by, freq=freq, partial=True)["y"].sum() == expected


def test_weeks_start_on_the_day_of_the_settings(book):
    weekly = book.panel(freq="W")
    assert weekly["ds"].dt.day_name().unique().tolist() == ["Monday"]
    assert weekly["ds"].iloc[0] == pd.Timestamp("2024-01-01")
    frames = {"ledger": book.table("ledger")}
    sunday = ck.open_book(frames, config=ck.Settings.from_dict({"company": {"week_start": "sunday"}}))
    weekly = sunday.panel(freq="W")
    assert weekly["ds"].iloc[0] == pd.Timestamp("2023-12-31")
    assert weekly["ds"].diff().dropna().eq(pd.Timedelta(days=7)).all()


@pytest.mark.parametrize(
    ("as_of", "month", "week", "partial"),
    [
        ("2024-05-15", "2024-04-01", "2024-05-06", True),
        ("2024-05-31", "2024-05-01", "2024-05-20", False),
        ("2024-06-02", "2024-05-01", "2024-05-27", True),
    ],
)
def test_the_last_complete_period_is_known(book, as_of, month, week, partial):
    later = ck.open_book({"ledger": book.table("ledger")}, as_of=as_of)
    assert later.last_complete() == pd.Timestamp(month)
    assert later.last_complete("W") == pd.Timestamp(week)
    assert later.last_complete("D") == pd.Timestamp(as_of)
    assert later.is_partial() == partial


def test_a_book_younger_than_a_month_has_no_whole_month(ledger_csv):
    book = ck.open_book(ledger_csv, as_of="2024-01-20")
    assert book.panel().empty
    assert book.panel(partial=True)["y"].tolist() == [1550.5]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"measure": "amont"}, "'amont' is not a measure. Did you mean amount"),
        ({"by": "plase"}, "no column 'plase' .*Did you mean place"),
        ({"freq": "Q"}, "'Q' is not a frequency"),
    ],
)
def test_what_the_book_does_not_have_is_refused(book, arguments, message):
    with pytest.raises(ck.BookError, match=message):
        book.panel(**arguments)


def test_a_measure_without_its_column_is_refused(ledger):
    book = ck.open_book({"ledger": ledger})
    with pytest.raises(ck.BookError, match="has no cost, or unit_cost in the products table"):
        book.panel("margin")
    with pytest.raises(ck.BookError, match="it has no quantity"):
        book.panel("quantity")
