"""A strict reading takes the files as they are, or refuses them."""

import pytest

import crmkit as ck

FLOAT_IDS = "date,client_id,amount\n2024-01-05,17850.0,10\n2024-01-06,13047.0,20\n"
CLEAN = "date,client_id,amount\n2024-01-05,17850,10\n2024-01-06,13047,20\n"


def test_clean_data_pass_a_strict_reading(write):
    book = ck.open_book(write("ledger.csv", CLEAN), strict=True)
    assert book.client_summary()["amount"].sum() == 30


def test_a_strict_reading_refuses_what_it_would_have_to_change(write):
    path = write("ledger.csv", FLOAT_IDS)
    assert ck.open_book(path).client_summary()["client_id"].tolist() == ["13047", "17850"]
    with pytest.raises(ck.BookError, match=r"strict reading.*1 in all.*ledger\.client_id.*17850") as refusal:
        ck.open_book(path, strict=True)
    assert "--strict" in str(refusal.value)


def test_strictness_can_stand_in_the_settings(write):
    path = write("ledger.csv", FLOAT_IDS)
    write("crmkit.toml", "[reading]\nstrict = true\n")
    with pytest.raises(ck.BookError, match="strict"):
        ck.open_book(path)
    assert len(ck.open_book(path, strict=False).client_summary()) == 2
