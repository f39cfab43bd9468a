"""Ten million ledger lines to one row per client: crmkit beside DuckDB by hand and pandas.

Each runs in a process of its own; CPU seconds count from after the imports. All three must give the same
frame.
"""

import json
import os
import subprocess
import sys
import time

import pytest

LINES = int(os.environ.get("CRMKIT_BENCH_LINES", 10_000_000))
CLIENTS = LINES // 10

MAKE = """
    COPY (
        SELECT 'C' || lpad((hash(i * 7 + 1) % {clients})::VARCHAR, 7, '0') AS client_id,
            TIMESTAMP '2022-01-01' + to_minutes((hash(i * 13 + 5) % (3 * 365 * 1440))::BIGINT) AS date,
            'D' || (i // 2)::VARCHAR AS document_id,
            'P' || (hash(i * 3) % 2000)::VARCHAR AS product_id,
            (1 + hash(i) % 5)::INTEGER AS quantity,
            (CASE WHEN hash(i * 11) % 30 = 0 THEN -1 ELSE 1 END
                * (hash(i * 17) % 100000) / 100.0)::DECIMAL(18, 2) AS amount,
            ((hash(i * 19) % 50000) / 100.0)::DECIMAL(18, 2) AS cost
        FROM range({lines}) AS numbers (i)
    ) TO '{path}'
"""

BY_HAND = """
    WITH lines AS (
        SELECT client_id, date::DATE AS day, document_id, amount, amount - cost AS margin
        FROM '{path}' WHERE client_id IS NOT NULL
    ),
    days AS (
        SELECT client_id, day, sum(amount) AS amount FROM lines GROUP BY ALL HAVING sum(amount) > 0
    ),
    gaps AS (
        SELECT client_id, day, day - lag(day) OVER (PARTITION BY client_id ORDER BY day) AS gap FROM days
    ),
    visits AS (
        SELECT client_id, min(day) AS first_date, max(day) AS last_date, count(*) AS purchase_days,
            avg(gap) AS gap_mean_days, stddev_samp(gap) AS gap_std_days
        FROM gaps GROUP BY client_id
    ),
    totals AS (
        SELECT client_id, min(day) AS first_day, max(day) AS last_day,
            count(DISTINCT document_id) AS documents,
            count(*) AS lines, sum(amount) AS amount, sum(greatest(amount, 0)) AS sold,
            sum(least(amount, 0)) AS returned, sum(margin) AS margin
        FROM lines GROUP BY client_id
    )
    SELECT client_id, coalesce(first_date, first_day)::TIMESTAMP AS first_date,
        coalesce(last_date, last_day)::TIMESTAMP AS last_date, coalesce(purchase_days, 0) AS purchase_days,
        documents, lines, amount::DOUBLE AS amount, sold::DOUBLE AS sold, returned::DOUBLE AS returned,
        margin::DOUBLE AS margin, DATE '2024-12-30' - coalesce(last_date, last_day) AS recency_days,
        DATE '2024-12-30' - coalesce(first_date, first_day) AS tenure_days, gap_mean_days, gap_std_days
    FROM totals LEFT JOIN visits USING (client_id) ORDER BY client_id
"""


def by_crmkit(path):
    # What the summary needs is imported where it is used; the time counts from after these.
    import ibis
    import pyarrow.pandas_compat  # noqa: F401

    import crmkit as ck
    import crmkit.book.opening

    ibis.duckdb  # noqa: B018
    yield
    yield ck.open_book(path).client_summary().drop(columns=["minutes", "contacts"])


def by_hand(path):
    import duckdb
    import pandas  # noqa: F401

    connection = duckdb.connect()
    yield
    yield connection.sql(BY_HAND.format(path=path)).df()


def by_pandas(path):
    import pandas as pd

    yield
    columns = ["client_id", "date", "document_id", "amount", "cost"]
    lines = pd.read_parquet(path, columns=columns).dropna(subset="client_id")
    lines["amount"] = lines["amount"].astype(float)
    lines["margin"] = lines["amount"] - lines["cost"].astype(float)
    lines["day"] = lines["date"].dt.normalize()
    lines["sold"], lines["returned"] = lines["amount"].clip(lower=0), lines["amount"].clip(upper=0)
    days = lines.groupby(["client_id", "day"], as_index=False)["amount"].sum()
    days = days[days["amount"].round(4) > 0]
    days["gap"] = days.groupby("client_id")["day"].diff().dt.days
    visits = days.groupby("client_id").agg(
        first_date=("day", "min"),
        last_date=("day", "max"),
        purchase_days=("day", "size"),
        gap_mean_days=("gap", "mean"),
        gap_std_days=("gap", "std"),
    )
    clients = lines.groupby("client_id")
    table = clients.agg(
        first_day=("day", "min"),
        last_day=("day", "max"),
        documents=("document_id", "nunique"),
        lines=("amount", "size"),
        amount=("amount", "sum"),
        sold=("sold", "sum"),
        returned=("returned", "sum"),
        margin=("margin", "sum"),
    ).join(visits)
    table["purchase_days"] = table["purchase_days"].fillna(0)
    table["first_date"] = table["first_date"].fillna(table.pop("first_day"))
    table["last_date"] = table["last_date"].fillna(table.pop("last_day"))
    end = pd.Timestamp("2024-12-30")
    table["recency_days"] = (end - table["last_date"]).dt.days
    table["tenure_days"] = (end - table["first_date"]).dt.days
    yield table.sort_index().reset_index()


WAYS = {"crmkit": by_crmkit, "DuckDB by hand": by_hand, "pandas": by_pandas}


def main(way, path, target):
    """Run one way, save its frame, and print what it took."""
    steps = WAYS[way](path)
    next(steps)
    cpu, wall = time.process_time(), time.perf_counter()
    frame = next(steps)
    used = {"cpu": time.process_time() - cpu, "seconds": time.perf_counter() - wall}
    used["megabytes"] = peak_memory()
    frame.to_parquet(target)
    print(json.dumps(used))


def peak_memory():
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


@pytest.mark.slow
def test_ten_million_lines_cost_little_more_than_a_query_by_hand(tmp_path, capsys):
    import duckdb
    import pandas as pd

    path = tmp_path / "ledger.parquet"
    duckdb.sql(MAKE.format(lines=LINES, clients=CLIENTS, path=path))
    used, frames = {}, {}
    for way in WAYS:
        target = tmp_path / "frame.parquet"
        command = [sys.executable, __file__, way, str(path), str(target)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        used[way] = json.loads(done.stdout)
        frames[way] = pd.read_parquet(target)
    table = pd.DataFrame(used).T
    ratios = (table.loc["crmkit"] / table).add_prefix("crmkit / this: ")
    with capsys.disabled():
        print(f"\n{LINES:,} ledger lines of {CLIENTS:,} clients to one row per client")
        print(table.join(ratios).round(2).to_string())

    for way in ("DuckDB by hand", "pandas"):
        other = frames[way][frames["crmkit"].columns]
        pd.testing.assert_frame_equal(frames["crmkit"], other, check_dtype=False, rtol=1e-9, atol=1e-6)
    assert ratios.loc["DuckDB by hand", "crmkit / this: cpu"] <= 1.2
    assert ratios.loc["pandas", "crmkit / this: megabytes"] <= 0.6


if __name__ == "__main__":
    main(*sys.argv[1:])
