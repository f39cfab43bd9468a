"""The notebooks that crmkit brings: how they are written, and that they give what is stored in them."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crmkit.reporting.notebooks import load, source_of
from crmkit.reporting.processes import KERNEL, surroundings, write_kernel

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
STANDARD = ["source", "config", "mapping", "reading", "as_of", "lang", "with_names", "seed"]

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path, kind):
    return [
        cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind
    ]


def outputs(path):
    return [output for cell in cells(path, "code") for output in cell["outputs"]]


@every_notebook
def test_stored_outputs_are_what_the_notebook_gives(path, tmp_path):
    write_kernel(tmp_path)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval",
        f"--nbval-kernel-name={KERNEL}",
        "-q",
        "--no-header",
    ]
    command += ["-p", "no:cacheprovider", "-W", "default", str(path)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=surroundings(tmp_path),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, "refresh with `make notebooks`\n" + done.stdout[-4000:]


@every_notebook
def test_the_parameters_are_plain_values_with_a_comment_each(path):
    assert list(load(path).parameters)[: len(STANDARD)] == STANDARD
    first = cells(path, "code")[0]
    assert first["metadata"]["tags"] == ["parameters"]
    lines = source_of(first).splitlines()
    assert all(re.search(r"  # \w", line) for line in lines)
    assert all(isinstance(ast.parse(line).body[0], ast.Assign) for line in lines)


@every_notebook
def test_cells_are_short_and_hold_no_logic(path):
    for cell in cells(path, "code"):
        source = source_of(cell)
        assert len(source.splitlines()) <= 8
        logic = (
            ast.For,
            ast.While,
            ast.If,
            ast.FunctionDef,
            ast.Lambda,
            ast.comprehension,
            ast.With,
            ast.Try,
        )
        assert not any(isinstance(node, logic) for node in ast.walk(ast.parse(source))), source


@every_notebook
def test_texts_are_short_and_hold_no_numbers(path):
    for cell in cells(path, "markdown"):
        text = source_of(cell)
        prose = " ".join(line for line in text.splitlines() if not line.startswith("#"))
        assert len(re.findall(r"[.!?](?:\s|$)", prose)) <= 5, text
        assert not re.search(r"\d", prose), "what the numbers say is written by .explain()"


@every_notebook
def test_nothing_on_screen_warns_or_names_a_machine(path):
    assert not any(output["output_type"] in ("stream", "error") for output in outputs(path))
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"Warning|Traceback|/home/|/tmp/|/Users/|\\\\Users|0x[0-9a-f]{8}", text)
    assert str(ROOT) not in text


@every_notebook
def test_every_picture_is_described(path):
    pictures = [output for output in outputs(path) if "image/png" in output.get("data", {})]
    assert pictures
    assert all(len(picture["metadata"]["image/png"]["alt"]) > 40 for picture in pictures)


@every_notebook
def test_it_ends_with_its_decisions(path):
    assert source_of(cells(path, "code")[-1]).startswith("ck.reporting.conclude(")
