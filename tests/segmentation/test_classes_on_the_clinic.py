"""How near do the classes come to the truth of the clinic, and to what an oracle could reach?"""

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.segmentation.class_names import CLASSES
from crmkit.segmentation.evidence import gather

DAY = "2025-06-30"


def true_classes(book, clients):
    known = pd.Series(book.truth["classes"][DAY], index=book.truth["clients"]["client_id"])
    return known.reindex(clients).to_numpy()


def balanced_accuracy(truth, found):
    return float(np.mean([(found[truth == name] == name).mean() for name in CLASSES]))


def columns(evidence):
    """All that the tables say about each client up to the day, over several spans of time."""
    figures = dict(evidence.periods.figures)
    for kind, (taken, declined) in evidence.periods.answers.items():
        figures |= {f"{kind} taken": taken, f"{kind} declined": declined}
    found = {"tenure": evidence.tenure, "recency": evidence.recency}
    for name, grid in figures.items():
        for span in (1, 2, 4, 8, 16):
            found[f"{name} {span}"] = np.nan_to_num(grid)[:, -span:].sum(axis=1)
        found[f"{name} largest"] = np.nan_to_num(grid).max(axis=1)
    for count, logs in (("purchase_days", "log_amount"), ("prices", "log_price")):
        total = figures[count].sum(axis=1)
        found[f"mean {logs}"] = np.divide(
            figures[logs].sum(axis=1), total, out=np.full(len(total), -1.0), where=total > 0
        )
    return pd.DataFrame(found)


@pytest.fixture(scope="module")
def clinic():
    return ck.datasets.clinic(0)


@pytest.fixture(scope="module")
def classes(clinic):
    return ck.segmentation.classify(clinic)


def test_the_classes_tell_more_about_the_truth_than_margin_and_recency(clinic, classes):
    table = classes.table
    truth = true_classes(clinic, table["client_id"])
    most = int(0.2 * len(table))
    vip = table["margin"].rank(ascending=False, method="first").to_numpy() <= most
    loses = (table["contribution"] < 0).to_numpy()
    simple = np.select([loses & (table["purchase_days"] > 0), vip], ["D", "VIP"], "C")
    found = balanced_accuracy(truth, table["class"].to_numpy())
    assert found > balanced_accuracy(truth, simple) + 0.1
    for name in CLASSES:
        right = (table["class"].to_numpy()[truth == name] == name).mean()
        assert right > 1.5 * (table["class"] == name).mean() or name == "C"


def test_how_many_really_are_in_a_class_is_told_near_the_truth(clinic, classes):
    """Summed over those found in each class, the probabilities come near the number who are in it."""
    verdict, code = classes.verdict, classes.verdict.code
    truth = true_classes(clinic, classes.evidence.periods.client_id)
    for place, name in enumerate(CLASSES):
        told, real = verdict.chances[:, place].sum(), (truth == name).sum()
        assert told == pytest.approx(real, rel=0.5 if name == "B" else 0.25)
        found = code == place
        assert verdict.chances[found, place].sum() == pytest.approx((truth[found] == name).sum(), rel=0.4)


@pytest.mark.slow
def test_the_classes_reach_at_least_85_percent_of_an_oracle(clinic, classes):
    """The oracle was taught the true classes on other clinics of the same kind; its numbers are printed."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    seen, taught = [], []
    for seed in range(1, 9):
        book = ck.datasets.clinic(seed)
        evidence = gather(book, window_months=12, as_of=book.as_of)
        seen.append(columns(evidence))
        taught.append(true_classes(book, evidence.periods.client_id))
    oracle = HistGradientBoostingClassifier(
        class_weight="balanced",
        max_iter=150,
        learning_rate=0.05,
        max_leaf_nodes=15,
        min_samples_leaf=40,
        l2_regularization=5.0,
        random_state=0,
    ).fit(pd.concat(seen), np.concatenate(taught))
    evidence = gather(clinic, window_months=12, as_of=clinic.as_of)
    truth = true_classes(clinic, evidence.periods.client_id)
    best = balanced_accuracy(truth, oracle.predict(columns(evidence)))
    found = balanced_accuracy(truth, classes.table["class"].to_numpy())
    print(f"classes {found:.3f}, oracle {best:.3f}, ratio {found / best:.3f}")
    assert found >= 0.85 * best


def test_only_vip_miss_nothing_to_be_vip(classes):
    table = classes.table
    others = table[~table["class"].isin(["VIP", "D"])]
    assert (others["distance"] > 0).all()
    assert (table.loc[table["class"] == "VIP", "distance"] == 0).all()
