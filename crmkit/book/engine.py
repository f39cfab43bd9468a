"""The engine that holds a book's rows, and the only place that knows which engine it is.

DuckDB, embedded, driven through Ibis: files are scanned by it, frames and SQLite tables are loaded into it.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd
    import pyarrow as pa

MONEY = "decimal(18, 4)"
"""How money and quantities are held: exact, so that sums do not depend on the order of rows."""

ROW = "_row"
"""Position of a row in its file, counted from 0."""


class Engine:
    """One embedded database with the tables of one book."""

    def __init__(self) -> None:
        import ibis

        self.connection = ibis.duckdb.connect(
            # The default would be a folder in the caller's working directory. Two engines must not share one.
            temp_directory=str(Path(tempfile.gettempdir()) / f"crmkit-{uuid.uuid4().hex}"),
        )
        self._run("SET TimeZone = 'UTC'")
        self._count = 0
        self._scratch: list[str] = []

    def text_table(
        self,
        path: Path,
        *,
        columns: int,
        delimiter: str,
        skip: int,
        keep: Sequence[int],
        packed: bool = False,
        numbered: bool = False,
    ) -> ir.Table:
        """Load a UTF-8 text file, all cells as text; the columns are named c0, c1, …

        Parameters
        ----------
        path
            The file.
        columns
            How many columns a row has.
        delimiter
            What separates them.
        skip
            Lines before the first row of data.
        keep
            Positions of the columns to load.
        packed
            Whether the file is packed by gzip.
        numbered
            Whether the number of the row stands before its columns.

        Raises
        ------
        duckdb.Error
            If a row does not have `columns` columns, or the file is not UTF-8.
        """
        name = self._name("text")
        names = {ROW: "BIGINT"} if numbered else {}
        names |= {f"c{position}": "VARCHAR" for position in range(columns)}
        kept = ", ".join([ROW] * numbered + [f"c{position}" for position in keep])
        self._run(
            f"CREATE TABLE {name} AS SELECT {kept} FROM read_csv({_quoted(str(path))}, auto_detect = false, "
            f"header = false, skip = {skip}, delim = {_quoted(delimiter)}, quote = '\"', escape = '\"', "
            f"columns = {names!r}, compression = {_quoted('gzip' if packed else 'none')}, "
            "max_line_size = 10000000)"
        )
        return self.connection.table(name) if numbered else self._with_row(name)

    def parquet_table(self, path: Path) -> ir.Table:
        """A Parquet file, scanned where it lies."""
        name = self._name("parquet")
        self._run(
            f"CREATE VIEW {name} AS SELECT * EXCLUDE (file_row_number), file_row_number AS {ROW} FROM "
            f"read_parquet({_quoted(str(path))}, file_row_number = true)"
        )
        return self.connection.table(name)

    def arrow_table(self, table: pa.Table) -> ir.Table:
        """Load an Arrow table."""
        name = self._name("frame")
        self.connection.con.register(f"{name}_source", table)
        self._run(f"CREATE TABLE {name} AS SELECT * FROM {name}_source")
        self.connection.con.unregister(f"{name}_source")
        return self._with_row(name)

    def database_tables(self, path: Path) -> tuple[dict[str, ir.Table], list[str]]:
        """The tables of a DuckDB file, read where they lie, and the names of its views.

        The views are the tables where there are no others.
        """
        catalog = self._name("database")
        self._run(f"ATTACH {_quoted(str(path))} AS {catalog} (READ_ONLY)")
        found, views = (
            self.connection.con.execute(
                f"SELECT schema_name, {kind}_name FROM duckdb_{kind}s() WHERE database_name = ? "
                "AND NOT internal ORDER BY ALL",
                [catalog],
            ).fetchall()
            for kind in ("table", "view")
        )
        place = "rowid" if found else "row_number() OVER () - 1"
        found, views = (found, views) if found else (views, [])
        names = [table for _, table in found]
        tables = {}
        for schema, table in found:
            name = self._name("attached")
            self._run(
                f"CREATE VIEW {name} AS SELECT *, {place} AS {ROW} FROM "
                f"{catalog}.{quoted_name(schema)}.{quoted_name(table)}"
            )
            called = table if names.count(table) == 1 else f"{schema}.{table}"
            tables[called] = self.connection.table(name)
        return tables, [view for _, view in views]

    def store(self, table: ir.Table, *, scratch: bool = False) -> ir.Table:
        """The rows of an expression, computed once and kept; if `scratch`, until :meth:`clear_scratch`."""
        name = self._name("table")
        self._run(f"CREATE TABLE {name} AS {self.connection.compile(table)}")
        if scratch:
            self._scratch.append(name)
        return self.connection.table(name)

    def clear_scratch(self) -> None:
        """Forget what was kept for a while."""
        while self._scratch:
            self._run(f"DROP TABLE {self._scratch.pop()}")

    def drop(self, table: ir.Table) -> None:
        """Forget a table that :meth:`text_table` or :meth:`arrow_table` loaded."""
        name = table.op().parent.name if hasattr(table.op(), "parent") else table.get_name()
        self._run(f"DROP TABLE IF EXISTS {name}")

    def on_clock(self, moment: ir.TimestampValue, zone: str) -> ir.TimestampValue:
        """A moment in UTC as the clocks of a time zone showed it."""
        call = self._function("timezone", ("string", "timestamp('UTC')"))
        return call(zone, moment.cast("timestamp('UTC')"))

    def parsed(self, cell: ir.StringValue, pattern: str) -> ir.TimestampValue:
        """A moment written after a pattern of ``strftime``, null if it is not."""
        return self._function("try_strptime", ("string", "string"))(cell, pattern)

    def _function(self, name: str, parameters: tuple[str, ...]) -> Any:
        """A function of the engine's own that gives a moment."""
        import ibis

        def function(first, second):  # type: ignore[no-untyped-def]
            """Computed by the engine."""

        return ibis.udf.scalar.builtin(function, name=name, signature=(parameters, "timestamp"))

    def fetch(self, table: ir.Table) -> pd.DataFrame:
        """The rows of an expression as a DataFrame: text as ``str``, moments as ``datetime64[us]``, money as
        float.
        """
        import ibis.expr.datatypes as dt
        import ibis.expr.operations as ops

        casts: dict[str, Any] = {}
        for name, kind in table.schema().items():
            if isinstance(kind, dt.Decimal):
                casts[name] = "float64"
            elif isinstance(kind, dt.Date):
                casts[name] = "timestamp(6)"
        is_sorted = isinstance(table.op(), ops.Sort) and not casts
        arrow = self._arrow(table.cast(casts) if casts else table, ordered=is_sorted)
        frame = arrow.to_pandas(self_destruct=True, split_blocks=True)
        kinds: dict[str, Any] = {}
        for name, kind in table.schema().items():
            if kind.is_temporal():
                kinds[name] = "datetime64[us]"
            elif kind.is_boolean():
                kinds[name] = "boolean"
            elif kind.is_string():
                kinds[name] = "str"
        return frame.astype(kinds)

    def value(self, table: ir.Table) -> dict[str, Any]:
        """The one row of an aggregate as {name: Python value}."""
        answer = self.connection.con.execute(self.connection.compile(table))
        return dict(zip(table.columns, answer.fetchone() or ()))

    def _arrow(self, table: ir.Table, *, ordered: bool) -> pa.Table:
        if not ordered:
            return self.connection.to_pyarrow(table)
        # Rows that are sorted at the end need not be kept in order on the way.
        self._run("SET preserve_insertion_order = false")
        try:
            return self.connection.to_pyarrow(table)
        finally:
            self._run("SET preserve_insertion_order = true")

    def _run(self, sql: str) -> None:
        self.connection.con.execute(sql)

    def _name(self, what: str) -> str:
        self._count += 1
        return f"{what}_{self._count}"

    def _with_row(self, name: str) -> ir.Table:
        table = self.connection.table(name)
        return table.mutate(**{ROW: table.rowid()})


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def quoted_name(name: str) -> str:
    """The name of a table or a column as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'
