"""Whatever way a clean ledger is written, it is read back with the same totals, or refused; never read
wrongly."""

import datetime
import itertools
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import crmkit as ck

HEADERS = {
    "english": ("Customer ID", "Order Date", "Sales"),
    "russian": ("Код клиента", "Дата продажи", "Сумма, руб."),
    "own": ("client_id", "date", "amount"),
}
ENCODINGS = [
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "cp1251",
    "cp866",
    "koi8-r",
    "mac-cyrillic",
    "cp1252",
]
MONTHS = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
]
NAMED_MONTH = "named month"
EXCEL_DAY = "Excel day"
DATES = [
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%m/%d/%y",
    "%Y/%m/%d",
    "%d.%m.%Y %H:%M",
    "%Y%m%d",
    "%Y%m%d%H",
    "%d %B %Y",
    "%b %d, %Y",
    NAMED_MONTH,
    EXCEL_DAY,
]
NUMBERS = {
    "point": lambda text: text,
    "comma": lambda text: text.replace(".", ","),
    "comma with spaces": lambda text: grouped(text, "\xa0").replace(".", ","),
    "point with commas": lambda text: grouped(text, ","),
    "comma with points": lambda text: grouped(text, "_").replace(".", ",").replace("_", "."),
    "point with apostrophes": lambda text: grouped(text, "'"),
    "roubles": lambda text: grouped(text, " ").replace(".", ",") + " руб.",
    "dollars": lambda text: (
        "-$" + grouped(text[1:], ",") if text.startswith("-") else "$" + grouped(text, ",")
    ),
    "brackets": lambda text: f"({text[1:]})" if text.startswith("-") else text,
    "minus behind": lambda text: f"{text[1:]}-" if text.startswith("-") else text,
}
CLIENTS = ["A1", "Б2", "0007", "c 3", "x,y", 'q"q', "ООО Ромашка", "Acme; Ltd"]

lines = st.lists(
    st.tuples(
        st.sampled_from(CLIENTS),
        st.dates(datetime.date(2019, 1, 1), datetime.date(2025, 12, 31)),
        st.decimals(Decimal("-99999.99"), Decimal("999999.99"), places=2),
    ),
    min_size=1,
    max_size=12,
)
steady = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def grouped(text, mark):
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _, cents = digits.partition(".")
    return f"{sign}{int(whole):,}".replace(",", mark) + (f".{cents}" if cents else "")


def dated(day, style):
    if style == NAMED_MONTH:
        return f"{day.day} {MONTHS[day.month - 1]} {day.year} г."
    if style == EXCEL_DAY:
        return str((day - datetime.date(1899, 12, 30)).days)
    return day.strftime(style)


@dataclass(frozen=True)
class Style:
    """A way of writing a ledger."""

    headers: str
    delimiter: str
    encoding: str
    date: str
    number: str
    line_end: str
    quoted: bool
    titles: int
    blanks: bool
    total: bool


styles = st.builds(
    Style,
    headers=st.sampled_from(sorted(HEADERS)),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(ENCODINGS),
    date=st.sampled_from(DATES),
    number=st.sampled_from(sorted(NUMBERS)),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoted=st.booleans(),
    titles=st.sampled_from([0, 0, 1, 3]),
    blanks=st.booleans(),
    total=st.booleans(),
)


