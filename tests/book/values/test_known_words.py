import pandas as pd
import pytest

import crmkit as ck

LEDGER = pd.DataFrame({"client": ["C"], "date": ["2024-01-05"], "amount": [1]})


def contacts(statuses):
    frame = pd.DataFrame(
        {
            "contact_id": [str(i) for i in range(len(statuses))],
            "client_id": "C",
            "kind": "Приём",
            "planned_at": "2024-01-05",
            "status": statuses,
        }
    )
    return ck.open_book({"ledger": LEDGER, "contacts": frame})


def test_statuses_in_english_and_russian_are_those_of_the_contract():
    book = contacts(
        ["No show", "Не пришёл", "Completed", "Отменена", " запланировано ", "Без ответа", "kept"]
    )
    assert book.table("contacts")["status"].tolist() == [
        "no_show", "no_show", "kept", "cancelled", "open", "ignored", "kept",
    ]  # fmt: skip
    assert set(book.table("contacts")["kind"]) == {"appointment"}
    notes = book.notes.set_index(["kind", "column"])
    assert notes.loc[("words_read", "status"), ["rows", "changed"]].tolist() == [5, True]
    assert " → " in notes.loc[("words_read", "status"), "example"]


def test_a_word_that_is_not_known_is_left_and_noted():
    book = contacts(["kept", "перенесён"])
    assert book.table("contacts")["status"].tolist() == ["kept", "перенесен"]
    assert book.notes.set_index("kind").loc["unknown_word", "rows"] == 1


def test_deals_are_won_lost_or_open_whatever_the_program_calls_it():
    words = [
        "Won",
        "Closed Won",
        "Выиграна",
        "Closed - Lost",
        "Закрыто и не реализовано",
        "Engaging",
        "В работе",
    ]
    deals = pd.DataFrame(
        {
            "deal_id": [str(i) for i in range(len(words))],
            "client_id": "C",
            "owner": "M",
            "stage": "s",
            "amount": 1,
            "expected_close": "2024-01-05",
            "status": words,
        }
    )
    book = ck.open_book({"ledger": LEDGER, "deals": deals})
    assert book.table("deals")["status"].tolist() == ["won", "won", "won", "lost", "lost", "open", "open"]


def consents(cells, **options):
    frame = pd.DataFrame({"client_id": [f"C{i}" for i in range(len(cells))], "consent_call": cells})
    return (
        ck.open_book({"ledger": LEDGER, "clients": frame}, **options)
        .table("clients")["consent_call"]
        .tolist()
    )


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["да", "Нет", "YES", "n", "1", "0"], [True, False, True, False, True, False]),
        (["+", "-", "+"], [True, False, True]),
        (["x", "х", None], [True, True, pd.NA]),
        (["✓", "✗", "x"], [True, False, False]),
        (["✔️", "✅", "☐"], [True, True, False]),
        (["истина", "ЛОЖЬ", "-"], [True, False, pd.NA]),
        ([1.0, 0.0], [True, False]),
        ([True, False], [True, False]),
    ],
)
def test_yes_and_no_in_any_form(cells, expected):
    found = consents(cells)
    assert [pd.NA if pd.isna(value) else bool(value) for value in found] == expected


def test_what_is_neither_yes_nor_no_is_no_flag():
    with pytest.raises(ck.BookError, match="'maybe' is not yes or no"):
        consents(["yes", "no", "maybe"], on_bad_row="refuse")


def ledger_of(ids, **options):
    frame = pd.DataFrame({"client": ids, "date": "2024-01-05", "amount": range(1, len(ids) + 1)})
    return ck.open_book({"ledger": frame}, **options)


def test_a_rounded_id_among_numbers_is_set_aside_and_half_of_them_are_refused():
    book = ledger_of(["29872499824296", "558997776694438", "9377952927E-5", "2.98725E+13", "4262962299951"])
    assert sorted(book.client_summary()["client_id"]) == [
        "29872499824296",
        "4262962299951",
        "558997776694438",
    ]
    assert book.set_aside["row"].tolist() == [3, 4]
    with pytest.raises(ck.BookError, match="rounded to the form"):
        ledger_of(["29872499824296", "9377952927E-5"])


def test_codes_that_look_like_exponents_among_other_codes_are_kept():
    ids = ["A1-7", "B2-8", "12E-5", "C3"]
    assert sorted(ledger_of(ids).client_summary()["client_id"]) == sorted(ids)
