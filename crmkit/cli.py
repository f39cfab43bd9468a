"""The command line: ``crmkit report``, ``check``, ``init`` and ``lab``; ``python -m crmkit`` is the same."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer
from typer.core import TyperCommand

from crmkit.book.errors import BookError

if TYPE_CHECKING:
    from crmkit.reporting import Run
    from crmkit.wording import Speaker


class _Command(TyperCommand):
    """A command that refuses the user's input in one sentence, in the language asked for."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BookError as error:
            wishes = {name: ctx.params.get(name) for name in ("source", "config", "lang")}
            typer.echo(f"crmkit: {error.said(_speaker(wishes))}", err=True)
            raise typer.Exit(2) from None


app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="""Who your clients are, who brings the money, and what to do about it, with every number explained.

    Try it on the made-up clinic that comes along: crmkit report.

    With tables of your own: crmkit check orders.csv says what was read and what it can answer, crmkit report
    --source orders.csv writes the reports. One table of sales is enough: a date, a client, an amount.

    Exit codes: 0 all is well, 1 a notebook failed (its last good report stays), 2 the input cannot be used.
    """,
)

Names = Annotated[
    bool | None,
    typer.Option(
        "--with-names/--without-names",
        help="Whether names and other personal data are shown. Default: as the settings say; without "
        "settings they are not.",
    ),
]


@dataclass(frozen=True)
class Tables:
    """The options that say what to read and how: the same for every command that opens a book."""

    source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH",
            help="File, folder or URL with your tables. Repeatable. Default: where the settings file given "
            "with --config says; without one, the made-up clinic.",
        ),
    ] = None
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Settings file. Default: crmkit.toml beside the tables, if there is one."
        ),
    ] = None
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="COLUMN=HEADER", help="Your name of a column: amount=Total. Repeatable."
        ),
    ] = None
    as_of: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="Day of the report, 2025-06-30. Default: the last day in the data."),
    ] = None
    lang: Annotated[
        str | None, typer.Option(metavar="LANG", help="en or ru. Default: as the settings say.")
    ] = None
    date_order: Annotated[
        str | None,
        typer.Option(
            metavar="ORDER", help="Of dates such as 05/03/2024: day-first, month-first or year-first."
        ),
    ] = None
    decimal: Annotated[
        str | None,
        typer.Option(metavar="MARK", help="Decimal mark of numbers such as 1,234: point or comma."),
    ] = None
    encoding: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Of text files, such as cp1251. Default: seen from their bytes."),
    ] = None
    delimiter: Annotated[
        str | None,
        typer.Option(metavar="MARK", help="Between the columns of text files. Default: seen from them."),
    ] = None
    on_bad_row: Annotated[
        str | None,
        typer.Option(metavar="WAY", help="What to do with rows that cannot be read: refuse or set-aside."),
    ] = None
    strict: Annotated[
        bool | None,
        typer.Option("--strict/--no-strict", help="Refuse data that must be changed to be read."),
    ] = None

    def resolved(self) -> dict[str, Any]:
        """What :func:`crmkit.reporting.book_from` takes; in a planning folder, its tables and settings."""
        from crmkit.reporting.sources import READING, tables_of

        if any(not each.strip() for each in self.source or []):
            raise BookError("--source is blank. Name a file, a folder or a URL, or leave the option out.")
        config = self.config or _planning_settings()
        source: Any = self.source or ""
        if len(source) == 1:
            source = source[0]
        reading = {name: wish for name in READING if (wish := getattr(self, name)) is not None}
        return {
            "source": source or (tables_of(config) if config else ""),
            "config": str(config or ""),
            "mapping": self.mapping or "",
            "as_of": self.as_of or "",
            "lang": self.lang or "",
            "reading": reading,
        }

    @property
    def notebooks(self) -> Path | None:
        """Where the notebooks are: those of the planning folder, or crmkit's own (None)."""
        from crmkit.reporting.sources import is_planning_folder

        home = self.config.expanduser().parent if self.config else Path()
        return home / "notebooks" if is_planning_folder(home) else None


