"""Pareto/NBD: the published figures, and its integral against the closed form."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import hyp2f1, hyperu

from crmkit.value import GammaGammaModel, ParetoNBDModel
from crmkit.value.pareto_process import leaving

PUBLISHED = ParetoNBDModel.from_parameters(r=0.55328, alpha=10.5776, s=0.60621, beta=11.6679)
OFTEN = pd.DataFrame({"frequency": [26], "recency": [30.857], "T": [31]})


def test_the_published_fit_of_cdnow(cdnow):
    model = ParetoNBDModel().fit(cdnow)
    assert model.converged_
    found = model.params_
    assert [round(found["r"], 5), round(found["alpha"], 4)] == [0.55328, 10.5776]
    assert [round(found["s"], 5), round(found["beta"], 4)] == pytest.approx([0.60621, 11.6679], rel=2e-5)
    assert model.log_likelihood_ == pytest.approx(-9594.974, abs=5e-4)
    assert model.expected_purchases_of_a_new_client(52).round(4) == 1.4734


def test_the_published_client():
    # Printed as 25.456 for a recency of 30.857, which lies between 30.857 and 30.858: 25.4554 to 25.4558.
    assert PUBLISHED.expected_purchases(52, OFTEN) == pytest.approx(25.456, abs=1e-3)
    assert PUBLISHED.probability_alive(OFTEN).round(5).tolist() == [0.99787]
    assert PUBLISHED.discounted_purchases(0.0027, OFTEN).round(2).tolist() == [86.03]


@pytest.mark.parametrize(("alpha", "beta"), [(10.0, 4.0), (4.0, 10.0), (6.0, 6.0)])
def test_the_integral_is_the_difference_of_hypergeometric_functions_of_the_paper(alpha, beta):
    r, s = 0.55, 0.8
    for x, t_x, T in ((0, 0.0, 30.0), (2, 10.0, 30.0), (6, 29.0, 30.0), (12, 5.0, 40.0)):
        larger = max(alpha, beta)
        other = s + 1 if alpha >= beta else r + x

        def at(time, x=x, larger=larger, other=other):
            total = r + s + x
            z = abs(alpha - beta) / (larger + time)
            return hyp2f1(total, other, total + 1, z) / (larger + time) ** total

        closed = s / (r + s + x) * (at(t_x) - at(T))
        found = leaving(*(np.array([float(each)]) for each in (r, alpha, s, beta, x, t_x, T)))
        factor = (alpha + t_x) ** -(r + x) * (beta + t_x) ** -s
        assert found.left[0] * factor == pytest.approx(closed, rel=1e-9)


def test_discounted_purchases_are_those_of_the_papers_closed_form():
    r, alpha, s, beta = PUBLISHED.params_.values()
    for discount in (0.0005, 0.0027, 0.05):
        z = discount * (beta + 31)
        closed = (r + 26) / (alpha + 31) * (beta + 31) * z ** (s - 1) * hyperu(s, s, z)
        found = PUBLISHED.discounted_purchases(discount, OFTEN) / PUBLISHED.probability_alive(OFTEN)
        assert found[0] == pytest.approx(closed, rel=1e-9)


def test_discounted_purchases_are_the_discounted_sum_of_those_expected():
    model = ParetoNBDModel.from_parameters(r=0.6, alpha=10, s=1.0, beta=12)
    client = pd.DataFrame({"frequency": [3.0], "recency": [20.0], "T": [30.0]})
    weeks = np.arange(0, 3001, 5.0)
    total = np.array([model.expected_purchases(week, client)[0] for week in weeks])
    summed = (np.diff(total) * np.exp(-0.01 * (weeks[1:] + weeks[:-1]) / 2)).sum()
    assert model.discounted_purchases(0.01, client)[0] == pytest.approx(summed, rel=1e-3)
    with pytest.raises(ValueError, match="discount must be more than 0"):
        model.discounted_purchases(0, client)


def test_purchases_to_come_pass_through_s_of_one_without_a_break():
    client = pd.DataFrame({"frequency": [3], "recency": [20], "T": [30]})
    around = [
        ParetoNBDModel.from_parameters(r=0.6, alpha=10, s=s, beta=12).expected_purchases(40, client)[0]
        for s in (1 - 1e-6, 1.0, 1 + 1e-6)
    ]
    assert around[1] == pytest.approx((around[0] + around[2]) / 2, rel=1e-10)


def test_one_client_with_two_thousand_purchases_is_no_trouble(cdnow):
    one = pd.DataFrame({"frequency": [2000], "recency": [38.5], "T": [38.86]})
    model = ParetoNBDModel().fit(pd.concat([cdnow, one]))
    assert model.converged_
    assert np.isfinite(model.expected_purchases(39, one)).all()


def after_78_weeks(lines, client):
    days = lines.groupby([client, "date"], as_index=False)["dollars"].sum()
    clients = days.groupby(client)
    first, last = clients["date"].min(), clients["date"].max()
    at_first = days.sort_values("date").groupby(client)["dollars"].first()
    frequency = clients.size() - 1
    spend = (clients["dollars"].sum() - at_first) / np.maximum(frequency, 1)
    end = pd.Timestamp("1998-06-30")
    frame = pd.DataFrame({"frequency": frequency, "recency": (last - first).dt.days / 7})
    frame["T"] = (end - first).dt.days / 7
    # A few repeat purchases cost nothing: gifts, which the spend model cannot hold.
    frame["monetary_value"] = np.where(frequency > 0, np.maximum(spend, 0.01), 0)
    return frame


def test_the_published_lifetime_values_of_cdnow(shared_data):
    sample = pd.read_csv(shared_data / "cdnow_sample_transactions.csv", parse_dates=["date"])
    every = pd.read_csv(shared_data / "cdnow_master_transactions.csv", parse_dates=["date"])
    fitted, clients = after_78_weeks(sample, "sample_id"), after_78_weeks(every, "customer_id")
    purchases = ParetoNBDModel().fit(fitted)
    assert [*purchases.params_.values()] == pytest.approx([0.563, 12.559, 0.4081, 10.515], rel=2e-4)
    spend = GammaGammaModel().fit(fitted[fitted["monetary_value"] > 0.01])
    # Margin 30%, discount 15% a year: 0.0027 a week.
    value = 0.3 * purchases.discounted_purchases(0.0027, clients) * spend.expected_spend(clients)
    once = (clients["frequency"] == 0).to_numpy()
    assert once.sum() == 12_054
    assert value[once].sum() == pytest.approx(53_000, abs=500)
    assert value[once].mean().round(1) == 4.4
    assert value.sum() == pytest.approx(1_100_000, abs=50_000)
    assert value.mean() == pytest.approx(47, abs=1.5)
