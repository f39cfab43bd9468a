"""Whole runs, on four sales and notebooks of a few cells; a run takes seconds, so that tests share it."""

import hashlib
import json
import re
import sys

import pandas as pd
import pytest
import python_calamine

from crmkit import BookError
from crmkit.reporting import manifest, run, verify

GOOD = (
    "# Who pays?",
    "import crmkit as ck\nbook = ck.reporting.book_from(source, mapping=mapping, as_of=as_of, lang=lang)",
    "import dataclasses, pandas as pd\n"
    "from crmkit.statistics import Context, Result\n"
    "from crmkit.wording import Claim\n"
    "@dataclasses.dataclass(frozen=True)\n"
    "class Takings(Result):\n"
    "    context: Context\n"
    "    table: pd.DataFrame\n"
    "    def _claims(self, say): return [Claim(say.money(self.table['amount'].sum()))]\n"
    "    def plot_data(self): return self.table\n"
    "    def _draw(self, axes, data, say): axes.plot(data['amount']); return 'A line.'\n"
    "    def _decide(self, say):\n"
    "        return [{'id': '1', 'action': 'Call <b>', 'amount': 5, 'lo': 1, 'hi': 9, 'reason': '=1+1'}]",
    "takings = Takings(Context.of(book), book.client_summary())\ntakings.plot();",
    "import os; print(os.environ['PYTHONHASHSEED'], hash('a'), seed)",
    "import subprocess; subprocess.run('echo aloud; echo aloud >&2', shell=True);",
    "ck.reporting.conclude(takings=takings)",
)
FAILING = ("# Who leaves?", "x = 1", "raise ValueError(\"cannot read 'Anna Example' of 'amount'\")")


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    """A ledger of five sales, one of them without a client and one without a number, and its settings."""
    folder = tmp_path_factory.mktemp("shop")
    rows = [
        "2025-05-02,C1,100",
        "2025-05-20,C2,20.5",
        "2025-06-01,,7",
        "2025-06-15,C1,-10",
        "2025-06-16,=C3,many",
    ]
    (folder / "orders.csv").write_text("\n".join(["Date,Customer,Amount", *rows]) + "\n", encoding="utf-8")
    (folder / "crmkit.toml").write_text('[reading]\non_bad_row = "set_aside"\n')
    return folder / "orders.csv"


@pytest.fixture(scope="module")
def made(tmp_path_factory, write_notebook, orders):
    """A run with one good and one failing notebook, and what it was called with."""
    folder = tmp_path_factory.mktemp("notebooks")
    notebooks = [
        write_notebook(folder / "01_good.ipynb", *GOOD),
        write_notebook(folder / "02_bad.ipynb", *FAILING),
    ]
    out = tmp_path_factory.mktemp("out")
    told = []
    finished = run(
        orders,
        notebooks=notebooks,
        out=out,
        seed=3,
        progress=lambda *event: told.append(event),
        as_of="2025-06-30",
    )
    return finished, told, out, notebooks


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_run_writes_pages_tables_index_and_record(made):
    finished, _, out, _ = made
    assert finished.folder == out / "orders" / "2025-06-30"
    assert set(contents(finished.folder)) == {
        "01_good.html",
        "index.html",
        "plan.xlsx",
        "run.json",
        "set_aside.csv",
    }
    assert verify(finished.folder).query("kind == 'report'")["state"].eq("same").all()


def test_progress_is_told_cell_by_cell(made):
    good = [event for event in made[1] if event[0] == "01_good"]
    assert good == [("01_good", done, 8, False) for done in range(1, 9)]


def test_a_notebook_whose_last_cell_fails_is_not_called_done(made):
    bad = [event for event in made[1] if event[0] == "02_bad"]
    assert bad == [("02_bad", done, 4, done == 4) for done in range(1, 5)]


