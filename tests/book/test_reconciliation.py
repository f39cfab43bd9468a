"""Whatever stands in a file, its rows and its money are all accounted for, or it is refused."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crmkit as ck

clients = st.sampled_from(["C1", "C2", "C003", "", "NULL", "WALK_IN", "Итого", "client"])
dates = st.sampled_from([*[f"2024-01-{day:02}" for day in range(1, 20)], "", "soon", "date", "2099-12-31"])
amounts = st.one_of(
    st.integers(-500, 900).map(lambda cents: f"{cents / 100:.2f}"),
    st.sampled_from(["", "x", "amount", "0.00"]),
)
GOOD = [f"C{day % 5},2024-01-{day:02},{day}.50" for day in range(1, 16)]


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(rows=st.lists(st.tuples(clients, dates, amounts).map(",".join), max_size=10), cut=st.integers(0, 25))
def test_rows_and_money_close_and_do_not_depend_on_the_cut_into_files(write, rows, cut):
    lines = [line for pair in zip(GOOD, [*rows, *[""] * len(GOOD)]) for line in pair if line]
    found = []
    for number, parts in enumerate(([lines], [lines[:cut], lines[cut:]])):
        paths = [
            write(f"{number}/ledger_{at}.csv", "\n".join(["client,date,amount", *part, ""]))
            for at, part in enumerate(parts)
            if part
        ]
        refusal = ""
        try:
            book = ck.open_book(paths, as_of="2024-01-17")
        except ck.BookError as error:
            refusal = str(error)
        if refusal:
            # Half a row of headers may begin another table.
            assert "headers stand here again" in refusal
            return
        table = book.reconciliation().set_index("part")
        assert table.loc["read", "rows"] == len(lines)
        assert table["rows"].iloc[1:].sum() == len(lines)
        assert table["amount"].iloc[1:].sum() == pytest.approx(table.loc["read", "amount"])
        # The amount of every line that has one, added up a second way.
        cells = [line.split(",")[2] for line in lines]
        money = sum(float(cell) for cell in cells if cell not in ("", "x", "amount"))
        assert table.loc["read", "amount"] == pytest.approx(money)
        found.append(table.drop(index="blank", errors="ignore"))
    assert found[0]["rows"].tolist() == found[1]["rows"].tolist()
    assert found[0]["amount"].tolist() == pytest.approx(found[1]["amount"].tolist())
