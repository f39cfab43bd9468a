"""Small made-up sources for the tests of the book."""

from pathlib import Path

import pandas as pd
import pytest

from tests.book.sources import LEDGER


@pytest.fixture
def write(tmp_path):
    """Write a file into the test's folder and return its path."""

    def write_file(name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write_file


@pytest.fixture
def ledger_csv(write) -> Path:
    return write("ledger.csv", LEDGER)


@pytest.fixture
def ledger() -> pd.DataFrame:
    """Four sales, a return on the same day, a cancelled client and a line without a client."""
    rows = [
        ("2024-01-10", "A", 100.0),
        ("2024-01-10", "A", -40.0),
        ("2024-01-20", "A", 50.0),
        ("2024-02-09", "A", 30.0),
        ("2024-02-01", "B", 70.0),
        ("2024-01-15", "C", 500.0),
        ("2024-01-15", "C", -500.0),
        ("2024-03-05", None, 20.0),
    ]
    return pd.DataFrame(rows, columns=["date", "client_id", "amount"])