def test_the_index_shows_decisions_findings_and_data(made):
    index = made[0].index.read_text(encoding="utf-8")
    assert (
        index.index("Call &lt;b&gt;") < index.index("Who pays?") < index.index("What could not be answered")
    )
    assert "<p>110</p>" in index
    assert "These are not in this version yet." in index
    needing = index[index.index("These questions need tables") :]
    assert needing.index("cheaper to find new clients") < needing.index("spend")
    assert "Rows without a client" in index
    assert index.index("What we changed in your data") < index.index("What to know about your data")


def test_rows_set_aside_lie_beside_the_report_with_file_row_and_reason(made):
    folder = made[0].folder
    assert "set_aside.csv beside the reports, with file, row and reason" in (folder / "index.html").read_text(
        encoding="utf-8"
    )
    aside = pd.read_csv(folder / "set_aside.csv")
    assert aside.loc[0, ["table", "file", "row"]].tolist() == ["ledger", "orders.csv", 6]
    assert "amount" in aside.loc[0, "reason"]


def test_an_error_shows_kind_and_cell_but_no_personal_data(made):
    finished, *_ = made
    assert not finished.ok
    index = finished.index.read_text(encoding="utf-8")
    assert "This report could not be made: ValueError in cell 3." in index
    assert "cannot read &#39;…&#39; of &#39;amount&#39;" in index
    everything = b"".join(contents(finished.folder).values()).decode("utf-8", errors="ignore")
    assert "Anna" not in everything
    assert "Traceback" not in everything


def test_the_record_says_what_was_used_and_nothing_of_this_machine(made, orders):
    finished, *_ = made
    text = (finished.folder / "run.json").read_text(encoding="utf-8")
    record = json.loads(text)
    assert record["parameters"]["source"] == "orders.csv"
    assert record["parameters"]["seed"] == 3
    assert record["inputs"][0]["sha256"] == hashlib.sha256(orders.read_bytes()).hexdigest()
    assert record["notebooks"]["01_good"] == {"status": "done", "as_of": "2025-06-30"}
    assert record["notebooks"]["02_bad"] == {"status": "failed", "error": "ValueError", "cell": 3}
    assert record["versions"]["python"] == "{}.{}.{}".format(*sys.version_info)
    assert str(orders.parent) not in text
    assert str(finished.folder) not in text


