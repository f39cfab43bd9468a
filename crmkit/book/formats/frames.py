"""DataFrames as parts: cells of types that the engine does not hold become text, or are refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmkit.book.engine import Engine
from crmkit.book.errors import BookError
from crmkit.book.formats.grid import column_names
from crmkit.book.formats.part import Part, cell_text

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd
    import pyarrow as pa


def frame_part(name: str, frame: pd.DataFrame, engine: Engine) -> Part:
    """A DataFrame as a part; the frame is copied. Levels of its index that have names are columns too."""
    if all(isinstance(level, str) and level not in frame.columns for level in frame.index.names):
        frame = frame.reset_index()
    headers = column_names(["" if _is_blank(column) else str(column) for column in frame.columns])
    headers += tuple(f"column_{at}" for at in range(len(headers) + 1, frame.shape[1] + 1))

    def load(keep: Sequence[int]) -> ir.Table:
        import pyarrow as pa

        arrays = {f"c{at}": _array(frame.iloc[:, at], name, headers[at]) for at in keep}
        return engine.arrow_table(pa.table(arrays))

    return Part(name, name, headers, load, first_row=1)


def check_frames(frames: Mapping[Any, Any]) -> None:
    """Refuse anything that is not a DataFrame with one level of headers."""
    import pandas as pd

    if not frames:
        raise BookError("The dict of tables is empty. Give at least {'ledger': frame}.")
    for name, frame in frames.items():
        if not isinstance(frame, pd.DataFrame):
            raise BookError(
                "The table '{table}' is a {kind}; a DataFrame was expected.",
                table=name,
                kind=type(frame).__name__,
            )
        if frame.columns.nlevels > 1:
            raise BookError(
                "The table '{table}' has headers of {count} levels; one was expected. Give each column one "
                "name, as in: frame.columns = [' '.join(map(str, names)) for names in frame.columns].",
                table=name,
                count=frame.columns.nlevels,
            )


def refuse_nested(name: str, header: str) -> BookError:
    """What to say about a column whose cells are no single values."""
    return BookError(
        "{file}, column '{column}': the cells hold lists, records or bytes, and single values were expected. "
        "Write what is needed of them into a column of its own.",
        file=name,
        column=header,
    )


def _is_blank(column: object) -> bool:
    return column is None or column != column


def _array(series: pd.Series, name: str, header: str) -> pa.Array:
    """The cells as the engine holds them: numbers, moments and text as they are, others as text."""
    import pandas as pd
    import pyarrow as pa

    kind = series.dtype
    if isinstance(kind, pd.SparseDtype):
        series = series.sparse.to_dense()
        kind = series.dtype
    if isinstance(kind, pd.ArrowDtype):
        cells = pa.array(series, from_pandas=True)
        if pa.types.is_nested(cells.type) or pa.types.is_binary(cells.type):
            raise refuse_nested(name, header)
        if not pa.types.is_dictionary(cells.type):
            return cells
        series = series.astype(object)
    elif kind.kind == "f" and kind != "float32":
        # Of the engine's two sizes.
        series = series.astype("Float64" if pd.api.types.is_extension_array_dtype(kind) else "float64")
        return pa.array(series, from_pandas=True)
    elif (
        kind.kind in "biuf"
        or kind == "str"
        or (kind.kind == "M" and str(getattr(kind, "tz", "UTC")) == "UTC")
    ):
        return pa.array(series, from_pandas=True)
    # As text the times of another zone keep the offset of their own clock.
    series = series.astype(object)
    if any(issubclass(cell, Collection) and not issubclass(cell, str) for cell in set(map(type, series))):
        raise refuse_nested(name, header)
    return pa.array(series.map(cell_text, na_action="ignore").astype("str"), from_pandas=True)
