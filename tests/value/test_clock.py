import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.value import BetaGeoModel
from crmkit.value.clock import Clock, month_ends, plain_clock, seasonal_clock
from crmkit.value.histories import purchase_histories
from crmkit.wording import Message
from tests.value.worlds import AS_OF, opened, world

SEASON = np.array([0.8, 0.9, 1.1, 1.2, 1.2, 1.0, 0.7, 0.5, 1.0, 1.3, 1.3, 1.0])


def clock_of(book, **options):
    days = purchase_histories(book, unit="day")
    model = BetaGeoModel().fit(plain_clock(Message("")).warped(days, book.as_of))
    return seasonal_clock(book.panel("purchases"), days, model, until=book.as_of, **options)


def test_a_planted_season_is_found():
    found = clock_of(opened(world(6000, days=1096, season=SEASON)))
    assert found.seasonal
    assert np.corrcoef(found.indices, SEASON)[0, 1] > 0.95
    assert np.abs(np.array(found.indices) - SEASON / SEASON.mean()).max() < 0.15


@pytest.mark.parametrize("seed", range(3))
def test_growth_in_clients_and_chance_are_no_season(seed):
    assert not clock_of(opened(world(1500, days=1096, seed=seed))).seasonal


def test_one_cohort_that_melts_away_has_no_season():
    ledger = world(4000, days=1096, seed=5)
    first = ledger.groupby("client_id")["date"].transform("min")
    early = first < first.min() + pd.Timedelta(days=60)
    assert not clock_of(opened(ledger[early])).seasonal


def test_less_than_two_years_give_the_plain_clock_and_say_so():
    found = clock_of(opened(world(1500, days=600, season=SEASON)))
    assert not found.seasonal
    assert str(found.reason) == (
        "Time is the calendar's: season can be told from 24 complete months on, and there are 20 to learn it "
        "from."
    )


def test_a_year_of_the_clock_is_a_year_and_time_never_runs_back():
    indices = SEASON / (SEASON @ [31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] / 365.25)
    clock = Clock(tuple(indices), Message(""))
    days = np.arange("1968-01-01", "2032-01-01", dtype="datetime64[D]")
    hands = clock.between(days[0], days)
    assert (np.diff(hands) > 0).all()
    four_years = clock.between(np.datetime64("2020-12-31"), np.datetime64("2024-12-31"))
    assert four_years * 7 == pytest.approx(1461, rel=1e-3)
    assert clock.ahead(AS_OF, 12)[-1] * 7 == pytest.approx(365, rel=1e-2)


def test_warped_histories_keep_their_order_and_their_counts():
    book = opened(world(500))
    days = purchase_histories(book, unit="day")
    warped = Clock(tuple(SEASON / SEASON.mean()), Message("")).warped(days, book.as_of)
    assert (warped["recency"] <= warped["T"] + 1e-12).all()
    assert ((warped["recency"] > 0) == (days["frequency"] > 0)).all()
    plain = plain_clock(Message("")).warped(days, book.as_of)
    assert np.allclose(plain[["recency", "T"]], days[["recency", "T"]] / 7)


def test_months_ahead_are_calendar_months_from_the_end_of_one():
    assert month_ends(pd.Timestamp("2024-01-31"), 2).strftime("%F").tolist() == ["2024-02-29", "2024-03-31"]


def test_cdnow_has_no_season(shared_data):
    ledger = pd.read_csv(shared_data / "cdnow_master_transactions.csv", parse_dates=["date"])
    ledger = ledger.rename(columns={"customer_id": "client_id", "dollars": "amount"})
    book = ck.open_book(
        {
            "ledger": ledger[["client_id", "date", "amount"]].assign(
                client_id="C" + ledger["client_id"].astype(str)
            )
        }
    )
    assert not clock_of(book).seasonal