def test_rows_set_aside_are_there_to_be_corrected(made):
    rows = (made[0].folder / "set_aside.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 2
    assert rows[1].startswith("ledger,orders.csv,6,")
    assert rows[1].endswith(",'=C3,many")


def test_the_spreadsheet_holds_decisions_and_tables(made):
    book = python_calamine.CalamineWorkbook.from_path(made[0].folder / "plan.xlsx")
    assert book.sheet_names == ["Decisions", "01 takings", "Notes about the data"]
    assert "Note" in book.get_sheet_by_name("Notes about the data").to_python()[0]
    assert book.get_sheet_by_name("Decisions").to_python()[1][:2] == ["Call <b>", "=1+1"]


def test_the_kernel_is_this_interpreter_in_fixed_surroundings(made):
    page = (made[0].folder / "01_good.html").read_text(encoding="utf-8")
    assert re.search(r"<pre>0 -?\d+ 3\n</pre>", page)
    assert 'alt="A line."' in page


def test_a_second_run_gives_the_same_bytes_and_a_failure_keeps_the_last_good_page(
    made, write_notebook, tmp_path, orders, monkeypatch
):
    finished, _, out, notebooks = made
    before = contents(finished.folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("MPLBACKEND", "agg")
    again = run(orders, notebooks=notebooks, out=out, seed=3, as_of="2025-06-30")
    assert contents(again.folder) == before

    broken = write_notebook(tmp_path / "01_good.ipynb", "# Who pays?", "1 / 0")
    failed = run(orders, notebooks=[broken], out=out, as_of="2025-07-31")
    assert not failed.ok
    assert (failed.folder / "01_good.html").read_bytes() == before["01_good.html"]
    assert "made from data up to 30 June 2025" in failed.index.read_text(encoding="utf-8")
    assert contents(again.folder) == before


def test_a_report_speaks_the_language_asked_for_in_text_cells_too(
    tmp_path, write_notebook, orders, monkeypatch
):
    notebooks = [
        write_notebook(tmp_path / "01_x.ipynb", "# How we know"),
        write_notebook(tmp_path / "02_y.ipynb", "import crmkit as ck; ck.open_book('none.csv')"),
    ]
    finished = run(orders, notebooks=notebooks, out=tmp_path / "out", lang="ru")
    page = (finished.folder / "01_x.html").read_text(encoding="utf-8")
    assert '<html lang="ru">' in page
    assert finished.reports[0].title == "How we know"
    assert finished.reports[1].failure.kind == "BookError"
    assert finished.reports[1].failure.message.startswith("none.csv: такого файла или папки нет.")
    assert "такого файла или папки нет" in finished.index.read_text(encoding="utf-8")


def test_whether_names_are_shown_is_as_the_settings_say_and_is_recorded(tmp_path, write_notebook):
    orders = tmp_path / "orders.csv"
    orders.write_text("Date,Customer,Amount\n2025-05-02,Anna Example,100\n")
    orders.with_name("crmkit.toml").write_text("[privacy]\nwith_names = true\n")
    path = write_notebook(tmp_path / "01_x.ipynb", "print('with names:', with_names)")
    for wish, shown in ((None, True), (False, False)):
        finished = run(orders, notebooks=[path], out=tmp_path / str(shown), with_names=wish)
        assert f"with names: {shown}" in (finished.folder / "01_x.html").read_text(encoding="utf-8")
        assert manifest.read(finished.folder)["parameters"]["with_names"] is shown


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"source": "nowhere.csv"}, "nowhere.csv: there is no such file"),
        ({"parameters": {"mnths": 3}}, "has no parameter 'mnths'. Did you mean months?"),
        ({"parameters": {"seed": 3}}, "seed has an option of its own"),
        ({"as_of": "June"}, "June"),
        ({"lang": "de"}, "language: 'de' is not one of 'en', 'ru'"),
        ({"mapping": ["amount"]}, "'amount' does not name a column"),
        ({"source": {"ledger": None}}, "a folder, a file, a list of files or a URL"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_written(
    tmp_path, write_notebook, orders, wishes, message
):
    path = write_notebook(tmp_path / "01_x.ipynb", parameters=write_notebook_parameters())
    with pytest.raises(BookError) as refused:
        run(**{"source": orders, "notebooks": [path], "out": tmp_path / "out", **wishes})
    assert message in str(refused.value)
    assert not (tmp_path / "out").exists()


def write_notebook_parameters():
    names = ["source", "config", "mapping", "as_of", "lang", "with_names", "seed", "months"]
    return "\n".join(f"{name} = 0" for name in names)


def test_a_notebook_that_lacks_a_standard_parameter_is_refused(tmp_path, write_notebook, orders):
    path = write_notebook(tmp_path / "01_x.ipynb", parameters="source = ''")
    with pytest.raises(BookError, match=r"01_x.ipynb has no parameter 'config'"):
        run(orders, notebooks=[path], out=tmp_path / "out")


def test_a_notebook_cannot_take_the_place_of_the_index(tmp_path, write_notebook, orders):
    path = write_notebook(tmp_path / "index.ipynb")
    with pytest.raises(BookError, match="cannot be called index"):
        run(orders, notebooks=[path], out=tmp_path / "out")


def test_tables_that_answer_nothing_are_refused(tmp_path):
    source = tmp_path / "staff.csv"
    source.write_text("resource_id,skills,hours_week\nR1,filling,40\n")
    with pytest.raises(BookError, match="answer none of the questions; crmkit check says what would"):
        run(source, as_of="2025-06-30", out=tmp_path / "out")


def test_two_notebooks_of_one_name_are_refused(tmp_path, write_notebook, orders):
    paths = [write_notebook(tmp_path / place / "01_x.ipynb") for place in ("a", "b")]
    with pytest.raises(BookError, match="two notebooks are called 01_x"):
        run(orders, notebooks=paths, out=tmp_path / "out")
