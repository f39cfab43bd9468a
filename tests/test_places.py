import json

from crmkit import places
from crmkit.reporting import notebooks
from crmkit.wording import extraction


def test_notebooks_are_inside_the_package_or_beside_it_in_a_clone(tmp_path, monkeypatch):
    package = tmp_path / "crmkit"
    monkeypatch.setattr(places, "PACKAGE", package)
    assert places.notebooks_folder() == tmp_path / "notebooks"
    for folder in (package / "notebooks", tmp_path / "notebooks"):
        folder.mkdir(parents=True)
    assert places.notebooks_folder() == package / "notebooks"


def test_what_runs_and_what_is_translated_are_the_same_notebooks(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "PACKAGE", tmp_path)
    (tmp_path / "notebooks").mkdir()
    cells = [
        {"cell_type": "markdown", "source": ["# What is asked?"]},
        {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": ["seed = 0"]},
    ]
    (tmp_path / "notebooks" / "01_x.ipynb").write_text(json.dumps({"cells": cells}))
    assert [notebook.title("en") for notebook in notebooks.find()] == ["What is asked?"]
    assert "# What is asked?" in extraction.messages(tmp_path)
