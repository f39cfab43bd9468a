import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import crmkit as ck

LEDGER = pd.DataFrame(
    {
        "client_id": ["A", "A", "B"],
        "date": ["2024-01-05", "2024-01-20", "2024-01-31"],
        "amount": [10.0, 20.0, 30.0],
        "document_id": ["D1", "D2", "D3"],
    }
)
CONTACTS = pd.DataFrame(
    {
        "contact_id": ["1", "2", "3"],
        "client_id": ["A", "A", "A"],
        "kind": "appointment",
        "planned_at": ["2024-01-05", "2024-01-06", "2024-01-20"],
        "status": "kept",
        "staff_id": ["S1", "S9", None],
        "minutes": [60, 30, 20],
        "cost": [0.5, None, 1.5],
    }
)
STAFF = pd.DataFrame(
    {
        "resource_id": ["S1", "S2", "R1"],
        "kind": ["person", "person", "room"],
        "skills": "x",
        "hours_week": 40,
        "wage": [30.0, 12.0, 600.0],
    }
)


def served(book, window=None):
    return book.cost_to_serve(window).set_index("client_id")


def test_minutes_cost_the_wage_of_who_served_or_the_mean_wage():
    book = ck.open_book({"ledger": LEDGER, "contacts": CONTACTS, "staff": STAFF})
    a = served(book).loc["A"]
    # 60 minutes at 30 an hour; 50 minutes of unknown staff at the mean of 21 an hour; 2 for the contacts.
    assert a["cost"] == pytest.approx(30 + 50 / 60 * 21 + 2)
    assert (a["minutes"], a["contacts_cost"], a["basis"]) == (110, 2, "contacts")
    b = served(book).loc["B"]
    assert (b["minutes"], b["cost"]) == (0, 0)
    assert served(book, ("2024-01-06", "2024-01-31")).loc["A", "minutes"] == 50


def test_a_minute_rate_of_the_settings_wins():
    settings = ck.Settings.from_dict({"costs": {"minute_rate": 2}})
    book = ck.open_book({"ledger": LEDGER, "contacts": CONTACTS, "staff": STAFF}, config=settings)
    assert served(book).loc["A", "cost"] == 222


def test_without_contacts_documents_stand_for_time_and_a_note_says_so():
    settings = ck.Settings.from_dict({"costs": {"minute_rate": 0.5, "minutes_per_document": 12}})
    book = ck.open_book({"ledger": LEDGER}, config=settings)
    assert "cost_to_serve_from_documents" not in set(book.notes["kind"])
    table = served(book)
    assert table["minutes"].to_dict() == {"A": 24, "B": 12}
    assert table["cost"].to_dict() == {"A": 12, "B": 6}
    assert table["basis"].unique().tolist() == ["documents"]
    note = book.notes.set_index("kind").loc["cost_to_serve_from_documents"]
    assert "12 minutes" in note["action"]


def test_without_any_rate_the_cost_is_unknown_and_a_note_says_what_to_give():
    book = ck.open_book({"ledger": LEDGER, "contacts": CONTACTS})
    assert served(book)["cost"].isna().all()
    assert "minute_rate" in book.notes.set_index("kind").loc["no_minute_rate", "action"]


def test_the_published_department_of_time_driven_costing_is_reproduced():
    root = os.environ.get("CRMKIT_TEST_DATA", "")
    path = Path(root) / "references" / "cost_to_serve_tdabc.json"
    if not root or not path.is_file():
        pytest.skip("CRMKIT_TEST_DATA does not name a folder with reference figures")
    published = json.loads(path.read_text(encoding="utf-8"))
    given, expected = published["inputs"], published["expected"]
    rate = given["cost"] / given["practical_minutes"]
    # One client stands for each activity, with one contact for each time it was done.
    counts = given["counts_actual"]
    clients = np.repeat(list(counts), list(counts.values()))
    contacts = pd.DataFrame(
        {
            "contact_id": np.arange(len(clients)).astype(str),
            "client_id": clients,
            "kind": "call",
            "planned_at": pd.Timestamp("2024-01-15"),
            "status": "answered",
            "minutes": pd.Series(clients).map(given["unit_minutes"]),
        }
    )
    ledger = pd.DataFrame({"client_id": list(counts), "date": "2024-01-31", "amount": 1.0})
    settings = ck.Settings.from_dict({"costs": {"minute_rate": rate}})
    table = served(ck.open_book({"ledger": ledger, "contacts": contacts}, config=settings))
    assert table["minutes"].sum() == expected["actual_minutes_used"]
    assert table["cost"].sum() == pytest.approx(expected["actual_cost_assigned"])
    unit_cost = table["cost"] / pd.Series(counts)
    assert unit_cost.to_dict() == pytest.approx(expected["unit_cost"])
