"""What the tests of the models share: means over mixing distributions by brute force, and CDNOW."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import betaln, gammaln


@pytest.fixture(scope="session")
def over_gamma():
    """Places and weights for means over a gamma: the trapezoidal rule on the logarithm."""

    def nodes(shape, rate, count=600):
        logs = np.linspace(-40 / shape - np.log(rate) - 5, np.log(60 + 6 * shape) - np.log(rate), count)
        density = shape * (logs + np.log(rate)) - rate * np.exp(logs) - gammaln(shape)
        return np.exp(logs), np.exp(density) * (logs[1] - logs[0])

    return nodes


@pytest.fixture(scope="session")
def over_beta():
    """Places and weights for means over a beta: the trapezoidal rule on the logit."""

    def nodes(a, b, count=600):
        logits = np.linspace(-40 / a - 5, 40 / b + 5, count)
        logs = -a * np.logaddexp(0, -logits) - b * np.logaddexp(0, logits) - betaln(a, b)
        return 1 / (1 + np.exp(-logits)), np.exp(logs) * (logits[1] - logits[0])

    return nodes


@pytest.fixture(scope="session")
def cdnow(shared_data):
    """The 2,357 clients of the CDNOW sample after 39 weeks, as published (times in weeks, two digits)."""
    return pd.read_csv(shared_data / "cdnow_summary.csv")


@pytest.fixture(scope="session")
def cdnow_holdout(shared_data):
    """The same clients with exact times, mean spend, and their purchases in the 39 weeks after."""
    names = {"x": "frequency", "t_x": "recency", "T_cal": "T", "m_x": "monetary_value", "x_star": "later"}
    return pd.read_csv(shared_data / "cdnow_cbs_holdout.csv").rename(columns=names)