def written(rows, style):
    def line(cells):
        def cell(text):
            needs = style.quoted or style.delimiter in text or '"' in text
            doubled = text.replace('"', '""')
            return f'"{doubled}"' if needs else text

        return style.delimiter.join(cell(text) for text in cells)

    number = NUMBERS[style.number]
    table = [line(HEADERS[style.headers])]
    table += [line((client, dated(day, style.date), number(f"{amount:f}"))) for client, day, amount in rows]
    if style.total:
        word = "Итого" if style.headers == "russian" else "Total"
        table.append(line((word, "", number(f"{sum(amount for _, _, amount in rows):f}"))))
    if style.blanks:
        table.insert(len(table) // 2 + 1, "")
    titles = ["Sales report", "Period: 2019 - 2025", ""][: style.titles]
    return style.line_end.join([*titles, *table, ""])


def sums_of(rows):
    sums: dict[str, Decimal] = {}
    for client, _, amount in rows:
        sums[client] = sums.get(client, Decimal(0)) + amount
    return sums


def assert_read_back(book, rows):
    summary = book.client_summary()
    found = {client: Decimal(str(amount)) for client, amount in zip(summary["client_id"], summary["amount"])}
    assert found == sums_of(rows)
    days = sorted({day for _, day, _ in rows})
    assert sorted({moment.date() for moment in book.table("ledger")["date"]}) == days


def try_both(path, rows):
    try:
        book = ck.open_book(path, as_of="2025-12-31")
    except ck.BookError as error:
        refusal = str(error)
        assert path.name in refusal
        assert "Traceback" not in refusal
        return refusal
    assert_read_back(book, rows)
    return ""


@settings(steady, max_examples=60)
@given(rows=lines, style=styles)
def test_totals_survive_any_way_of_writing(tmp_path, rows, style):
    try:
        content = written(rows, style).encode(style.encoding)
    except UnicodeEncodeError:
        assume(False)
    path = tmp_path / "ledger.csv"
    path.write_bytes(content)
    try_both(path, rows)


@settings(steady, max_examples=30)
@given(
    rows=lines,
    style=st.builds(
        Style,
        headers=st.sampled_from(sorted(HEADERS)),
        delimiter=st.sampled_from([",", ";", "\t", "|"]),
        encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
        date=st.sampled_from(DATES),
        number=st.sampled_from(["point", "comma", "comma with spaces"]),
        line_end=st.sampled_from(["\n", "\r\n"]),
        quoted=st.booleans(),
        titles=st.just(0),
        blanks=st.just(False),
        total=st.just(False),
    ),
)
def test_a_clean_ledger_is_refused_only_where_it_fits_two_readings(tmp_path, rows, style):
    path = tmp_path / "ledger.csv"
    path.write_bytes(written(rows, style).encode(style.encoding))
    refusal = try_both(path, rows)
    assert not refusal or "Say which" in refusal


@pytest.mark.parametrize("as_text", [False, True])
@settings(steady, max_examples=10)
@given(rows=lines)
def test_totals_survive_a_spreadsheet(tmp_path, as_text, rows):
    import xlsxwriter

    path = tmp_path / "ledger.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "dd.mm.yyyy"}) as workbook:
        sheet = workbook.add_worksheet("Продажи")
        sheet.write_row(0, 0, HEADERS["russian"])
        for number, (client, day, amount) in enumerate(rows, start=1):
            sheet.write_string(number, 0, client)
            if as_text:
                sheet.write_string(number, 1, f"{day:%d.%m.%Y}")
                sheet.write_string(number, 2, f"{amount:f}".replace(".", ","))
            else:
                sheet.write_datetime(number, 1, datetime.datetime.combine(day, datetime.time()))
                sheet.write_number(number, 2, float(amount))
    assert not try_both(path, rows)


@settings(steady, max_examples=25)
@given(
    rows=lines,
    order=st.randoms(use_true_random=False),
    columns=st.permutations([0, 1, 2, 3]),
    files=st.integers(1, 3),
)
def test_order_and_splitting_into_files_change_nothing(tmp_path_factory, rows, order, columns, files):
    numbered = [
        (client, f"{day:%Y-%m-%d}", f"{amount:f}", f"D{number}")
        for number, (client, day, amount) in enumerate(rows)
    ]
    names = ("client_id", "date", "amount", "document_id")

    def opened(table, columns, files):
        folder = tmp_path_factory.mktemp("split")
        heaps = [
            [row for row, heap in zip(table, itertools.cycle(range(files))) if heap == at]
            for at in range(files)
        ]
        for number, heap in enumerate(heap for heap in heaps if heap):
            content = [",".join(names[at] for at in columns)]
            content += [",".join('"' + row[at].replace('"', '""') + '"' for at in columns) for row in heap]
            (folder / f"sales_{number}.csv").write_text("\n".join(content) + "\n", encoding="utf-8")
        return ck.open_book(folder, as_of="2025-12-31").client_summary()

    shuffled = numbered.copy()
    order.shuffle(shuffled)
    whole, other = opened(numbered, (0, 1, 2, 3), 1), opened(shuffled, columns, files)
    pd.testing.assert_frame_equal(whole, other)
