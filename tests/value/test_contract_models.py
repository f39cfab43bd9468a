"""sBG and BdW: the figures of Fader and Hardie (2007, 2010) and Fader et al. (2018)."""

import numpy as np
import pandas as pd
import pytest

from crmkit.book.errors import BookError
from crmkit.value import BetaDiscreteWeibullModel, ShiftedBetaGeometricModel

# Of 1,000 clients, left after each year: Fader and Hardie (2007), table 1.
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173]
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394]
# Of 10,000 clients a year, left after each renewal: Fader and Hardie (2010), table 1.
COHORTS = {2003: 5, 2004: 4, 2005: 3, 2006: 2, 2007: 1}
RENEWED = [10_000, 8000, 6480, 5307, 4391]

every_model = pytest.mark.parametrize(
    "model",
    [
        ShiftedBetaGeometricModel.from_parameters(alpha=0.8, beta=2.5),
        BetaDiscreteWeibullModel.from_parameters(alpha=0.5, beta=2.0, c=1.4),
    ],
    ids=["sBG", "BdW"],
)


def cohort(survivors, years=12):
    return pd.DataFrame({"period": range(years + 1), "survivors": survivors[: years + 1]})


@pytest.mark.parametrize(
    ("survivors", "alpha", "beta", "log_likelihood"),
    [(REGULAR, 0.704, 1.182, -1680.27), (HIGH_END, 0.668, 3.806, -1611.16)],
)
def test_the_published_fits_of_sbg_to_seven_years(survivors, alpha, beta, log_likelihood):
    model = ShiftedBetaGeometricModel().fit(cohort(survivors, 7))
    assert model.converged_
    assert [round(value, 3) for value in model.params_.values()] == [alpha, beta]
    assert model.log_likelihood_ == pytest.approx(log_likelihood, abs=5e-3)


@pytest.mark.parametrize(
    ("survivors", "params", "log_likelihood"),
    [(HIGH_END, [0.2593, 1.7226, 1.5844], -1222.749), (REGULAR, [0.523, 0.894, 1.196], -1401.383)],
)
def test_the_printed_fits_of_bdw_to_four_years(survivors, params, log_likelihood):
    model = BetaDiscreteWeibullModel().fit(cohort(survivors, 4))
    assert model.converged_
    assert list(model.params_.values()) == pytest.approx(params, abs=5e-4)
    assert model.log_likelihood_ == pytest.approx(log_likelihood, abs=5e-4)


def test_the_published_fit_of_several_cohorts_and_its_residual_lifetimes():
    rows = [(year, period, RENEWED[period]) for year, length in COHORTS.items() for period in range(length)]
    frame = pd.DataFrame(rows, columns=["cohort", "period", "survivors"])
    model = ShiftedBetaGeometricModel().fit(frame.sample(frac=1, random_state=1))
    assert round(model.params_["alpha"], 2) == 3.80
    assert round(model.params_["beta"], 2) == 15.19
    assert model.log_likelihood_ == pytest.approx(-40255.84, abs=5e-3)
    expected = [3.31, 3.45, 3.59, 3.72, 3.84]
    assert model.residual_lifetime(range(5), discount=0.1).round(2).tolist() == expected


def test_twelve_years_are_foretold_from_seven_by_sbg_and_from_four_by_bdw():
    early = cohort(HIGH_END, 4)
    actual = np.array(HIGH_END[5:]) / 1000
    years = range(5, 13)
    error = {
        model_class: np.abs(model_class().fit(early).survival(years) - actual).max()
        for model_class in (ShiftedBetaGeometricModel, BetaDiscreteWeibullModel)
    }
    assert error[BetaDiscreteWeibullModel] < 0.025
    assert error[BetaDiscreteWeibullModel] < error[ShiftedBetaGeometricModel]
    model = ShiftedBetaGeometricModel().fit(cohort(REGULAR, 7))
    assert model.survival(range(8, 13)) == pytest.approx(np.array(REGULAR[8:]) / 1000, abs=0.01)


@every_model
def test_survival_is_the_mean_over_the_clients_chances(model, over_beta):
    periods = np.arange(0, 30)
    chance, weight = over_beta(model.params_["alpha"], model.params_["beta"])
    clock = periods ** model.params_.get("c", 1.0)
    share = ((1 - chance[:, None]) ** clock * weight[:, None]).sum(axis=0)
    assert model.survival(periods) == pytest.approx(share, rel=1e-9)
    assert model.retention(periods[1:]) == pytest.approx(share[1:] / share[:-1], rel=1e-9)
    assert model.retention(0) == 1
    later = np.arange(1, 2000)
    summed = (model.survival(later + 3) / model.survival(3) / 1.15 ** (later - 1)).sum()
    assert model.residual_lifetime(3, discount=0.15) == pytest.approx(summed, rel=1e-9)