def _with_tables(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of Tables in place of its first parameter; its own win over them."""
    _, *own = inspect.signature(command, eval_str=True).parameters.values()
    hints = get_type_hints(Tables, include_extras=True)
    shared = [
        inspect.Parameter(
            each.name, inspect.Parameter.KEYWORD_ONLY, default=each.default, annotation=hints[each.name]
        )
        for each in fields(Tables)
    ]
    taken = {each.name: each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in [*shared, *own]}

    @functools.wraps(command)
    def flat(**values: Any) -> None:
        tables = Tables(**{each.name: values.pop(each.name) for each in shared})
        command(tables, **values)

    flat.__signature__ = inspect.Signature(list(taken.values()))  # type: ignore[attr-defined]
    flat.__annotations__ = {}
    return flat


@app.command(short_help="Write the reports.", cls=_Command)
@_with_tables
def report(
    tables: Tables,
    with_names: Names = None,
    notebook: Annotated[
        list[str] | None,
        typer.Option(
            "--notebook", metavar="NAME", help="Name or path of a notebook; repeatable. Default: all."
        ),
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A notebook's own parameter. Repeatable."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder for reports. Default: reports.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Of everything random. Default: 0.")
    ] = None,
) -> None:
    """Write the reports: one page for each notebook, an index, and every table as a spreadsheet.

    Every threshold, and more ways of reading than have an option here, are keys of crmkit.toml: crmkit init
    writes one in which each is explained.
    """
    from crmkit.reporting import run
    from crmkit.reporting.progress import TerminalProgress

    wishes = tables.resolved()
    say = _speaker(wishes)
    with TerminalProgress(say) as progress:
        finished = run(
            wishes.pop("source"),
            folder=tables.notebooks,
            with_names=with_names,
            notebooks=notebook,
            parameters=_parameters(parameter),
            out=out or "",
            seed=seed,
            progress=progress,
            **wishes,
        )
    _tell(finished, say)


def _tell(finished: Run, say: Speaker) -> None:
    for each in finished.reports:
        if each.failure is not None:
            typer.echo(f"{each.name}: {each.failure.said(say)} {each.failure.message}", err=True)
    typer.echo(say("Open {page}", page=finished.index))
    if not finished.ok:
        raise typer.Exit(1)


@app.command(short_help="Say what was read and what can be answered.", cls=_Command)
@_with_tables
def check(
    tables: Tables,
    source: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files, a folder or a URL. Default: where the settings say, or the made-up clinic."
        ),
    ] = None,
) -> None:
    """Say what was read and noted, what can be answered, and what one more table or column would add."""
    from crmkit.reporting import book_from
    from crmkit.reporting.console import findings, terminal

    book = book_from(**tables.resolved(), with_names=False)
    console = terminal()
    for part in findings(book):
        console.print(part)


@app.command(short_help="Write settings for your tables, or a planning folder.", cls=_Command)
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
    lang: Annotated[str | None, typer.Option(help="Of what this command says: en or ru.")] = None,
) -> None:
    """Write a commented crmkit.toml for your tables, or a whole planning folder. Nothing is overwritten."""
    from crmkit.book.settings import FILE_NAME
    from crmkit.reporting import planning

    say = _speaker({"lang": lang})
    if template:
        folder = out or Path()
        for path in planning.make_planning_folder(folder):
            typer.echo(say("Wrote {file}", file=path))
        typer.echo(say("Put your tables into {folder}, then: crmkit report", folder=folder / "data"))
        return
    first = files[0] if files else Path()
    target = out or (first if first.is_dir() else first.parent) / FILE_NAME
    planning.write_settings(files or [], target)
    typer.echo(say("Wrote {file}", file=target))


@app.command(short_help="Open JupyterLab on the notebooks.", cls=_Command)
@_with_tables
def lab(
    tables: Tables,
    with_names: Names = None,
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

    wishes = tables.resolved()
    say = _speaker(wishes)
    given = wishes | {name: absolute(wishes[name]) for name in ("source", "config")}
    given["with_names"] = with_names
    book_from(**given)
    for path in prepare(find(folder=tables.notebooks), out, given):
        typer.echo(say("Ready: {file}", file=path))
    if start:
        import subprocess

        command = [sys.executable, "-m", "jupyterlab", str(out), *([] if browser else ["--no-browser"])]
        raise typer.Exit(subprocess.call(command))


@app.callback(invoke_without_command=True)
def _options(
    show_version: Annotated[
        bool, typer.Option("--version", help="Say which version of crmkit this is.")
    ] = False,
) -> None:
    if show_version:
        from crmkit import __version__

        typer.echo(f"crmkit {__version__}")
        raise typer.Exit


def _planning_settings() -> Path | None:
    """The settings of the planning folder one is in, if it is one."""
    from crmkit.book.settings import FILE_NAME
    from crmkit.reporting.sources import is_planning_folder

    return Path(FILE_NAME) if is_planning_folder(Path()) else None


def _speaker(wishes: Mapping[str, Any]) -> Speaker:
    """A speaker of the language asked for, or of that of the settings that would be read."""
    from crmkit.reporting.sources import language_of
    from crmkit.wording import LANGUAGES, Speaker

    if wishes.get("lang") in LANGUAGES:
        return Speaker(wishes["lang"])
    source = wishes.get("source")
    first = source[0] if source and not isinstance(source, str) else source
    return Speaker(language_of(first, wishes.get("config") or _planning_settings()))


def _parameters(pairs: list[str] | None) -> dict[str, Any]:
    """NAME=VALUE as Python's literals; text needs no quotes."""
    import ast

    values: dict[str, Any] = {}
    for pair in pairs or []:
        name, equals, text = pair.partition("=")
        if not equals:
            raise BookError("'{pair}' sets nothing. Write NAME=VALUE.", pair=pair)
        try:
            values[name.strip()] = ast.literal_eval(text.strip())
        except (SyntaxError, ValueError):
            values[name.strip()] = text.strip()
    return values


def main() -> None:
    """Run the command line; a problem with the user's input is one sentence and exit code 2."""
    try:
        app()
    except RuntimeError as error:
        # The engine passes on Ctrl-C in its own words.
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        sys.exit(130)
