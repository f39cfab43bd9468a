"""What the tests of several packages share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets, found through CRMKIT_TEST_DATA; skips where there is none."""
    root = os.environ.get("CRMKIT_TEST_DATA", "")
    folder = Path(root) / "data"
    if not root or not folder.is_dir():
        pytest.skip("CRMKIT_TEST_DATA does not name a folder with real data")
    return folder
