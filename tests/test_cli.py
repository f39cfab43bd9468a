import json
import subprocess
import sys
from pathlib import Path

import pytest

from crmkit import __version__, cli


@pytest.fixture
def crmkit(monkeypatch, capsys):
    """Run the command line in this process: (exit code, standard output, standard error)."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["crmkit", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return call


@pytest.fixture
def orders(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("Date,Customer,Total\n2025-05-02,Anna Example,100\n2025-06-15,Boris Example,20\n")
    return path


def notebook(path, *cells):
    names = ("source", "config", "mapping", "reading", "as_of", "lang", "with_names", "seed", "months")
    sources = ["\n".join(f"{name} = 0" for name in names), *cells]
    made = [
        {
            "id": f"c{n}",
            "cell_type": "code",
            "metadata": {"tags": [] if n else ["parameters"]},
            "source": source,
        }
        | {"execution_count": None, "outputs": []}
        for n, source in enumerate(sources)
    ]
    path.write_text(json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def test_help_names_every_command_and_loads_nothing_heavy():
    code = "import sys; from crmkit import cli; sys.argv[1:] = ['--help']\n"
    code += "try: cli.main()\nexcept SystemExit: pass\n"
    code += "print(sorted({'pandas', 'numpy', 'nbconvert', 'papermill', 'ibis'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    for word in ("report", "check", "init", "lab", "Exit codes"):
        assert word in done.stdout
    for word in ("sales plan", "\n  version"):
        assert word not in done.stdout


def test_help_says_where_the_settings_without_an_option_are(crmkit):
    _, out, _ = crmkit("report", "--help")
    assert "more ways of reading than have an option here, are keys of crmkit.toml" in " ".join(out.split())


def test_it_says_its_version(crmkit):
    assert crmkit("--version") == (0, f"crmkit {__version__}\n", "")


def test_check_says_what_was_read_and_what_is_missing_and_shows_no_names(crmkit, orders):
    code, out, err = crmkit("check", orders, "--as-of", "2025-06-30")
    assert (code, err) == (0, "")
    assert "2 clients brought 120 from 2 May 2025 to 30 June 2025." in out
    assert "yes    Who is VIP, A, B, C and D? In 01_client_base." in out
    assert "later  Where is advertising worth its money? Missing: spend" in out
    assert "Example" not in out


@pytest.mark.parametrize("columns", ["60", "80", None])
def test_check_fits_the_terminal_and_is_80_columns_wide_in_a_pipe(crmkit, orders, monkeypatch, columns):
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    with orders.open("a") as file:
        file.write("2025-06-15,Boris Example,20\n2025-06-15,,-5\n")
    _, out, _ = crmkit("check", orders)
    assert max(map(len, out.splitlines())) <= int(columns or 80)
    notes = out[out.index("What we changed") :]
    assert "─" not in notes
    said = " ".join(notes.split())
    assert "Rows without a client count in the totals of money and not in anything about clients." in said
    assert "ledger, client_id · Rows: 1 · Amount: -5" in said


def test_a_ledger_without_clients_is_refused_with_a_remedy(crmkit, orders, tmp_path):
    orders.write_text("Date,Customer,Total\n2025-05-02,,100\n2025-06-15,,20\n")
    code, out, _ = crmkit("check", orders)
    assert (code, "No row of the ledger names a client" in out) == (0, True)
    code, _, err = crmkit("report", "--source", orders, "--out", tmp_path / "out")
    assert (code, err.count("\n")) == (2, 1)
    assert "No row of the ledger names a client" in err
    assert "--map client_id=Buyer" in err


def test_check_speaks_russian(crmkit, orders):
    _, out, _ = crmkit("check", orders, "--lang", "ru")
    assert "2025 г." in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "nowhere.csv"), "nowhere.csv: there is no such file"),
        (("check", "{orders}", "--map", "client_id"), "does not name a column"),
        (("check", "{orders}", "--lang", "de"), "language: 'de' is not one of 'en', 'ru'"),
        (
            ("report", "--source", "{orders}", "--notebook", "02_client_vale"),
            "there is no notebook '02_client_vale'",
        ),
        (("report", "--source", "{orders}", "--set", "x=1"), "has no parameter 'x'"),
        (("report", "--source", "{orders}", "--out", "{orders}"), "reports cannot be written here"),
        (("init", "nowhere.csv"), "nowhere.csv"),
    ],
)
def test_what_cannot_be_used_is_one_message_and_exit_code_2(
    crmkit, orders, arguments, message, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    code, out, err = crmkit(*(argument.format(orders=orders) for argument in arguments))
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", [("reprot",), ("report", "--sorce", "x"), ("check", "--seed", "1")])
def test_wrong_usage_is_exit_code_2(crmkit, arguments):
    code, _, err = crmkit(*arguments)
    assert code == 2
    assert "Usage" in err


def test_report_writes_reports_and_says_where(crmkit, orders, tmp_path):
    path = notebook(tmp_path / "01_x.ipynb", "print(months, mapping, lang)")
    wishes = ("--map", "amount=Total", "--set", "months=6", "--lang", "ru", "--out", tmp_path / "out")
    code, out, err = crmkit("report", "--source", orders, "--notebook", path, *wishes)
    index = tmp_path / "out" / "orders" / "2025-06-15" / "index.html"
    assert (code, out, err) == (0, f"Откройте {index}\n", "01_x: готово\n")
    assert "6 ['amount=Total'] ru" in index.with_name("01_x.html").read_text(encoding="utf-8").replace(
        "&#39;", "'"
    )


def test_a_failed_notebook_is_exit_code_1(crmkit, orders, tmp_path):
    path = notebook(tmp_path / "01_x.ipynb", "1 / 0")
    code, out, err = crmkit("report", "--source", orders, "--notebook", path, "--out", tmp_path / "out")
    assert code == 1
    assert out.startswith("Open ")
    assert err.splitlines() == [
        "01_x: failed",
        "01_x: This report could not be made: ZeroDivisionError in cell 2. division by zero",
    ]


def test_what_the_command_line_says_is_in_the_language_of_the_report(crmkit, orders, tmp_path):
    path = notebook(tmp_path / "01_x.ipynb", "1 / 0")
    wishes = ("--source", orders, "--notebook", path, "--out", tmp_path / "out")
    for language in (("--lang", "ru"), ()):
        code, out, err = crmkit("report", *wishes, *language)
        assert code == 1
        assert out.startswith("Откройте ")
        assert err.splitlines() == [
            "01_x: не удалось",
            "01_x: Отчёт построить не удалось: ZeroDivisionError, ячейка 2. division by zero",
        ]
        orders.with_name("crmkit.toml").write_text('[company]\nlanguage = "ru"\n')


def test_refusals_are_in_the_language_asked_for(crmkit, orders):
    code, _, err = crmkit("check", orders, "--map", "client_id", "--lang", "ru")
    assert code == 2
    assert err.startswith("crmkit: 'client_id' не называет столбец.")
    orders.with_name("crmkit.toml").write_text('[company]\nlanguage = "ru"\n')
    assert crmkit("check", orders, "--map", "client_id") == (code, "", err)
    assert "does not name a column" in crmkit("check", orders, "--map", "client_id", "--lang", "en")[2]
    _, _, err = crmkit("check", orders.with_name("none.csv"), "--lang", "ru")
    assert "none.csv: такого файла или папки нет. Папка " in err


@pytest.mark.parametrize("inside", ["", "[reading]\nsource = 'tables/orders.csv'\n"])
def test_settings_given_alone_say_where_the_tables_are(crmkit, orders, tmp_path, monkeypatch, inside):
    company = tmp_path / "company"
    (company / "tables").mkdir(parents=True)
    orders.rename(company / ("tables/orders.csv" if inside else "orders.csv"))
    config = company / "crmkit.toml"
    config.write_text(inside + "[company]\nname = 'Elsewhere'\n")
    monkeypatch.chdir(tmp_path)
    code, out, _ = crmkit("check", "--config", "company/crmkit.toml")
    assert code == 0
    assert "2 clients brought 120" in out
    code_cell = "import crmkit as ck; print(ck.reporting.book_from(source, config=config).name)"
    path = notebook(tmp_path / "01_x.ipynb", code_cell)
    code, out, err = crmkit("report", "--config", "company/crmkit.toml", "--notebook", path)
    assert (code, out, err) == (0, "Open reports/elsewhere/2025-06-15/index.html\n", "01_x: done\n")
    assert "Elsewhere" in Path("reports/elsewhere/2025-06-15/01_x.html").read_text(encoding="utf-8")


def test_ways_of_reading_are_options_of_every_command_that_reads(crmkit, tmp_path):
    orders = tmp_path / "orders.csv"
    orders.write_text("Date;Customer;Total\n05/03/2025;C1;1,234\n06/03/2025;C2;2,5\n07/03/2025;C2;many\n")
    wishes = ("--date-order", "day-first", "--decimal", "comma", "--on-bad-row", "set-aside")
    code, out, err = crmkit("check", orders, *wishes)
    assert (code, err) == (0, "")
    assert "2 clients brought 3.73 from 5 March 2025 to 6 March 2025." in out
    code_cell = "import crmkit as ck; book = ck.reporting.book_from(source, reading=reading)"
    path = notebook(tmp_path / "01_x.ipynb", code_cell, "print(book.client_summary()['amount'].sum())")
    _, out, _ = crmkit("report", "--source", orders, "--notebook", path, "--out", tmp_path, *wishes)
    assert "3.734" in Path(out.split()[1]).with_name("01_x.html").read_text(encoding="utf-8")
    code, _, err = crmkit("check", orders, "--date-order", "upwards")
    assert (code, "'upwards' is not one of" in err) == (2, True)


def test_encoding_and_delimiter_can_be_said(crmkit, tmp_path):
    orders = tmp_path / "orders.csv"
    orders.write_bytes("Дата|Клиент|Сумма\n2025-03-05|К1|10\n2025-03-06|К2|20\n".encode("cp866"))
    code, out, _ = crmkit("check", orders, "--encoding", "cp866", "--delimiter", "|")
    assert (code, "2 clients brought 30" in out) == (0, True)
    code, _, err = crmkit("check", orders, "--encoding", "cp999")
    assert (code, "cp999" in err) == (2, True)


def test_a_strict_run_refuses_what_would_have_to_be_changed(crmkit, orders, tmp_path):
    wishes = ("report", "--strict", "--out", tmp_path / "out", "--source")
    path = notebook(tmp_path / "01_x.ipynb", "print(reading)")
    code, out, _ = crmkit(*wishes, orders, "--notebook", path)
    assert code == 0
    assert "strict" in Path(out.split()[1]).with_name("01_x.html").read_text(encoding="utf-8")
    orders.write_text("Date,Customer,Total\n2025-05-02,101.0,100\n2025-06-15,102.0,20\n")
    code, _, err = crmkit(*wishes, orders)
    assert (code, "A strict reading changes nothing" in err) == (2, True)


def test_init_writes_settings_once(crmkit, orders):
    target = orders.with_name("crmkit.toml")
    assert crmkit("init", orders) == (0, f"Wrote {target}\n", "")
    before = target.read_text(encoding="utf-8")
    code, _, err = crmkit("init", orders)
    assert code == 2
    assert "is there already" in err
    assert target.read_text(encoding="utf-8") == before


def test_in_a_planning_folder_its_tables_settings_and_notebooks_are_used(
    crmkit, orders, tmp_path, monkeypatch
):
    folder = tmp_path / "plan"
    code, out, _ = crmkit("init", "--template", "--out", folder)
    assert code == 0
    assert f"Wrote {folder / 'crmkit.toml'}" in out
    monkeypatch.chdir(folder)
    code, _, err = crmkit("check")
    assert code == 2
    assert "holds no tables" in err
    orders.rename(folder / "data" / "ledger.csv")
    (folder / "crmkit.toml").write_text('[company]\nname = "My shop"\n')
    code, out, _ = crmkit("check")
    assert code == 0
    assert "My shop, as of" in out
    code, out, _ = crmkit("lab", "--no-start")
    names = sorted(path.name for path in (folder / "notebooks").glob("*.ipynb"))
    assert names[0] == "01_client_base.ipynb"
    assert (code, out) == (0, "".join(f"Ready: reports/lab/{name}\n" for name in names))
    cells = json.loads((folder / "reports/lab/01_client_base.ipynb").read_text(encoding="utf-8"))["cells"]
    parameters = {}
    exec("".join(next(cell["source"] for cell in cells if cell["cell_type"] == "code")), parameters)
    assert parameters["source"] == str(folder / "data")
    assert parameters["config"] == str(folder / "crmkit.toml")


def test_lab_starts_jupyterlab_on_the_copies(crmkit, orders, tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(subprocess, "call", lambda command: started.append(command) or 0)
    code, _, _ = crmkit("lab", "--source", orders, "--out", tmp_path / "lab", "--no-browser")
    assert code == 0
    assert started == [[sys.executable, "-m", "jupyterlab", str(tmp_path / "lab"), "--no-browser"]]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), RuntimeError("Query interrupted")])
def test_an_interruption_is_no_traceback(crmkit, monkeypatch, interruption):
    def stop(*_, **__):
        cause = KeyboardInterrupt() if isinstance(interruption, RuntimeError) else None
        raise interruption from cause

    monkeypatch.setattr("crmkit.reporting.book_from", stop, raising=False)
    code, out, err = crmkit("check")
    assert (code, out, err) == (130, "", "")


def test_python_m_crmkit_is_the_same():
    done = subprocess.run(
        [sys.executable, "-m", "crmkit", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"crmkit {__version__}\n"
