"""The small parts of a run: sources, survey, conclusions, planning folders, copies for JupyterLab, errors."""

import json
import tomllib

import pandas as pd
import pytest
from matplotlib import pyplot

import crmkit as ck
from crmkit import BookError
from crmkit.datasets.clinic_files import SETTINGS
from crmkit.reporting import answer, answers, book_from, conclude, planning, sources, survey
from crmkit.reporting.lab import prepare, with_values
from crmkit.reporting.manifest import portable
from crmkit.reporting.notebooks import load
from crmkit.reporting.sources import as_mapping
from crmkit.reporting.surveys import note_facts
from crmkit.reporting.worker import presentable
from crmkit.statistics import DECISION_COLUMNS
from crmkit.wording import Speaker


def test_blank_parameters_mean_the_bundled_clinic():
    book = book_from(lang="ru")
    assert book.name == "Clinic (made up)"
    assert book.language == "ru"
    assert f"{book.as_of:%Y-%m-%d}" == "2025-06-30"
    assert book.pseudonyms is False
    assert "name" not in book.table("clients").columns


def test_where_there_is_no_clone_the_clinic_is_made_and_is_the_same(tmp_path, monkeypatch):
    def write(folder):
        folder.mkdir()
        (folder / "ledger.csv").write_text("date,client_id,amount\n2025-05-02,C1,100\n")
        (folder / "crmkit.toml").write_text(SETTINGS)

    monkeypatch.setattr("crmkit.datasets.write_clinic", write)
    monkeypatch.setattr(sources, "clinic_folder", lambda: None)
    book = book_from()
    assert (book.name, book.currency) == ("Clinic (made up)", "EUR")
    assert book.fingerprints[0]["name"] == "ledger.csv"


def test_a_mapping_is_given_as_pairs_of_column_and_header(tmp_path):
    path = tmp_path / "o.csv"
    path.write_text("When,Who,Worth\n2025-05-02,C1,100\n2025-05-03,C2,50\n")
    book = book_from(path, mapping=["date=When", "client_id=Who", "ledger.amount=Worth"])
    assert book.client_summary()["amount"].tolist() == [100, 50]
    assert as_mapping("amount=Total = net") == {"ledger": {"amount": "Total = net"}}
    assert as_mapping("amount=") == {"ledger": {"amount": ""}}


def test_a_survey_reconciles_every_row_and_notes_a_partial_month(orders):
    read = survey(book_from(orders))
    assert "2 clients brought 110 from 2 May 2025 to 15 June 2025." in str(read.explain())
    assert "June 2025 is not complete: its data end on 15 June 2025." in str(read.explain())
    parts = read.reconciliation.set_index("part")
    assert parts.loc["read", ["rows", "amount"]].tolist() == [4, 117.5]
    assert parts["rows"].drop("read").sum() == 4
    assert parts["amount"].drop("read").sum() == 117.5
    assert (
        "Rows of the ledger: 4 = 3 (used) + 1 (without a client: in the totals only). "
        "Money: 117.50 = 110.50 + 7.00." in str(read.explain())
    )


def test_a_survey_admits_rows_that_are_not_accounted_for(orders, monkeypatch):
    book = book_from(orders)
    parts = book.reconciliation()
    parts.loc[parts["part"] == "used", ["rows", "amount"]] -= [2, 3]
    monkeypatch.setattr(type(book), "reconciliation", lambda self: parts)
    assert "do not add up: 2 rows and 3 are unaccounted for" in str(survey(book).explain())


def test_changes_are_told_apart_from_remarks_and_say_what_was_done(orders, monkeypatch):
    book = book_from(orders)
    note = dict.fromkeys(("column", "example"), "x") | {"table": "ledger", "rows": 3, "amount": 5.0}
    made = note | {"kind": "repair", "action": "Done. Undo it so.", "changed": True}
    seen = note | {"kind": "seen", "action": "Seen.", "changed": False}
    monkeypatch.setattr(type(book), "notes", pd.DataFrame([made, seen]))
    read = survey(book)
    assert read.changes["note"].tolist() == ["Done. Undo it so."]
    assert read.remarks["note"].tolist() == ["Seen."]
    assert note_facts(read.changes, Speaker("ru")) == ["ledger, x · Строки: 3 · Сумма: 5 · Пример: x"]
    assert read.show().cells[0][-1] != read.show().cells[1][-1]


def test_questions_stand_in_four_ways(orders):
    book = book_from(orders)
    found = answers.questions(book, refused={"migration": "too short"}, notebooks=["02_client_value"])
    found = found.set_index("question")
    assert found["state"].value_counts().to_dict()["answered"] == 6
    assert found.loc["Who moves between the classes?", ["state", "missing"]].tolist() == [
        "refused",
        "too short",
    ]
    assert found.loc["Who is leaving?", "state"] == "answered"
    assert found.loc["Where is advertising worth its money?", ["state", "missing"]].tolist() == [
        "later",
        "spend",
    ]
    found = answers.questions(ck.open_book({"ledger": book.table("ledger").drop(columns="amount")}))
    missing = found[found["state"] == "missing"].set_index("question")["missing"]
    assert missing.str.startswith("ledger.amount").all()
    assert missing["Is it cheaper to find new clients or to keep those we have?"] == "ledger.amount; spend"
    assert len(missing) == 7


