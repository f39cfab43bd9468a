import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

import crmkit as ck
from crmkit.value import retention_effects
from tests.value.companies import company, tables


@pytest.fixture(scope="module")
def found():
    return retention_effects(company(), margin_days=91)


def opened(made):
    return ck.open_book(made, currency="EUR")


def test_the_planted_effect_lies_inside_the_interval_in_shares_and_in_money(found):
    row = found.table.iloc[0]
    assert row["came_lo"] < 0.25 < row["came_hi"]
    assert row["margin_lo"] < 0.25 * 80 < row["margin_hi"]
    assert row["came_without"] == pytest.approx(0.1, abs=0.05)
    assert (row["kind"], row["arm"], row["campaign"]) == ("call", "care", "care")


def test_ninety_five_per_cent_intervals_hold_the_truth_about_as_often():
    hits = []
    for seed in range(12):
        row = retention_effects(company(seed, occasions=600, without=["spend"])).table.iloc[0]
        hits.append(row["came_lo"] < 0.25 < row["came_hi"])
    assert sum(hits) >= 10


def test_what_a_contact_costs_is_taken_from_the_contacts(found):
    assert found.costs["cost"].tolist() == [1.0]


def test_occasions_whose_window_has_not_ended_do_not_count():
    made = tables()
    late = made["contacts"].head(200).assign(planned_at=made["ledger"]["date"].max())
    late["contact_id"] = [f"L{n}" for n in range(200)]
    made["contacts"] = pd.concat([made["contacts"], late])
    more = retention_effects(opened(made)).table.iloc[0]
    assert more["came_more"] == pytest.approx(retention_effects(company()).table.iloc[0]["came_more"])
    assert more["contacted"] + more["withheld"] == 1700


def test_an_arm_with_one_side_only_says_how_many_it_takes():
    made = tables()
    made["contacts"]["arm"] = "control"
    result = retention_effects(opened(made))
    assert result.table["came_more"].isna().all()
    assert "Cannot tell what these changed" in str(result.explain())


def test_arms_without_a_control_are_refused_unless_it_is_named():
    made = tables()
    made["contacts"]["arm"] = made["contacts"]["arm"].replace("control", "silence")
    with pytest.raises(ck.BookError, match="no arm is the control"):
        retention_effects(opened(made))
    named = retention_effects(opened(made), control="silence").table
    assert named["came_more"].iloc[0] == pytest.approx(
        retention_effects(company()).table["came_more"].iloc[0]
    )


def test_without_arms_or_contacts_nothing_is_claimed():
    made = tables()
    made["contacts"] = made["contacts"].drop(columns="arm")
    for book in (opened(made), company(without=["contacts"])):
        result = retention_effects(book)
        assert result.table.empty
        assert "note it in the column arm" in str(result.explain())


def test_effects_by_class_are_drawn_towards_the_effect_on_all():
    book = company()
    clients = tables()["clients"]["client_id"]
    classes = pd.Series(np.where(np.arange(len(clients)) % 2 == 0, "A", "C"), index=clients)
    result = retention_effects(book, classes=classes)
    whole = result.table["margin_more"].iloc[0]
    assert result.by_class["class"].tolist() == ["A", "C"]
    # Both halves are alike, so what differs is noise.
    assert (result.by_class["margin_more"] - whole).abs().max() < 6
    assert (result.by_class["margin_lo"] < 20).all()
    assert (result.by_class["margin_hi"] > 20).all()


def test_arms_on_appointments_are_judged_by_who_kept_them():
    rng = np.random.default_rng(0)
    arm = rng.random(2000) < 0.5
    kept = rng.random(2000) < np.where(arm, 0.95, 0.85)
    made = tables(occasions=10)
    made["contacts"] = pd.DataFrame(
        {
            "contact_id": [f"A{n}" for n in range(2000)],
            "client_id": rng.choice(made["clients"]["client_id"], 2000),
            "kind": "appointment",
            "planned_at": pd.Timestamp("2023-05-01") + pd.to_timedelta(rng.integers(0, 300, 2000), unit="D"),
            "status": np.where(kept, "kept", "no_show"),
            "campaign_id": "confirm",
            "arm": np.where(arm, "call", "control"),
        }
    )
    row = retention_effects(opened(made)).table.iloc[0]
    assert row["came_lo"] < 0.1 < row["came_hi"]


def test_windows_below_a_day_are_refused():
    for wish in ({"window_days": 0}, {"window_days": {"care": 0}}, {"margin_days": 0}):
        with pytest.raises(ck.BookError, match="at least 1 day"):
            retention_effects(company(), **wish)


def test_the_picture_and_the_words_in_both_languages(found):
    for language in ("en", "ru"):
        axes = found.plot(lang=language)
        assert axes.get_xlabel()
        pyplot.close(axes.figure)
    assert found.plot_data()["arm"].tolist() == ["care"]
    assert "care" in str(found.explain("ru"))