@every_model
def test_analytic_derivatives_agree_with_differences(model):
    from crmkit.value.distinct import distinct

    made = model.simulate(5000, 8, seed=1)
    lost = -np.diff(made["survivors"])
    found = distinct(
        np.append(np.zeros(8), 1.0),
        np.append(np.arange(1.0, 9.0), 8.0),
        weights=np.append(lost, made["survivors"].iloc[-1]).astype(float),
    )
    objective = model._objective(found)
    size = len(model.names)
    for place in (np.log(list(model.params_.values())), np.linspace(0.4, -0.4, size)):
        steps = 1e-5 * np.eye(size)
        differences = [(objective(place + each)[0] - objective(place - each)[0]) / 2e-5 for each in steps]
        assert objective(place)[1] == pytest.approx(np.array(differences), rel=1e-5, abs=1e-3)


@every_model
def test_the_likelihood_is_the_chance_of_each_loss(model):
    survivors = [100, 80, 70, 66]
    share = model.survival(range(4))
    chances = np.append(share[:-1] - share[1:], share[-1])
    expected = np.array([20, 10, 4, 66]) @ np.log(chances)
    found = type(model)().fit(cohort(survivors, 3))
    assert found.log_likelihood_ >= expected
    own = found.survival(range(4))
    at_fit = np.array([20, 10, 4, 66]) @ np.log(np.append(own[:-1] - own[1:], own[-1]))
    assert found.log_likelihood_ == pytest.approx(at_fit, rel=1e-9)


@every_model
def test_draws_give_one_curve_each(model):
    fitted = type(model)().fit(model.simulate(50_000, 10, seed=2))
    assert fitted.converged_
    draws = fitted.draw_parameters(500, seed=3)
    curves = fitted.survival(range(20), parameters=draws)
    assert curves.shape == (500, 20)
    low, high = np.quantile(curves, [0.001, 0.999], axis=0)
    assert ((low <= model.survival(range(20))) & (model.survival(range(20)) <= high)).all()
    assert fitted.residual_lifetime(2, discount=0.1, parameters=draws).shape == (500,)
    assert fitted.retention([1, 2], parameters=draws).shape == (500, 2)


def test_bdw_with_c_of_one_is_sbg():
    weibull = BetaDiscreteWeibullModel.from_parameters(alpha=0.8, beta=2.5, c=1.0)
    geometric = ShiftedBetaGeometricModel.from_parameters(alpha=0.8, beta=2.5)
    assert weibull.survival(range(10)) == pytest.approx(geometric.survival(range(10)))
    lifetimes = [each.residual_lifetime([0, 5], discount=0.05) for each in (weibull, geometric)]
    assert lifetimes[0] == pytest.approx(lifetimes[1], rel=1e-8)


@every_model
def test_one_cohort_of_one_period_tells_the_share_but_not_how_clients_differ(model):
    fitted = type(model)().fit(cohort([100, 80], 1))
    assert fitted.survival(1) == pytest.approx(0.8, abs=1e-3)
    assert not fitted.converged_


@every_model
def test_questions_that_have_no_answer_are_refused(model):
    with pytest.raises(ValueError, match="discount must be more than 0"):
        model.residual_lifetime(1, discount=0)
    with pytest.raises(ValueError, match="counted from 0"):
        model.survival(-1)


@every_model
@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"period": [0, 1]}, "no column 'survivors'"),
        ({"period": [], "survivors": []}, "no rows"),
        ({"period": [0, 1], "survivors": [10, 10]}, "no client was lost"),
        ({"period": [0], "survivors": [10]}, "no client was lost"),
        ({"period": [0, 1], "survivors": [10, 11]}, r"row 1 .* cannot grow"),
        ({"period": [1, 2], "survivors": [10, 9]}, r"row 0 .* from 0 on"),
        ({"period": [0, 2], "survivors": [10, 9]}, r"row 1 .* without gaps"),
        ({"period": [0, 0, 1], "survivors": [10, 9, 8]}, r"row 1 .* one row for each period"),
        ({"period": [0, 1.5], "survivors": [10, 9]}, r"row 1 .* whole numbers"),
        ({"period": [0, 1], "survivors": [10, np.nan]}, r"row 1 .* missing"),
        ({"period": [0, 1], "survivors": [10, -1]}, r"row 1 .* negative"),
        ({"cohort": [None, "a"], "period": [0, 0], "survivors": [10, 9]}, r"row 0 .* cohort is blank"),
    ],
)
def test_frames_that_cannot_be_are_refused(model, frame, message):
    with pytest.raises(BookError, match=message):
        type(model)().fit(pd.DataFrame(frame))
