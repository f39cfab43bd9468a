import json

import pytest

STANDARD = """\
source = ""  # where
config = ""
mapping = ""
as_of = ""
lang = ""
with_names = False
seed = 0
"""


@pytest.fixture(scope="session")
def write_notebook():
    """Write a notebook of the standard parameters and some cells: text that begins with # is Markdown."""

    def write(path, *cells, parameters=STANDARD):
        made = [
            _cell(1, parameters, tags=["parameters"]),
            *(_cell(n, each) for n, each in enumerate(cells, start=2)),
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
        return path

    return write


def _cell(number, source, tags=()):
    cell = {"id": f"c{number}", "metadata": {"tags": list(tags)}, "source": source}
    if source.startswith("# "):
        return cell | {"cell_type": "markdown"}
    return cell | {"cell_type": "code", "execution_count": None, "outputs": []}


@pytest.fixture(scope="session")
def orders(tmp_path_factory):
    """A ledger of four sales, one of them without a client."""
    path = tmp_path_factory.mktemp("shop") / "orders.csv"
    path.write_text(
        "Date,Customer,Amount\n2025-05-02,C1,100\n2025-05-20,C2,20.5\n2025-06-01,,7\n2025-06-15,C1,-10\n",
        encoding="utf-8",
    )
    return path
