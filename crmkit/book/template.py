"""The commented ``crmkit.toml`` that ``crmkit init`` writes for the files it finds."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from crmkit.book import naming
from crmkit.book.contracts import TABLES
from crmkit.book.errors import BookError
from crmkit.book.formats import files
from crmkit.book.settings import Settings


def settings_template(source: object = None) -> str:
    """A ``crmkit.toml`` in which every key is explained and has its default.

    Parameters
    ----------
    source
        Files for which the mapping is written down as far as it was recognised; None: without them.

    Returns
    -------
    str
        Text of the file; reading it gives the defaults.

    Raises
    ------
    BookError
        If there is no such file, or none that can be read.
    """
    lines = [
        "# Settings of crmkit for this company. Every key shows its default, which a key left out keeps.",
        "",
    ]
    defaults = Settings()
    for section in dataclasses.fields(Settings):
        if section.name == "mapping":
            continue
        value = getattr(defaults, section.name)
        lines += [f"[{section.name}]", f"# {(type(value).__doc__ or '').splitlines()[0]}"]
        for item in dataclasses.fields(value):
            choices = item.metadata["choices"]
            meaning = item.metadata["meaning"]
            if choices and not all(isinstance(choice, int) for choice in choices):
                meaning += "; one of " + ", ".join(json.dumps(choice) for choice in choices)
            if item.metadata["waits"]:
                meaning += "; nothing reads it yet, it waits for the notebooks of forecasts and plans"
            lines.append(f"{item.name} = {_toml(getattr(value, item.name))}  # {meaning}")
        lines.append("")
    return "\n".join(lines + _mapping_lines(source)) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    # A number, true or false, and a basic string are written alike in JSON and in TOML.
    return json.dumps(value, ensure_ascii=False)


def _mapping_lines(source: object) -> list[str]:
    lines = ["# Which of your headers is which column. What is recognised needs no line here."]
    if source is None:
        return [*lines, "# [mapping.ledger]", '# client_id = "Customer"', '# amount = "Total"']
    from crmkit.book.engine import Engine
    from crmkit.book.formats.parts import parts_of

    engine = Engine()
    written: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="crmkit-") as work, ExitStack() as downloads:
        found = files.find_source(source)
        for folder in found.temporary:
            downloads.callback(shutil.rmtree, folder, ignore_errors=True)
        for file in found.files:
            for part in parts_of(file, engine, Settings().reading, Path(work)):
                lines += ["", f"# {part.name}: {naming.listed(part.headers)}"]
                table = naming.name_table(part.stem) or naming.guess_table(part.headers, {}, where=part.name)
                table = table or ("ledger" if len(found.files) == 1 else None)
                if table is None or table in written:
                    continue
                written.add(table)
                lines += _table_lines(table, part.headers, where=part.name)
    return lines


def _table_lines(table: str, headers: tuple[str, ...], *, where: str) -> list[str]:
    try:
        named = naming.name_columns(headers, table, where=where).columns
    except BookError as error:
        return [f"# {error}", f"# [mapping.{table}]"]
    lines = [f"[mapping.{table}]"] if named else [f"# [mapping.{table}]"]
    for column in TABLES[table].columns:
        meaning = column.meaning + ("; required" if column.required else "")
        if column.name in named:
            lines.append(f"{column.name} = {_toml(headers[named[column.name]])}  # {meaning}")
        else:
            lines.append(f'# {column.name} = ""  # {meaning}')
    return lines
