"""The notebooks that reports are made of: where they are, what they ask, which parameters they take."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crmkit.book.errors import BookError
from crmkit.book.settings import did_you_mean
from crmkit.places import notebooks_folder
from crmkit.wording import translations

PARAMETERS_TAG = "parameters"


@dataclass(frozen=True)
class Notebook:
    """One notebook: its file, its texts, and its parameters with their defaults."""

    path: Path
    texts: tuple[str, ...]
    parameters: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The file's name without its ending, such as ``01_client_base``."""
        return self.path.stem

    def title(self, language: str) -> str:
        """The question that the notebook answers: its first heading, in a language."""
        for text in self.texts:
            heading = re.search(r"^# (.+)$", translate(text, language), flags=re.M)
            if heading:
                return heading.group(1).strip()
        return self.name


def translate(text: str, language: str) -> str:
    """A text cell in a language."""
    return translations(language).gettext(text) if text else text


def find(wanted: Sequence[str | Path] | None = None, *, folder: str | Path | None = None) -> list[Notebook]:
    """The notebooks to run.

    Parameters
    ----------
    wanted
        Names (``01_client_base``, or ``01``) of notebooks in `folder`, or paths of one's own; all numbered
        notebooks of the folder if None.
    folder
        Where names are looked up; by default crmkit's own notebooks.

    Raises
    ------
    BookError
        If a notebook is missing or is not one.
    """
    place = Path(folder) if folder is not None else notebooks_folder()
    known = {path.stem: path for path in sorted(place.glob("[0-9][0-9]_*.ipynb"))}
    if not known and not wanted:
        raise BookError(
            "{place}: there are no notebooks here; expected files such as 01_client_base.ipynb.", place=place
        )
    if wanted is None:
        return [load(path) for path in known.values()]
    return [load(_resolve(str(each), known)) for each in dict.fromkeys(wanted)]


def _resolve(wanted: str, known: Mapping[str, Path]) -> Path:
    for name, path in known.items():
        if wanted in (name, name[:2], path.name):
            return path
    path = Path(wanted)
    if path.suffix == ".ipynb" and path.is_file():
        return path
    raise BookError(
        "there is no notebook '{wanted}'.{hint} Known: {known}.",
        wanted=wanted,
        hint=did_you_mean(wanted, list(known)),
        known=", ".join(known) or "–",
    )


def load(path: Path) -> Notebook:
    """Read a notebook's title and parameters; BookError if it is not a notebook or has no parameters cell."""
    cells = read_cells(path)
    tagged = [cell for cell in cells if PARAMETERS_TAG in cell.get("metadata", {}).get("tags", [])]
    if not tagged:
        raise BookError(
            "{file}: no cell is tagged '{tag}'; tag the cell that sets source, as_of …",
            file=path.name,
            tag=PARAMETERS_TAG,
        )
    texts = tuple(source_of(cell) for cell in cells if cell["cell_type"] == "markdown")
    return Notebook(path, texts, _literals(source_of(tagged[0]), path))


def read_cells(path: Path) -> list[dict[str, Any]]:
    """The cells of a notebook file; BookError if it is not one."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError):
        raise BookError("{file}: this is not a Jupyter notebook (version 4).", file=path.name) from None
    return cells


def source_of(cell: Mapping[str, Any]) -> str:
    """A cell's text, which files hold as one string or as a list of lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def _literals(source: str, path: Path) -> dict[str, Any]:
    """Names and values that the parameters cell sets; it may hold nothing but ``name = literal`` lines."""
    try:
        body = ast.parse(source).body
        return {
            target.id: ast.literal_eval(line.value)
            for line in body
            if isinstance(line, ast.Assign)
            for target in line.targets
            if isinstance(target, ast.Name)
        }
    except (SyntaxError, ValueError):
        raise BookError(
            '{file}: the parameters cell may only hold plain values, such as as_of = "2025-06-30".',
            file=path.name,
        ) from None


def check_parameters(notebook: Notebook, names: Sequence[str]) -> None:
    """Refuse names that the notebook's parameters cell does not set (papermill would only warn, and run).

    Raises
    ------
    BookError
        Naming the first unknown parameter, the nearest known one, and all known ones.
    """
    known = list(notebook.parameters)
    for name in names:
        if name not in known:
            raise BookError(
                "{file} has no parameter '{name}'.{hint} Its parameters: {known}.",
                file=notebook.path.name,
                name=name,
                hint=did_you_mean(name, known),
                known=", ".join(known),
            )
