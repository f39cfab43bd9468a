"""Reports in which each client stands above its sales."""

import itertools

import pandas as pd
import pytest

import crmkit as ck
from tests.book.sources import totals

REPORT = """client,date,document,amount
Rose,,,30
,2024-01-05,D1,10
,2024-01-06,D2,20
Fern,,,5
,2024-01-07,D3,5
Total,,,35
"""
CLIENTS = {"Rose": 30, "Fern": 5}


def opened(write, content, name="ledger.csv"):
    return ck.open_book(write(name, content))


def test_sales_below_a_client_are_that_clients(write):
    book = opened(write, REPORT)
    assert totals(book) == CLIENTS
    note = book.notes.set_index("kind").loc["clients_from_above"]
    assert note[["rows", "amount", "changed"]].tolist() == [2, 35, True]
    assert book.set_aside["row"].tolist() == [2, 5, 7]
    parts = book.reconciliation().set_index("part")
    assert parts.loc["read", "rows"] == 6
    assert parts.loc["read", "amount"] == parts["amount"].drop("read").sum() == 105


def test_clients_above_may_have_no_amounts(write):
    blank = REPORT.replace("Rose,,,30", "Rose,,,").replace("Fern,,,5", "Fern,,,").replace("Total,,,35\n", "")
    assert totals(opened(write, blank)) == CLIENTS


def test_the_order_of_clients_does_not_matter(write):
    blocks = [
        "Rose,,,30\n,2024-01-05,D1,10\n,2024-01-06,D2,20\n",
        "Fern,,,5\n,2024-01-07,D3,5\n",
        "Moss,,,0\n",
    ]
    for number, order in enumerate(itertools.permutations(blocks)):
        book = opened(write, "client,date,document,amount\n" + "".join(order), f"ledger{number}.csv")
        assert totals(book) == CLIENTS


def test_each_file_is_a_report_or_a_list_by_itself(write):
    write("sales/a.csv", REPORT)
    write("sales/c.csv", "client,date,document,amount\n,2024-02-06,D10,1\n" + MOSS)
    book = ck.open_book(write("sales/b.csv", REPORT.replace("2024", "2025").replace("D", "E")).parent)
    assert totals(book) == {"Rose": 60, "Fern": 10, "Moss": 7}
    assert book.table("ledger")["client_id"].isna().sum() == 1


def test_frames_are_reports_too():
    frame = pd.DataFrame(
        {
            "client": ["Rose", None, None],
            "date": pd.to_datetime([None, "2024-01-05", "2024-01-06"]),
            "amount": [30, 10, 20],
        }
    )
    assert totals(ck.open_book({"ledger": frame})) == {"Rose": 30}


MOSS = "".join(f"Moss,2024-02-0{day},F{day},1\n" for day in range(1, 8))
GROUPED = REPORT.replace("Rose,,,30", "Flowers,,,30\nRose,,,30").replace("Fern,,,5", "Plants,,,5\nFern,,,5")


def test_groups_of_clients_that_add_up_are_no_clients(write):
    assert totals(opened(write, GROUPED)) == CLIENTS


@pytest.mark.parametrize(
    ("content", "row"),
    [
        (REPORT.replace("Rose,,,30", "Rose,,,31"), 2),
        (REPORT.replace(",2024-01-06,D2", "Moss,2024-01-06,D2"), 4),
        (REPORT.replace("Rose,,,30", ",2024-01-04,D0,1\nRose,,,30"), 2),
        (GROUPED.replace("Plants,,,5", "Plants,,,6"), 6),
        (GROUPED.replace("Plants,,,5", "Plants,,,"), 6),
        (REPORT.replace("Fern,,,5", "Fern,,,6") + ",2024-01-08,D4,1\n", 8),
    ],
)
def test_reports_that_do_not_add_up_are_refused(write, content, row):
    with pytest.raises(ck.BookError, match=rf"ledger.csv, row {row}: rows with a client and without a date"):
        opened(write, content)


def test_a_sale_without_a_date_among_sales_without_a_client_is_no_heading(write):
    rows = "".join(f",2024-01-0{day},D{day},1\n" for day in range(1, 8))
    book = opened(write, f"client,date,document,amount\nA,2024-01-01,D0,5\n{rows}B,,D9,7\n")
    assert totals(book) == {"A": 5}
    assert book.set_aside["reason"].tolist() == [
        "date: not a date, such as 2025-06-30, or a date with a time"
    ]


GAPS = "client,date,amount\nA,2024-01-01,5\n,2024-01-02,6\nB,2024-01-03,7\n,2024-01-04,8\nC,2024-01-05,9\n"


def test_clients_that_stand_once_above_blanks_are_refused(write):
    with pytest.raises(ck.BookError, match=r"2 of 5 rows have no client.* blank_clients = "):
        opened(write, GAPS)
    write("crmkit.toml", '[reading]\nblank_clients = "nobody"\n')
    assert totals(opened(write, GAPS)) == {"A": 5, "B": 7, "C": 9}


@pytest.mark.parametrize(
    "content",
    [
        GAPS.replace("B,", "A,"),
        GAPS.replace("A,2024-01-01,5\n", ",2024-01-01,5\n"),
        GAPS.replace("\n,2024-01-02,6", ""),
        GAPS.replace("C,2024-01-05,9\n", ""),
    ],
    ids=["a client twice", "the first row has none", "few blanks", "few clients"],
)
def test_sales_without_a_client_are_nobodys_elsewhere(write, content):
    assert opened(write, content).table("ledger")["client_id"].isna().any()
