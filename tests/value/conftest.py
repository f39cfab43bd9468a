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


@pytest.fixture(scope="session")
def churn_ledger():
    """A function that makes a ledger of clients who buy at random and may leave after each purchase."""

    def make(clients=300, *, seed=0, days=1000, leave=(0.4, 2.0), shape=0.0):
        rng = np.random.default_rng(seed)
        rate, chance = rng.gamma(2.0, 1 / 60.0, clients), rng.beta(*leave, clients)
        start = rng.integers(0, days - 100, clients)
        if shape:
            # Regular buyers: gaps of a gamma with a large shape.
            gaps = rng.gamma(shape, 1 / (shape * rate[:, None]), (clients, 400))
        else:
            gaps = rng.exponential(1 / rate[:, None], (clients, 400))
        gaps[:, 0] = 0
        day = start[:, None] + np.maximum(gaps, 1).cumsum(axis=1).astype(int)
        there = (day < days) & (np.arange(400) < rng.geometric(chance)[:, None])
        client, place = np.nonzero(there)
        end = pd.Timestamp("2024-12-31")
        return pd.DataFrame(
            {
                "client_id": [f"C{number:03d}" for number in client],
                "date": end - pd.to_timedelta(days - 1 - day[client, place], unit="D"),
                "amount": rng.lognormal(4, 0.6, len(client)).round(2),
            }
        )

    return make