def test_a_survey_without_a_ledger_says_so():
    staff = pd.DataFrame({"resource_id": ["R1"], "skills": ["filling"], "hours_week": [40]})
    assert str(survey(ck.open_book({"staff": staff}, as_of="2025-06-30")).explain()).endswith(
        "There is no ledger."
    )


def test_a_conclusion_gathers_decisions_and_tables_under_their_names(orders):
    found = ck.segmentation.rfm(book_from(orders))
    conclusion = conclude(rfm=found, again=found)
    assert tuple(conclusion.decisions.columns) == DECISION_COLUMNS
    assert len(conclusion.decisions) == 2 * len(found.decisions)
    assert conclusion.tables["rfm"].equals(found.table)
    assert conclusion.finding == found.explain().claims[0].sentence
    with pytest.raises(ValueError, match="needs the notebook's results"):
        conclude()


def test_a_question_that_the_data_do_not_answer_says_why_and_silences_no_other(orders):
    book = book_from(orders)
    none = answer(ck.segmentation.migration, book)
    assert str(none.explain()).startswith(
        "The data at hand do not answer this. (migration: nobody had bought by"
    )
    assert none.plot().get_title(loc="left") == "The data at hand do not answer this."
    conclusion = conclude(rfm=answer(ck.segmentation.rfm, book), migration=none)
    assert list(conclusion.unanswered) == ["migration"]
    assert "rfm" in conclusion.tables
    assert not any(name.startswith("migration") for name in conclusion.tables)
    pyplot.close("all")


@pytest.mark.parametrize(
    ("kind", "message", "left"),
    [
        ("BookError", "orders.csv, row 3: 'x' is not a date.\nmore", "orders.csv, row 3: 'x' is not a date."),
        ("KeyError", "'client_id'", "'client_id'"),
        ("NameError", "name 'clases' is not defined", "name 'clases' is not defined"),
        ("KeyError", "'Anna Example'", "'…'"),
        ("ValueError", "client Anna Example, +1 555 010 9999, a@b.example", "client …, …, …"),
        ("ValueError", "\x1b[31mred\x1b[0m", "red"),
        ("ValueError", "", ""),
        ("ValueError", "x" * 1000, "x" * 400 + " …"),
    ],
)
def test_errors_are_shown_without_what_may_be_personal(kind, message, left):
    assert presentable(kind, message) == left


def test_a_planning_folder_has_all_one_needs_and_keeps_what_is_there(tmp_path):
    (tmp_path / "README.md").write_text("mine")
    written = planning.make_planning_folder(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "README.md",
        "crmkit.toml",
        "data",
        "notebooks",
        "reports",
    }
    assert (tmp_path / "README.md").read_text() == "mine"
    assert tmp_path / "notebooks" / "01_client_base.ipynb" in written
    assert sources.is_planning_folder(tmp_path)
    assert not sources.is_planning_folder(tmp_path / "data")
    assert planning.make_planning_folder(tmp_path) == []


def test_settings_for_files_hold_their_mapping_and_a_secret_of_their_own(tmp_path, orders):
    keys = set()
    for name in ("a.toml", "b.toml"):
        planning.write_settings([orders], tmp_path / name)
        settings = tomllib.loads((tmp_path / name).read_text(encoding="utf-8"))
        assert settings["mapping"]["ledger"] == {"date": "Date", "client_id": "Customer", "amount": "Amount"}
        keys.add(settings["privacy"]["key"])
        assert book_from(orders, config=tmp_path / name).client_summary()["amount"].sum() == 110.5
    assert len(keys) == 2
    assert all(len(key) == 32 for key in keys)
    with pytest.raises(BookError, match=r"a.toml is there already and was not changed"):
        planning.write_settings([orders], tmp_path / "a.toml")


def test_copies_for_the_lab_have_the_parameters_and_keep_ones_work(tmp_path, write_notebook):
    original = write_notebook(tmp_path / "01_x.ipynb", "x = 1")
    before = original.read_text()
    (copy,) = prepare(
        [load(original)], tmp_path / "lab", {"source": "/data/o.csv", "mapping": ["amount=Total"]}
    )
    assert original.read_text() == before
    assert (
        load(copy).parameters | {"source": "/data/o.csv", "mapping": ["amount=Total"]}
        == load(copy).parameters
    )
    work = json.loads(copy.read_text())
    work["cells"][1]["source"] = "x = 2"
    copy.write_text(json.dumps(work))
    prepare([load(original)], tmp_path / "lab", {"source": "/data/new.csv"})
    assert load(copy).parameters["source"] == "/data/new.csv"
    assert json.loads(copy.read_text())["cells"][1]["source"] == "x = 2"


def test_values_are_replaced_where_they_stand():
    source = 'имя = "ё"  # кто\nlist = [\n    1,\n]  # what\nseed = 0'
    assert (
        with_values(source, {"имя": 'a"b', "list": [2]})
        == 'имя = "a\\"b"  # кто\nlist = [2]  # what\nseed = 0'
    )


def test_parameters_are_recorded_without_places_and_secrets(tmp_path):
    assert portable([tmp_path / "a.csv", "../b.csv", "data/c.csv", 3]) == ["a.csv", "b.csv", "data/c.csv", 3]
    assert portable("https://user:word@example.org/a.csv?key=1#x") == "https://example.org/a.csv"
