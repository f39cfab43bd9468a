import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from tests.book.sources import totals

BAD = "client,date,amount\nA,2024-01-05,5\nB,soon,6\nC,2024-01-07,x\n,2024-01-08,7\nA,2024-03-01,9\n"


def noted(book):
    return book.notes.set_index("kind")


def test_notes_have_their_columns_even_where_there_are_none(ledger):
    notes = ck.open_book({"ledger": ledger.dropna().drop_duplicates().query("amount > 0")}).notes
    assert list(notes.columns) == [
        "kind",
        "table",
        "column",
        "rows",
        "amount",
        "example",
        "action",
        "changed",
    ]
    assert notes.empty


def test_rows_without_a_client_are_noted_with_their_money(ledger):
    note = noted(ck.open_book({"ledger": ledger})).loc["without_client"]
    assert (note["rows"], note["amount"]) == (1, 20)


def test_returns_and_zero_amounts_are_noted(ledger):
    extra = pd.DataFrame({"date": ["2024-01-01"], "client_id": ["Z"], "amount": [0.0]})
    notes = noted(ck.open_book({"ledger": pd.concat([ledger, extra])}))
    assert (notes.loc["returns", "rows"], notes.loc["returns", "amount"]) == (2, -540)
    assert notes.loc["zero_amount", "rows"] == 1


def test_exact_duplicates_are_noted_and_kept(ledger):
    book = ck.open_book({"ledger": pd.concat([ledger, ledger.head(1), ledger.head(1)])})
    assert totals(book)["A"] == 340
    assert (noted(book).loc["duplicates", "rows"], noted(book).loc["duplicates", "amount"]) == (2, 200)


def test_float_ids_are_repaired_with_a_note(write):
    path = write(
        "ledger.csv", "client,date,amount\n17850.0,2024-01-05,1\n17850,2024-01-06,2\n13047.0,2024-01-07,4\n"
    )
    book = ck.open_book(path)
    assert totals(book) == {"13047": 4, "17850": 3}
    note = noted(book).loc["float_ids"]
    assert (note["rows"], note["example"]) == (2, "13047.0 → 13047")


def test_float_ids_of_a_frame_are_repaired_too():
    frame = pd.DataFrame({"client": [17850.0, np.nan, 17850.0], "date": "2024-01-05", "amount": 1.0})
    book = ck.open_book({"ledger": frame})
    assert totals(book) == {"17850": 2}
    assert noted(book).loc["float_ids", "rows"] == 2


def test_ids_with_other_decimals_or_leading_zeros_stay_as_they_are(write):
    path = write(
        "ledger.csv",
        "client,date,amount\n1.0,2024-01-05,1\n1.5,2024-01-06,2\n007,2024-01-07,4\nNA,2024-01-07,8\n",
    )
    assert totals(ck.open_book(path, with_names=True)) == {"007": 4, "1.0": 1, "1.5": 2}


def test_ids_rounded_by_a_spreadsheet_are_refused(write):
    path = write("ledger.csv", "client,date,amount\n2.98725E+13,2024-01-05,1\n2.98725E+13,2024-01-06,2\n")
    with pytest.raises(ck.BookError, match="rounded to the form") as error:
        ck.open_book(path)
    assert "2.98" not in str(error.value)


def test_spaces_around_ids_are_dropped(write):
    path = write(
        "ledger.csv",
        "client,date,amount\n A ,2024-01-05,1\nA,2024-01-06,2\n\xa0A,2024-01-06,4\n ,2024-01-06,8\n",
    )
    book = ck.open_book(path)
    assert totals(book) == {"A": 7}
    assert noted(book).loc["without_client", "amount"] == 8


def test_ids_in_the_later_rows_of_a_scanned_file_are_noted_if_they_are_untidy(tmp_path):
    ids = ["A"] * 100_001 + ["B "]
    frame = pd.DataFrame({"client_id": ids, "date": pd.Timestamp("2024-01-05"), "amount": 1.0})
    frame.to_parquet(tmp_path / "ledger.parquet")
    book = ck.open_book(tmp_path / "ledger.parquet")
    assert noted(book).loc["untidy", "rows"] == 1
    frame["client_id"] = ids[::-1]
    frame.to_parquet(tmp_path / "other.parquet")
    assert "B" in totals(ck.open_book(tmp_path / "other.parquet"))


def test_columns_that_are_not_used_are_noted(write):
    path = write("ledger.csv", "client,date,amount,weather\nA,2024-01-05,1,rain\n")
    assert "'weather'" in noted(ck.open_book(path)).loc["columns_not_used", "action"]


def test_words_of_short_lists_come_in_one_form_and_strange_ones_are_noted(write):
    header = "contact_id,client_id,kind,planned_at,status"
    path = write("contacts.csv", f"{header}\n1,A,Call,2024-01-05,No show\n2,A,pigeon,2024-01-05,KEPT\n")
    book = ck.open_book(path)
    assert book.table("contacts")["status"].tolist() == ["no_show", "kept"]
    note = noted(book).loc["unknown_word"]
    assert (note["column"], note["rows"], note["example"]) == ("kind", 1, "pigeon")


def test_flags_are_read_in_two_languages(write):
    path = write("clients.csv", "client_id,consent_call\n1,yes\n2,Нет\n3,1\n4,\n")
    assert ck.open_book(path).table("clients")["consent_call"].tolist() == [True, False, True, pd.NA]
    with pytest.raises(ck.BookError, match="'perhaps' is not yes or no"):
        ck.open_book(write("clients.csv", "client_id,consent_call\n1,yes\n2,perhaps\n"), on_bad_row="refuse")


def test_clients_whom_the_clients_table_does_not_know_are_noted(ledger):
    clients = pd.DataFrame({"client_id": ["A", "B"]})
    note = noted(ck.open_book({"ledger": ledger, "clients": clients})).loc["unknown_client"]
    assert (note["rows"], note["amount"]) == (2, 0)


def test_rows_and_money_reconcile(write):
    book = ck.open_book(write("ledger.csv", BAD), as_of="2024-01-31")
    parts = book.reconciliation().set_index("part")
    assert parts["rows"].to_dict() == {
        "read": 5,
        "used": 1,
        "without_client": 1,
        "after_as_of": 1,
        "set_aside": 2,
    }
    assert parts["amount"].to_dict() == {
        "read": 27,
        "used": 5,
        "without_client": 7,
        "after_as_of": 9,
        "set_aside": 6,
    }
    assert parts.loc["read"].equals(parts.drop("read").sum().rename("read"))


def test_a_ledger_without_amounts_reconciles_its_rows(ledger):
    parts = ck.open_book({"ledger": ledger.drop(columns="amount")}).reconciliation().set_index("part")
    assert parts.loc["read", "rows"] == 8
    assert parts["amount"].isna().all()


def test_rows_keep_the_order_of_their_files(write):
    write(
        "ledger_1.csv",
        "client,date,amount\n" + "".join(f"C{i},{i % 28 + 1:02}.01.2024,1\n" for i in range(50)),
    )
    folder = write("ledger_2.csv", "client,date,amount\nZ,01.02.2024,1\n").parent
    assert ck.open_book(folder).table("ledger")["client_id"].tolist() == [*(f"C{i}" for i in range(50)), "Z"]


def test_notes_speak_the_books_language(ledger):
    settings = ck.Settings.from_dict({"company": {"language": "ru"}})
    notes = ck.open_book({"ledger": ledger}, config=settings).notes
    assert notes["action"].str.contains("[а-я]").all()
