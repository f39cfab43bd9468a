import numpy as np
import pytest

from crmkit.book.errors import BookError
from crmkit.value.response_curves import ResponseCurve, best_budgets, equity

# The worked case of the acquisition and retention curves, and its optimum by two other solvers.
WON = ResponseCurve.through(spend=6, rate=0.25, ceiling=0.45)
KEPT = ResponseCurve.through(spend=10, rate=0.5, ceiling=0.8)
MONEY = {"margin": 60.0, "discount": 0.1}


def test_curves_are_elicited_from_todays_spend_rate_and_ceiling():
    assert WON.steepness == pytest.approx(0.13516, abs=5e-6)
    assert KEPT.steepness == pytest.approx(0.09808, abs=5e-6)
    assert float(WON.rate(6)) == pytest.approx(0.25)
    assert float(KEPT.rate(1e6)) == pytest.approx(0.8)


def test_the_optimum_is_that_of_the_published_case():
    best = best_budgets(WON, KEPT, **MONEY)
    found = {
        "A": best.acquisition_spend,
        "R": best.retention_spend,
        "a": best.acquisition_rate,
        "r": best.retention_rate,
        "CE": best.equity,
        "value_acquired": best.client_value,
        "marg_cost_acq": best.marginal_acquisition,
        "marg_cost_ret": best.marginal_retention,
        "avg_cost_acq": best.average_acquisition,
        "avg_cost_ret": best.average_retention,
    }
    published = {
        "A": 14.20368,
        "R": 22.16955,
        "a": 0.38401,
        "r": 0.70906,
        "CE": 28.8499,
        "value_acquired": 112.11665,
        "marg_cost_acq": 112.11665,
        "marg_cost_ret": 112.11666,
        "avg_cost_acq": 36.98808,
        "avg_cost_ret": 31.26594,
    }
    assert found == pytest.approx(published, abs=2e-5)


def test_customer_equity_now_is_that_of_the_published_case():
    now = equity(WON, KEPT, **MONEY, acquisition_spend=6, retention_spend=10)
    assert now.equity == pytest.approx(17.33333, abs=5e-6)


def test_at_the_optimum_both_marginal_costs_equal_the_value_of_a_client():
    rng = np.random.default_rng(1)
    for _ in range(50):
        ceilings = rng.uniform(0.3, 1.0, 2)
        rates = ceilings * rng.uniform(0.3, 0.9, 2)
        won, kept = (
            ResponseCurve.through(spend=s, rate=r, ceiling=c)
            for s, r, c in zip(rng.uniform(1, 20, 2), rates, ceilings)
        )
        best = best_budgets(won, kept, margin=rng.uniform(100, 1000), discount=rng.uniform(0.01, 0.3))
        assert best.marginal_acquisition == pytest.approx(best.client_value, rel=1e-6)
        assert best.marginal_retention == pytest.approx(best.client_value, rel=1e-6)


def test_no_other_pair_of_budgets_on_a_grid_is_better():
    best = best_budgets(WON, KEPT, **MONEY)
    tried = [
        equity(WON, KEPT, **MONEY, acquisition_spend=a, retention_spend=r).equity
        for a in np.linspace(0, 40, 81)
        for r in np.linspace(0, 60, 121)
    ]
    assert best.equity >= max(tried)
    assert best.equity == pytest.approx(max(tried), rel=1e-3)


def test_where_clients_leave_little_nothing_is_spent():
    best = best_budgets(WON, KEPT, margin=1.0, discount=0.1)
    assert (best.acquisition_spend, best.retention_spend, best.equity) == (0, 0, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"spend": 0, "rate": 0.2, "ceiling": 0.5},
        {"spend": -5, "rate": 0.2, "ceiling": 0.5},
        {"spend": 5, "rate": 0.5, "ceiling": 0.5},
        {"spend": 5, "rate": 0.0, "ceiling": 0.5},
        {"spend": 5, "rate": 0.5, "ceiling": 1.2},
    ],
)
def test_figures_that_lie_on_no_curve_are_refused(wrong):
    with pytest.raises(BookError):
        ResponseCurve.through(**wrong)


def test_a_margin_of_zero_is_refused():
    with pytest.raises(BookError, match="worth no budget"):
        best_budgets(WON, KEPT, margin=0.0, discount=0.1)
