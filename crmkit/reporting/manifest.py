"""What a run was made from and what it wrote: ``run.json``, with no clock, path or personal data in it."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crmkit.book.errors import BookError
from crmkit.book.formats.files import shown_url

if TYPE_CHECKING:
    import pandas as pd

FILE = "run.json"
LIBRARIES = (
    *("babel", "duckdb", "ibis-framework", "matplotlib", "nbconvert", "numpy", "pandas", "papermill"),
    *("scikit-learn", "scipy", "seaborn", "statsmodels", "xlsxwriter"),
)


def versions() -> dict[str, str]:
    """crmkit, Python, the kind of machine, and the libraries that results depend on."""
    known = {"crmkit": version("crmkit"), "python": platform.python_version()}
    known |= {"system": platform.system(), "machine": platform.machine()}
    return known | {name: version(name) for name in LIBRARIES}


def fingerprint(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_in(folder: Path) -> dict[str, str]:
    """Fingerprints of a run's files by name, but for run.json itself."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / FILE)
    return {path.relative_to(folder).as_posix(): fingerprint(path) for path in paths}


def portable(parameter: Any) -> Any:
    """A parameter without what belongs to one machine or one person: a path's folders, a link's credentials.

    >>> portable("/home/anna/orders.csv"), portable("data/clinic")
    ('orders.csv', 'data/clinic')
    >>> portable("https://anna:secret@example.org/orders.csv?token=1")
    'https://example.org/orders.csv'
    """
    if isinstance(parameter, list | tuple):
        return [portable(each) for each in parameter]
    if isinstance(parameter, PurePath):
        parameter = str(parameter)
    if not isinstance(parameter, str):
        return parameter
    if "://" in parameter:
        link = urlsplit(parameter)
        return shown_url(link)
    path = Path(parameter)
    outside = path.is_absolute() or path.parts[:1] in (("~",), ("..",))
    return path.name if outside else parameter


def write(folder: Path, content: Mapping[str, Any]) -> None:
    """Write run.json with the fingerprints of what lies beside it."""
    text = json.dumps({**content, "files": files_in(folder)}, indent=2, ensure_ascii=False, sort_keys=True)
    (folder / FILE).write_text(text + "\n", encoding="utf-8", newline="\n")


def read(folder: Path) -> dict[str, Any]:
    """The run.json of a run; BookError if there is none."""
    try:
        return json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise BookError(
            "{place}: there is no readable {file} here, so this is no report of crmkit.",
            place=folder,
            file=FILE,
        ) from None


def verify(run_folder: str | Path, *, source: str | Path | None = None) -> pd.DataFrame:
    """Compare a report, and the tables it was made from, with what was recorded when it was made.

    Parameters
    ----------
    run_folder
        The folder with ``run.json``.
    source
        Where the tables are now; by default where they were, if the record says so.

    Returns
    -------
    DataFrame
        kind (``report`` or ``input``), file, state: ``same``, ``changed``, ``missing``, or ``added`` for a
        file in the folder that the run did not write. Inputs that cannot be looked up are ``not found``.

    Raises
    ------
    BookError
        If the folder is not a report of crmkit.
    """
    import pandas as pd

    folder = Path(run_folder)
    record = read(folder)
    now = files_in(folder)
    rows = [("report", name, _state(expected, now.get(name))) for name, expected in record["files"].items()]
    rows += [("report", name, "added") for name in now if name not in record["files"]]
    place = Path(source) if source is not None else _recorded_place(record)
    for entry in record["inputs"]:
        path = place / entry["name"] if place is not None and place.is_dir() else place
        found = fingerprint(path) if path is not None and path.is_file() else None
        state = "not found" if found is None else _state(entry["sha256"], found)
        rows.append(("input", entry["name"], state))
    return pd.DataFrame(rows, columns=["kind", "file", "state"])


def _recorded_place(record: Mapping[str, Any]) -> Path | None:
    from crmkit.reporting.sources import clinic_folder

    source = record["parameters"]["source"]
    if source == "":
        return clinic_folder()
    return Path(source) if isinstance(source, str) and Path(source).exists() else None


def _state(expected: str, found: str | None) -> str:
    if found is None:
        return "missing"
    return "same" if found == expected else "changed"
