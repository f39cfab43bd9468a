"""Dates written as text, taken apart: year, month, day, time of day and zone of each distinct cell, as far as
the cell alone shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.book.values.date_words import months, weekday

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.engine import Engine

NUMBERS = r"^(\d{1,4})\s?([-/.])\s?(\d{1,2})\s?[-/.]\s?(\d{1,4})\.?$"

_SPACES = r"[\s\x{00A0}\x{2000}-\x{200F}\x{202A}-\x{202F}\x{2060}-\x{2069}\x{FEFF}]+"
_YEAR, _MONTH, _DAY, _HOUR = (
    r"((?:19|20)\d\d)",
    r"(0[1-9]|1[0-2])",
    r"(0[1-9]|[12]\d|3[01])",
    r"([01]\d|2[0-4])",
)
_COMPACT = f"^{_YEAR}{_MONTH}{_DAY}"
_SIXTY = r"([0-5]\d)"
_WRAPPINGS = (
    # A point or comma and zeros behind a whole number come from a spreadsheet or a frame.
    (r"^(\d+)[.,]0+$", r"\1"),
    (r"\s*\([^)]*\)$", ""),
    # As JSON of .NET and dates of XML Schema write them.
    (r"^/date\((\d+)(?:[+-]\d{4})?\)/$", r"\1"),
    (r"^(\d{4}-\d\d-\d\d)(?:z|[+-]\d\d:\d\d)$", r"\1"),
)
_REWRITES = (
    (r"(\d)\s*(?:г(?:\.|ода?)?|р(?:\.|оку))([, ]|$)", r"\1\2"),
    (r"(\d)(?:st|nd|rd|th|-?го|-?е)([ ,.-]|$)", r"\1\2"),
    (r"(\d)\s+(?:of|de)\s+(\p{L})", r"\1 \2"),
    (r"(\p{L}\.?)\s+del?\s+(\d)", r"\1 \2"),
    (r"\s(?:в|at|um)\s+(\d)", r" \1"),
    (rf"{_COMPACT}$", r"\1-\2-\3"),
    (rf"{_COMPACT}[t ]?{_HOUR}(z|[+-]\d.*)?$", r"\1-\2-\3 \4:00\5"),
    (rf"{_COMPACT}[t ]?{_HOUR}{_SIXTY}(z|[+-]\d.*)?$", r"\1-\2-\3 \4:\5\6"),
    (rf"{_COMPACT}[t ]?{_HOUR}{_SIXTY}{_SIXTY}((?:\.\d+)?(?:z|[+-]\d.*)?)$", r"\1-\2-\3 \4:\5:\6\7"),
    (rf"{_COMPACT}([t ]+\d{{1,2}}:.*)$", r"\1-\2-\3\4"),
    (rf"^{_DAY}{_MONTH}{_YEAR}$", r"\1/\2/\3"),
    (rf"^{_MONTH}(1[3-9]|2\d|3[01]){_YEAR}$", r"\1/\2/\3"),
    (rf"^{_YEAR}{_MONTH}$", r"\1-\2"),
    # As the Unix command date writes it.
    (r"^(\p{L}{3,}) (\d{1,2}) (\d\d:\d\d:\d\d)((?: [a-z]{3,4})?) (\d{4})$", r"\1 \2 \5 \3\4"),
    (r"^(\d{1,2}:\d\d(?::\d\d)?(?:\s?[ap]\.?m\.?)?)[ ,]+(\d.*)$", r"\2 \1"),
)
_SPLIT = r"^(.+?)[t ,_:]+(\d{1,2}(?::\d\d|\s?[ap]\.?m).*)$"
_DAY_WORD = r"^(\d{1,2})[-./ ,]*(\p{L}{3,})[-.,/ ]*'?(\d{4}|\d\d)$"
_WORD_DAY = r"^(\p{L}{3,})[-./ ]*(\d{1,2})[-.,/ ]+'?(\d{4}|\d\d)$"
_YEAR_WORD = r"^(\d{4})[-./ ]+(\p{L}{3,})[-./ ]+(\d{1,2})$"
_PERIOD = r"^(\d{4})(?:[-/](\d{1,2})|\.(\d\d))$"
_PERIOD_BACK = r"^(\d{1,2})[-/.](\d{4})$"
_WORD_PERIOD = r"^(\p{L}{3,})[-./ ,']*(\d{4}|\d\d)$"
_PERIOD_WORD = r"^(\d{4})[-./ ,]*(\p{L}{3,})\.?$"
_COARSE = (
    r"^(?:\d{4}[-/ ]?(?:w|kw|q|кв|h)\.?[-/ ]?\d{1,2}|(?:w|kw|q|кв)\.?[-/ ]?\d{1,2}[-/., ]*\d{2,4}|"
    r"(?:\d|i{1,3}|iv)[-\s]*(?:кв|q)\p{L}*\.?[-/., ]*\d{2,4}|(?:19|20)\d\d)$"
)
_CLOCK = (
    r"^(\d{1,2})(?::(\d\d)(?::(\d\d)(?:[.,:](\d{1,9}))?)?)?\s*(?:([ap])\.?\s?m\.?)?\s*"
    r"([a-zа-я]{1,4})?\s*([+-]\d\d(?::?\d\d)?)?$"
)
_ZONES = {
    "z": 0,
    "utc": 0,
    "gmt": 0,
    "msk": 180,
    "мск": 180,
    "cet": 60,
    "cest": 120,
    "eet": 120,
    "eest": 180,
    "est": -300,
    "edt": -240,
    "pst": -480,
    "pdt": -420,
}
_MISSING = (
    r"^(?:0{4}[-/.]00[-/.]00|00[-/.]00[-/.](?:0{4}|00)|0001-01-01|01[./]01[./]0001|0+)"
    r"(?:[t ]0?0:00(?::00(?:\.0+)?)?)?$"
)
"""What databases and accounting programs write for no date."""
SERIALS = (10_000, 73_415)
"""Days from 1899-12-30 that are taken for dates: from 1927 to 2100."""
SECONDS = (315_532_800, 4_102_444_800)
"""Seconds from 1970-01-01 that are taken for dates: from 1980 to 2099."""


def cells_and_days(cells: ir.Table) -> ir.Table:
    """Each cell with its day and its time of day as text; a blank that databases write has neither.

    Parameters
    ----------
    cells
        ``raw``, ``bare`` and ``rows``.
    """
    text = cells.bare.lower().re_replace(_SPACES, " ").re_replace("^'", "").strip()
    text = text.re_search(_MISSING).ifelse(None, text)
    named = ((rf"^{weekday()}[.,]*\s+", ""), (rf"[, ]+{weekday()}\.?$", ""))
    for pattern, replacement in (*_WRAPPINGS, *named, *_REWRITES):
        text = text.re_replace(pattern, replacement)
    cells = cells.select("raw", "rows", bare=text.notnull().ifelse(cells.bare, None), text=text)
    day = cells.text.re_extract(_SPLIT, 1).nullif("")
    return cells.select(
        "raw",
        "rows",
        "bare",
        day=day.fill_null(cells.text).re_replace(r"[,. ]+$", ""),
        time=cells.text.re_extract(_SPLIT, 2).nullif(""),
    )


def days(cells: ir.Table, engine: Engine) -> ir.Table:
    """The distinct days, with the kind of each, its numbers, and an example of a cell that has it.

    The kinds: ``numbers`` (a, b and c in an order to be found), ``whole`` (year, month and day known),
    ``period`` (year and month), ``serial`` (days since 1899-12-30), ``seconds``, ``millis`` and ``micros``
    (since 1970-01-01), ``coarse`` (a week, a quarter, a year); null is no date.
    """
    import ibis

    grouped = cells.filter(cells.day.notnull()).group_by("day")
    grouped = grouped.aggregate(
        rows=cells.rows.sum(),
        example=cells.bare.min(),
        # A spreadsheet's own dates come with a midnight.
        midnight=cells.time.re_search(r"^00:00(:00)?$").fill_null(False).all(),
    )
    # Kept step by step, since the engine would work out a piece again for each use of it.
    found = engine.store(grouped, scratch=True)
    day = found.day

    def group(pattern: str, index: int) -> ir.StringValue:
        return day.re_extract(pattern, index).nullif("")

    def whole(pattern: str) -> ir.IntegerValue:
        return group(pattern, 1).try_cast("int64")

    a, b, c = (group(NUMBERS, index) for index in (1, 3, 4))
    word = group(_DAY_WORD, 2).fill_null(group(_WORD_DAY, 1)).fill_null(group(_YEAR_WORD, 2))
    period_word = group(_WORD_PERIOD, 1).fill_null(group(_PERIOD_WORD, 2))
    count = whole(r"^(\d{9,16})(?:[.,]\d+)?$")
    serial = whole(r"^(\d{5})(?:[.,]\d+)?$")
    two_ways = (a.length() <= 2) & c.length().isin((2, 4))
    year = group(_DAY_WORD, 3).fill_null(group(_WORD_DAY, 3)).fill_null(group(_YEAR_WORD, 1))
    day_of_word = group(_DAY_WORD, 1).fill_null(group(_WORD_DAY, 2)).fill_null(group(_YEAR_WORD, 3))
    period_year = group(_PERIOD, 1).fill_null(group(_PERIOD_BACK, 2))
    period_month = group(_PERIOD, 2).fill_null(group(_PERIOD, 3)).fill_null(group(_PERIOD_BACK, 1))
    pieces = found.mutate(
        a=a,
        b=b,
        c=c,
        mark=group(NUMBERS, 2),
        two_ways=two_ways.fill_null(False),
        year_first=((a.length() == 4) & (c.length() <= 2)).fill_null(False),
        word=word,
        period_word=period_word,
        year=year,
        date=day_of_word,
        period_year=period_year.fill_null(group(_WORD_PERIOD, 2)).fill_null(group(_PERIOD_WORD, 1)),
        period_month=period_month.try_cast("int64"),
        count=count,
        serial=serial,
        coarse=day.re_search(_COARSE),
        fraction=day.re_extract(r"^\d{5}[.,](\d+)$", 1).nullif(""),
    )
    pieces = engine.store(pieces, scratch=True)
    first = pieces.mutate(
        month_word=_month(pieces.word),
        period_month=_month(pieces.period_word).fill_null(pieces.period_month),
    )
    first = engine.store(first, scratch=True)
    kind = ibis.cases(
        (first.two_ways, "numbers"),
        (first.year_first | first.month_word.notnull(), "whole"),
        (first.period_month.between(1, 12), "period"),
        (first.serial.between(*SERIALS), "serial"),
        (first["count"].between(*SECONDS), "seconds"),
        (first["count"].between(SECONDS[0] * 1_000, SECONDS[1] * 1_000), "millis"),
        (first["count"].between(SECONDS[0] * 1_000_000, SECONDS[1] * 1_000_000), "micros"),
        (first.coarse, "coarse"),
    )
    return first.select(
        "day",
        "rows",
        "example",
        "midnight",
        "a",
        "b",
        "c",
        "mark",
        "serial",
        "count",
        "fraction",
        kind=kind,
        year=first.year_first.ifelse(first.a, first.year.fill_null(first.period_year)),
        month=first.year_first.ifelse(first.b, first.month_word.fill_null(first.period_month).cast("string")),
        date=first.year_first.ifelse(first.c, first.date),
    )


def _month(word: ir.StringValue) -> ir.IntegerValue:
    import ibis

    return ibis.cases(*[(word.isin(words), month) for month, words in months().items()])


def clock(cells: ir.Table) -> ir.Table:
    """Each cell's time of day in microseconds since midnight and its offset from UTC in minutes.

    A cell whose time cannot be read has ``good`` false; one without a time has midnight.
    """
    import ibis

    def group(index: int) -> ir.StringValue:
        return cells.time.re_extract(_CLOCK, index).nullif("")

    pieces = cells.mutate(
        hour=group(1).try_cast("int64"),
        minute=group(2).try_cast("int64"),
        second=group(3).try_cast("int64").fill_null(0),
        micro=group(4).rpad(6, "0").substr(0, 6).try_cast("int64").fill_null(0),
        half=group(5),
        zone=group(6),
        offset=group(7),
    )
    half, hour, minute = pieces.half, pieces.hour, pieces.minute
    known = ibis.cases(*[(pieces.zone == name, minutes) for name, minutes in _ZONES.items()])
    digits = pieces.offset.re_replace(r"\D", "").rpad(4, "0")
    minutes = digits.substr(0, 2).cast("int64") * 60 + digits.substr(2, 2).cast("int64")
    signed = pieces.offset.startswith("-").ifelse(-minutes, minutes)
    good = ibis.cases(
        (pieces.time.isnull(), True),
        (hour.isnull() | (pieces.zone.notnull() & known.isnull()), False),
        (half.notnull(), hour.between(1, 12) & (minute.fill_null(0) < 60)),
        (minute.isnull(), False),
        (hour == 24, (minute == 0) & (pieces.second == 0) & (pieces.micro == 0)),
        else_=(hour < 24) & (minute < 60) & (pieces.second < 60),
    )
    full = half.notnull().ifelse(hour % 12 + (half == "p").ifelse(12, 0), hour)
    micros = ((full * 60 + minute.fill_null(0)) * 60 + pieces.second) * 1_000_000 + pieces.micro
    return pieces.select(
        "raw",
        "rows",
        "bare",
        "day",
        good=good,
        micros=pieces.time.isnull().ifelse(0, micros),
        offset=signed.fill_null(known),
    )
