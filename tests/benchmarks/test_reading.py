"""A clean CSV of a million lines: opening it as a book beside loading it with DuckDB's own reader."""

import json
import subprocess
import sys
import time

import pytest

LINES = 1_000_000

MAKE = """
    COPY (
        SELECT 'C' || lpad((hash(i * 7 + 1) % 100000)::VARCHAR, 7, '0') AS client_id,
            TIMESTAMP '2022-01-01' + to_minutes((hash(i * 13 + 5) % (3 * 365 * 1440))::BIGINT) AS date,
            'D' || (i // 2)::VARCHAR AS document_id,
            'P' || (hash(i * 3) % 2000)::VARCHAR AS product_id,
            (1 + hash(i) % 5)::INTEGER AS quantity,
            ((hash(i * 17) % 100000) / 100.0)::DECIMAL(18, 2) AS amount,
            ((hash(i * 19) % 50000) / 100.0)::DECIMAL(18, 2) AS cost
        FROM range({lines}) AS numbers (i)
    ) TO '{path}' (HEADER)
"""


def by_crmkit(path):
    # What opening needs is imported where it is used; the time counts from after these.
    import ibis
    import pyarrow.pandas_compat  # noqa: F401

    import crmkit as ck
    import crmkit.book.opening

    ibis.duckdb  # noqa: B018
    yield
    ck.open_book(path)
    yield


def by_duckdb(path):
    import duckdb

    connection = duckdb.connect()
    yield
    connection.execute(f"CREATE TABLE ledger AS FROM read_csv('{path}')")
    yield


WAYS = {"crmkit": by_crmkit, "DuckDB": by_duckdb}


def main(way, path):
    """Run one way and print the CPU seconds that it took."""
    steps = WAYS[way](path)
    next(steps)
    start = time.process_time()
    next(steps)
    print(json.dumps(time.process_time() - start))


@pytest.mark.slow
def test_a_clean_file_costs_at_most_three_times_duckdbs_own_reader(tmp_path, capsys):
    import duckdb

    path = tmp_path / "ledger.csv"
    duckdb.sql(MAKE.format(lines=LINES, path=path))
    cpu = {}
    for way in WAYS:
        done = subprocess.run(
            [sys.executable, __file__, way, str(path)], capture_output=True, text=True, check=True
        )
        cpu[way] = json.loads(done.stdout)
    ratio = cpu["crmkit"] / cpu["DuckDB"]
    with capsys.disabled():
        print(
            f"\nA clean CSV of {LINES:,} lines: crmkit {cpu['crmkit']:.2f} CPU s, DuckDB {cpu['DuckDB']:.2f} "
            "CPU s"
        )
        print(f"crmkit / DuckDB: {ratio:.2f}")
    assert ratio <= 3


if __name__ == "__main__":
    main(*sys.argv[1:])
