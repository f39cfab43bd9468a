import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.book import synonyms
from crmkit.book.privacy import looks_personal, names_person, pseudonyms

NAMES = ["Тестов Проба", "Образцова Мера", "Anna Example"]


@pytest.mark.parametrize(
    ("ids", "personal"),
    [
        (["C001", "C002"], False),
        (["17850", "13047"], False),
        (["ООО Ромашка", "АО Вектор", "Example Trading Ltd"], False),
        (["AB-12345", "CG-12520"], False),
        (["WALK_IN", "RETAIL"], False),
        (NAMES, True),
        (["Иванов И.И.", "Петрова А. Б."], True),
        (["Образцова", "Тестова"], True),
        (["a@example.org", "C1"], True),
        (["+7 (900) 000-00-01", "+7 (900) 000-00-02"], True),
        (["O'Example, John", "C2"], True),
        (["ИП Образцов"], True),
        (["Anna Example 1950", "C2"], True),
        (["Anna_Example"], True),
        (["anna.example7"], True),
        (["C12 Anna Example"], True),
        (["7 900 000 00 01"], True),
        (["79000000001", "C2"], True),
        (["LOT_A", "GRP.B"], False),
        (["@anna_example", "@kim"], True),
        (["wa.me/79000000001"], True),
        (["t.me/anna"], True),
        (["https://vk.com/id5", "C2"], True),
        (["212-555-0134"], True),
        (["(212) 555-0134"], True),
        (["2125550134", "4155550135", "6465550136", "3105550137"], True),
        (["001 Образцов", "002 Ким"], True),
        (["12 Smith", "13 Jones", "14 Brown"], True),
        (["Anna 01.02.1980", "Olga 1.1.1990"], True),
        (["4111 1111 1111 1111", "C2"], True),
        (["4111111111111111", "5500005555555559"], True),
        (["112-233-445 95"], True),
        (["4509 123456"], True),
        (["4000000001", "4000000002", "4000000003", "4000000004"], False),
        (["2345678901", "2345678902", "2345678903", "2345678904"], False),
        (["7707083893", "7728168971", "7736050003", "7702070139"], False),
        ([f"40000000000000{number:02}" for number in range(40)], False),
        (["2024 000123", "2024 000124"], False),
        (["Table 1", "Table 2", "Table 3", "Table 4"], False),
        (["мария", "ольга"], True),
        (["retail", "wholesale"], False),
        (["Магазин 5", "Центр 6"], False),
        (["f47ac10b-58cc-4372-a567-0e02b2c3d479", "9b2e4c11-0d7a-4e9f-8a51-6c3f2b7d1e90"], False),
        (["12-0001", "12-0002", "100.200.300"], False),
        ([], False),
    ],
)
def test_ids_that_look_like_names_are_told_from_codes(ids, personal):
    assert looks_personal(ids) == personal


def test_a_lone_odd_code_does_not_make_a_column_personal():
    assert not looks_personal([f"C{i}" for i in range(1000)] + ["Test Client"])


def test_codes_depend_on_the_key_and_on_nothing_else():
    codes = pseudonyms(NAMES, "secret")
    assert codes == pseudonyms(reversed(NAMES), "secret")
    assert {name: codes[name] for name in NAMES[:1]} == pseudonyms(NAMES[:1], "secret")
    assert codes != pseudonyms(NAMES, "other")
    assert len(set(codes.values())) == 3
    assert all(code.startswith("client-") and code[7:].isalnum() for code in codes.values())
    assert pseudonyms(NAMES, "") == pseudonyms(NAMES, "")


@pytest.fixture
def frames():
    return {
        "ledger": pd.DataFrame(
            {"client": [*NAMES, NAMES[0], None], "date": "2024-01-05", "amount": [1, 2, 3, 4, 5]}
        ),
        "clients": pd.DataFrame(
            {"client_id": NAMES, "name": NAMES, "phone": "1", "email": "x@example.org", "district": "d"}
        ),
        "facts": pd.DataFrame({"client_id": NAMES, "kind": "pet", "value": ["Rex", "Tom", "Kit"]}),
    }


def test_without_names_nothing_personal_is_left_anywhere(frames):
    book = ck.open_book(frames, with_names=False)
    assert book.pseudonyms
    tables = [book.table(name) for name in book.tables] + [book.client_summary(), book.notes, book.rhythm()]
    text = " ".join(table.to_csv() for table in tables)
    for word in ["Тестов", "Образцова", "Example", "example.org", "Rex"]:
        assert word not in text
    assert list(book.table("clients").columns) == ["client_id", "district"]


def test_a_client_has_one_code_in_all_tables(frames):
    book = ck.open_book(frames, with_names=False)
    assert set(book.client_summary()["client_id"]) == set(book.table("clients")["client_id"])
    assert sorted(book.client_summary()["amount"]) == [2, 3, 5]
    assert book.reconciliation().set_index("part").loc["without_client", "amount"] == 5
    assert len(book.panel(by="district", partial=True)) == 2


