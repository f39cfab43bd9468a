"""On the made-up clinic, whose truth is known: who has left, by channel and by class."""

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.value import churn

AS_OF = "2025-06-30"


@pytest.fixture(scope="module")
def clinic():
    return ck.datasets.clinic(0)


@pytest.fixture(scope="module")
def found(clinic):
    return churn(clinic)


@pytest.fixture(scope="module")
def gone(clinic, found):
    """Whether each client had left by the day of the book."""
    truth = clinic.truth["clients"]
    left = pd.Series(
        pd.to_datetime(pd.Series(truth["left"]).replace("", None)).to_numpy(), truth["client_id"]
    )
    return (left <= AS_OF).reindex(found.table["client_id"])


def test_the_share_who_left_lies_inside_its_limits(found, gone):
    left = found.left_share()
    assert left["share_lo"] < gone.mean() < left["share_hi"]


def test_who_is_said_to_have_left_did(found, gone):
    alive = found.table["probability_alive"].to_numpy()
    tenth = pd.qcut(alive, 10, labels=False)
    said = pd.Series(1 - alive).groupby(tenth).mean()
    true = pd.Series(gone.to_numpy(float)).groupby(tenth).mean()
    assert np.abs(said - true).max() < 0.12
    assert true[0] > 0.9
    assert true[9] < 0.05


def test_drop_out_by_channel_lies_inside_its_limits(clinic, found, gone):
    # Companies never leave in the clinic, by construction: they have contracts.
    channel = clinic.table("clients").set_index("client_id")["source_channel"]
    groups = found.by_group(channel[channel != "corporate"]).set_index("group")
    true = gone.groupby(channel.reindex(gone.index)).mean().reindex(groups.index)
    assert len(groups) == 6
    assert true.between(groups["share_lo"], groups["share_hi"]).all()
    # The order that was planted: referred clients leave least.
    assert groups["left_share"].idxmin() == "referral"
    assert set(groups["left_share"].nlargest(2).index) == {"social", "leaflets"}


def test_drop_out_by_class_of_a_year_ago_lies_inside_its_limits(clinic, found, gone):
    then = "2024-06-30"
    earlier = ck.open_book(clinic.frames, as_of=then)
    classes = ck.segmentation.classify(earlier).table.set_index("client_id")["class"]
    groups = found.by_group(classes, known_on=then).set_index("group")
    true = gone.groupby(classes.reindex(gone.index)).mean().reindex(groups.index)
    assert len(groups) == 5
    assert true.between(groups["share_lo"], groups["share_hi"]).all()


def test_of_the_money_of_a_year_more_is_at_risk_with_who_left(found, gone):
    table = found.table.set_index("client_id")
    risk = table["value_at_risk"] / table["value"].where(table["value"] > 0)
    assert risk[gone].mean() > 1.5 * risk[~gone].mean()
