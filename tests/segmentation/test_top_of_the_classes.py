import numpy as np
import pandas as pd

import crmkit as ck


def test_the_top_of_each_class_is_who_brings_most_in_it_vip_first():
    rng = np.random.default_rng(0)
    days = pd.date_range("2023-01-01", "2024-12-31", freq="D")
    rows = 3000
    client = rng.zipf(1.6, rows).clip(max=120)
    ledger = pd.DataFrame(
        {
            "date": rng.choice(days, rows),
            "client_id": [f"C{n:03d}" for n in client],
            "amount": rng.gamma(2, 30, rows),
        }
    )
    classes = ck.segmentation.classify(ck.open_book({"ledger": ledger}))
    top = classes.top(2)
    assert top["class"].tolist() == sorted(top["class"], key=["VIP", "A", "B", "C", "D"].index)
    assert set(top["class"]) == set(classes.table["class"])
    brought = classes.table.set_index("client_id")[classes.measure]
    for name, group in top.groupby("class"):
        best = brought[classes.table.set_index("client_id")["class"] == name].nlargest(2)
        assert group["client_id"].map(brought).tolist() == best.tolist()
