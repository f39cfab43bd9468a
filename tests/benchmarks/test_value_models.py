"""A million clients of daily data in weeks: fitting and scoring, beside lifetimes in its own environment.

Each runs in a process of its own; CPU seconds count from after the imports.
"""

import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest

CLIENTS = int(os.environ.get("CRMKIT_BENCH_CLIENTS", 1_000_000))
TRUTH = {
    "BetaGeoModel": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
    "ModifiedBetaGeoModel": {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614},
    "ParetoNBDModel": {"r": 0.553, "alpha": 10.58, "s": 0.606, "beta": 11.67},
}
HORIZON = 52

# Runs where crmkit is not: everything that it needs is in these lines.
LIFETIMES = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np
from lifetimes import BetaGeoFitter
frequency, recency, T = np.load(sys.argv[1])
start = time.process_time()
fitter = BetaGeoFitter().fit(frequency, recency, T)
fitted = time.process_time()
expected = fitter.conditional_expected_number_of_purchases_up_to_time(52, frequency, recency, T)
print(json.dumps({
    "fit": fitted - start, "score": time.process_time() - fitted,
    "params": fitter.params_.to_dict(), "total": float(expected.sum()),
}))
"""


def main(name, path):
    """Fit and score with crmkit, and print what it took."""
    import pandas as pd
    import scipy.special  # noqa: F401

    import crmkit.value

    frame = pd.DataFrame(np.load(path).T, columns=["frequency", "recency", "T"])
    start = time.process_time()
    model = getattr(crmkit.value, name)().fit(frame)
    fitted = time.process_time()
    expected = model.expected_purchases(HORIZON, frame)
    alive = model.probability_alive(frame)
    used = {"fit": fitted - start, "score": time.process_time() - fitted, "distinct": model.n_distinct_}
    used |= {"params": model.params_, "total": float(expected.sum()), "converged": model.converged_}
    print(json.dumps(used | {"alive": float(alive.mean())}))


def histories(name, clients, path):
    """Save clients of two years, whose days are whole and whose weeks are not."""
    import crmkit.value

    generator = np.random.default_rng(1)
    days = generator.integers(0, 730, clients)
    model = getattr(crmkit.value, name).from_parameters(**TRUTH[name])
    made = model.simulate(clients, days / 7, seed=2)
    # At most one purchase a day, the last on a whole day.
    frequency = np.minimum(made["frequency"].to_numpy(), days)
    recency = np.clip(np.ceil(made["recency"].to_numpy() * 7), frequency, days)
    np.save(path, [frequency, np.where(frequency > 0, recency, 0) / 7, days / 7])
    return path


def run(python, *arguments):
    done = subprocess.run([python, *map(str, arguments)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def python_with_lifetimes(tmp_path_factory):
    """An environment with lifetimes, which wants an older pandas; skips where it cannot be made."""
    folder = tmp_path_factory.mktemp("lifetimes")
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = [python, "-m", "pip", "install", "--quiet", "lifetimes==0.11.3", "pandas<3", "numpy<2"]
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], capture_output=True, check=True)
        subprocess.run(install, capture_output=True, check=True, timeout=600)
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"lifetimes cannot be installed: {error}")
    return python


def report(capsys, title, used):
    with capsys.disabled():
        print(
            f"\n{title}: {used['distinct']:,} distinct histories; CPU seconds: fit {used['fit']:.2f}, ",
            end="",
        )
        print(f"expected purchases and probability alive {used['score']:.2f}")
        print(", ".join(f"{name} {value:.4f}" for name, value in used["params"].items()))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "clients", "fit", "score"),
    [
        ("BetaGeoModel", CLIENTS, 1, 2),
        ("ModifiedBetaGeoModel", CLIENTS, 1, 2),
        ("ParetoNBDModel", CLIENTS // 5, 3, 2),
    ],
)
def test_models_fit_and_score_within_seconds(tmp_path, capsys, name, clients, fit, score):
    path = histories(name, clients, tmp_path / "clients.npy")
    used = run(sys.executable, __file__, name, path)
    report(capsys, f"{name}, {clients:,} clients", used)
    assert used["converged"]
    assert used["fit"] <= fit
    assert used["score"] <= score


@pytest.mark.slow
def test_bg_nbd_costs_a_small_part_of_what_it_costs_in_lifetimes(tmp_path, capsys, python_with_lifetimes):
    path = histories("BetaGeoModel", CLIENTS, tmp_path / "clients.npy")
    ours = run(sys.executable, __file__, "BetaGeoModel", path)
    theirs = run(python_with_lifetimes, "-c", LIFETIMES, path)
    with capsys.disabled():
        print(f"\nBG/NBD, {CLIENTS:,} clients, CPU seconds: crmkit {ours['fit']:.2f}, lifetimes ", end="")
        print(f"{theirs['fit']:.2f}: {theirs['fit'] / ours['fit']:.0f} times fewer; ", end="")
        print(f"scoring {ours['score']:.2f} and {theirs['score']:.2f}")
    # lifetimes stops its search early: its parameters agree to two or three digits.
    assert ours["params"] == pytest.approx(theirs["params"], rel=0.03)
    assert ours["total"] == pytest.approx(theirs["total"], rel=0.01)
    assert theirs["fit"] / ours["fit"] >= 20


if __name__ == "__main__":
    main(*sys.argv[1:])
