import datetime

import pandas as pd
import pytest
import python_calamine

from crmkit.reporting.workbook import write_csv, write_workbook
from crmkit.wording import Speaker

DAY = datetime.date(2025, 6, 30)


@pytest.fixture
def tables():
    classes = pd.DataFrame(
        {
            "client_id": ["=HYPERLINK(1)", "https://example.org"],
            "amount": [-12.5, float("nan")],
            "last_date": pd.to_datetime(["2025-06-30", None]),
            "answered": [True, False],
            "clients": pd.array([3, None], dtype="Int64"),
        }
    )
    return {"decisions": pd.DataFrame({"action": []}), "01 classes": classes, "own/table": classes}


def test_sheets_hold_typed_values_under_headings_in_the_readers_language(tmp_path, tables):
    write_workbook(tmp_path / "plan.xlsx", tables, Speaker("en"), as_of=DAY)
    book = python_calamine.CalamineWorkbook.from_path(tmp_path / "plan.xlsx")
    assert book.sheet_names == ["Decisions", "01 Classes", "own table"]
    rows = book.get_sheet_by_name("01 Classes").to_python()
    assert rows[0] == ["Client", "Amount", "Last purchase", "Answered", "Clients"]
    assert rows[1] == ["=HYPERLINK(1)", -12.5, datetime.date(2025, 6, 30), "yes", 3.0]
    assert rows[2] == ["https://example.org", "", "", "no", ""]


def test_no_cell_is_a_formula_or_a_link(tmp_path, tables):
    import zipfile

    write_workbook(tmp_path / "plan.xlsx", tables, Speaker("en"), as_of=DAY)
    with zipfile.ZipFile(tmp_path / "plan.xlsx") as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "worksheets/" in name]
    assert len(sheets) == 3
    assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)


def test_the_same_tables_give_the_same_bytes(tmp_path, tables):
    for name in ("one.xlsx", "two.xlsx"):
        write_workbook(tmp_path / name, tables, Speaker("ru"), as_of=DAY)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_a_long_table_runs_on_to_further_sheets(tmp_path, monkeypatch):
    monkeypatch.setattr("crmkit.reporting.workbook.MOST_ROWS", 2)
    write_workbook(tmp_path / "p.xlsx", {"t": pd.DataFrame({"row": range(5)})}, Speaker("en"), as_of=DAY)
    book = python_calamine.CalamineWorkbook.from_path(tmp_path / "p.xlsx")
    assert book.sheet_names == ["t", "t (2)", "t (3)"]
    assert [row[0] for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()[1:]] == [
        0,
        1,
        2,
        3,
        4,
    ]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1 555", "'+1 555"),
        ("@x", "'@x"),
        ("-4.50", "-4.50"),
        ("-x", "'-x"),
        ("plain", "plain"),
    ],
)
def test_a_csv_cell_cannot_run_and_numbers_stay_numbers(tmp_path, cell, written):
    write_csv(tmp_path / "a.csv", pd.DataFrame({"cell": [cell], "row": [-3]}))
    assert (tmp_path / "a.csv").read_text(encoding="utf-8-sig") == f"cell,row\n{written},-3\n"
