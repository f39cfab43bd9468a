"""The files that describe the project agree with each other and with the code."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
CONDA_NAMES = {
    "ibis-duckdb": "ibis-framework",
    "jupyter_client": "jupyter-client",
    "python-duckdb": "duckdb",
}
LAYERS = (
    "cli",
    "reporting",
    "training",
    "record",
    ("planning", "clients"),
    ("segmentation", "value", "forecasting"),
    "book",
    "statistics",
    "wording",
)


def pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def requirements(*groups: str) -> dict[str, Requirement]:
    project = pyproject()
    texts = list(project["project"]["dependencies"])
    texts += [text for group in groups for text in project["dependency-groups"][group]]
    return {canonicalize_name(each.name): each for each in map(Requirement, texts)}


def locked() -> dict[str, set[str]]:
    """Versions by package; a package may be locked once for each range of Python versions."""
    found: dict[str, set[str]] = {}
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, flags=re.M):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def conda() -> dict[str, Requirement]:
    text = (ROOT / "environment.yml").read_text(encoding="utf-8").partition("dependencies:")[2]
    lines = re.findall(r"^  - ([a-z][^:\n]*)$", text, flags=re.M)
    return {CONDA_NAMES.get(each.name, each.name): each for each in map(Requirement, lines)}


def test_every_dependency_is_locked_at_a_version_that_pyproject_allows():
    lock = locked()
    for name, requirement in requirements("test", "lint", "build").items():
        assert name in lock, name
        assert all(requirement.specifier.contains(version) for version in lock[name]), name


def test_every_locked_package_has_hashes_and_no_address():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.M)[1:]
    assert len(blocks) > 100
    assert all("--hash=sha256:" in block for block in blocks)


def test_conda_environment_names_exactly_the_runtime_packages_with_the_same_bounds():
    wanted = requirements()
    named = conda()
    assert set(named) - {"python", "pip", "nbval", "pytest"} == set(wanted)
    assert all(named[name].specifier == requirement.specifier for name, requirement in wanted.items())
    assert (
        named["python"].specifier
        == Requirement("python" + pyproject()["project"]["requires-python"]).specifier
    )


def test_every_library_that_the_code_imports_is_declared():
    known = packages_distributions()
    wanted = set(requirements())
    own = sys.stdlib_module_names | {"crmkit"}
    for path in (ROOT / "crmkit").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            for name in {module.partition(".")[0] for module in modules} - own:
                assert wanted & set(map(canonicalize_name, known[name])), f"{path.name}: {name}"


def imported_packages(path: Path) -> set[str]:
    """Names of crmkit's packages that a module imports, in type hints and functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name.split(".")[1] for name in names if name.startswith("crmkit.")}


def test_imports_run_one_way():
    level = {
        name: depth
        for depth, layer in enumerate(LAYERS)
        for name in ((layer,) if isinstance(layer, str) else layer)
    }
    packages = [path for path in (ROOT / "crmkit").iterdir() if path.is_dir() and path.name in level]
    assert packages
    for package in packages:
        for module in package.rglob("*.py"):
            for name in imported_packages(module) - {package.name}:
                if name in level:
                    assert level[name] > level[package.name], f"{module.relative_to(ROOT)} imports {name}"


def test_the_clinic_generator_uses_the_book_only():
    for module in (ROOT / "crmkit/datasets").glob("*.py"):
        assert imported_packages(module) <= {"book", "datasets"}, module.name


def test_ibis_lives_in_the_book_alone():
    outside = [
        path.relative_to(ROOT)
        for path in (ROOT / "crmkit").rglob("*.py")
        if re.search(r"^\s*(import|from) (ibis|duckdb)", path.read_text(encoding="utf-8"), flags=re.M)
        and "book" not in path.parts
    ]
    assert outside == []


def test_no_module_is_longer_than_450_lines():
    long = [
        path.name
        for path in (ROOT / "crmkit").rglob("*.py")
        if len(path.read_text(encoding="utf-8").splitlines()) > 450
    ]
    assert long == []


def test_importing_crmkit_loads_no_heavy_library():
    import subprocess

    heavy = ("pandas", "numpy", "ibis", "duckdb", "sklearn")
    code = f"import sys, crmkit; print(sorted(set({heavy}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_file_that_the_texts_link_to_exists(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)\)", text) if "://" not in link]
    missing = [link for link in links if not (ROOT / link).exists()]
    assert missing == []


def test_the_readme_shows_the_tables_of_the_contract():
    from crmkit.book.contracts import as_markdown

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = text.partition("<!-- tables -->\n")[2].partition("\n<!-- /tables -->")[0]
    command = "from crmkit.book.contracts import as_markdown; print(as_markdown())"
    assert shown == as_markdown(), f"put between the marks what this prints: python -c '{command}'"


def test_the_code_in_the_readme_runs(monkeypatch, capsys):
    from matplotlib import pyplot

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    monkeypatch.chdir(ROOT)
    exec(re.search(r"```python\n(.*?)```", text, flags=re.S).group(1), {})
    assert "20%" in capsys.readouterr().out
    pyplot.close("all")
