"""From tables to a folder of reports, one process per notebook: all of it, or nothing changes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.book.errors import BookError
from crmkit.reporting import manifest
from crmkit.reporting.notebooks import Notebook, check_parameters, find
from crmkit.reporting.processes import Failure, Worker
from crmkit.reporting.shelf import Shelf
from crmkit.reporting.sources import book_from, clinic_folder, make_clinic, tables_of
from crmkit.reporting.surveys import Survey, survey

if TYPE_CHECKING:
    import pandas as pd

    from crmkit.book import Book
    from crmkit.reporting.conclusions import Conclusion

Progress = Callable[[str, int, int, bool], None]
"""Told the notebook's name, how many of its cells are done, of how many, and whether it failed.

All of its cells are done when it ended well, and not before.
"""


@dataclass(frozen=True)
class Report:
    """One notebook of a run.

    Parameters
    ----------
    name, title
        Of the notebook; the title is its question.
    conclusion
        What it handed over, if it ended well.
    failure
        Why it did not end well.
    page
        Its page in the run's folder; after a failure the last good one, blank if there never was one.
    as_of
        Day of that page's data, ISO.
    """

    name: str
    title: str
    conclusion: Conclusion | None
    failure: Failure | None
    page: str
    as_of: str


@dataclass(frozen=True)
class Run:
    """A finished run: its folder and its reports."""

    folder: Path
    reports: tuple[Report, ...]

    @property
    def index(self) -> Path:
        """The page to open first."""
        return self.folder / "index.html"

    @property
    def ok(self) -> bool:
        """Whether no notebook failed."""
        return all(report.failure is None for report in self.reports)


def run(
    source: Any = "",
    *,
    config: str | Path = "",
    mapping: str | Sequence[str] | Mapping[str, Any] = "",
    as_of: str = "",
    lang: str = "",
    out: str | Path = "",
    with_names: bool | None = None,
    notebooks: Sequence[str | Path] | None = None,
    folder: str | Path | None = None,
    parameters: Mapping[str, Any] | None = None,
    seed: int | None = None,
    reading: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Run:
    """Run notebooks on a company's tables and write their reports to ``<out>/<company>/<as_of>/``.

    Parameters
    ----------
    source, config, mapping, as_of, lang, with_names, reading
        As for :func:`crmkit.reporting.book_from`; blank means the default.
    out
        Folder for reports; blank: that of the settings, ``reports``.
    notebooks
        Names or paths; by default every numbered notebook of `folder` that the tables can answer.
    folder
        Where notebooks are looked up; by default crmkit's own.
    parameters
        Further parameters of the notebooks, by name.
    seed
        Of everything random; by default that of the settings, 0.
    progress
        Called after each cell, and when a notebook ends.

    Returns
    -------
    Run
        Whose ``ok`` is False if a notebook failed: the index then shows the error beside its last good page.

    Raises
    ------
    BookError
        If the tables cannot be read, a notebook or parameter is unknown, or `out` cannot be written. Nothing
        is changed then.
    """
    chosen = find(notebooks, folder=folder)
    given: dict[str, Any] = {
        "source": source or (tables_of(config) if config else ""),
        "config": str(config),
        "mapping": mapping,
        "as_of": as_of,
        "lang": lang,
        "with_names": with_names,
    }
    if reading:
        given["reading"] = dict(reading)
    _check(chosen, [*given, "seed"], parameters or {})
    with ExitStack() as stack:
        work = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="crmkit-", ignore_cleanup_errors=True))
        )
        crew = stack.enter_context(_Crew(work, chosen))
        found = given | {
            "source": absolute(given["source"]) or _clinic(work),
            "config": absolute(given["config"]),
        }
        book = book_from(**found)
        if notebooks is None:
            chosen = _answerable(chosen, book)
        settings = book.settings.report
        resolved = found | {
            "as_of": _day(book),
            "lang": book.language,
            "with_names": book.with_names,
            "seed": settings.seed if seed is None else seed,
            **(parameters or {}),
        }
        shelf = stack.enter_context(
            Shelf(
                Path(out or settings.out),
                company=book.name,
                as_of=resolved["as_of"],
                with_names=book.with_names,
            )
        )
        jobs = {notebook.name: _job(notebook, book, resolved, shelf) for notebook in chosen}
        pending = crew.run(jobs, progress or (lambda *_: None))
        # While the notebooks run:
        read, record = (
            survey(book),
            _record(
                book,
                shelf,
                given | {name: resolved[name] for name in ("seed", "with_names")},
                parameters or {},
            ),
        )
        done = dict(zip(jobs, pending))
        reports = tuple(_report(notebook, *done[notebook.name], book, shelf) for notebook in chosen)
        _write_rest(shelf, book, read, reports, record)
        return Run(shelf.publish(), reports)


def _job(notebook: Notebook, book: Book, values: Mapping[str, Any], shelf: Shelf) -> dict[str, Any]:
    """What a worker has to know."""
    return {
        "notebook": str(notebook.path.resolve()),
        "parameters": {name: values[name] for name in notebook.parameters if name in values},
        "language": book.language,
        "company": book.name,
        "as_of": shelf.as_of,
        "page": str(shelf.draft.resolve() / f"{notebook.name}.html"),
    }


class _Crew:
    """Workers for the notebooks of a run, as many at a time as there are processors."""

    def __init__(self, work: Path, chosen: Sequence[Notebook]) -> None:
        self._work = work
        self._most = min(os.cpu_count() or 1, len(chosen))
        self._started = {notebook.name: self._start(notebook.name) for notebook in chosen[: self._most]}
        self._threads = ThreadPoolExecutor(self._most)

    def __enter__(self) -> _Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in list(self._started.values()):
            worker.stop()
        self._threads.shutdown()

    def _start(self, name: str) -> Worker:
        folder = self._work / name
        folder.mkdir()
        return Worker(folder)

    def run(
        self, jobs: Mapping[str, Mapping[str, Any]], progress: Progress
    ) -> Iterator[tuple[Conclusion | None, Failure | None]]:
        """Begin all jobs; in their order, what each handed over, or why it failed."""

        def do(name: str) -> tuple[Conclusion | None, Failure | None]:
            from crmkit.reporting.conclusions import received

            worker = self._started.get(name) or self._started.setdefault(name, self._start(name))
            seen = (0, 0)

            def count(done: int, cells: int) -> None:
                nonlocal seen
                seen = done, cells
                if done < cells:
                    progress(name, done, cells, False)

            try:
                failure = worker.run(jobs[name], count)
            finally:
                worker.stop()
            progress(name, *seen, failure is not None)
            return (None, failure) if failure else (received(worker.handover), None)

        return self._threads.map(do, jobs)


def _check(chosen: Sequence[Notebook], given: Sequence[str], further: Mapping[str, Any]) -> None:
    """Every notebook takes what is always given, and some notebook each further parameter."""
    names = [notebook.name for notebook in chosen]
    for name in names:
        if names.count(name) > 1:
            raise BookError(
                "two notebooks are called {name}: rename one, since the pages are called after them.",
                name=name,
            )
    if "index" in names:
        raise BookError(
            "a notebook cannot be called index, like the page that leads to all others: rename it."
        )
    for notebook in chosen:
        check_parameters(notebook, given)
    for parameter in further:
        if parameter in given:
            raise BookError("the parameter {name} has an option of its own: use that one.", name=parameter)
        takers = [notebook for notebook in chosen if parameter in notebook.parameters]
        check_parameters((takers or chosen)[0], [parameter])


def _answerable(chosen: Sequence[Notebook], book: Book) -> list[Notebook]:
    """The notebooks that answer a question with the tables at hand, and those that crmkit does not know."""
    answers = book.answers()
    able = set(answers.loc[answers["answered"], "notebook"])
    known = set(answers["notebook"])
    left = [notebook for notebook in chosen if notebook.name in able or notebook.name not in known]
    if left:
        return left
    if "client_id" in book.filled_columns.get("ledger", ()):
        # A ledger without amounts still says how often clients buy.
        return list(chosen)
    if "ledger" in book.tables:
        raise BookError(
            "No row of the ledger names a client, and the questions are about clients. Name the column that "
            'does: --map client_id=Buyer (crmkit.toml, [mapping.ledger]: client_id = "Buyer"; Python: '
            "mapping={example}).",
            example='{"client_id": "Buyer"}',
        )
    raise BookError("The tables at hand answer none of the questions; crmkit check says what would.")


def absolute(source: Any) -> Any:
    """A source, or a settings file, that means the same in a process that runs elsewhere."""
    if isinstance(source, Mapping):
        raise BookError("A report is made from files: give a folder, a file, a list of files or a URL.")
    if isinstance(source, list | tuple):
        return [absolute(each) for each in source]
    text = str(source or "")
    return text if "://" in text or not text else str(Path(text).expanduser().resolve())


def _clinic(work: Path) -> str:
    return str(clinic_folder() or make_clinic(work))


def _day(book: Book) -> str:
    if book.as_of != book.as_of:
        raise BookError(
            "These tables have no ledger to say up to which day they count: pass --as-of 2025-06-30."
        )
    return f"{book.as_of:%Y-%m-%d}"


def _report(
    notebook: Notebook, conclusion: Conclusion | None, failure: Failure | None, book: Book, shelf: Shelf
) -> Report:
    page, as_of = f"{notebook.name}.html", shelf.as_of
    if failure:
        kept = shelf.keep_last_good(notebook.name)
        page, as_of = (page, kept) if kept else ("", "")
    return Report(notebook.name, notebook.title(book.language), conclusion, failure, page, as_of)


def _record(book: Book, shelf: Shelf, given: Mapping[str, Any], further: Mapping[str, Any]) -> dict[str, Any]:
    """What a run is made from."""
    return {
        "company": book.name,
        "as_of": shelf.as_of,
        "language": book.language,
        "parameters": {name: manifest.portable(value) for name, value in {**given, **further}.items()},
        "inputs": book.fingerprints,
        "versions": manifest.versions(),
    }


def _write_rest(
    shelf: Shelf, book: Book, read: Survey, reports: Sequence[Report], record: Mapping[str, Any]
) -> None:
    """Everything of a run beside the notebooks' pages."""
    from crmkit.reporting.index import index_page
    from crmkit.reporting.workbook import write_csv, write_workbook
    from crmkit.wording import Speaker

    say = Speaker(book.language, currency=book.currency)
    day = date.fromisoformat(shelf.as_of)
    conclusions = {report.name: report.conclusion for report in reports if report.conclusion}
    if conclusions:
        write_workbook(shelf.draft / "plan.xlsx", _sheets(conclusions, read), say, as_of=day)
    if any(report.failure for report in reports):
        shelf.keep_last_plan()
    if len(book.set_aside):
        write_csv(shelf.draft / "set_aside.csv", book.set_aside)
    files = [*sorted(path.name for path in shelf.draft.iterdir() if path.suffix != ".html"), manifest.FILE]
    html = index_page(book, read, reports, say, as_of=day, files=files)
    (shelf.draft / "index.html").write_text(html, encoding="utf-8", newline="\n")
    manifest.write(shelf.draft, {**record, "notebooks": {report.name: _status(report) for report in reports}})


def _sheets(conclusions: Mapping[str, Conclusion], read: Survey) -> dict[str, pd.DataFrame]:
    """Decisions of all notebooks first, then every table under its notebook's number, then the notes."""
    from crmkit.reporting.conclusions import as_shown, decided

    sheets = {"decisions": as_shown(decided(conclusions.values()))}
    for name, conclusion in conclusions.items():
        number = f"{name[:2]} " if name[:2].isdigit() else ""
        sheets |= {number + table: frame for table, frame in conclusion.tables.items()}
    return sheets | {"notes": read.notes} if len(read.notes) else sheets


def _status(report: Report) -> dict[str, Any]:
    if report.failure is None:
        return {"status": "done", "as_of": report.as_of}
    failed = {"status": "failed", "error": report.failure.kind, "cell": report.failure.cell}
    return {**failed, "as_of": report.as_of} if report.page else failed
