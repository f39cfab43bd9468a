import pytest

from crmkit import BookError
from crmkit.places import notebooks_folder
from crmkit.reporting.notebooks import check_parameters, find, load


def test_crmkit_brings_its_own_notebooks_whose_title_is_a_question():
    first = find()[0]
    assert first.name == "01_client_base"
    assert first.title("en") == "Who are our clients, and who brings the money?"
    assert first.path.parent == notebooks_folder()


@pytest.mark.parametrize("wanted", ["01", "01_client_base", "01_client_base.ipynb"])
def test_a_notebook_may_be_named_by_its_number(wanted):
    assert [notebook.name for notebook in find([wanted])] == ["01_client_base"]


def test_one_of_ones_own_is_named_by_its_path(tmp_path, write_notebook):
    path = write_notebook(tmp_path / "mine.ipynb", "# Mine?")
    assert find([path])[0].title("en") == "Mine?"


def test_an_unknown_notebook_is_refused_with_the_nearest():
    with pytest.raises(BookError, match=r"no notebook '01_client_bas'. Did you mean 01_client_base\?"):
        find(["01_client_bas"])


def test_an_unknown_parameter_is_refused_with_the_nearest(tmp_path, write_notebook):
    notebook = load(write_notebook(tmp_path / "mine.ipynb", parameters="source = ''\nmonths = 12"))
    check_parameters(notebook, ["months"])
    with pytest.raises(
        BookError, match=r"mine.ipynb has no parameter 'month'. Did you mean months\? .*source, months"
    ):
        check_parameters(notebook, ["source", "month"])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [("source = open('x')", "may only hold plain values"), ("source = (", "may only hold plain values")],
)
def test_parameters_that_are_not_plain_values_are_refused(tmp_path, write_notebook, parameters, message):
    with pytest.raises(BookError, match=message):
        load(write_notebook(tmp_path / "mine.ipynb", parameters=parameters))


def test_what_is_no_notebook_is_refused(tmp_path):
    path = tmp_path / "mine.ipynb"
    path.write_text("text")
    with pytest.raises(BookError, match=r"mine.ipynb: this is not a Jupyter notebook"):
        load(path)
    path.write_text('{"cells": []}')
    with pytest.raises(BookError, match="no cell is tagged 'parameters'"):
        load(path)
