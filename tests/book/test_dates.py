import datetime

import pandas as pd
import pytest

import crmkit as ck


def read(dates, **options):
    frame = pd.DataFrame({"client": [f"C{i}" for i in range(len(dates))], "date": dates})
    book = ck.open_book({"ledger": frame}, **options)
    return book.table("ledger")["date"].dt.strftime("%Y-%m-%d %H:%M").str.removesuffix(" 00:00").tolist()


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["2024-01-05", "2024-01-31"], ["2024-01-05", "2024-01-31"]),
        (["2024-1-5", "2024/01/31"], ["2024-01-05", "2024-01-31"]),
        (["2024-01-05 10:30", "2024-01-05T11:45:30"], ["2024-01-05 10:30", "2024-01-05 11:45"]),
        (["05/03/2024", "31/03/2024"], ["2024-03-05", "2024-03-31"]),
        (["03/05/2024", "03/31/2024"], ["2024-03-05", "2024-03-31"]),
        (["05.03.2024", "06.04.2024"], ["2024-03-05", "2024-04-06"]),
        (["05.03.2024 9:15", "06.04.2024 21:40:05"], ["2024-03-05 09:15", "2024-04-06 21:40"]),
        (["3/31/2024 1:05 PM", "4/1/2024 12:10 am"], ["2024-03-31 13:05", "2024-04-01 00:10"]),
        (["05/05/2024", "06/06/2024"], ["2024-05-05", "2024-06-06"]),
        (["31.12.98", "15.01.24"], ["1998-12-31", "2024-01-15"]),
        (["20240105", "20240131"], ["2024-01-05", "2024-01-31"]),
        (["1 March 2024", "15-Sept-06"], ["2024-03-01", "2006-09-15"]),
        (["5 марта 2024 г.", "31 мая 2024"], ["2024-03-05", "2024-05-31"]),
        (["March 5, 2024", "Dec 31 2024"], ["2024-03-05", "2024-12-31"]),
        (["2024-01-05", "31.01.2024"], ["2024-01-05", "2024-01-31"]),
        ([" 2024-01-05 ", "2024-01-31\xa0"], ["2024-01-05", "2024-01-31"]),
        (
            [datetime.date(2024, 1, 5), datetime.datetime(2024, 1, 31, 8, 0)],
            ["2024-01-05", "2024-01-31 08:00"],
        ),
        ([20240105, 20240131], ["2024-01-05", "2024-01-31"]),
        (pd.to_datetime(["2024-01-05", "2024-01-31"]), ["2024-01-05", "2024-01-31"]),
    ],
)
def test_dates_are_read_as_the_column_shows(dates, expected):
    assert read(dates) == expected


@pytest.mark.parametrize(
    ("dates", "first", "second"),
    [
        (["01/02/2024", "03/04/2024"], "1 February 2024", "2 January 2024"),
        (["01-02-2024", "03-04-2024", "2024-05-06"], "1 February 2024", "2 January 2024"),
        (["01/02/03"], "1 February 2003", "3 February 2001"),
    ],
)
def test_dates_that_fit_two_orders_are_refused_with_both_readings(dates, first, second):
    with pytest.raises(ck.BookError, match="cannot be seen from the dates") as error:
        read(dates)
    assert first in str(error.value)
    assert second in str(error.value)
    assert "date_order=" in str(error.value)


def test_the_option_settles_the_order():
    dates = ["01/02/2024", "03/04/2024"]
    assert read(dates, date_order="day first") == ["2024-02-01", "2024-04-03"]
    assert read(dates, date_order="month first") == ["2024-01-02", "2024-03-04"]
    assert read(["01/02/03"], date_order="year first") == ["2001-02-03"]
    settings = ck.Settings.from_dict({"reading": {"date_order": "day first"}})
    assert read(dates, config=settings) == ["2024-02-01", "2024-04-03"]


def test_the_order_is_decided_over_all_files_of_a_table(write):
    write("ledger_1.csv", "client,date\nA,01/02/2024\n")
    folder = write("ledger_2.csv", "client,date\nA,25/02/2024\n").parent
    assert ck.open_book(folder).client_summary()["first_date"].tolist() == [pd.Timestamp("2024-02-01")]


def test_a_column_with_both_orders_is_refused():
    with pytest.raises(ck.BookError, match="some dates have the day first and some the month first") as error:
        read(["31/01/2024", "01/31/2024", "05/06/2024"])
    assert "'31/01/2024' and '01/31/2024'" in str(error.value)


def test_birthdays_are_not_shown_in_messages(write):
    path = write("clients.csv", "client_id,birthday\nA,01/02/1980\nB,03/04/1981\n")
    with pytest.raises(ck.BookError, match="column 'birthday'") as error:
        ck.open_book(path)
    assert "1980" not in str(error.value)


@pytest.mark.parametrize("bad", ["31.02.2024", "soon", "2024-13-01", "0024-01-01", "99999"])
def test_what_is_no_date_is_refused_with_its_place(bad):
    with pytest.raises(ck.BookError, match=rf"ledger, column 'date', row 2: '{bad}' is not a date"):
        read(["2024-01-05", bad], on_bad_row="refuse")


def test_a_blank_date_is_refused():
    with pytest.raises(ck.BookError, match="row 2: the cell is blank where a date"):
        read(["2024-01-05", "N/A"], on_bad_row="refuse")


def test_times_with_an_offset_come_in_the_companys_zone():
    dates = ["2024-01-05T23:30:00Z", "2024-07-05T10:00:00+02:00"]
    assert read(dates) == ["2024-01-05 23:30", "2024-07-05 08:00"]
    berlin = ck.Settings.from_dict({"company": {"time_zone": "Europe/Berlin"}})
    assert read(dates, config=berlin) == ["2024-01-06 00:30", "2024-07-05 10:00"]
    assert read(pd.to_datetime(dates, utc=True), config=berlin) == ["2024-01-06 00:30", "2024-07-05 10:00"]


def test_the_order_that_was_used_is_noted():
    frame = pd.DataFrame({"client": ["A", "B"], "date": ["05/03/2024", "31/03/2024"]})
    notes = ck.open_book({"ledger": frame}).notes.set_index("kind")
    assert notes.loc["dates_read", "action"] == "Dates were read with the day first."
