import pandas as pd
import pytest

import crmkit as ck
from tests.book.sources import totals


def opened(ids, *, clients=None, **reading):
    frame = pd.DataFrame({"client": ids, "date": "2024-01-05", "amount": 1.0})
    frame["date"] = pd.date_range("2024-01-01", periods=len(frame)).astype(str)
    tables = {"ledger": frame} | ({"clients": clients} if clients is not None else {})
    return ck.open_book(tables, config=ck.Settings.from_dict({"reading": reading}), with_names=True)


def kinds(book):
    return set(book.notes["kind"])


@pytest.mark.parametrize(
    ("ids", "best"),
    [
        (["Acme Ltd", "ACME LTD", "acme  ltd ", "Acme\xa0Ltd", "Acme Ltd"], "Acme Ltd"),
        (["ООО «Ёлка»", 'ООО "Елка"', "ООО „Ёлка“", "ООО «Ёлка»"], "ООО «Ёлка»"),
        (["Ａcme", "Acme", "Acme\u200b"], "Acme"),
        (["Завод №5", "завод №5"], "Завод №5"),
        (["C001", "C001\u200b", "Ｃ００１"], "C001"),
        (["O’Hara Group", "O'Hara Group"], "O'Hara Group"),
    ],
)
def test_spellings_of_one_name_are_one_client(ids, best):
    book = opened([*ids, "Beta GmbH"])
    assert totals(book) == {best: len(ids), "Beta GmbH": 1}
    note = book.notes.set_index("kind").loc["merged_names"]
    assert "merged" in note["action"]
    assert note["rows"] == sum(text != best for text in ids)


def test_the_most_frequent_spelling_wins_whatever_the_order_of_rows():
    ids = ["acme ltd", "ACME LTD", "ACME LTD", "acme ltd", "Acme Ltd"]
    assert set(totals(opened(ids))) == set(totals(opened(ids[::-1]))) == {"ACME LTD"}


@pytest.mark.parametrize(
    ("ids", "kind"),
    [
        (["C001", "c001", "C002"], "alike_codes"),
        (["0015000000Gv7qJ", "0015000000Gv7Qj", "X1"], "alike_codes"),
        (["aBcD", "AbCd", "Beta"], "alike_codes"),
        (["AB", "ab", "C001", "C002", "C003"], "alike_codes"),
        (["00001", "1", "00002"], "lost_zeros"),
        (["Acme Ltd", "Аcme Ltd", "Beta"], "look_alikes"),
    ],
)
def test_codes_and_look_alikes_are_noted_and_never_merged(ids, kind):
    book = opened(ids)
    assert len(totals(book)) == len(ids)
    assert kinds(book) == {kind}
    assert book.notes["rows"].tolist() == [2]


def test_plain_codes_call_for_no_note():
    assert kinds(opened([f"C{number:03}" for number in range(50)])) == set()


def test_merging_can_be_switched_off():
    assert len(totals(opened(["Acme Ltd", "ACME LTD"], merge_names=False))) == 2


def test_all_tables_get_the_same_spelling():
    clients = pd.DataFrame({"client_id": ["ACME  LTD", "Beta GmbH"], "district": ["North", "South"]})
    book = opened(["Acme Ltd", "Acme Ltd", "Beta GmbH"], clients=clients)
    assert book.table("clients")["client_id"].tolist() == ["Acme Ltd", "Beta GmbH"]
    assert "unknown_client" not in kinds(book)


@pytest.mark.parametrize("marker", ["NULL", "None", "nan", "N/A", r"\N", "-", "#N/A", "нет данных"])
def test_a_marker_among_codes_is_no_client(marker):
    book = opened(["C001", "C002", marker, "WALK_IN"])
    assert set(totals(book)) == {"C001", "C002", "WALK_IN"}
    assert book.notes.set_index("kind").loc["missing_ids", "rows"] == 1
    assert book.notes.set_index("kind").loc["without_client", "amount"] == 1


def test_markers_among_words_stay_clients_and_are_noted():
    book = opened(["NA", "None", "null", "True"])
    assert len(totals(book)) == 4
    assert book.notes.set_index("kind").loc["doubtful_ids", "rows"] == 3


def test_a_name_that_may_be_a_persons_is_no_example():
    book = opened(["Anna Example", "ANNA EXAMPLE", "Beta GmbH"])
    assert totals(book) == {"ANNA EXAMPLE": 2, "Beta GmbH": 1}
    assert book.notes.set_index("kind").loc["merged_names", "example"] == ""


def test_catch_all_ids_are_named_with_their_share():
    book = opened(["C001", "WALK_IN", "WALK_IN", "Розничный покупатель"])
    assert book.catch_alls == {"WALK_IN", "Розничный покупатель"}
    notes = book.notes[book.notes["kind"] == "catch_all"].set_index("example")
    assert notes.loc["WALK_IN", ["rows", "amount"]].tolist() == [2, 2.0]
    assert "WALK_IN" in notes.loc["WALK_IN", "action"]
    assert "50.0%" in notes.loc["WALK_IN", "action"]


def test_ids_on_the_list_of_no_client_count_in_the_totals_only():
    book = opened(["C001", "WALK_IN", "WALK_IN"], no_client=["WALK_IN"])
    assert totals(book) == {"C001": 1}
    assert book.catch_alls == frozenset()
    assert book.notes.set_index("kind").loc["without_client", "rows"] == 2
    assert book.panel(partial=True)["y"].sum() == 3


def test_a_catch_all_keeps_its_name_where_clients_get_codes():
    frame = pd.DataFrame(
        {"client": ["Anna Example", "Beta Example", "WALK_IN"], "date": "2024-01-05", "amount": 1.0}
    )
    book = ck.open_book({"ledger": frame}, with_names=False)
    assert book.pseudonyms
    assert book.catch_alls == {"WALK_IN"}
    assert not any("Example" in text for text in totals(book))
