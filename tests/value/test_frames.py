"""Which purchase histories are refused, and what is said."""

import numpy as np
import pandas as pd
import pytest

from crmkit.book.errors import BookError
from crmkit.value import (
    BetaGeoBetaBinomialModel,
    BetaGeoModel,
    ModifiedBetaGeoModel,
    ParetoNBDModel,
)
from crmkit.wording import Speaker

GOOD = {"frequency": [0, 2, 1], "recency": [0, 5, 3], "T": [9, 9, 4]}
EVERY = (BetaGeoModel, ModifiedBetaGeoModel, ParetoNBDModel, BetaGeoBetaBinomialModel)


def changed(column, row, value):
    frame = pd.DataFrame(GOOD).astype(object)
    frame.loc[row, column] = value
    return frame


@pytest.mark.parametrize("model_class", EVERY)
@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame(GOOD).drop(columns="T"), "no column 'T'. Expected columns: frequency, recency, T"),
        (pd.DataFrame(GOOD).iloc[:0], "no rows"),
        (changed("T", 1, None), r"column 'T', row 1 \(the first is 0\): a number is missing"),
        (changed("T", 2, np.inf), "column 'T', row 2 .* missing or cannot be read"),
        (changed("frequency", 0, "many"), "column 'frequency', row 0 .* cannot be read"),
        (changed("frequency", 1, -2), "column 'frequency', row 1 .* negative"),
        (changed("frequency", 1, 1.5), "column 'frequency', row 1 .* whole"),
        (changed("recency", 1, 9.5), "column 'recency', row 1 .* after T"),
        (changed("recency", 0, 1), "column 'recency', row 0 .* without repeat purchases"),
        (changed("recency", 2, 0), "column 'recency', row 2 .* more than 0"),
        (pd.DataFrame({"frequency": [0, 0], "recency": [0, 0], "T": [9, 4]}), "no client bought again"),
        (pd.DataFrame({"frequency": [0, 0], "recency": [0, 0], "T": [0, 0]}), "T is 0 for every client"),
        (pd.DataFrame(GOOD).assign(weights=[1, 0, 0]), "no client bought again"),
        (pd.DataFrame(GOOD).assign(weights=0), "the frame has no rows"),
        (pd.DataFrame(GOOD).assign(weights=[1, -1, 0]), "column 'weights', row 1 .* negative"),
    ],
)
def test_histories_that_cannot_be_are_refused_with_the_column_the_row_and_the_reason(
    model_class, frame, message
):
    with pytest.raises(BookError, match=message) as refusal:
        model_class().fit(frame)
    assert str(refusal.value).startswith(model_class.__name__)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (changed("recency", 1, 4.5), "column 'recency', row 1 .* whole numbers"),
        (changed("T", 1, 9.5), "column 'T', row 1 .* whole numbers"),
        (changed("frequency", 1, 6), "column 'frequency', row 1 .* more purchases than opportunities"),
    ],
)
def test_opportunities_that_cannot_be_are_refused(frame, message):
    with pytest.raises(BookError, match=message):
        BetaGeoBetaBinomialModel().fit(frame)


def test_a_refusal_names_no_client_and_counts_the_rows():
    frame = pd.DataFrame({"frequency": [1, 1], "recency": [7, 8], "T": [5, 5]}, index=["Anna", "Boris"])
    with pytest.raises(BookError, match="Rows of this kind: 2") as refusal:
        BetaGeoModel().fit(frame)
    assert "Anna" not in str(refusal.value)
    assert "строка 0" in refusal.value.said(Speaker("ru"))


def test_columns_of_integers_and_of_pandas_own_kinds_are_read():
    frame = BetaGeoModel.from_parameters(r=0.5, alpha=4, a=0.8, b=2.5).simulate(500, 30, seed=1)
    frame["frequency"] = frame["frequency"].astype("Int64")
    frame["weights"] = 1
    assert BetaGeoModel().fit(frame).n_distinct_ <= 500
