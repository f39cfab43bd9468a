"""Runs crmkit's own notebooks on the clinic and stores their outputs: ``python -m crmkit.reporting.refresh``.

Only what says something about the data is stored, so that the files change only when a result does.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.places import notebooks_folder
from crmkit.reporting.processes import surroundings, write_kernel

if TYPE_CHECKING:
    from nbformat import NotebookNode

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def refresh(path: Path) -> None:
    """Run one notebook with its own parameters and store its outputs in it."""
    import nbformat

    from crmkit.reporting.worker import execute, kernel

    with kernel() as running:
        notebook = execute(str(path), running)
    path.write_text(nbformat.writes(settled(notebook)) + "\n", encoding="utf-8", newline="\n")


def settled(notebook: NotebookNode) -> Any:
    """A notebook without times, versions and names of a machine."""
    notebook.metadata = METADATA
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number:02d}"
        cell.metadata = {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
        for output in cell.get("outputs", []):
            output.pop("transient", None)
    return notebook


def main() -> None:
    """Refresh every notebook."""
    with tempfile.TemporaryDirectory(prefix="crmkit-") as folder:
        write_kernel(Path(folder))
        os.environ.update(surroundings(Path(folder)))
        for path in sorted(notebooks_folder().rglob("*.ipynb")):
            refresh(path)


if __name__ == "__main__":
    main()
