"""The made-up clinics as a data set: the same bytes every time, whole, made up, and small."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.book.contracts import TABLES
from crmkit.datasets import clinic_cards, write_clinic

DATA = Path(__file__).parents[2] / "data" / "clinic"
AS_OF = pd.Timestamp("2025-06-30")
CLASSES = ["VIP", "A", "B", "C", "D"]


def test_the_bundled_files_are_regenerated_byte_for_byte(tmp_path):
    written = write_clinic(tmp_path)
    assert {path.name for path in written} == {
        *(f"{name}.csv" for name in TABLES),
        "truth.json",
        "crmkit.toml",
    }
    for path in written:
        assert path.read_bytes() == (DATA / path.name).read_bytes(), path.name


def test_the_bundled_files_take_at_most_10_megabytes():
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 10_000_000


def test_the_folder_opens_as_the_same_company(tables):
    clinic, folder = ck.datasets.clinic(), ck.open_book(DATA)
    assert clinic.truth["class_counts"]["2025-06-30"]["VIP"] > 0
    assert folder.as_of == clinic.as_of == AS_OF
    assert folder.name == clinic.name
    for name in TABLES:
        pd.testing.assert_frame_equal(folder.table(name), clinic.table(name), check_dtype=False)
        assert len(folder.table(name)) == len(tables[name])
    assert set(clinic.notes["kind"]) == {"without_client", "returns"}


def test_another_seed_is_another_company(tables):
    other, _ = ck.datasets.clinic_tables(1)
    assert other["ledger"]["amount"].sum() != tables["ledger"]["amount"].sum()


@pytest.mark.parametrize("seed", [-1, 1.5, "0", True, None])
def test_a_seed_that_is_no_whole_number_is_refused(seed):
    with pytest.raises(ValueError, match="seed: expected a whole number"):
        ck.datasets.clinic_tables(seed)


@pytest.mark.parametrize("name", list(TABLES))
def test_a_table_keeps_to_the_contract(tables, name):
    table, contract = tables[name], TABLES[name]
    assert [column for column in table.columns if column not in contract] == []
    for column in contract.columns:
        allowed = column.values  # noqa: PD011
        if column.name in table and allowed:
            assert set(table[column.name].dropna()) <= set(allowed)
    required = [column for column in contract.required if (name, column) != ("ledger", "client_id")]
    assert not table[required].isna().any().any()


def test_ids_point_at_rows_that_exist(tables):
    clients = set(tables["clients"]["client_id"])
    staff = set(tables["staff"]["resource_id"])
    products = set(tables["products"]["product_id"])
    for table, column, known in [
        ("ledger", "client_id", clients),
        ("ledger", "product_id", products),
        ("ledger", "staff_id", staff),
        ("facts", "client_id", clients),
        ("facts", "recorded_by", staff),
        ("contacts", "client_id", clients),
        ("contacts", "staff_id", staff),
        ("clients", "manager_id", staff),
        ("calendar", "resource_id", staff),
        ("deals", "client_id", clients),
        ("deals", "owner", staff),
        ("targets", "owner", staff | {"North", "Centre", "River"}),
    ]:
        assert set(tables[table][column].dropna()) <= known, (table, column)
    facts = tables["facts"]
    acquaintances = facts[facts["kind"].isin(["friend", "colleague", "relative"])]
    assert set(acquaintances["value"]) <= clients
    assert len(acquaintances) > 500
    skills = set(";".join(tables["staff"]["skills"]).split(";"))
    assert set(tables["products"]["skill"].dropna()) <= skills
    for table, column in [("clients", "client_id"), ("contacts", "contact_id"), ("deals", "deal_id")]:
        assert tables[table][column].is_unique


def test_people_are_visibly_made_up(tables):
    clients = tables["clients"]
    russian = {word for pair in clinic_cards.LAST_RU for word in pair} | set(clinic_cards.FIRST_RU)
    words = russian | set(clinic_cards.FIRST_EN) | set(clinic_cards.LAST_EN)
    people = clients[clients["source_channel"] != "corporate"]
    assert all(set(name.split()) <= words for name in people["name"])
    companies = clients[clients["source_channel"] == "corporate"]
    assert companies["name"].str.contains("Sample|Пробный").all()
    assert clients["phone"].dropna().str.match(r"(\+7 000|\+44 0000) \d{7}$").all()
    assert clients["email"].dropna().str.endswith("@example.org").all()
    assert people["name"].str.contains("[а-я]").mean() == pytest.approx(0.55, abs=0.03)
    with_names = [TABLES[name].personal for name in ("ledger", "contacts", "deals")]
    assert with_names == [(), (), ()]


def test_every_ledger_line_adds_up(tables):
    ledger = tables["ledger"]
    cents = np.rint(100 * (ledger["quantity"] * ledger["unit_price"] - ledger["discount"] - ledger["amount"]))
    assert (cents == 0).all()
    assert ledger["date"].between("2021-07-01", AS_OF).all()
    assert 0.01 < ledger["client_id"].isna().mean() < 0.02


def test_a_negative_line_takes_back_an_earlier_sale(tables):
    ledger = tables["ledger"]
    back = ledger[ledger["amount"] < 0]
    sold = ledger[ledger["amount"] >= 0]
    both = back.merge(sold, on=["document_id", "product_id"], suffixes=("", "_sold"))
    assert len(both) == len(back) > 200
    assert (both["date"] > both["date_sold"]).all()
    assert (both["amount"] == -both["amount_sold"]).all()
    assert (both["client_id"] == both["client_id_sold"]).all()


def test_the_diary_knows_no_future(tables):
    contacts = tables["contacts"]
    appointments = contacts[contacts["kind"] == "appointment"]
    still_open = appointments["status"] == "open"
    later = appointments["planned_at"].dt.normalize() > AS_OF
    assert (still_open == later).all()
    assert still_open.sum() > 100
    assert (appointments["created_at"] < appointments["planned_at"]).all()
    assert (appointments["created_at"].dt.normalize() <= AS_OF).all()
    assert (contacts.loc[contacts["kind"] != "appointment", "planned_at"].dt.normalize() <= AS_OF).all()
    assert (tables["facts"]["recorded_on"] <= AS_OF).all()
    assert (tables["clients"]["joined"] <= AS_OF).all()


def test_each_visit_is_a_kept_appointment_and_a_document(tables):
    contacts, ledger = tables["contacts"], tables["ledger"]
    kept = contacts[(contacts["kind"] == "appointment") & (contacts["status"] == "kept")]
    documents = ledger.loc[ledger["document_id"].str.startswith("B"), "document_id"]
    assert {"B" + number[1:] for number in kept["contact_id"]} == set(documents)


def test_nobody_is_contacted_without_consent(tables):
    contacts = tables["contacts"].merge(tables["clients"], on="client_id")
    sent = contacts[contacts["status"] != "cancelled"]
    for campaign, consent in [("recall", "sms"), ("birthday", "sms"), ("care", "call")]:
        assert sent.loc[sent["campaign_id"] == campaign, f"consent_{consent}"].all()
    calls = sent[(sent["campaign_id"] == "confirm") & (sent["kind"] == "call")]
    assert len(calls) > 1000
    assert calls["consent_call"].all()
    assert sent.loc[sent["offer"].isin(["discount", "attention"]), "consent_mail"].all()


def test_a_fifth_of_the_clients_brings_two_thirds_to_three_quarters_of_the_margin(tables):
    ledger = tables["ledger"]
    margin = (
        (ledger["amount"] - ledger["cost"]).groupby(ledger["client_id"]).sum().sort_values(ascending=False)
    )
    share = margin.iloc[: round(0.2 * len(margin))].sum() / margin.sum()
    assert 0.65 < share < 0.75


def test_classes_have_the_shares_they_should_and_agree_with_the_traits(truth):
    clients = pd.DataFrame(truth["clients"])
    for date, labels in truth["classes"].items():
        labels = pd.Series(labels)
        seen = labels[labels != "-"]
        assert {name: int((seen == name).sum()) for name in CLASSES} == truth["class_counts"][date]
        gone = (clients["left"] != "") & (clients["left"] < date)
        assert set(labels[gone]) <= {"C", "-"}
        assert (clients.loc[labels == "B", f"growing {date}"] == 1).all()
        assert (clients.loc[labels == "A", f"trust {date}"] <= truth["parameters"]["potential_trust"]).all()
    shares = (
        pd.Series(truth["classes"]["2025-06-30"])
        .loc[lambda labels: labels != "-"]
        .value_counts(normalize=True)
    )
    assert 0.12 <= shares["VIP"] <= 0.201
    assert 0.04 <= shares["A"] <= 0.10
    assert 0.05 <= shares["B"] <= 0.12
    assert 0.04 <= shares["D"] <= 0.10
    margin, cost = clients["margin after 2025-06-30"], clients["staff cost after 2025-06-30"]
    last = pd.Series(truth["classes"]["2025-06-30"])
    assert (margin[last == "D"] <= cost[last == "D"]).all()
    assert margin[last == "VIP"].min() >= margin[last.isin(["A", "B", "C"])].max()


def test_class_changes_count_everybody_seen_before(truth):
    dates = list(truth["classes"])
    for before, after in pairwise(dates):
        counts = np.array(truth["class_changes"][f"{before} to {after}"])
        assert counts.sum(axis=1).tolist() == list(truth["class_counts"][before].values())
        table = pd.crosstab(pd.Series(truth["classes"][before]), pd.Series(truth["classes"][after]))
        table = table.reindex(index=CLASSES, columns=CLASSES, fill_value=0)
        assert (table.to_numpy() == counts).all()


def test_the_truth_is_plain_json_without_personal_data(truth, tables):
    text = (DATA / "truth.json").read_text(encoding="utf-8")
    assert json.loads(text) == json.loads(json.dumps(truth))
    assert not re.search("example.org|\\+7 000", text)
    assert truth["clients"]["client_id"] == tables["clients"]["client_id"].tolist()
