"""MBG/NBD: the printed figures, and that it beats BG/NBD where it should."""

import pandas as pd
import pytest

from crmkit.value import BetaGeoModel, ModifiedBetaGeoModel


def test_the_printed_fit_of_cdnow(cdnow):
    model = ModifiedBetaGeoModel().fit(cdnow)
    assert model.converged_
    assert [round(value, 3) for value in model.params_.values()] == [0.525, 6.183, 0.891, 1.614]
    assert model.log_likelihood_ == pytest.approx(-9582.133, abs=5e-4)
    silent = pd.DataFrame({"frequency": [0], "recency": [0], "T": [38.86]})
    assert model.probability_alive(silent).round(2).tolist() == [0.39]


def test_hold_out_purchases_of_cdnow_are_nearer_by_client_than_those_of_bg_nbd(cdnow_holdout):
    error = {}
    for model_class in (BetaGeoModel, ModifiedBetaGeoModel):
        expected = model_class().fit(cdnow_holdout).expected_purchases(39, cdnow_holdout)
        error[model_class] = (cdnow_holdout["later"] - expected).abs().mean()
    assert error[ModifiedBetaGeoModel] < error[BetaGeoModel]


def test_one_time_clients_who_left_are_told_from_those_who_stayed_by_their_silence():
    model = ModifiedBetaGeoModel.from_parameters(r=0.9, alpha=6.0, a=0.7, b=2.0)
    silent = pd.DataFrame({"frequency": [0] * 3, "recency": [0] * 3, "T": [0, 20, 200]})
    alive = model.probability_alive(silent)
    # Before any silence it is the chance to stay after a purchase, b / (a + b).
    assert alive[0] == pytest.approx(2.0 / 2.7)
    assert alive[0] > alive[1] > alive[2]
