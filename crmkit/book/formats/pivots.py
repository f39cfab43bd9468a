"""Reports made from a list of operations: told from the list itself by what programs write in them."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LABELS = re.compile(
    r"row labels|column labels|названия строк|названия столбцов|zeilenbeschriftungen|spaltenbeschriftungen|"
    r"étiquettes de (?:lignes|colonnes)|etiquetas de (?:fila|columna)|etichette di (?:riga|colonna)|"
    r"etykiety (?:wierszy|kolumn)|r[óo]tulos de (?:linha|coluna)",
    re.IGNORECASE,
)
"""What pivot tables call their rows and columns; no list of operations has such a header."""
_SUMS = re.compile(
    r"(?:(?:sum|count|average|max|min|product) of|(?:сумма|количество|среднее|максимум|минимум) по полю|"
    r"(?:summe|anzahl|mittelwert) von|(?:somme|nombre|moyenne) de)\s.+",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"grand total|общий итог|gesamtergebnis|total g[ée]n[ée]ral|total general|totale complessivo|"
    r"suma końcowa",
    re.IGNORECASE,
)
_PART = re.compile(r".+\s(?:total|итог)", re.IGNORECASE)


def report_signs(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """What in the first rows shows that they are a report and not a list of operations; mostly nothing.

    A pivot table names its rows or columns as such, or has the headings of sums together with totals.

    >>> report_signs([["Row Labels", "Sum of Amount"], ["Testville", "5"]])
    ('Row Labels', 'Sum of Amount')
    >>> report_signs([["Date", "Client", "Amount"], ["2024-01-15", "Grand Total", "5"]])
    ()
    """
    cells = [cell for row in rows for cell in row if cell and not cell[0].isdigit() and len(cell) < 100]
    labels = [cell for cell in cells if _LABELS.fullmatch(cell)]
    sums = [cell for cell in cells if _SUMS.fullmatch(cell)]
    whole = [cell for cell in cells if _WHOLE.fullmatch(cell)]
    in_parts = any(_PART.fullmatch(cell) for cell in cells)
    if labels or (sums and (whole or in_parts)):
        return tuple(dict.fromkeys(labels + sums + whole))[:5]
    return ()
