import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from scipy.special import ndtr

import crmkit as ck
from crmkit.segmentation.chances import Chances
from crmkit.segmentation.migrations import _matrix, _sizes
from crmkit.segmentation.moves import Moves, Reading, count_moves


def ledger(seed=0, clients=150, unnamed=20):
    """Two years of visits at made-up rates; some rows have no client, some are returns."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2023-01-01", "2024-12-31")
    rows = [
        pd.DataFrame(
            {
                "date": rng.choice(days[rng.integers(0, 400) :], size=rng.integers(1, 14)),
                "client_id": f"C{number:03d}",
            }
        )
        for number in range(clients)
    ]
    rows.append(pd.DataFrame({"date": rng.choice(days, size=unnamed), "client_id": None}))
    frame = pd.concat(rows, ignore_index=True)
    frame["amount"] = np.round(rng.lognormal(3, 1, len(frame)), 2) * np.where(
        rng.random(len(frame)) < 0.05, -1, 1
    )
    return frame


@pytest.fixture(scope="module")
def frame():
    return ledger()


@pytest.fixture(scope="module")
def found(frame):
    return ck.segmentation.migration(ck.open_book({"ledger": frame}, as_of="2024-12-31", currency="EUR"))


def test_every_client_is_counted_once(frame, found):
    clients = frame["client_id"].nunique()
    assert found.table["clients"].sum() == clients == len(found.clients)
    assert found.sizes["clients"].sum() == clients


def test_money_that_moved_is_the_change_in_revenue_to_the_cent(frame, found):
    year = frame["date"].dt.year
    change = frame.loc[year == 2024, "amount"].sum() - frame.loc[year == 2023, "amount"].sum()
    money = found.money.set_index("kind")["change"]
    assert money["all"] == pytest.approx(change, abs=0.005)
    assert money.drop("all").sum() == pytest.approx(change, abs=0.005)


def test_rows_without_a_client_have_their_own_line(frame, found):
    unnamed = frame[frame["client_id"].isna()].groupby(frame["date"].dt.year)["amount"].sum()
    line = found.money.set_index("kind").loc["without_client"]
    assert (line["before"], line["after"]) == pytest.approx((unnamed[2023], unnamed[2024]))


def test_who_bought_only_before_is_lost_and_who_began_after_is_new(frame, found):
    dates = frame.groupby("client_id")["date"]
    kinds = found.clients.set_index("client_id")["kind"]
    lost = dates.max()[dates.max().dt.year == 2023].index
    assert set(kinds[lost]) == {"lost"}
    started = found.clients.set_index("client_id")["from_class"]
    assert set(kinds[started == "new"]) == {"new"}
    assert set(started[kinds == "new"]) == {"new"}


def test_probabilities_of_each_row_add_up_to_one_inside_their_limits(found):
    table = found.table.dropna()
    assert table.groupby("from_class")["probability"].sum().to_numpy() == pytest.approx(1.0)
    assert (table["probability_lo"] <= table["probability"]).all()
    assert (table["probability"] <= table["probability_hi"]).all()


def test_the_earlier_classes_use_nothing_that_came_later(frame, found):
    past = ck.open_book({"ledger": frame[frame["date"] < "2024-01-01"]}, as_of="2023-12-31")
    then = ck.segmentation.classify(past).table.set_index("client_id")["class"]
    known = found.clients[found.clients["from_class"] != "new"].set_index("client_id")["from_class"]
    pd.testing.assert_series_equal(known.sort_index(), then.sort_index(), check_names=False)


def surely(counts):
    """Moves of clients whose classes are beyond doubt."""
    nobody = np.zeros(0)
    return Moves(nobody, nobody, nobody, nobody, counts, counts, counts, counts)


def test_of_classes_beyond_doubt_every_move_is_real():
    rng = np.random.default_rng(2)
    clients = np.arange(200).astype(str).astype(object)
    then, now = rng.integers(0, 5, 200), rng.integers(0, 5, 200)
    moves = count_moves(Reading(clients, then, np.eye(5)[then]), Reading(clients, now, np.eye(5)[now]))
    for counts in (moves.likely, moves.fewest, moves.most):
        assert counts == pytest.approx(moves.found)
    assert moves.moved == pytest.approx((then != now).astype(float))


def test_who_is_as_doubtful_on_both_days_need_not_have_moved():
    clients = np.array(["a", "b"], dtype=object)
    doubt = np.array([[0.5, 0, 0, 0.5, 0], [0.5, 0, 0, 0.5, 0]])
    moves = count_moves(Reading(clients, np.array([0, 3]), doubt), Reading(clients, np.array([3, 0]), doubt))
    assert moves.found[0, 3] == moves.found[3, 0] == 1
    assert moves.likely[:5] == pytest.approx(np.diag([1.0, 0, 0, 1.0, 0]))
    assert moves.fewest[0, 3] == 0
    assert moves.most[0, 3] == pytest.approx(2 * 0.25)


def test_the_last_digits_of_probabilities_make_no_count_negative():
    clients, code = np.arange(12).astype(str).astype(object), np.full(12, 3)
    surely_left = np.tile([0.0, 0, 0, 1, 0], (12, 1))
    for seed in range(20):
        chances = np.zeros((12, 5))
        chances[:, 4] = np.random.default_rng(seed).uniform(0, 1e-3, 12)
        chances[:, 3] = 1 - chances[:, 4]
        moves = count_moves(Reading(clients, code, chances), Reading(clients, code, surely_left))
        assert moves.fewest.min() >= 0


def test_the_real_moves_of_simulated_clients_lie_between_the_bounds():
    """Clients have lasting real classes; records of both days blur them in the same way."""
    rng = np.random.default_rng(3)
    size, noise = 20_000, 0.8
    lasting = rng.normal(size=size)
    moved = lasting + np.where(rng.random(size) < 0.2, rng.normal(size=size), 0.0)
    blur = rng.normal(scale=noise, size=size)
    seen = [real + blur for real in (lasting, moved)]
    readings = []
    for real, shown in zip((lasting, moved), seen):
        weight = real.var() / (real.var() + noise**2)
        top = ndtr((weight * shown - 0.84) / (np.sqrt(weight) * noise))
        chances = np.column_stack([top, 0 * top, 0 * top, 1 - top, 0 * top])
        readings.append(Reading(np.arange(size).astype(str).astype(object), (shown <= 0.84) * 3, chances))
    moves = count_moves(*readings)
    real = ((lasting > 0.84) & (moved <= 0.84)).sum()
    assert moves.fewest[0, 3] <= real <= moves.most[0, 3]
    assert moves.fewest[0, 3] <= moves.likely[0, 3] <= moves.most[0, 3]


def test_planted_probabilities_lie_inside_the_intervals_at_the_stated_rate():
    rng = np.random.default_rng(1)
    size, inside, cells = 5, 0, 0
    for _ in range(60):
        keep = rng.uniform(0.4, 0.9, size)
        leave = rng.dirichlet(np.full(size, 2.0), size) * (1 - np.eye(size))
        truth = leave / leave.sum(axis=1, keepdims=True) * (1 - keep)[:, None] + np.diag(keep)
        counts = np.array([rng.multinomial(n, row) for n, row in zip((200, 60, 80, 600, 50), truth)])
        counts = np.vstack([counts, rng.multinomial(100, rng.dirichlet(np.ones(size)))]).astype(float)
        table = _matrix(surely(counts)).iloc[: size * size]
        hit = (table["probability_lo"] <= truth.ravel()) & (truth.ravel() <= table["probability_hi"])
        inside, cells = inside + int(hit.sum()), cells + size * size
    assert 0.93 <= inside / cells <= 0.99


def test_a_rare_class_is_drawn_towards_what_the_others_do():
    counts = np.diag([500.0, 500, 500, 500, 0])
    counts[4] = [0, 0, 0, 0, 1]
    counts[:4, 4] = 500
    matrix = _matrix(surely(np.vstack([counts, np.ones(5)])))
    kept = matrix.query("from_class == 'D' and to_class == 'D'").iloc[0]
    assert kept["probability"] < 0.95
    assert kept["probability_hi"] - kept["probability_lo"] > 0.1


def test_vip_ahead_never_exceed_their_largest_share():
    counts = np.vstack([np.full((5, 5), 40.0), np.full(5, 20.0)])
    sizes = _sizes(counts, Chances(counts), 0, most=0.2).set_index("class")
    assert sizes.loc["VIP", "clients_hi"] <= 0.2 * 1300
    assert sizes["clients_ahead"].sum() == pytest.approx(1000 + 100 + 100, rel=0.02)


def test_who_bought_in_neither_period_did_not_buy_for_the_same(frame):
    early = pd.DataFrame({"date": pd.Timestamp("2022-05-05"), "client_id": ["old"], "amount": [9.0]})
    days = pd.to_datetime(["2023-05-05", "2024-05-05"])
    same = pd.DataFrame({"date": days, "client_id": "like", "amount": 7.0})
    found = ck.segmentation.migration(
        ck.open_book({"ledger": pd.concat([frame, early, same])}, as_of="2024-12-31")
    )
    kinds = found.clients.set_index("client_id")["kind"]
    assert (kinds["old"], kinds["like"]) == ("absent", "same")
    money = found.money.set_index("kind")
    assert money.loc["absent", ["clients", "before", "after"]].tolist() == [1, 0, 0]
    assert money["clients"].drop("all").sum() == money.loc["all", "clients"]


@pytest.mark.parametrize("months", [0, -3, "12", 1.5, True])
def test_months_that_are_no_number_of_months_are_refused(frame, months):
    with pytest.raises(ck.BookError, match=r"months: .* is not a number of months"):
        ck.segmentation.migration(ck.open_book({"ledger": frame}), months=months)


def test_where_only_chance_decides_nobody_is_asked_why_they_fell(found, frame):
    assert not found.flat
    rng = np.random.default_rng(0)
    shuffled = frame.assign(client_id=[f"C{number:03d}" for number in rng.integers(0, 150, len(frame))])
    moved = ck.segmentation.migration(ck.open_book({"ledger": shuffled}, as_of="2024-12-31"))
    assert moved.flat
    assert "carry no information" in str(moved.explain("en"))
    assert moved.decisions.empty


def test_the_decision_says_whose_money_it_is(found):
    money = found.decided_clients["migration-fallen-vip"]
    fallen = found.clients.set_index("client_id").loc[money.index]
    assert (fallen["from_class"] == "VIP").all()
    assert (fallen["to_class"] != "VIP").all()
    assert money.to_numpy() == pytest.approx(-fallen["change"].to_numpy())
    assert money.sum() == pytest.approx(found.decisions.loc[0, "amount"])


def test_same_seed_same_result(frame, found):
    again = ck.segmentation.migration(ck.open_book({"ledger": frame}, as_of="2024-12-31"))
    pd.testing.assert_frame_equal(again.sizes, found.sizes)
    pd.testing.assert_frame_equal(again.table, found.table)


def test_a_ledger_too_short_is_refused_with_what_to_do(frame):
    book = ck.open_book({"ledger": frame[frame["date"] >= "2024-06-01"]})
    with pytest.raises(ck.BookError, match=r"nobody had bought by .* Choose fewer months"):
        ck.segmentation.migration(book)


def test_without_amounts_there_is_movement_but_no_money(frame):
    found = ck.segmentation.migration(ck.open_book({"ledger": frame[["date", "client_id"]]}))
    assert found.money.empty
    assert "changed their class" in str(found.explain("en"))
    assert "Net revenue" not in str(found.explain("en"))
    assert found.decisions.empty


def test_it_explains_draws_and_decides(found):
    text = str(found.explain("en"))
    assert "changed their class" in text
    assert "Really, about" in text
    assert "Net revenue changed by" in text
    axes = found.plot(lang="en")
    assert axes.get_xlabel()
    assert axes.get_ylabel()
    assert len(axes.texts) > 0
    pyplot.close("all")


def test_a_period_that_the_ledger_does_not_cover_is_not_compared(frame):
    book = ck.open_book({"ledger": frame[frame["date"] >= "2023-09-01"]}, as_of="2024-12-31")
    with pytest.raises(ck.BookError, match=r"the ledger begins on .* cannot be compared"):
        ck.segmentation.migration(book)
    assert ck.segmentation.migration(book, months=6).months == 6
