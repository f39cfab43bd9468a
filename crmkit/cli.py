"""The command line: ``crmkit report``, ``check``, ``init`` and ``lab``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmkit.book.errors import BookError

if TYPE_CHECKING:
    from crmkit.reporting import Run

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="""From a company's client ledger to its sales plan, with every number explained.

    Try it on the made-up clinic that comes along: crmkit report.

    With tables of your own: crmkit check orders.csv says what was read and what it can answer, crmkit report
    --source orders.csv writes the reports. One table of sales is enough: a date, a client, an amount.

    Exit codes: 0 all is well, 1 a notebook failed (its last good report stays), 2 the input cannot be used.
    """,
)

Source = Annotated[
    list[str] | None,
    typer.Option(help="File, folder or URL with your tables. Repeatable. Default: the made-up clinic."),
]
Config = Annotated[
    Path | None, typer.Option(help="Settings file. Default: crmkit.toml beside the tables, if there is one.")
]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="COLUMN=HEADER", help="Your name of a column: amount=Total. Repeatable."),
]
AsOf = Annotated[
    str | None, typer.Option(help="Day of the report, 2025-06-30. Default: the last day in the data.")
]
Lang = Annotated[str | None, typer.Option(help="en or ru. Default: as the settings say.")]
Names = Annotated[bool, typer.Option("--with-names", help="Show names and other personal data.")]
Notebooks = Annotated[
    list[str] | None,
    typer.Option("--notebook", help="Name or path of a notebook; repeatable. Default: all."),
]


@app.command(short_help="Write the reports.")
def report(
    source: Source = None,
    config: Config = None,
    mapping: Map = None,
    as_of: AsOf = None,
    lang: Lang = None,
    with_names: Names = False,
    notebook: Notebooks = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A notebook's own parameter. Repeatable."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for reports. Default: reports.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything random. Default: 0.")] = None,
) -> None:
    """Write the reports: one page for each question, an index, and every table as a spreadsheet."""
    from crmkit.reporting import run

    wishes = _wishes(source, config)
    with _Progress() as progress:
        finished = run(
            wishes["source"],
            config=wishes["config"],
            folder=wishes["folder"],
            mapping=mapping,
            as_of=as_of,
            language=lang,
            with_names=with_names,
            notebooks=notebook,
            parameters=_parameters(parameter),
            out=out,
            seed=seed,
            progress=progress,
        )
    _tell(finished)


def _tell(finished: Run) -> None:
    for each in finished.reports:
        if each.failure is not None:
            where = f" in cell {each.failure.cell}" if each.failure.cell else ""
            typer.echo(f"{each.name} failed: {each.failure.kind}{where}. {each.failure.message}", err=True)
    typer.echo(f"Open {finished.index}")
    if not finished.ok:
        raise typer.Exit(1)


@app.command(short_help="Say what was read and what can be answered.")
def check(
    source: Annotated[
        list[str] | None, typer.Argument(help="Files, a folder or a URL. Default: the made-up clinic.")
    ] = None,
    config: Config = None,
    mapping: Map = None,
    as_of: AsOf = None,
    lang: Lang = None,
) -> None:
    """Say what was read and noted, what can be answered, and what one more table or column would add."""
    from rich.console import Console

    from crmkit.reporting import book_from
    from crmkit.reporting.console import findings

    wishes = _wishes(source, config)
    book = book_from(
        wishes["source"] or "",
        config=wishes["config"] or "",
        mapping=mapping or "",
        as_of=as_of or "",
        lang=lang or "",
    )
    console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)
    for part in findings(book):
        console.print(part)


@app.command(short_help="Write settings for your tables, or a planning folder.")
def init(
    files: Annotated[list[Path] | None, typer.Argument(help="Your tables: files or folders.")] = None,
    template: Annotated[
        bool, typer.Option("--template", help="Make a planning folder of one's own.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Where to write. Default: crmkit.toml beside the first file; with --template, this folder."
        ),
    ] = None,
) -> None:
    """Write a commented crmkit.toml for your tables, or a whole planning folder. Nothing is overwritten."""
    from crmkit.reporting import planning

    if template:
        folder = out or Path()
        for path in planning.make_planning_folder(folder):
            typer.echo(f"Wrote {path}")
        typer.echo(f"Put your tables into {folder / 'data'}, then: crmkit report")
        return
    first = files[0] if files else Path()
    target = out or (first if first.is_dir() else first.parent) / planning.SETTINGS
    planning.write_settings(files or [], target)
    typer.echo(f"Wrote {target}")


@app.command(short_help="Open JupyterLab on the notebooks.")
def lab(
    source: Source = None,
    config: Config = None,
    mapping: Map = None,
    as_of: AsOf = None,
    lang: Lang = None,
    with_names: Names = False,
    out: Annotated[Path, typer.Option(help="Folder for the copies.")] = Path("reports/lab"),
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
    start: Annotated[
        bool, typer.Option(help="Start JupyterLab; with --no-start only the copies are made.")
    ] = True,
) -> None:
    """Open JupyterLab on copies of the notebooks, with your tables as their parameters."""
    from crmkit.reporting import book_from
    from crmkit.reporting.lab import prepare
    from crmkit.reporting.notebooks import find
    from crmkit.reporting.runner import absolute

    wishes = _wishes(source, config)
    given: dict[str, Any] = {
        "source": absolute(wishes["source"]),
        "config": absolute(wishes["config"]),
        "mapping": mapping or "",
        "as_of": as_of or "",
        "lang": lang or "",
        "with_names": with_names,
    }
    book_from(**given)
    for path in prepare(find(folder=wishes["folder"]), out, given):
        typer.echo(f"Ready: {path}")
    if start:
        import subprocess

        command = [sys.executable, "-m", "jupyterlab", str(out), *([] if browser else ["--no-browser"])]
        raise typer.Exit(subprocess.call(command))


@app.command(short_help="Say which version this is.")
def version() -> None:
    """Say which version of crmkit this is."""
    from crmkit import __version__

    typer.echo(f"crmkit {__version__}")


@app.callback(invoke_without_command=True)
def _options(
    show_version: Annotated[
        bool, typer.Option("--version", help="Say which version of crmkit this is.")
    ] = False,
) -> None:
    if show_version:
        version()
        raise typer.Exit


def _wishes(source: list[str] | None, config: Path | None) -> dict[str, Any]:
    """Source, settings and notebooks: in a planning folder, its own unless told otherwise."""
    from crmkit.reporting.planning import SETTINGS, is_planning_folder

    here = Path()
    if any(not each.strip() for each in source or []):
        raise BookError("--source is blank. Name a file, a folder or a URL, or leave the option out.")
    given: Any = None if not source else source[0] if len(source) == 1 else source
    if not is_planning_folder(here):
        return {"source": given, "config": config, "folder": None}
    return {"source": given or "data", "config": config or here / SETTINGS, "folder": here / "notebooks"}


def _parameters(pairs: list[str] | None) -> dict[str, Any]:
    """NAME=VALUE as Python's literals; text needs no quotes."""
    import ast

    values: dict[str, Any] = {}
    for pair in pairs or []:
        name, equals, text = pair.partition("=")
        if not equals:
            raise BookError(f"'{pair}' sets nothing. Write NAME=VALUE.")
        try:
            values[name.strip()] = ast.literal_eval(text.strip())
        except (SyntaxError, ValueError):
            values[name.strip()] = text.strip()
    return values


class _Progress:
    """A bar for each notebook on a terminal; elsewhere a line when it is done."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> _Progress:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._tasks[""] = self._bar.add_task("reading the tables", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, name: str, done: int, cells: int) -> None:
        """Note that some cells of a notebook are done."""
        if self._bar is None:
            if done == cells:
                typer.echo(f"{name}: done", err=True)
            return
        if "" in self._tasks:
            self._bar.remove_task(self._tasks.pop(""))
        if name not in self._tasks:
            self._tasks[name] = self._bar.add_task(name, total=cells)
        self._bar.update(self._tasks[name], completed=done)


def main() -> None:
    """Run the command line; a problem with the user's input is one sentence and exit code 2."""
    try:
        app()
    except BookError as error:
        typer.echo(f"crmkit: {error}", err=True)
        sys.exit(2)
    except RuntimeError as error:
        # The engine passes on Ctrl-C in its own words.
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        sys.exit(130)


if __name__ == "__main__":
    main()
