"""Real and realistic bad exports, found through CRMKIT_TEST_DATA: repaired with notes, or refused clearly."""

import json
import os
from pathlib import Path

import pytest

import crmkit as ck

# The client whose rows have no client.
NOBODY = "(no id)"


def cases():
    folder = Path(os.environ.get("CRMKIT_TEST_DATA", "")) / "messy"
    if not (folder / "cases.json").is_file():
        return [pytest.param(None, marks=pytest.mark.skip("CRMKIT_TEST_DATA names no folder with messy/"))]
    content = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
    # A list of balances without any date answers nothing; its blank cells are tried at the end.
    return [
        pytest.param({**case, "path": folder / case["file"]}, id=case["name"])
        for case in content["cases"]
        if case["name"] != "blank_string_number"
    ]


def mapping_of(case):
    columns = case.get("columns") or {}
    mapping = {"client_id": columns.get("customer"), "date": columns.get("date")}
    quantity, _, price = (columns.get("amount") or "").partition("*")
    mapping |= {"quantity": quantity, "unit_price": price} if price else {"amount": quantity}
    return {column: header for column, header in mapping.items() if header}


def opened(case, mapping):
    """The book, or the text of its refusal."""
    try:
        return ck.open_book(case["path"], mapping=mapping or None), ""
    except ck.BookError as refusal:
        return None, str(refusal)


def said(book):
    notes = book.notes
    return " ".join([*notes["kind"], *notes["action"], *notes["example"], *book.set_aside["reason"]])


def mentions(text, case):
    words = case.get("message_should_mention_any_of", [])
    return not words or any(word.lower() in text.lower() for word in words)


def totals(book):
    ledger = book.table("ledger")
    sums = ledger.assign(client_id=ledger["client_id"].fillna(NOBODY)).groupby("client_id")["amount"].sum()
    return sums.to_dict()


def check_figures(case, book):
    expected = case.get("expected", {})
    ledger = book.table("ledger")
    if "totals_by_customer" in expected:
        assert totals(book) == pytest.approx(expected["totals_by_customer"], abs=0.005)
    if "total" in expected:
        assert ledger["amount"].sum() == pytest.approx(expected["total"], abs=0.005)
    if "total_any_of" in expected:
        assert any(ledger["amount"].sum() == pytest.approx(total) for total in expected["total_any_of"])
    if "rows_valid" in expected:
        assert len(ledger) == expected["rows_valid"]
    if "customers" in expected:
        assert ledger["client_id"].nunique() == expected["customers"]
    if "customers_any_of" in expected:
        assert ledger["client_id"].nunique() in expected["customers_any_of"]
    for name, found in (("date_min", ledger["date"].min()), ("date_max", ledger["date"].max())):
        if name in expected:
            assert f"{found:%Y-%m-%d}" == expected[name]
    if "rows_set_aside" in expected:
        assert len(book.set_aside) == expected["rows_set_aside"]
    if "won_total" in expected:
        deals = book.table("deals")
        assert deals.loc[deals["status"] == "won", "amount"].sum() == expected["won_total"]
        for status in ("won", "lost", "open"):
            assert (deals["status"] == status).sum() == expected[status]
    if "no_show_yes" in expected:
        assert (book.table("contacts")["status"] == "no_show").sum() == expected["no_show_yes"]


@pytest.mark.parametrize("case", cases())
def test_a_messy_export_is_repaired_with_notes_or_refused_clearly(case):
    book, refusal = opened(case, mapping_of(case))
    match case["must"]:
        case "refuse":
            assert refusal
            assert mentions(refusal, case)
        case "repair_or_refuse":
            assert mentions(refusal or said(book), case)
            if book is not None:
                check_figures(case, book)
        case "repair" | "warn":
            assert not refusal
            assert mentions(said(book), case)
            check_figures(case, book)
        case other:
            raise AssertionError(other)


@pytest.mark.parametrize("case", cases())
def test_a_messy_export_that_nobody_mapped_is_never_read_wrongly(case):
    book, refusal = opened(case, {})
    if book is None:
        assert case["path"].name in refusal
    if book is not None and case["must"] != "refuse" and "ledger" in book.tables:
        check_figures(case, book)


def test_a_blank_among_amounts_is_a_missing_amount(write):
    content = "client,date,amount\nA,2024-01-05,29.85\nB,2024-01-06, \nC,2024-01-07, \n"
    book = ck.open_book(write("ledger.csv", content))
    assert book.table("ledger")["amount"].sum() == 29.85
    assert book.notes.set_index("kind").loc["blank_amount", "rows"] == 2
