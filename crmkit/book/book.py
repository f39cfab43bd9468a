"""The Book: everything the company knows, read once, checked, typed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.book import closing, days, findings, notes, panel, periods, questions, rhythm, serving, summary
from crmkit.book.contracts import TABLES
from crmkit.book.days import Span
from crmkit.book.errors import BookError
from crmkit.book.formats.files import SourceFile, fingerprint, fingerprint_frame
from crmkit.book.hiding import hide_names
from crmkit.book.lines import with_amount, with_margin
from crmkit.book.notes import Note
from crmkit.book.rows.adjustments import ADJUSTMENT
from crmkit.book.rows.amounts import amount_notes
from crmkit.book.rows.catch_alls import catch_all_notes, find_catch_alls
from crmkit.book.rows.oddities import oddities
from crmkit.book.rows.sequences import sequence_notes
from crmkit.book.rows.tables import Reading
from crmkit.book.settings import Settings, did_you_mean
from crmkit.wording import Speaker
from crmkit.wording.message import Message

if TYPE_CHECKING:
    import ibis.expr.types as ir

MOST_SUMMARIES = 4
"""So many of the last client summaries are kept, since one question often asks for those of another."""


class Book:
    """What :func:`crmkit.book.open_book` returns.

    Attributes
    ----------
    name, currency, language
        What to call the company, and in which money and language reports are.
    as_of
        The day up to which the book counts. Without a wish it is the last calendar day in the ledger, which
        is taken for complete even if the last sale was at noon: a day cut short cannot be told from a quiet
        one.
    settings
        The company's :class:`~crmkit.book.settings.Settings`.
    with_names, pseudonyms
        Whether personal columns stayed, and whether ids that look like names became codes.
    """

    def __init__(
        self,
        reading: Reading,
        *,
        settings: Settings,
        name: str,
        files: Sequence[SourceFile],
    ) -> None:
        self.settings = settings
        self.name = name
        self.with_names = settings.privacy.with_names
        self.currency = settings.company.currency
        self.language = settings.company.language
        self._reading = reading
        self._engine = reading.engine
        self._files = tuple(files)
        self.pseudonyms = not self.with_names and hide_names(reading, settings.privacy.key)
        self._tables = dict(reading.tables)
        self._extra_notes: dict[str, Note] = {}
        self._summaries: dict[Span, pd.DataFrame] = {}
        if "ledger" in self._tables:
            self._tables["ledger"] = with_amount(self._tables["ledger"])
        self.as_of = days.find_as_of(self._engine, self._tables, settings.company.as_of)

    def __repr__(self) -> str:
        return f"Book({self.name!r}, as_of={self.as_of:%Y-%m-%d}, tables={', '.join(self.tables)})"

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables at hand, in the order of the contract."""
        return tuple(name for name in TABLES if name in self._tables)

    def table(self, name: str) -> pd.DataFrame:
        """One table, typed, with the columns of the contract that the company has.

        Ids and texts are ``str``, dates ``datetime64[us]``, money and numbers floats with NaN where a cell is
        blank, flags ``boolean``.

        Raises
        ------
        BookError
            If the book has no such table.
        """
        self._need(name)
        table = self._tables[name]
        return self._engine.fetch(
            table.select([column.name for column in TABLES[name].columns if column.name in table.columns])
        )

    def rows(self, name: str) -> int:
        """Number of rows of one table, those set aside not counted."""
        self._need(name)
        table = self._tables[name]
        return int(self._engine.value(table.aggregate(rows=table.count()))["rows"])

    @property
    def notes(self) -> pd.DataFrame:
        """What was noticed or changed: kind, table, column, rows, amount (money), example, action, changed.

        `action` says what was done and how to undo it; `changed` whether anything was read otherwise than it
        stands in the files.
        """
        found = [*self._reading.notes, *self._findings, *self._extra_notes.values()]
        return notes.as_frame(found, self.language)

    @cached_property
    def _findings(self) -> list[Note]:
        found = []
        if "ledger" in self._tables:
            found += findings.ledger_notes(self._engine, self._lines, self._span(None))
            found += catch_all_notes(self._engine, self._tables["ledger"], self.catch_alls, self.speaker())
            found += oddities(self._engine, self._lines, self.speaker())
            found += amount_notes(self._engine, self._lines, self.speaker())
        found += sequence_notes(self._engine, self._tables, self._reading.drafts)
        scanned = {name: table for name, table in self._tables.items() if name in self._reading.scanned}
        found += findings.untidy_notes(self._engine, scanned)
        found += findings.unknown_values(self._engine, self._tables)
        return found + findings.key_notes(self._engine, self._tables)

    @cached_property
    def set_aside(self) -> pd.DataFrame:
        """Rows that could not be read: table, file, row, reason, and the row's own cells as they were."""
        if not self._reading.set_aside:
            return pd.DataFrame({"table": [], "file": [], "row": [], "reason": []})
        frame = pd.concat(self._reading.set_aside, ignore_index=True)
        say = self.speaker()
        reasons = [reason.said(say) if isinstance(reason, Message) else reason for reason in frame["reason"]]
        return frame.assign(reason=pd.Series(reasons, dtype="str"))

    def reconciliation(self) -> pd.DataFrame:
        """The ledger's closing line: what was read is the sum of all other parts, in rows and in money.

        Returns
        -------
        DataFrame
            part (read, used, without_client, after_as_of, set_aside, and adjustments and blank if there are
            such rows), rows, amount (NaN where the ledger has no amounts). The rows read and their money
            were counted before anything was done to them.
        """
        if "ledger" not in self._tables:
            return pd.DataFrame(
                {"part": pd.Series(dtype="str"), "rows": pd.Series(dtype="int64"), "amount": []}
            )
        rows_aside = int((self.set_aside["table"] == "ledger").sum())
        return closing.reconciliation(
            self._engine, self._tables["ledger"], self._span(None), self._reading, rows_aside=rows_aside
        )

    @cached_property
    def catch_alls(self) -> frozenset[str]:
        """The ids in the ledger that stand for nobody in particular, such as WALK_IN or Розница."""
        ledger = self._tables.get("ledger")
        return frozenset() if ledger is None else find_catch_alls(self._engine, ledger)

    @cached_property
    def filled_columns(self) -> dict[str, frozenset[str]]:
        """The columns of each table that hold at least one value."""
        return findings.filled_columns(self._engine, self._tables)

    def answers(self) -> pd.DataFrame:
        """Which questions the tables at hand can answer.

        Returns
        -------
        DataFrame
            question (a key that does not change), notebook, title (in the book's language), answered, missing
            (tables or columns that would unlock it).
        """
        return questions.answers(self.filled_columns, self.speaker())

    def additions(self) -> pd.DataFrame:
        """What one more table or column would add, that which unlocks most first.

        Returns
        -------
        DataFrame
            addition (table, or table.column), unlocks and improves (titles of questions).
        """
        return questions.additions(self.filled_columns, self.speaker())

    def contents(self) -> pd.DataFrame:
        """The tables at hand: table, rows, columns (how many hold values), names (which)."""
        return findings.contents({name: self.rows(name) for name in self.tables}, self.filled_columns)

    def speaker(self) -> Speaker:
        """A speaker of the book's language and currency."""
        return Speaker(self.language, currency=self.currency)

    @cached_property
    def sources(self) -> pd.DataFrame:
        """What was read from where: part (file, sheet, table), table, columns (how many), mapping."""
        columns = ["part", "table", "columns", "mapping"]
        return pd.DataFrame.from_records(self._reading.sources, columns=columns)

    @cached_property
    def fingerprints(self) -> list[dict[str, Any]]:
        """Name, bytes and SHA-256 of each file; of a table given as a frame, the SHA-256 of its rows as
        read."""
        if not self._files:
            return [
                {"name": name, "bytes": None, "sha256": fingerprint_frame(self.table(name))}
                for name in self.tables
            ]
        prints = [(file.name, *fingerprint(file.path)) for file in self._files]
        return [{"name": name, "bytes": size, "sha256": digest} for name, size, digest in prints]

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
        span = self._span(window)
        if span not in self._summaries:
            found = summary.client_summary(self._engine, self._lines, self._tables.get("contacts"), span)
            self._summaries = dict([*self._summaries.items(), (span, found)][-MOST_SUMMARIES:])
        # Copied when it is written to: nobody can change what others get.
        return self._summaries[span].copy(deep=False)

    def rhythm(self) -> pd.DataFrame:
        """How often each client buys, drawn towards all clients as far as their own gaps are few.

        Gaps are shrunken as logarithms by empirical Bayes; see :func:`crmkit.statistics.shrinkage.shrink`.
        The gap that is still open is not counted, so that a client who bought twice looks a little quicker
        than they are.

        Returns
        -------
        DataFrame
            client_id; purchase_days; gap_days, the shrunken mean gap between purchase days; gap_std_days, its
            shrunken deviation; own_gap_days, the client's own mean, NaN below two purchase days; weight, from
            0 to 1, how much of gap_days is their own; basis, the same in words.

        Raises
        ------
        BookError
            If the book has no ledger.
        """
        return rhythm.rhythm(self.client_summary(), self.speaker())

    def cost_to_serve(self, window: tuple[str, str] | int | None = None) -> pd.DataFrame:
        """Staff time that each client takes, and what it costs: time-driven, from the contacts.

        A minute costs the wage of who served, the mean wage of the staff where that is not known, or
        minute_rate of the settings. Without contacts that say their minutes, each document takes
        minutes_per_document of the settings. What was assumed is in the notes.

        Parameters
        ----------
        window
            Days that count, as in :meth:`client_summary`.

        Returns
        -------
        DataFrame
            client_id; minutes; cost, money, NaN where no rate is known; contacts_cost, the part of it that
            contacts cost beside staff time; basis, ``"contacts"`` or ``"documents"``. The clients are those
            of ``client_summary(window)``.

        Raises
        ------
        BookError
            If the book has no ledger, or the window is none.

        References
        ----------
        Kaplan, R., Anderson, S. (2004). Time-driven activity-based costing. Harvard Business Review 82(11),
        131-138.
        """
        table, found = serving.cost_to_serve(
            self.client_summary(window),
            self._engine,
            self._tables.get("contacts"),
            self._tables.get("staff"),
            span=self._span(window),
            costs=self.settings.costs,
        )
        self._extra_notes |= {note.kind: note for note in found}
        return table

    def client_periods(
        self, starts: Sequence[pd.Timestamp], end: pd.Timestamp | None = None
    ) -> periods.ClientPeriods:
        """What each client did in each period, as arrays of clients by periods.

        Parameters
        ----------
        starts
            First days of the periods, ascending. What was before the first is left out.
        end
            Last day of the last period; default: `as_of`. What was later is not looked at.

        Returns
        -------
        ClientPeriods
            The clients are those of ``client_summary()``.

        Raises
        ------
        BookError
            If the book has no ledger.
        """
        self._need("ledger")
        clients = self.client_summary()["client_id"].to_numpy(dtype=object)
        return periods.client_periods(
            self._engine,
            clients,
            self._lines,
            self._tables,
            starts=starts,
            end=self.as_of if end is None else min(end, self.as_of),
            costs=self.settings.costs,
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
            zero) or lines. Rows without a client count, except for clients and purchases; adjustments
            without a client, such as bad debts, do not.
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
        if ADJUSTMENT in lines.columns:
            lines = lines.filter(~lines[ADJUSTMENT])
        lines, columns = panel.with_columns(lines, columns, self._tables)
        week = self.settings.company.week_start
        last = panel.period_start(self.as_of, freq, week) if partial else self.last_complete(freq)
        return panel.panel(
            self._engine,
            lines,
            measure=measure,
            by=columns,
            freq=freq,
            week_start=week,
            first=panel.period_start(days.day_of(self._extent[0]), freq, week),
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
            raise BookError(
                "'{name}' is not a table.{hint} Tables: {tables}.",
                name=name,
                hint=did_you_mean(name, list(TABLES)),
                tables=", ".join(TABLES),
            )
        raise BookError(
            "This needs the table {name}, and the book has only: {tables}.",
            name=name,
            tables=", ".join(self.tables),
        )

    @cached_property
    def _lines(self) -> ir.Table:
        """The ledger with the margin of each line, where costs are known."""
        return with_margin(self._tables["ledger"], self._tables.get("products"))

    @cached_property
    def _extent(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        return days.extent(self._engine, self._tables["ledger"])

    def _span(self, window: tuple[str, str] | int | None) -> Span:
        return days.find_span(window, self.as_of, self._extent[1] if "ledger" in self._tables else None)
