"""A column of dates or numbers, in whatever country's form, is read as it was meant, or refused."""

import datetime

import pandas as pd
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit as ck

LOCALES = [
    "en_US",
    "en_GB",
    "en_IN",
    "ru_RU",
    "uk_UA",
    "de_DE",
    "de_CH",
    "fr_FR",
    "pl_PL",
    "es_ES",
    "it_IT",
    "pt_BR",
]

WAYS = [
    *(lambda day, width=width, locale=locale: format_date(day, width, locale=locale)
      for locale in LOCALES for width in ("short", "medium", "long", "full")),
    *(lambda day, locale=locale: format_datetime(day, "short", locale=locale) for locale in LOCALES),
    *(lambda day, pattern=pattern: day.strftime(pattern)
      for pattern in ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%y", "%y-%m-%d", "%Y%m%d", "%Y%m%d%H%M",
                      "%Y-%d-%m", "%d%m%Y", "%d %b %Y %H:%M:%S",
                      "%Y-%m-%dT%H:%M:%S+03:00", "%m/%d/%Y %I:%M %p")),
    lambda day: repr((day - datetime.datetime(1899, 12, 30)).total_seconds() / 86_400),
    lambda day: str(int((day - datetime.datetime(1970, 1, 1)).total_seconds())),
]  # fmt: skip

quick = settings(max_examples=12, deadline=None, derandomize=True)


def column(**cells):
    """What is read of each row, by the row's client; nothing if the book is refused."""
    (name, values), *_ = cells.items()
    frame = pd.DataFrame({"client": [f"C{i}" for i in range(len(values))], "date": "2024-01-05"} | cells)
    try:
        ledger = ck.open_book({"ledger": frame}).table("ledger")
    except ck.BookError:
        return {}
    return dict(zip(ledger["client_id"], ledger[name]))


def test_dates_are_read_as_they_were_written_or_not_at_all():
    was_read = []

    @quick
    @given(
        days=st.lists(
            st.datetimes(datetime.datetime(2005, 1, 1), datetime.datetime(2025, 12, 31)),
            min_size=1,
            max_size=20,
        ),
        way=st.sampled_from(range(len(WAYS))),
    )
    def rightly(days, way):
        days = [day.replace(microsecond=0) for day in days]
        read = column(date=[WAYS[way](day) for day in days])
        was_read.append(bool(read))
        assert all(moment.date() == days[int(client[1:])].date() for client, moment in read.items())

    rightly()
    # A reader that refuses all would pass every single example.
    assert sum(was_read) >= len(was_read) / 2


def test_numbers_are_read_as_they_were_written_or_not_at_all():
    was_read = []

    @quick
    @given(
        values=st.lists(st.decimals(-(10**8), 10**8, places=2), min_size=1, max_size=20),
        locale=st.sampled_from(LOCALES),
        currency=st.sampled_from(["", "USD", "EUR", "RUB", "CHF", "INR", "PLN"]),
    )
    def rightly(values, locale, currency):
        def written(value):
            if currency:
                return format_currency(value, currency, locale=locale)
            return format_decimal(value, locale=locale, format=None)

        read = column(amount=[written(value) for value in values])
        was_read.append(bool(read))
        assert all(abs(amount - float(values[int(client[1:])])) < 0.0051 for client, amount in read.items())

    rightly()
    assert sum(was_read) >= len(was_read) / 2
