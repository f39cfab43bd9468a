"""How far the notebooks of a run are, for whoever waits at a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmkit.wording import Speaker


class TerminalProgress:
    """A bar for each notebook on a terminal; elsewhere a line when one ends.

    Parameters
    ----------
    say
        Speaker of the reader's language.
    """

    def __init__(self, say: Speaker) -> None:
        self.say = say
        self._bar: Any = None
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> TerminalProgress:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._tasks[""] = self._bar.add_task(self.say("reading the tables"), total=None)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, name: str, done: int, cells: int, failed: bool) -> None:
        """Note how many cells of a notebook are done, or that it failed."""
        said = self.say("{notebook}: failed", notebook=name) if failed else name
        if self._bar is None:
            if failed or done == cells:
                print(said if failed else self.say("{notebook}: done", notebook=name), file=sys.stderr)
            return
        if "" in self._tasks:
            self._bar.remove_task(self._tasks.pop(""))
        if name not in self._tasks:
            self._tasks[name] = self._bar.add_task(name, total=cells)
        self._bar.update(self._tasks[name], completed=done, description=said)
