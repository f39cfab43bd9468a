"""Writing the made-up company to a folder: the same bytes every time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crmkit.datasets.clinic_truth import AS_OF

SETTINGS = f"""\
[company]
name = "Clinic (made up)"
currency = "EUR"
language = "en"
as_of = "{AS_OF}"
"""

DECIMALS = {
    "amount": 2,
    "unit_price": 0,
    "discount": 2,
    "cost": 2,
    "price": 2,
    "unit_cost": 2,
    "wage": 2,
    "overtime_rate": 2,
    "hire_cost": 2,
    "work_hours": 2,
    "attrition": 2,
    "weight": 1,
    "minutes": 0,
    "quantity": 0,
    "recall_days": 0,
    "lead_weeks": 0,
    "hours_week": 0,
    "impressions": 0,
}


def column_text(values: pd.Series, name: str) -> np.ndarray:
    """A column as text: dates as ISO days, moments to the minute, numbers with fixed decimals, gaps as
    nothing."""
    if pd.api.types.is_datetime64_any_dtype(values):
        unit = "m" if name in ("created_at", "planned_at") and (values.dt.hour > 0).any() else "D"
        text = np.datetime_as_string(values.to_numpy().astype(f"datetime64[{unit}]"))
        return np.where(values.isna(), "", text)
    if pd.api.types.is_bool_dtype(values):
        return np.where(values.to_numpy(), "yes", "no")
    if pd.api.types.is_numeric_dtype(values):
        decimals = DECIMALS[name]
        cents = np.rint(values.fillna(0).to_numpy(dtype=np.float64) * 10**decimals).astype(np.int64)
        sign, size = np.where(cents < 0, "-", ""), np.abs(cents)
        text = np.char.add(sign, (size // 10**decimals).astype("U"))
        if decimals:
            part = np.char.zfill((size % 10**decimals).astype("U"), decimals)
            text = np.char.add(np.char.add(text, "."), part)
        return np.where(values.isna(), "", text)
    return values.fillna("").to_numpy(dtype="U")


def table_csv(table: pd.DataFrame) -> bytes:
    """A table as CSV: UTF-8, lines ending with a line feed."""
    texts = pd.DataFrame({name: column_text(table[name], name) for name in table.columns})
    return texts.to_csv(index=False, lineterminator="\n").encode("utf-8")


def truth_json(truth: dict[str, Any]) -> bytes:
    """The truth as compact JSON with sorted keys, one top-level entry a line."""
    compact = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    entries = [f"{compact.encode(key)}:{compact.encode(truth[key])}" for key in sorted(truth)]
    return ("{\n" + ",\n".join(entries) + "\n}\n").encode("utf-8")


def write_tables(folder: str | Path, tables: dict[str, pd.DataFrame], truth: dict[str, Any]) -> list[Path]:
    """Write all tables, the truth and the settings into `folder` (made if missing); returns the paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in [
        *((f"{name}.csv", table_csv(table)) for name, table in tables.items()),
        ("truth.json", truth_json(truth)),
        ("crmkit.toml", SETTINGS.encode()),
    ]:
        path = folder / name
        path.write_bytes(content)
        written.append(path)
    return written
