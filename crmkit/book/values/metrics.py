"""Tables that hold several measures one below the other, of which only one may be added up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from crmkit.book.contracts import TABLES
from crmkit.book.errors import BookError
from crmkit.book.examples import shown
from crmkit.book.naming import known_headers, name_columns, plain, plain_set
from crmkit.book.privacy import HIDDEN
from crmkit.book.values.number_units import unit
from crmkit.book.values.repairs import without_missing

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from crmkit.book.engine import Engine
    from crmkit.book.formats.part import Part

_HEADERS = plain_set(
    "metric, metrics, metric name, measure, measures, measure name, measure names, indicator, indicators, "
    "kpi, kpis, kpi name, показатель, показатели, вид показателя, наименование показателя, название "
    "показателя, метрика, метрики, kennzahl, kennzahlen, indicateur, indicateurs, indicador, indicadores, "
    "indicatore, wskaźnik"
)
_OTHERS = plain_set(
    "margin, gross margin, profit, gross profit, orders, visits, units, average check, маржа, прибыль, "
    "валовая прибыль, наценка, рентабельность, чеки, визиты, заказы, штуки, количество чеков, средний чек"
)
"""What is measured beside the ledger's own columns."""
_TOTAL = re.compile(r"(?i)(?:(?:grand |sub)?totals?|итоги?|итого|всего)\b")
_KINDS = ("money", "number", "count")
_MOST, _MOST_SHOWN = 200, 12


def metric_columns(part: Part, used: Mapping[str, int]) -> list[int]:
    """The positions of columns that may say what the numbers of each row measure.

    Their headers say so; in a table with a column for each month any column but the client's may.
    """
    if part.rows_each > 1:
        own = {used[name] for name in ("client_id", "date", "amount") if name in used}
        return [at for at in range(len(part.headers)) if at not in own]
    return [
        at for at, header in enumerate(part.headers) if plain(header) in _HEADERS and at not in used.values()
    ]


def check_metrics(engine: Engine, part: Part, rows: ir.Table, columns: Sequence[int]) -> None:
    """Refuse rows that hold several measures, such as sales and quantities, one below the other.

    Raises
    ------
    BookError
        If a column names more than one.
    """
    for at in columns:
        cell = without_missing(rows[f"c{at}"].cast("string"))
        words = engine.fetch(cell.name("word").as_table().distinct().limit(_MOST))["word"].dropna()
        found = {plain(word): word for word in sorted(words) if not _TOTAL.match(word)}
        if plain(part.headers[at]) in _HEADERS:
            found = {key: word for key, word in found.items() if len(key) > 2 and not unit(word.lower())}
        else:
            found = {key: word for key, word in found.items() if _is_measure(key)}
        if len(found) < 2:
            continue
        some = [
            word if _is_measure(key) else shown(word) or HIDDEN
            for key, word in list(found.items())[:_MOST_SHOWN]
        ]
        raise BookError(
            "{file}, column '{column}': the rows hold more than one measure ({measures}), which cannot be "
            "added up. Keep the rows of one of them in the file, that of the sales.",
            file=part.name,
            column=part.headers[at],
            measures=", ".join(some) + (", …" if len(found) > _MOST_SHOWN else ""),
        )


def _is_measure(word: str) -> bool:
    if word in _OTHERS:
        return True
    if word not in known_headers("ledger"):
        return False
    named = name_columns([word], "ledger", where="").columns
    return any(TABLES["ledger"][column].kind in _KINDS for column in named)
