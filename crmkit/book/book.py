"""The Book: everything the company knows, read once, checked, typed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.book import files, notes, panel, summary
from crmkit.book.contracts import TABLES
from crmkit.book.engine import MONEY
from crmkit.book.errors import BookError
from crmkit.book.reading import Reading, read_files, read_frames
from crmkit.book.settings import FILE_NAME, Settings, check_mapping, nearest

if TYPE_CHECKING:
    import ibis.expr.types as ir


def open_book(
    source: object,
    mapping: Mapping[str, Any] | None = None,
    as_of: str | None = None,
    currency: str | None = None,
    *,
    config: str | Path | Settings | None = None,
    with_names: bool = True,
    on_bad_row: str | None = None,
    date_order: str | None = None,
    decimal: str | None = None,
) -> Book:
    """Read a company's tables.

    Parameters
    ----------
    source
        A folder, a file, a list of files, a URL, a DuckDB or SQLite file, or a dict {table: DataFrame}. A
        Book is returned as it is.
    mapping
        {column of crmkit: the company's header} for the ledger, or {table: {column: header}}. It wins over
        ``crmkit.toml``, which wins over what is recognised.
    as_of
        Day up to which the book counts, as ``"2025-06-30"``; default: the last day in the ledger.
    currency
        Three-letter code; default: that of ``crmkit.toml``, or none: amounts are plain numbers.
    config
        Path of a settings file, or Settings; default: ``crmkit.toml`` beside the data, if there is one.
    with_names
        Whether personal columns stay, and ids that look like names. Without, such ids become codes.
    on_bad_row
        ``"refuse"`` a file with a row that cannot be read, or put such rows aside with ``"set_aside"``.
    date_order
        ``"day first"``, ``"month first"`` or ``"year first"``, where the dates leave it open.
    decimal
        ``"point"`` or ``"comma"``, where the numbers leave it open.

    Raises
    ------
    BookError
        If something cannot be read safely; the message says what, where, and what to do.

    Examples
    --------
    >>> import pandas as pd
    >>> ledger = pd.DataFrame({"Customer": ["a", "b", "a"], "Date": ["2024-01-05", "2024-01-20", "2024-02-01"],
    ...                        "Sales": [10, 20, 30]})
    >>> open_book({"ledger": ledger}).client_summary()[["client_id", "purchase_days", "amount"]]
      client_id  purchase_days  amount
    0         a              2    40.0
    1         b              1    20.0
    """
    if isinstance(source, Book):
        return source
    given = check_mapping(mapping)
    with tempfile.TemporaryDirectory(prefix="crmkit-") as downloads:
        found = None if isinstance(source, Mapping) else files.find_source(source, Path(downloads))
        settings = _settings(config, found)
        for key, value in {"on_bad_row": on_bad_row, "date_order": date_order, "decimal": decimal}.items():
            if value is not None:
                settings = settings.replace("reading", **{key: value})
        if currency is not None:
            settings = settings.replace("company", currency=currency)
        if as_of is not None:
            settings = settings.replace("company", as_of=str(as_of))
        merged = {table: dict(columns) for table, columns in settings.mapping.items()}
        for table, columns in given.items():
            merged.setdefault(table, {}).update(columns)
        if found is None:
            reading = read_frames(source, merged, settings)  # type: ignore[arg-type]
            fingerprints = []
        else:
            reading = read_files(found, merged, settings)
            # A download is gone once the folder is; other files are fingerprinted when asked for.
            fingerprints = [(file.name, file.path) for file in found.files]
        name = settings.company.name or (found.name if found else "book")
        return Book(reading, settings=settings, name=name, with_names=with_names, files=fingerprints)


def _settings(config: str | Path | Settings | None, found: files.Source | None) -> Settings:
    if isinstance(config, Settings):
        return config
    if config is not None:
        return Settings.read(config)
    if found is not None and found.folder is not None and (path := found.folder / FILE_NAME).is_file():
        return Settings.read(path)
    return Settings()


class Book:
    """What :func:`open_book` returns."""

    def __init__(
        self,
        reading: Reading,
        *,
        settings: Settings,
        name: str,
        with_names: bool,
        files: Sequence[tuple[str, Path]],
    ) -> None:
        self.settings = settings
        self.name = name
        self.with_names = with_names
        self.currency = settings.company.currency
        self.language = settings.company.language
        self._reading = reading
        self._engine = reading.engine
        self._files = files
        self._tables = dict(reading.tables)
        if "ledger" in self._tables:
            self._tables["ledger"] = _with_amount(self._tables["ledger"])
        self.as_of = self._find_as_of()

    def __repr__(self) -> str:
        return f"Book({self.name!r}, as_of={self.as_of:%Y-%m-%d}, tables={', '.join(self.tables)})"

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables at hand, in the order of the contract."""
        return tuple(name for name in TABLES if name in self._tables)

    def table(self, name: str) -> pd.DataFrame:
        """One table, typed, with the columns of the contract that the company has.

        Raises
        ------
        BookError
            If the book has no such table.
        """
        self._need(name)
        table = self._tables[name]
        return self._engine.fetch(
            table.select([column for column in table.columns if not column.startswith("_")])
        )

    @cached_property
    def notes(self) -> pd.DataFrame:
        """What was noticed or changed: kind, table, column, rows, amount, example, action."""
        return notes.as_frame(self._reading.notes, self.language)

    @cached_property
    def set_aside(self) -> pd.DataFrame:
        """Rows that could not be read: table, file, row, reason, and the row's own columns."""
        if not self._reading.set_aside:
            return pd.DataFrame({"table": [], "file": [], "row": [], "reason": []})
        return pd.concat(self._reading.set_aside, ignore_index=True)

    def client_summary(self, window: tuple[str, str] | int | None = None) -> pd.DataFrame:
        """One row per client, sorted by client_id.

        Parameters
        ----------
        window
            Days that count: None for everything up to `as_of`, (first, last) as ISO dates, both included, or
            a number of months that end with `as_of`.

        Returns
        -------
        DataFrame
            client_id; first_date and last_date, the first and last purchase day (of a client who has none,
            the first and last day in the ledger); purchase_days, days on which the client's lines net to more
            than zero (all days, where the ledger has no amounts); documents (days in the ledger, where it has
            no document numbers); lines; amount, the net money; sold and returned, the sums of positive and of
            negative lines; margin, NaN where no cost is known; recency_days and tenure_days, from the last
            and the first purchase day to the end of the window; gap_mean_days and gap_std_days between
            purchase days, NaN below one and two gaps; minutes of staff time and contacts, NaN where there is
            no contacts table.

        Raises
        ------
        BookError
            If the book has no ledger, or the window is none.
        """
        self._need("ledger")
        return summary.client_summary(
            self._engine, self._lines, self._tables.get("contacts"), self._span(window)
        )

    def panel(
        self,
        measure: str = "amount",
        by: str | Sequence[str] | None = None,
        freq: str = "MS",
        *,
        partial: bool = False,
    ) -> pd.DataFrame:
        """Time series out of the ledger, with zeros where nothing happened.

        Parameters
        ----------
        measure
            amount, quantity, margin, documents, clients, purchases (client and day that net to more than
            zero) or lines. Rows without a client count, except for clients and purchases.
        by
            Column, or columns, of the ledger, clients or products table; one series each. None: one series,
            total.
        freq
            ``"MS"`` months, ``"W"`` weeks (from the week start of the settings), ``"D"`` days.
        partial
            Whether to keep a last period that had not ended by `as_of`.

        Returns
        -------
        DataFrame
            unique_id, ds (first day of the period), y; sorted. A series runs from its first period to the
            book's last.

        Raises
        ------
        BookError
            If the measure, the column or the frequency is not one that this book has.
        """
        self._need("ledger")
        panel.check_freq(freq)
        lines = self._lines
        panel.check_measure(measure, lines)
        columns = [by] if isinstance(by, str) else list(by or [])
        lines = lines.filter(self._span(None).keeps(lines.date))
        lines = panel.with_columns(lines, columns, self._tables)
        week = self.settings.company.week_start
        last = panel.period_start(self.as_of, freq, week) if partial else self.last_complete(freq)
        return panel.panel(
            self._engine,
            lines,
            measure=measure,
            by=columns,
            freq=freq,
            week_start=week,
            first=panel.period_start(self._first_day, freq, week),
            last=last,
        )

    def last_complete(self, freq: str = "MS") -> pd.Timestamp:
        """First day of the last month, week or day that had ended by `as_of`."""
        panel.check_freq(freq)
        week = self.settings.company.week_start
        start = panel.period_start(self.as_of, freq, week)
        if panel.next_period(start, freq) - pd.Timedelta(days=1) == self.as_of:
            return start
        return panel.period_start(start - pd.Timedelta(days=1), freq, week)

    def is_partial(self, freq: str = "MS") -> bool:
        """Whether the month, week or day of `as_of` had not ended by then."""
        return self.last_complete(freq) != panel.period_start(
            self.as_of, freq, self.settings.company.week_start
        )

    def _need(self, name: str) -> None:
        if name in self._tables:
            return
        if name not in TABLES:
            close = nearest(name, list(TABLES))
            hint = f" Did you mean {close!r}?" if close else ""
            raise BookError(f"{name!r} is not a table.{hint} Tables: {', '.join(TABLES)}.")
        raise BookError(f"This needs the table {name}, and the book has only: {', '.join(self.tables)}.")

    @cached_property
    def _lines(self) -> ir.Table:
        """The ledger with the margin of each line, where costs are known."""
        return _with_margin(self._tables["ledger"], self._tables.get("products"))

    @cached_property
    def _extent(self) -> dict[str, Any]:
        ledger = self._tables["ledger"]
        return self._engine.value(
            ledger.aggregate(first=ledger.date.min(), last=ledger.date.max(), rows=ledger.count())
        )

    @property
    def _first_day(self) -> pd.Timestamp:
        return _day(self._extent["first"])

    def _find_as_of(self) -> pd.Timestamp:
        wished = self.settings.company.as_of
        if wished:
            try:
                return _day(pd.Timestamp(wished))
            except ValueError:
                raise BookError(f"as_of: {wished!r} is not a day. Write it as 2025-06-30.") from None
        return _day(self._extent["last"]) if "ledger" in self._tables else pd.NaT

    def _span(self, window: tuple[str, str] | int | None) -> summary.Span:
        if window is None:
            return summary.Span(None, self.as_of)
        if isinstance(window, int) and not isinstance(window, bool) and window > 0:
            start = self.as_of + pd.Timedelta(days=1) - pd.DateOffset(months=window)
            return summary.Span(start, self.as_of)
        try:
            start, end = (_day(pd.Timestamp(day)) for day in window)  # type: ignore[union-attr]
        except (TypeError, ValueError):
            raise BookError(
                f"window: {window!r} is neither a number of months nor two days such as ('2024-01-01', "
                f"'2024-12-31')."
            ) from None
        if start > end:
            raise BookError(f"window: {window[0]} is after {window[1]}.")  # type: ignore[index]
        return summary.Span(start, min(end, self.as_of))


def _day(moment: Any) -> pd.Timestamp:
    return pd.Timestamp(moment).normalize().as_unit("us")


def _with_amount(ledger: ir.Table) -> ir.Table:
    """The ledger with the amount of each line, from quantity and price where it is not given."""
    if not {"quantity", "unit_price"} <= set(ledger.columns):
        return ledger
    import ibis

    worked_out = ledger.quantity * ledger.unit_price
    if "discount" in ledger.columns:
        worked_out = worked_out - ibis.coalesce(ledger.discount, ibis.literal(0, "decimal(18, 4)"))
    worked_out = worked_out.cast(MONEY)
    amount = ibis.coalesce(ledger.amount, worked_out) if "amount" in ledger.columns else worked_out
    return ledger.mutate(amount=amount)


def _with_margin(ledger: ir.Table, products: ir.Table | None) -> ir.Table:
    """The ledger with the margin of each line: amount less its cost, or less the cost of its product."""
    if "amount" not in ledger.columns:
        return ledger
    import ibis

    costs = [ledger.cost] if "cost" in ledger.columns else []
    if (
        products is not None
        and "unit_cost" in products.columns
        and {"product_id", "quantity"} <= set(ledger.columns)
    ):
        unit = products.group_by("product_id").aggregate(_unit_cost=products.unit_cost.min())
        ledger = ledger.left_join(unit, "product_id").drop("product_id_right")
        costs = [ledger.cost] if "cost" in ledger.columns else []
        costs.append((ledger.quantity * ledger._unit_cost).cast(MONEY))
    if not costs:
        return ledger
    return ledger.mutate(margin=(ledger.amount - ibis.coalesce(*costs)).cast(MONEY))
