import datetime

import pandas as pd
import pytest
from babel.dates import format_date

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
        (["01/02/2024", "03/04/2024"], "2024-02-01 (day first)", "2024-01-02 (month first)"),
        (["01-02-2024", "03-04-2024", "2024-05-06"], "2024-02-01 (day first)", "2024-01-02 (month first)"),
        (["01/02/03"], "2003-02-01 (day first)", "2001-02-03 (year first)"),
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
    assert "'31/01/2024', '01/31/2024'" in str(error.value)


def test_birthdays_are_not_shown_in_messages(write):
    path = write("clients.csv", "client_id,birthday\nA,01/02/1980\nB,03/04/1981\n")
    with pytest.raises(ck.BookError, match="column 'birthday'") as error:
        ck.open_book(path)
    assert "1980" not in str(error.value)


@pytest.mark.parametrize("bad", ["31.02.2024", "soon", "2024-13-01", "0024-01-01", "99999"])
def test_what_is_no_date_is_refused_with_its_place(bad):
    with pytest.raises(ck.BookError, match=rf"ledger, column 'date', row 2: '{bad}' is not a date"):
        read(["2024-01-31", bad], on_bad_row="refuse")


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
    assert notes.loc["dates_read", "action"] == (
        "Dates were read with the day first. Of these rows, 1 would alone fit another order too."
    )


def test_another_column_of_dates_settles_the_order_and_the_note_says_which(write):
    path = write(
        "orders.csv",
        "client,Order Date,Ship Date,amount\nA,6/9/2016,6/16/2016,5\nB,10/11/2017,10/18/2017,6\n"
        "C,6/12/2016,6/12/2016,7\n",
    )
    book = ck.open_book(path)
    assert book.table("ledger")["date"].dt.strftime("%Y-%m-%d").tolist() == [
        "2016-06-09",
        "2017-10-11",
        "2016-06-12",
    ]
    action = book.notes.set_index("kind").loc["dates_read", "action"]
    assert "month first" in action
    assert "taken from the dates in 'Ship Date'" in action
    assert "date_order" in action


