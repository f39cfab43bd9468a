"""Runs one notebook in a process of its own and writes its page: ``python -m crmkit.reporting.worker``.

The job comes as one line of JSON on standard input; each line on standard output is a JSON event:
``{"cells": 12}``, then ``{"done": 1}`` … and at the end ``{"failure": null}`` or what went wrong.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import signal
import sys
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.reporting.processes import KERNEL

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

ERROR_LENGTH = 400
_OF_CODE = ("BookError", "NameError", "AttributeError", "ImportError", "ModuleNotFoundError")
"""Errors whose messages quote names in code, or hold no personal data by promise."""


def main() -> None:
    """Do the job on standard input."""
    # Events alone go to the caller, whatever the kernel and its children print.
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))

    def tell(**event: Any) -> None:
        print(json.dumps(event), file=events, flush=True)

    # The kernel starts, and what runs it is imported, while the caller opens the book.
    with kernel() as running:
        import nbconvert.exporters.html  # noqa: F401
        import papermill  # noqa: F401

        line = sys.stdin.readline()
        if line.strip():
            tell(failure=_work(json.loads(line), running, tell))


@contextmanager
def kernel() -> Iterator[AsyncKernelManager]:
    """The kernel of :mod:`crmkit.reporting.processes`, started; nothing in it is saved at the end."""
    from jupyter_client.manager import AsyncKernelManager

    # In cipher where that is possible, so that the kernel has nothing to warn of.
    running = AsyncKernelManager(kernel_name=KERNEL, transport_encryption="auto")
    asyncio.run(_done(running.start_kernel()))
    try:
        yield running
    finally:
        asyncio.run(_done(running.shutdown_kernel(now=True)))


async def _done(step: Awaitable[Any]) -> None:
    await step


def _work(job: dict[str, Any], running: AsyncKernelManager, tell: Any) -> dict[str, Any] | None:
    import papermill

    from crmkit.reporting.page import notebook_page

    notebook = prepare(job)
    # papermill adds the cell with the parameters' values.
    tell(cells=sum(cell.cell_type == "code" for cell in notebook.cells) + 1)
    done = 0

    def count(**_: Any) -> None:
        nonlocal done
        done += 1
        tell(done=done)

    try:
        executed = execute(notebook, running, parameters=job["parameters"], on_cell_executed=count)
    except papermill.PapermillExecutionError as error:
        # papermill's own cell, which comes after that of the parameters, does not count for the reader.
        cell = max((error.exec_count or 0) - 1, 1)
        return {"cell": cell, "kind": error.ename, "message": presentable(error.ename, error.evalue)}
    except Exception as error:
        kind = type(error).__name__
        return {"cell": 0, "kind": kind, "message": presentable(kind, str(error))}
    html = notebook_page(executed, language=job["language"], company=job["company"], as_of=job["as_of"])
    Path(job["page"]).write_text(html, encoding="utf-8", newline="\n")
    return None


def execute(notebook: Any, running: AsyncKernelManager, **wishes: Any) -> Any:
    """Run a notebook, a file's name or a node, in a kernel."""
    import papermill

    return papermill.execute_notebook(
        notebook,
        None,
        kernel_name=KERNEL,
        language="python",
        progress_bar=False,
        request_save_on_cell_execute=False,
        autosave_cell_every=0,
        start_timeout=120,
        km=running,
        **wishes,
    )


def prepare(job: dict[str, Any]) -> Any:
    """The notebook to execute: no stored outputs, and its text in the language of the report."""
    import nbformat

    from crmkit.reporting.notebooks import translate

    notebook = nbformat.read(job["notebook"], as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        elif cell.cell_type == "markdown":
            cell.source = translate(cell.source, job["language"])
    return notebook


def presentable(kind: str, message: str) -> str:
    """The first line of an error's message, with what could be personal data left out.

    crmkit's own errors never hold any, and some quote code. In others, quotations stay only if they are a
    column's name, and what looks like an address, a number of a person or a name goes.

    >>> presentable("KeyError", "'amount'")
    "'amount'"
    >>> presentable("ValueError", "could not read 'Anna Example', anna@example.org, +1 555 010 999")
    "could not read '…', …, …"
    """
    lines = re.sub(r"\x1b\[[0-9;]*m", "", message).strip().splitlines()
    plain = lines[0] if lines else ""
    if kind not in _OF_CODE:
        plain = re.sub(r"'([^']*)'", lambda quoted: quoted[0] if quoted[1] in _known() else "'…'", plain)
        plain = re.sub(r'"([^"]*)"', lambda quoted: quoted[0] if quoted[1] in _known() else '"…"', plain)
        plain = re.sub(
            r"\S+@\S+\w|\+?\d(?:[ ()-]?\d){5,}|\b[A-ZА-ЯЁ][a-zа-яё]+(?: [A-ZА-ЯЁ][a-zа-яё]+)+", "…", plain
        )
    return plain if len(plain) <= ERROR_LENGTH else plain[:ERROR_LENGTH] + " …"


@cache
def _known() -> frozenset[str]:
    """Names of tables and columns."""
    from crmkit.book.contracts import TABLES
    from crmkit.wording import VOCABULARY

    columns = {column.name for table in TABLES.values() for column in table.columns}
    return frozenset(columns | set(TABLES) | set(VOCABULARY))


if __name__ == "__main__":
    main()
