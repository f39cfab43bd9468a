import numpy as np
import pandas as pd
import pytest

from crmkit.value import BetaGeoModel, ParetoNBDModel
from crmkit.value.influence import influence

TRUTH = {
    BetaGeoModel: {"r": 0.6, "alpha": 4.0, "a": 0.8, "b": 2.5},
    ParetoNBDModel: {"r": 0.8, "alpha": 6.0, "s": 0.7, "beta": 12.0},
}


@pytest.mark.parametrize("kind", TRUTH, ids=lambda kind: kind.__name__)
def test_one_step_is_about_what_a_fit_without_the_client_gives(kind):
    clients = kind.from_parameters(**TRUTH[kind]).simulate(1500, 52.0, seed=3)
    odd = pd.DataFrame({"frequency": [150.0], "recency": [51.0], "T": [52.0]})
    clients = pd.concat([clients, odd], ignore_index=True)
    clients["client_id"] = [f"C{number}" for number in range(len(clients))]
    model = kind().fit(clients)
    table, _ = influence(model, clients, 26.0, most=1)
    assert table["client_id"].tolist() == ["C1500"]
    rest = clients.iloc[:-1]
    again = kind().fit(rest)
    moved = np.log([again.params_[name] / model.params_[name] for name in model.names])
    real = np.sqrt(moved @ np.linalg.solve(model.covariance_, moved))
    assert table["shift"].item() == pytest.approx(real, rel=0.35)
    change = (again.expected_purchases(26.0, rest) - model.expected_purchases(26.0, rest)).sum()
    assert np.sign(table["purchases_change"].item()) == np.sign(change)


def test_a_model_that_did_not_converge_is_refused():
    model = BetaGeoModel.from_parameters(r=1, alpha=1, a=1, b=1)
    model.converged_ = False
    with pytest.raises(ValueError, match="converged"):
        influence(model, pd.DataFrame(), 1.0)