def test_other_columns_that_disagree_or_show_nothing_settle_no_order(write):
    two = "client,Date,Paid on,Sent on,amount\nA,6/9/2016,6/16/2016,16/6/2016,5\n"
    nothing = "client,Date,Paid on,amount\nA,6/9/2016,6/10/2016,5\n"
    for text in (two, nothing):
        with pytest.raises(ck.BookError, match="cannot be seen from the dates"):
            ck.open_book(write("orders.csv", text), mapping={"date": "Date"})


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["45306", "45306.5", "45443"], ["2024-01-15", "2024-01-15 12:00", "2024-05-31"]),
        ([45306.0, 45306.25], ["2024-01-15", "2024-01-15 06:00"]),
        (["2018100100", "2018100123"], ["2018-10-01", "2018-10-01 23:00"]),
        (["201810010930", "20181001"], ["2018-10-01 09:30", "2018-10-01"]),
        (["20181001093015", "20181001235959"], ["2018-10-01 09:30", "2018-10-01 23:59"]),
        (["1709632800", "1709636400"], ["2024-03-05 10:00", "2024-03-05 11:00"]),
        (["1709632800000", "1709636400500"], ["2024-03-05 10:00", "2024-03-05 11:00"]),
        ([1709632800, 1709636400], ["2024-03-05 10:00", "2024-03-05 11:00"]),
        (["31122024", "01022024"], ["2024-12-31", "2024-02-01"]),
        (["11/13/14", "09/11/2014"], ["2014-11-13", "2014-09-11"]),
        (["January 5, 2024", "Sept 30 2023"], ["2024-01-05", "2023-09-30"]),
        (["5 января 2024", "6 янв. 2024", "7 ЯНВ 24"], ["2024-01-05", "2024-01-06", "2024-01-07"]),
        (["Mon, 5 Feb 2024", "Tuesday, 6 February 2024"], ["2024-02-05", "2024-02-06"]),
        (
            ["пн 05.02.2024", "вторник, 06.02.2024", "07.02.2024 (ср)"],
            ["2024-02-05", "2024-02-06", "2024-02-07"],
        ),
        (["2024-01", "2024-02"], ["2024-01-01", "2024-02-01"]),
        (["Jan-24", "Feb-24"], ["2024-01-01", "2024-02-01"]),
        (["январь 2024", "Февраль 2024 г."], ["2024-01-01", "2024-02-01"]),
        (["01.2024", "12.2024"], ["2024-01-01", "2024-12-01"]),
        (["202401", "202402"], ["2024-01-01", "2024-02-01"]),
        (["2024-01-05 24:00", "2024-01-05T10:30:15.250"], ["2024-01-06", "2024-01-05 10:30"]),
        (
            ["1/31/2024 12:00 AM", "2/1/2024 12:30 p.m.", "2/1/2024 5pm"],
            ["2024-01-31", "2024-02-01 12:30", "2024-02-01 17:00"],
        ),
        (["Mon Feb  5 10:20:30 2024", "Tue Feb 06 2024 11:00:00"], ["2024-02-05 10:20", "2024-02-06 11:00"]),
        (["05/Mar/2024:10:30:00", "2024-Apr-06"], ["2024-03-05 10:30", "2024-04-06"]),
        (["4 de marzo de 2024", "5. März 2024", "6 août 2024"], ["2024-03-04", "2024-03-05", "2024-08-06"]),
        (["20240305T103000", "20240306 11:00"], ["2024-03-05 10:30", "2024-03-06 11:00"]),
        (["/Date(1709632800000)/", "/Date(1709636400000+0300)/"], ["2024-03-05 10:00", "2024-03-05 11:00"]),
        (["2024-03-05Z", "2024-03-06Z"], ["2024-03-05", "2024-03-06"]),
        (["2024-03-05+03:00", "2024-03-06+03:00"], ["2024-03-05", "2024-03-06"]),
        (["2024-03-05_10:30", "10:45 31.03.2024"], ["2024-03-05 10:30", "2024-03-31 10:45"]),
    ],
)
def test_neighbouring_ways_of_writing_dates_are_read(dates, expected):
    assert read(dates) == expected


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        (["45306", "45310"], "days since 1899-12-30"),
        (["2018100100", "2018100101"], "year, month, day and time of day"),
        (["1709632800"], "seconds since 1970"),
        (["31.12.98", "15.01.24"], "Years of two digits"),
        (["2024-01", "2024-02"], "as their first day"),
    ],
)
def test_what_was_read_otherwise_than_it_stands_is_noted_with_rows_and_an_example(dates, said):
    frame = pd.DataFrame({"client": [f"C{i}" for i in range(len(dates))], "date": dates})
    note = ck.open_book({"ledger": frame}).notes.set_index("kind").loc["dates_read"]
    assert said in note["action"]
    assert note["rows"] == len(dates)
    assert " → " in note["example"]


@pytest.mark.parametrize(
    "blank", ["0000-00-00", "00.00.0000", "0000-00-00 00:00:00", "01.01.0001 0:00:00", "0001-01-01", "0"]
)
def test_what_databases_write_for_no_date_is_blank(blank):
    frame = pd.DataFrame({"client_id": ["A", "B"], "joined": ["2024-01-05", blank]})
    ledger = pd.DataFrame({"client": ["A"], "date": ["2024-01-05"], "amount": [1]})
    book = ck.open_book({"ledger": ledger, "clients": frame}, on_bad_row="refuse")
    assert book.table("clients")["joined"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        (["2024-W05", "2024-W06"], "weeks, quarters or years"),
        (["Q1 2024", "Q2 2024"], "weeks, quarters or years"),
        (["1 кв. 2024", "2 кв. 2024"], "weeks, quarters or years"),
        (["2023", "2024"], "weeks, quarters or years"),
        (["45306", "20240105"], "some count otherwise"),
        (["45306", "1709632800"], "some count otherwise"),
        (["2024-13-01", "2024-05-03"], "the day before the month"),
        (["45293", "45294", "13/01/2024", "14/01/2024"], "swapped day and month"),
        (["2024-05-01 00:00:00", "2024-06-01 00:00:00", "13/01/2024"], "swapped day and month"),
        (["2024-05-01", "2024-06-01", "13/01/2024"], "swapped day and month"),
    ],
)
def test_dates_that_would_be_read_wrongly_are_refused(dates, words):
    with pytest.raises(ck.BookError, match=words):
        read(dates)


