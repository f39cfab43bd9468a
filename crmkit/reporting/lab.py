"""Copies of the notebooks to work in, with a book's parameters in place."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from crmkit.book.errors import BookError
from crmkit.reporting.notebooks import PARAMETERS_TAG, Notebook, source_of


def prepare(notebooks: Sequence[Notebook], folder: Path, parameters: Mapping[str, Any]) -> list[Path]:
    """Copy notebooks into a folder and write the parameters into the copies; the originals stay as they are.

    A copy that is there already is kept, so that nobody's work is lost; only its parameters change.

    Parameters
    ----------
    notebooks
        The originals.
    folder
        Of the copies; made if missing.
    parameters
        Values by name; those that a notebook does not have are left out.

    Returns
    -------
    list of Path
        The copies.

    Raises
    ------
    BookError
        If the folder cannot be written.
    """
    copies = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for notebook in notebooks:
            copy = folder / notebook.path.name
            content = json.loads((copy if copy.exists() else notebook.path).read_text(encoding="utf-8"))
            for cell in content["cells"]:
                if PARAMETERS_TAG in cell.get("metadata", {}).get("tags", []):
                    cell["source"] = with_values(source_of(cell), parameters).splitlines(keepends=True)
            text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
            copy.write_text(text, encoding="utf-8", newline="\n")
            copies.append(copy)
    except OSError as error:
        raise BookError(
            "{place}: nothing can be written here ({error}).", place=folder, error=error.strerror
        ) from None
    return copies


def with_values(source: str, values: Mapping[str, Any]) -> str:
    """A parameters cell with other values and the same comments.

    >>> print(with_values('source = ""  # where\\nseed = 0  # repeatable', {"source": "orders.csv"}))
    source = "orders.csv"  # where
    seed = 0  # repeatable
    """
    lines = source.splitlines()
    for node in reversed(ast.parse(source).body):
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(node, ast.Assign) and isinstance(target, ast.Name) and target.id in values:
            value = node.value
            assert value.end_lineno is not None
            # The parser counts bytes.
            before = lines[value.lineno - 1].encode()[: value.col_offset].decode()
            after = lines[value.end_lineno - 1].encode()[value.end_col_offset :].decode()
            lines[value.lineno - 1 : value.end_lineno] = [before + _literal(values[target.id]) + after]
    return "\n".join(lines)


def _literal(value: Any) -> str:
    """A value as Python, text in double quotes."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
