"""Notebooks in processes of their own, in surroundings that the user's own settings cannot reach."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmkit.wording import Speaker

KERNEL = "crmkit"
HANDOVER = "CRMKIT_HANDOVER"
"""Environment variable that tells a notebook where to leave its conclusion."""

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_MEDDLING = ("PYTHONSTARTUP", "PYTHONINSPECT", "PYTHONWARNINGS", "PYTHONHOME", "PYTHONOPTIMIZE", "MPLSTYLE")


@dataclass(frozen=True)
class Failure:
    """Why a notebook failed: the number of its code cell (0 if none), the kind of error, and its message."""

    cell: int
    kind: str
    message: str

    def said(self, say: Speaker) -> str:
        """That there is no report, and where it went wrong; the message goes after it."""
        if self.cell:
            return say("This report could not be made: {kind} in cell {n}.", kind=self.kind, n=self.cell)
        return say("This report could not be made: {kind}.", kind=self.kind)


class Worker:
    """A process that waits for one notebook to run.

    It is started before its job is known, so that it imports what it needs meanwhile.

    Parameters
    ----------
    folder
        An empty folder of its own: kernel, profile and working directory.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        write_kernel(folder)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "crmkit.reporting.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=surroundings(folder) | {HANDOVER: str(self.handover)},
            encoding="utf-8",
        )

    @property
    def handover(self) -> Path:
        """Where the notebook leaves its conclusion."""
        return self.folder / "conclusion.pickle"

    def run(self, job: Mapping[str, Any], progress: Callable[[int, int], None]) -> Failure | None:
        """Do a job; `progress` is told how many cells are done, of how many."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(dict(job)) + "\n")
            self._process.stdin.close()
        cells = 0
        for line in self._process.stdout:
            event = json.loads(line)
            if "cells" in event:
                cells = event["cells"]
            elif "done" in event:
                progress(event["done"], cells)
            else:
                self._process.wait()
                return Failure(**event["failure"]) if event["failure"] else None
        status = self._process.wait()
        return Failure(0, "ProcessEnded", f"The notebook's process ended early, with exit status {status}.")

    def stop(self) -> None:
        """End the process, if it still runs, and with it its kernel."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()


def write_kernel(folder: Path) -> None:
    """A kernel that is this very interpreter, whatever is registered under other names."""
    place = folder / "jupyter" / "kernels" / KERNEL
    place.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    command += ["--HistoryManager.enabled=False", "--ext=crmkit.reporting.warmup"]
    spec: dict[str, Any] = {"argv": command, "display_name": KERNEL, "language": "python"}
    # With this the kernel encrypts what it says, and does not warn that it would not.
    spec["metadata"] = {"supported_encryption": ["curve"]}
    (place / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")


def surroundings(folder: Path) -> dict[str, str]:
    """Environment of a worker and its kernel: the caller's, less what could change a result."""
    kept = {name: value for name, value in os.environ.items() if name not in _MEDDLING}
    matplotlib = importlib.util.find_spec("matplotlib")
    assert matplotlib is not None
    assert matplotlib.origin is not None
    return kept | {
        **dict.fromkeys(_ONE_THREAD, "1"),
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "TZ": "UTC",
        "SOURCE_DATE_EPOCH": "315532800",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MATPLOTLIBRC": str(Path(matplotlib.origin).parent / "mpl-data" / "matplotlibrc"),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_PATH": str(folder / "jupyter"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_DATA_DIR": str(folder / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(folder / "jupyter" / "runtime"),
    }
