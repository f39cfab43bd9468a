"""Who is developing fast: who does more than the company's clients with such a past usually do next.

Two purchases do not make a trend: each client's own factor is drawn towards one, as far as the company's
clients are known to differ, and the company's own season and trend are in what is expected of everybody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmkit.segmentation.evidence import Evidence

Array = NDArray[np.float64]

STREAMS = {"purchases": "purchase_days", "range": "kinds", "contacts": "own_contacts"}
"""What may rise: purchase days, kinds of goods bought, contacts the client began."""
DRAWS_TOWARDS = {
    "purchases": ("purchase_days", "own_contacts"),
    "range": ("purchase_days", "kinds"),
    "contacts": ("purchase_days", "own_contacts"),
}
EARLIER_WINDOWS = 3
LEAST_EVENTS = 30


@dataclass(frozen=True)
class Growth:
    """How each client's last half window compares with what was to be expected.

    Attributes
    ----------
    streams
        Names of what was looked at.
    probability
        Posterior probability that the client's factor is above one, shape (streams, clients).
    found, expected
        Events in the last half window, and how many were to be expected, shape (streams, clients).
    months
        Length of what is called the last half window here.
    """

    streams: tuple[str, ...]
    probability: Array
    found: Array
    expected: Array
    months: int

    @property
    def best(self) -> NDArray[np.int64]:
        """The stream that rises most surely, for each client."""
        return self.probability.argmax(axis=0)


def fit_growth(evidence: Evidence, active: NDArray[np.bool_], *others: Array) -> Growth:
    """Compare the last half window with what a Poisson regression on the past expects.

    The count of client i is Poisson with mean m_i·u_i: m_i from a regression on the client's own earlier
    rates (themselves drawn towards the company's), on how long they have been a client, and on `others`,
    over all active clients; u_i has a gamma distribution with mean one and precision k, found by maximum
    likelihood. So u_i given the count n_i is gamma with shape k + n_i and rate k + m_i.

    References
    ----------
    Clayton, D., Kaldor, J. (1987). Empirical Bayes estimates of age-standardized relative risks.
    Biometrics 43, 671-681, https://doi.org/10.2307/2532003. That shrinking settles multiple comparisons:
    Gelman, A., Hill, J., Yajima, M. (2012). Journal of Research on Educational Effectiveness 5, 189-211,
    https://doi.org/10.1080/19345747.2011.618213.
    """
    from scipy.special import gammaincc

    recent = max(evidence.window // 2, 1)
    clients = len(active)
    found: list[tuple[str, Array, Array, Array]] = []
    exposure = np.maximum(evidence.exposure[:, -recent:].sum(axis=1), evidence.years / 10)
    if evidence.count > recent:
        for stream, column in STREAMS.items():
            events = evidence[column][:, -recent:].sum(axis=1)
            if events[active].sum() < LEAST_EVENTS:
                continue
            features = [_earlier(evidence, name, recent) for name in DRAWS_TOWARDS[stream]]
            past = _past_years(evidence, recent)
            columns = [part for rate in features for part in (rate, rate * np.exp(-past))]
            columns += [np.exp(-past), np.exp(-3 * past), np.log(exposure), *others]
            expected = _expected(np.column_stack(columns), events, exposure, active)
            # Kinds come several at a time: so many count as one event.
            together = evidence["kinds"].sum() / max(evidence["purchase_days"].sum(), 1)
            at_once = max(float(together), 1.0) if stream == "range" else 1.0
            k = _precision(events[active] / at_once, expected[active] / at_once)
            chance = gammaincc(k + events / at_once, k + expected / at_once)
            found.append((stream, np.where(active, chance, 0.0), events, expected))
    probability, counts, expectations = (
        np.array([row[place] for row in found]).reshape(len(found), clients) for place in (1, 2, 3)
    )
    streams = tuple(stream for stream, *_ in found)
    return Growth(streams, probability, counts, expectations, round(12 * evidence.years * recent))


def _past_years(evidence: Evidence, recent: int) -> Array:
    return evidence.exposure[:, -recent - EARLIER_WINDOWS * evidence.window : -recent].sum(axis=1)


def _earlier(evidence: Evidence, name: str, recent: int) -> Array:
    """Logarithm of the client's own earlier rate, drawn towards the company's by one event."""
    slot = slice(-recent - EARLIER_WINDOWS * evidence.window, -recent)
    events, years = evidence[name][:, slot].sum(axis=1), evidence.exposure[:, slot].sum(axis=1)
    rate = max(events.sum() / max(years.sum(), 1e-9), 1e-6)
    return np.log((events + 1) / (years + 1 / rate))


def _expected(features: Array, events: Array, exposure: Array, active: NDArray[np.bool_]) -> Array:
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import PoissonRegressor

    inside = features[active]
    scaled = (features - inside.mean(axis=0)) / np.maximum(inside.std(axis=0), 1e-9)
    scaled = np.clip(scaled, -10, 10)
    model = PoissonRegressor(alpha=0.01, solver="newton-cholesky")
    with warnings.catch_warnings():
        # Equal clients fit at the start: there is nothing to improve, and the solver says so.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(scaled[active], (events / exposure)[active], sample_weight=exposure[active])
    return model.predict(scaled) * exposure


def _precision(events: Array, expected: Array) -> float:
    """The precision of the clients' factors under which the counts are likeliest (negative binomial)."""
    from scipy.special import gammaln

    tried = np.exp(np.linspace(np.log(0.3), np.log(300.0), 30))

    def likelihood(k: float) -> float:
        each = gammaln(k + events) - gammaln(k) + k * np.log(k / (k + expected))
        return float((each + events * np.log(expected / (k + expected))).sum())

    return float(tried[int(np.argmax([likelihood(k) for k in tried]))])
