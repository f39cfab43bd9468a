"""The clinic of seed 0, generated once for all tests of the package."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from crmkit.datasets import clinic_tables


@pytest.fixture(scope="session")
def generated() -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    return clinic_tables(0)


@pytest.fixture(scope="session")
def tables(generated) -> dict[str, pd.DataFrame]:
    return generated[0]


@pytest.fixture(scope="session")
def truth(generated) -> dict[str, Any]:
    return generated[1]
