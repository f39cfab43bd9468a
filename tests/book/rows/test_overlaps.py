import random

import pandas as pd
import pytest

import crmkit as ck
from tests.book.sources import totals

HEADER = "client_id,date,document_id,product_id,amount\n"


def lines(first, last):
    """Two lines a day of one document, on each day from the first to the last."""
    return [
        f"C{day % 4},2024-01-{day:02},D{day},P{line},{day}.{line}\n"
        for day in range(first, last + 1)
        for line in (1, 2)
    ]


def opened(write, parts, header=HEADER, **reading):
    for name, rows in parts.items():
        write(name, header + "".join(rows))
    folder = write("crmkit.toml", "").parent
    return ck.open_book(folder, config=ck.Settings.from_dict({"reading": reading}))


def without_documents(rows):
    return [",".join(part for at, part in enumerate(row.split(",")) if at not in (2, 3)) for row in rows]


def amount(rows):
    return sum(float(row.split(",")[-1]) for row in rows)


def test_documents_that_two_files_both_hold_count_once(write):
    book = opened(write, {"orders.csv": lines(1, 20), "orders_2.csv": lines(18, 28)})
    assert sum(totals(book).values()) == pytest.approx(amount(lines(1, 28)))
    note = book.notes.set_index("kind").loc["overlap"]
    assert (note["rows"], note["amount"]) == (6, pytest.approx(amount(lines(18, 20))))
    assert note["action"].startswith("orders.csv and orders_2.csv overlap")
    assert set(book.set_aside["file"]) == {"orders_2.csv"}
    parts = book.reconciliation().set_index("part")
    assert parts.loc["read"].tolist() == pytest.approx(parts.drop("read").sum().tolist())


def test_overlaps_can_be_kept(write):
    book = opened(write, {"orders.csv": lines(1, 20), "orders_2.csv": lines(18, 28)}, overlaps="keep")
    assert sum(totals(book).values()) == pytest.approx(amount(lines(1, 20) + lines(18, 28)))


def test_a_backup_of_the_same_table_counts_once(write):
    book = opened(
        write, {"ledger.csv": lines(1, 28), "ledger_2024.csv": lines(5, 15), "ledger_old.csv": lines(1, 9)}
    )
    assert sum(totals(book).values()) == pytest.approx(amount(lines(1, 28)))


def test_sheets_that_overlap_count_once(tmp_path):
    path = tmp_path / "shop.xlsx"
    with pd.ExcelWriter(path, engine="xlsxwriter") as writer:
        for sheet, rows in (("2023", lines(1, 10)), ("2024", lines(9, 15))):
            cells = [row.strip().split(",") for row in rows]
            pd.DataFrame(cells, columns=HEADER.strip().split(",")).to_excel(
                writer, sheet_name=sheet, index=False
            )
    book = ck.open_book(path)
    assert sum(totals(book).values()) == pytest.approx(amount(lines(1, 15)))
    assert "sheet" in book.notes.set_index("kind").loc["overlap", "action"]


def test_without_document_numbers_only_a_complete_overlap_counts_once(write):
    header = "client_id,date,amount\n"
    all_rows, rows = without_documents(lines(1, 28)), without_documents(lines(1, 20))
    whole = opened(write, {"a.csv": rows, "b.csv": without_documents(lines(15, 28))}, header)
    assert sum(totals(whole).values()) == pytest.approx(amount(all_rows))
    partly = opened(write, {"a.csv": rows, "b.csv": without_documents(lines(15, 28))[1:]}, header)
    assert sum(totals(partly).values()) == pytest.approx(
        amount(rows) + amount(without_documents(lines(15, 28))[1:])
    )
    assert "possible_overlap" in set(partly.notes["kind"])
    few = opened(write, {"a.csv": rows, "b.csv": without_documents(lines(18, 28))}, header)
    assert sum(totals(few).values()) == pytest.approx(amount(rows) + amount(without_documents(lines(18, 28))))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("with_documents", [True, False])
def test_a_ledger_cut_into_files_at_random_loses_nothing(write, seed, with_documents):
    draw = random.Random(seed)
    rows = lines(1, 14) + draw.sample(lines(1, 14), 12)
    rows, header = (rows, HEADER) if with_documents else (without_documents(rows), "client_id,date,amount\n")
    parts = {f"part_{number}.csv": [] for number in range(draw.choice([2, 3, 5]))}
    for row in rows:
        parts[draw.choice(sorted(parts))].append(row)
    book = opened(write, parts, header)
    assert book.set_aside.empty
    assert sum(totals(book).values()) == pytest.approx(amount(rows))


def test_duplicates_are_dropped_on_wish(write):
    rows = lines(1, 3) + lines(2, 2)
    kept = opened(write, {"ledger.csv": rows})
    assert kept.notes.set_index("kind").loc["duplicates", "rows"] == 2
    assert "uplicate" in kept.notes.set_index("kind").loc["duplicates", "action"]
    dropped = opened(write, {"ledger.csv": rows}, duplicates="drop")
    assert sum(totals(dropped).values()) == pytest.approx(amount(lines(1, 3)))
    assert dropped.notes.set_index("kind").loc["duplicates", "rows"] == 2
    assert dropped.set_aside["row"].tolist() == [8, 9]


def orders(first, last):
    """One row a document, with the money of its lines."""
    return [f"C{day % 4},2024-01-{day:02},D{day},{2 * day + 0.3:.1f}\n" for day in range(first, last + 1)]


def test_orders_beside_their_lines_are_refused(write):
    write("orders.csv", "client_id,date,document_id,amount\n" + "".join(orders(1, 9)))
    folder = write("order_lines.csv", HEADER + "".join(lines(1, 9))).parent
    with pytest.raises(ck.BookError, match=r"the same documents \(9\), one in more detail"):
        ck.open_book(folder)
    both = ck.open_book(folder, config=ck.Settings.from_dict({"reading": {"overlaps": "keep"}}))
    assert sum(totals(both).values()) == pytest.approx(2 * amount(lines(1, 9)))


def test_two_states_of_the_same_documents_are_refused(write):
    later = [row.replace(",7.1", ",9.9").replace(",5.1", ",9.9") for row in lines(1, 10)]
    with pytest.raises(ck.BookError, match=r"hold the same documents, and 2 of them differ"):
        opened(write, {"monday.csv": lines(1, 20), "tuesday.csv": later + lines(11, 20)})


def test_orders_beside_lines_with_other_money_are_refused_too(write):
    dearer = [row.replace(".3", ".9") for row in orders(1, 9)]
    write("orders.csv", "client_id,date,document_id,amount\n" + "".join(dearer))
    with pytest.raises(ck.BookError, match=r"the same documents \(9\), one in more detail"):
        ck.open_book(write("order_lines.csv", HEADER + "".join(lines(1, 9))).parent)