def test_with_names_ids_stay_and_the_same_input_gives_the_same_codes(frames):
    assert not ck.open_book(frames, with_names=True).pseudonyms
    assert NAMES[0] in set(ck.open_book(frames, with_names=True).client_summary()["client_id"])
    one, two = (ck.open_book(frames, with_names=False).client_summary() for _ in range(2))
    assert one.equals(two)


@pytest.mark.parametrize("shown", [True, False])
def test_whether_names_are_shown_is_as_the_settings_say_unless_it_is_asked_for(frames, shown):
    settings = ck.Settings.from_dict({"privacy": {"with_names": shown}})
    ids = set(ck.open_book(frames, config=settings, with_names=None).client_summary()["client_id"])
    assert (NAMES[0] in ids) is shown
    other = ck.open_book(frames, config=settings, with_names=not shown)
    assert (NAMES[0] in set(other.client_summary()["client_id"])) is not shown


def test_a_report_that_is_to_show_no_names_shows_none_whatever_the_settings_say(write):
    path = write("ledger.csv", "client,date,amount\nAnna Example,2024-01-05,5\n")
    write("crmkit.toml", "[privacy]\nwith_names = true\n")
    assert ck.reporting.book_from(path).with_names
    assert ck.reporting.book_from(path, with_names=False).pseudonyms


def test_a_report_without_settings_does_not_show_names(frames):
    book = ck.reporting.book_from(frames)
    assert book.pseudonyms
    assert NAMES[0] not in set(book.client_summary()["client_id"])


def test_the_key_of_the_settings_is_used_and_its_lack_is_noted(frames):
    settings = ck.Settings.from_dict({"privacy": {"key": "secret"}})
    keyed = ck.open_book(frames, config=settings, with_names=False)
    assert set(keyed.client_summary()["client_id"]) == set(pseudonyms(NAMES, "secret").values())
    assert "secret" not in keyed.notes.to_csv()
    plain = ck.open_book(frames, with_names=False)
    assert "Set key" in plain.notes.set_index("kind").loc["pseudonyms", "action"]


def test_telephones_as_ids_are_hidden_even_as_numbers():
    frame = pd.DataFrame({"client": [79000000001, 79000000002], "date": "2024-01-05", "amount": 1.0})
    book = ck.open_book({"ledger": frame}, with_names=False)
    assert book.client_summary()["client_id"].str.startswith("client-").all()


def _ids_shown(header, ids):
    frame = pd.DataFrame({header: ids, "date": "2024-01-05", "amount": 1.0})
    book = ck.open_book({"ledger": frame}, mapping={"client_id": header}, with_names=False)
    return sorted(book.client_summary()["client_id"])


@pytest.mark.parametrize("header", ["ФИО", "Client Name", "Имя", "Full name", "Клиент ФИО", "ClientName"])
@pytest.mark.parametrize("ids", [["smith", "jones"], ["мария", "ольга"], ["ли 4", "ан 5"], ["C001", "C002"]])
def test_ids_under_a_header_that_says_names_are_hidden_whatever_they_look_like(header, ids):
    assert all(shown.startswith("client-") for shown in _ids_shown(header, ids))


@pytest.mark.parametrize("header", ["Customer ID", "Клиент", "Company name", "Код"])
@pytest.mark.parametrize(
    "ids",
    [
        ["C001", "C002"],
        ["13047", "17850"],
        ["АО Вектор", "ООО Ромашка"],
        ["9b2e4c11-0d7a-4e9f-8a51-6c3f2b7d1e90", "f47ac10b-58cc-4372-a567-0e02b2c3d479"],
    ],
)
def test_ordinary_codes_and_companies_stay_as_they_are(header, ids):
    assert _ids_shown(header, ids) == ids


def test_companies_under_a_header_that_says_names_stay_as_they_are():
    assert _ids_shown("Client Name", ["АО Вектор", "ООО Ромашка"]) == ["АО Вектор", "ООО Ромашка"]


def test_codes_of_codes_stay_as_they_are(ledger):
    book = ck.open_book({"ledger": ledger}, with_names=False)
    assert not book.pseudonyms
    assert book.client_summary()["client_id"].tolist() == ["A", "B", "C"]


def test_rows_set_aside_lose_their_names_too(write):
    content = "client,date,amount\nТестов Проба,2024-01-05,5\nОбразцова Мера,soon,6\n"
    path = write("ledger.csv", content)
    book = ck.open_book(path, with_names=False, on_bad_row="set_aside")
    assert "Образцова" not in book.set_aside.to_csv()
    shown = ck.open_book(path, on_bad_row="set_aside", with_names=True)
    assert shown.set_aside["client_id"].tolist() == ["Образцова Мера"]


def test_messages_never_show_an_id_or_a_personal_value(write):
    path = write("clients.csv", "client_id,birthday\nТестов Проба,1980-01-01\nОбразцова Мера,seventeen\n")
    with pytest.raises(ck.BookError, match="row 3: the cell is not a date") as error:
        ck.open_book(path, on_bad_row="refuse")
    assert "seventeen" not in str(error.value)


