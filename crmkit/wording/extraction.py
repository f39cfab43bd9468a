"""Collects every message into the catalogues: ``python -m crmkit.wording.extraction``.

Messages are the literal texts given to ``say``, ``say.plural``, ``mark``, ``Message`` and ``BookError`` in
code and in the templates of pages, and the notebooks' text cells.
New messages arrive with an empty translation; those no longer used leave.
"""

from __future__ import annotations

import ast
import io
import json
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from crmkit.places import notebooks_folder

KEYWORDS = {"say": 1, "plural": 2, "mark": 1, "Message": 1, "BookError": 1}
"""Functions, and how many of their first arguments are a message: plural takes one and many."""

PACKAGE = Path(__file__).parents[1]
LOCALES = Path(__file__).parent / "locales"


def messages(package: Path = PACKAGE, notebooks: Path | None = None) -> Catalog:
    """All messages of the code and the notebooks, with the files that they stand in.

    Parameters
    ----------
    package
        Folder of Python files.
    notebooks
        Folder of notebooks; by default crmkit's own.
    """
    catalogue = Catalog()
    for path in sorted(package.rglob("*.py")):
        place = f"{package.name}/{path.relative_to(package).as_posix()}"
        for message in in_code(path.read_text(encoding="utf-8"), where=place):
            catalogue.add(message, locations=[(place, 0)])
    for path in sorted(package.rglob("*.j2")):
        place = f"{package.name}/{path.relative_to(package).as_posix()}"
        for message in in_template(path.read_text(encoding="utf-8")):
            catalogue.add(message, locations=[(place, 0)])
    folder = notebooks or notebooks_folder()
    for path in sorted(folder.rglob("*.ipynb")):
        place = f"{folder.name}/{path.relative_to(folder).as_posix()}"
        for text in _texts(path):
            catalogue.add(text, locations=[(place, 0)])
    return catalogue


def in_code(source: str, *, where: str = "code") -> Iterator[str | tuple[str, str]]:
    """Messages of Python code, a plural as (one, many).

    A variable is passed over: its text is marked where it is written.

    Raises
    ------
    ValueError
        If a message is put together where it is said, so that no catalogue can hold it.

    Examples
    --------
    >>> list(in_code('say("Hello {name}.", name=say("world")); say.plural("{n} cat", "{n} cats", 3)'))
    ['Hello {name}.', ('{n} cat', '{n} cats'), 'world']
    """
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        size = KEYWORDS.get(name, 0)
        if not size or len(call.args) < size:
            continue
        if any(isinstance(argument, ast.JoinedStr | ast.BinOp) for argument in call.args[:size]):
            raise ValueError(
                f"{where}, line {call.lineno}: a message must be one literal text with placeholders."
            )
        if size == 1:
            yield from _literals(call.args[0])
        else:
            yield from zip(_literals(call.args[0]), _literals(call.args[1]))


def in_template(source: str) -> Iterator[str]:
    """Messages of a page's template.

    >>> list(in_template('<p>{{ say("as of {date}", date=x) }}</p>'))
    ['as of {date}']
    """
    from jinja2 import Environment
    from jinja2.ext import extract_from_ast

    for _, _, found in extract_from_ast(Environment().parse(source), ["say"]):
        message = found[0] if isinstance(found, tuple) else found
        if message:
            yield message


def _literals(node: ast.expr) -> list[str]:
    """The text, or both texts of a choice."""
    if isinstance(node, ast.IfExp):
        return _literals(node.body) + _literals(node.orelse)
    return (
        [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value else []
    )


def _texts(path: Path) -> Iterator[str]:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and text.strip():
            yield text


def read(path: Path) -> Catalog:
    """A catalogue file."""
    with path.open("rb") as source:
        return read_po(source, locale=path.stem)


def updated(known: Catalog, found: Catalog) -> Catalog:
    """The found messages with the known translations; what is no longer found is dropped."""
    fresh = Catalog(locale=known.locale)
    for message in found:
        if message.id:
            old = known.get(message.id[0] if isinstance(message.id, tuple) else message.id)
            same = old is not None and old.pluralizable == message.pluralizable
            new = fresh.add(message.id, old.string if old and same else None, locations=message.locations)
            # Babel takes "20% of" for a format of the old kind, and checkers would complain.
            new.flags.discard("python-format")
    return fresh


def as_text(catalogue: Catalog) -> str:
    """A catalogue as a .po file: sorted, with no date in it, so that it changes only when a message does."""
    stream = io.BytesIO()
    write_po(
        stream,
        catalogue,
        width=110,
        omit_header=True,
        sort_output=True,
        ignore_obsolete=True,
        include_lineno=False,
    )
    header = [
        'msgid ""',
        'msgstr ""',
        f'"Language: {catalogue.locale}\\n"',
        '"MIME-Version: 1.0\\n"',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
        f'"Plural-Forms: {catalogue.plural_forms}\\n"',
    ]
    return "\n".join(header) + "\n\n" + stream.getvalue().decode("utf-8").strip("\n") + "\n"


def faults(catalogue: Catalog, found: Catalog) -> list[str]:
    """What is wrong with a catalogue: missing, unused and unfinished messages, placeholders that differ."""
    listed = {message.id for message in catalogue if message.id}
    wanted = {message.id for message in found if message.id}
    wrong = [f"not in the catalogue: {_first(each)!r}" for each in wanted - listed]
    wrong += [f"no longer used: {_first(each)!r}" for each in listed - wanted]
    for message in catalogue:
        if message.id:
            wrong += [f"{fault}: {_first(message.id)!r}" for fault in _faults(message, catalogue.num_plurals)]
    return sorted(wrong)


def _faults(message: Message, plurals: int) -> Iterator[str]:
    forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
    if len(forms) != (plurals if message.pluralizable else 1) or not all(
        form and form.strip() for form in forms
    ):
        yield "not translated"
        return
    if message.fuzzy:
        yield "marked as fuzzy"
    sources = message.id if isinstance(message.id, tuple | list) else (message.id,)
    expected = set().union(*(placeholders(source) for source in sources))
    if any(placeholders(form or "") != expected for form in forms):
        yield "other placeholders than the English"


def _first(message: str | tuple[str, ...] | list[str]) -> str:
    return message if isinstance(message, str) else message[0]


def placeholders(text: str) -> set[str]:
    """Names in braces.

    >>> sorted(placeholders("{n} of {all} clients"))
    ['all', 'n']
    """
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def main() -> None:
    """Bring every catalogue in ``locales/`` up to date."""
    found = messages()
    for path in sorted(LOCALES.glob("*.po")):
        fresh = updated(read(path), found)
        path.write_text(as_text(fresh), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