def test_birthdays_that_a_spreadsheet_swapped_are_not_shown(write):
    path = write("clients.csv", "client_id,birthday\nA,29222\nB,13/04/1981\n")
    with pytest.raises(ck.BookError, match="swapped day and month") as error:
        ck.open_book(path)
    assert "1981" not in str(error.value)
    assert "29222" not in str(error.value)


def test_serials_beside_dates_that_show_no_swap_are_read():
    assert read(["45306", "31/01/2024"]) == ["2024-01-15", "2024-01-31"]
    assert read(["45293", "13/01/2024"], date_order="day first") == ["2024-01-02", "2024-01-13"]


@pytest.mark.parametrize(
    "bad",
    [
        "Date Not Captured",
        "N/A - From RDC",
        "Mayhem 5 2024",
        "5 Marble 2024",
        "2024-01-05 25:00",
        "12:30",
        "5 янв",
        "Jan-24",
    ],
)
def test_words_and_half_dates_are_no_dates(bad):
    with pytest.raises(ck.BookError, match=r"row 3: .* is not a date"):
        read(["2024-01-31", "2024-01-30", bad], on_bad_row="refuse")


MOSCOW = ck.Settings.from_dict({"company": {"time_zone": "Europe/Moscow"}})


@pytest.mark.parametrize("config", [None, MOSCOW])
@pytest.mark.parametrize(
    "dates",
    [
        ["2024-03-05T00:00:00Z", "2024-03-06T00:00:00Z"],
        ["2024-03-05T00:00:00+03:00", "2024-03-06T00:00:00+03:00"],
        ["2024-03-05T00:00:00.000+0900", "2024-03-06T00:00:00.000+0900"],
        ["2024-03-05 00:00:00 UTC", "2024-03-06 00:00:00 UTC"],
        ["1709596800", "1709683200"],
        pd.to_datetime(["2024-03-05", "2024-03-06"], utc=True),
    ],
)
def test_midnights_with_an_offset_stay_on_their_day(dates, config):
    assert read(dates, config=config) == ["2024-03-05", "2024-03-06"]


def test_times_with_one_offset_stay_as_written_unless_the_company_has_a_zone():
    dates = ["2024-03-05T00:30:00+05:00", "2024-03-05T12:00:00+05:00"]
    assert read(dates) == ["2024-03-05 00:30", "2024-03-05 12:00"]
    assert read(dates, config=MOSCOW) == ["2024-03-04 22:30", "2024-03-05 10:00"]
    words = ["05.03.2024 10:00 MSK", "05.03.2024 11:00 МСК"]
    assert read(words) == read(words, config=MOSCOW) == ["2024-03-05 10:00", "2024-03-05 11:00"]


def test_times_without_an_offset_are_the_companys_own():
    assert read(["2024-03-05T10:00:00Z", "2024-03-05T10:00:00"], config=MOSCOW) == [
        "2024-03-05 13:00",
        "2024-03-05 10:00",
    ]


def test_years_of_two_digits_are_told_from_days_by_what_they_span():
    days = pd.date_range("2023-01-03", "2024-03-20", freq="9D")
    iso = days.strftime("%Y-%m-%d").tolist()
    assert read(days.strftime("%d/%m/%y").tolist()) == iso
    assert read(days.strftime("%m/%d/%y").tolist()) == iso
    assert read(days.strftime("%y-%m-%d").tolist()) == iso
    with pytest.raises(ck.BookError, match="cannot be seen"):
        read(["21-01-23", "25-02-23"])


@pytest.mark.parametrize("locale", ["en", "ru", "uk", "de", "fr", "es", "it", "pt", "nl", "pl"])
def test_long_dates_of_many_locales_are_read(locale):
    days = [datetime.datetime(2023, month, month + 5, 14, 5) for month in range(1, 13)]
    iso = [f"{day:%Y-%m-%d}" for day in days]
    assert read([format_date(day, "full", locale=locale) for day in days]) == iso
    assert read([format_date(day, "d MMM y", locale=locale) for day in days]) == iso


def test_an_offset_behind_minutes_is_seen_among_times_with_seconds(write):
    content = "client,date,amount\nA,2024-01-05 10:00:00,1\nA,2024-01-05 23:30-03,2\n"
    days = ck.open_book(
        write("ledger.csv", content), config=ck.Settings.from_dict({"company": {"time_zone": "UTC"}})
    )
    assert days.table("ledger")["date"].dt.strftime("%d %H:%M").tolist() == ["05 10:00", "06 02:30"]