def test_telephones_that_came_as_floats_are_no_example():
    frame = pd.DataFrame({"client": [79000000001.0, 79000000002.0], "date": "2024-01-05", "amount": 1.0})
    note = ck.open_book({"ledger": frame}).notes.set_index("kind").loc["float_ids"]
    assert (note["rows"], note["example"]) == (2, "")


def test_a_name_where_a_word_of_a_list_should_be_is_no_example():
    contacts = pd.DataFrame(
        {
            "contact_id": ["1", "2"],
            "client_id": "C1",
            "kind": "call",
            "planned_at": "2024-01-05",
            "status": ["Anna Example", "pigeon"],
        }
    )
    ledger = pd.DataFrame({"client": ["C1"], "date": ["2024-01-05"], "amount": [1.0]})
    book = ck.open_book({"ledger": ledger, "contacts": contacts}, with_names=False)
    note = book.notes.set_index("kind").loc["unknown_word"]
    assert (note["rows"], note["example"]) == (2, "pigeon")


def test_a_name_on_the_list_of_no_client_is_no_example(frames):
    settings = ck.Settings.from_dict({"reading": {"no_client": [NAMES[2]]}})
    notes = ck.open_book(frames, config=settings, with_names=False).notes.set_index("kind")
    assert (notes.loc["no_client", "rows"], notes.loc["no_client", "example"]) == (3, "")


def test_rows_keep_the_order_of_their_files_where_ids_become_codes():
    ids = [f"Anna Example {number}" for number in range(3_000)]
    frame = pd.DataFrame({"client": ids, "date": "2024-01-05", "amount": np.arange(3_000.0)})
    book = ck.open_book({"ledger": frame}, with_names=False)
    assert book.pseudonyms
    assert book.table("ledger")["amount"].is_monotonic_increasing


@pytest.mark.parametrize(
    "label",
    ["Ivan Petrov", "Ольга К.", "Образцов П.", "Anna a@example.org", "+7 (900) 000-00-01", "мой t.me/anna"],
)
def test_labels_that_hold_a_name_or_an_address_are_told(label):
    assert names_person(label)


def test_common_headers_and_sheets_name_nobody():
    headers = {
        header
        for table in synonyms.COLUMNS.values()
        for groups in table.values()
        for group in groups
        for header in group.split(", ")
    }
    sheets = [
        *synonyms.TABLES.values(),
        "Year 2009-2010",
        "Sheet1",
        "Лист 1",
        "Ship Mode",
        "Магазин Центр",
        "Q1 A",
    ]
    assert len(headers) > 300
    cases = [*headers, *(header.title() for header in headers), *sheets]
    assert [label for label in cases if names_person(label)] == []


def test_sheets_called_like_people_are_told_by_their_numbers(tmp_path):
    path = tmp_path / "book.xlsx"
    with pd.ExcelWriter(path) as workbook:
        for name in ["Anna Example", "Olga olga@example.org", "More"]:
            ids = [f"{name[0]}1", f"{name[0]}2"]
            frame = pd.DataFrame({"client": ids, "date": "2024-01-05", "amount": [1.0, 2.0]})
            frame.to_excel(workbook, sheet_name=name, index=False)
    book = ck.open_book(path, with_names=False)
    action = book.notes.set_index("kind").loc["joined", "action"]
    assert "sheet 1, book.xlsx, sheet 2, book.xlsx, sheet 'More'" in action
    assert not [name for name in ("Anna", "olga") if name in book.notes.to_csv()]


def test_headers_that_hold_a_persons_data_are_not_shown(write):
    with pytest.raises(ck.BookError) as error:
        ck.open_book(write("ledger.csv", "Ivan Petrov,Moscow,anna@example.org\na,b,c\n"))
    assert "Moscow" in str(error.value)
    assert not [name for name in ("Petrov", "anna") if name in str(error.value)]
    path = write("other.csv", "client,date,amount,anna@example.org\nC1,2024-01-05,5,x\n")
    assert "anna" not in ck.open_book(path).notes.to_csv()


@pytest.mark.parametrize("cell", ["10 Petrov", "Petrov", "Мария", "1/2/24 Petrov"])
def test_a_name_in_a_column_of_numbers_is_not_shown(write, cell):
    rows = "".join(f"C{day},2024-01-{day:02},5\n" for day in range(1, 9))
    book = ck.open_book(
        write("ledger.csv", f"client,date,amount\n{rows}C9,2024-01-09,{cell}\n"), with_names=False
    )
    assert book.notes.set_index("kind").loc["set_aside", "example"] == ""
    with pytest.raises(ck.BookError) as error:
        ck.open_book(
            write("ledger.csv", f"client,date,amount\n{rows}C9,2024-01-09,{cell}\n"), on_bad_row="refuse"
        )
    assert "Petrov" not in str(error.value)
    assert "Мария" not in str(error.value)
