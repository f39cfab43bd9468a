"""What a company set in ``crmkit.toml``: read, and checked against the sections."""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

from crmkit.book.contracts import TABLES
from crmkit.book.errors import BookError
from crmkit.book.sections import (
    Classes,
    Company,
    Costs,
    Privacy,
    ReadingWishes,
    Report,
    Rfm,
    Segmentation,
    Value,
)
from crmkit.wording import Message

FILE_NAME = "crmkit.toml"


@dataclass(frozen=True)
class Settings:
    """Everything in ``crmkit.toml``; one attribute per section, and `mapping`: {table: {column: header}}."""

    company: Company = field(default_factory=Company)
    reading: ReadingWishes = field(default_factory=ReadingWishes)
    privacy: Privacy = field(default_factory=Privacy)
    costs: Costs = field(default_factory=Costs)
    rfm: Rfm = field(default_factory=Rfm)
    classes: Classes = field(default_factory=Classes)
    segmentation: Segmentation = field(default_factory=Segmentation)
    value: Value = field(default_factory=Value)
    report: Report = field(default_factory=Report)
    mapping: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: str | Path) -> Settings:
        """Settings from a TOML file.

        Raises
        ------
        BookError
            If the file is missing or is not TOML, or a section, key or value is not one of those defined
            here.
        """
        path = Path(path)
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            raise BookError("{path}: there is no such settings file.", path=path) from None
        except (OSError, UnicodeDecodeError):
            raise BookError("{path}: the settings file cannot be read as UTF-8 text.", path=path) from None
        except tomllib.TOMLDecodeError as error:
            raise BookError(
                '{path}: this is not TOML ({error}). A line looks like: currency = "EUR"',
                path=path,
                error=error,
            ) from None
        return cls.from_dict(content, where=path.name)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], *, where: str = "settings") -> Settings:
        """Settings from nested dicts, as TOML gives them; raises BookError as :meth:`read` does."""
        sections: dict[str, Any] = {}
        classes = {name: type(default) for name, default in _defaults().items()}
        for name, values in content.items():
            if name == "mapping":
                sections["mapping"] = _mapping(values, where=where)
                continue
            if name not in classes:
                raise BookError(_unknown(where, Message("section"), f"[{name}]", name, [*classes, "mapping"]))
            if not isinstance(values, Mapping):
                raise BookError(
                    "{where}: {name} must be a section, [{name}], with keys below it.", where=where, name=name
                )
            sections[name] = _section(classes[name], values, where=f"{where}, [{name}]")
        return cls(**sections)

    def replace(self, section: str, **values: Any) -> Settings:
        """These settings with some keys of one section changed, checked like the file's."""
        known = dataclasses.asdict(getattr(self, section))
        changed = _section(type(getattr(self, section)), {**known, **values}, where=f"settings, [{section}]")
        return dataclasses.replace(self, **{section: changed})


def _defaults() -> dict[str, Any]:
    empty = Settings()
    return {
        item.name: getattr(empty, item.name) for item in dataclasses.fields(empty) if item.name != "mapping"
    }


def _section(section: type, values: Mapping[str, Any], *, where: str) -> Any:
    fields = {item.name: item for item in dataclasses.fields(section)}
    hints = get_type_hints(section)
    checked = {}
    for name, value in values.items():
        if name not in fields:
            raise BookError(_unknown(where, Message("key"), name, name, list(fields)))
        checked[name] = _value(value, hints[name], fields[name].metadata, where=f"{where}, {name}")
    return section(**checked)


def _value(value: Any, hint: Any, rules: Mapping[str, Any], *, where: str) -> Any:
    if hint is str and isinstance(value, datetime.date):
        value = value.isoformat()
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if hint is str and rules["choices"]:
        value = _spelt_as_known(value, rules["choices"])
    if hint in _EXPECTED:
        if not isinstance(value, hint) or (hint is not bool and isinstance(value, bool)):
            raise BookError(
                "{where}: expected {expected}, found {value!r}.",
                where=where,
                expected=_EXPECTED[hint],
                value=value,
            )
    elif hint == tuple[str, ...]:
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise BookError(
                '{where}: expected a list of texts such as ["WALK_IN"], found {value!r}.',
                where=where,
                value=value,
            )
        value = tuple(value)
    else:
        if not isinstance(value, list | tuple) or not all(
            isinstance(item, int | float) and not isinstance(item, bool) for item in value
        ):
            raise BookError(
                "{where}: expected a list of numbers such as [30, 90, 180], found {value!r}.",
                where=where,
                value=value,
            )
        value = tuple(float(item) for item in value)
    if rules["choices"] and value not in rules["choices"]:
        choices = ", ".join(repr(choice) for choice in rules["choices"])
        raise BookError(
            "{where}: {value!r} is not one of {choices}.", where=where, value=value, choices=choices
        )
    if rules["check"] is not None and not rules["check"](value):
        raise BookError(
            "{where}: {value!r} cannot be used; this is the {meaning}.",
            where=where,
            value=value,
            meaning=Message(rules["meaning"]),
        )
    if rules["least"] is not None and value < rules["least"]:
        raise BookError(
            "{where}: {value!r} is less than {least}, the least that makes sense.",
            where=where,
            value=value,
            least=rules["least"],
        )
    if rules["most"] is not None and value > rules["most"]:
        raise BookError(
            "{where}: {value!r} is more than {most}, the most that makes sense; 20% is written 0.2.",
            where=where,
            value=value,
            most=rules["most"],
        )
    return value


_EXPECTED = {
    str: Message("text in quotes"),
    bool: Message("true or false"),
    int: Message("a whole number"),
    float: Message("a number"),
}


def _spelt_as_known(value: Any, choices: tuple[Any, ...]) -> Any:
    """A choice with the spaces of the known one: on the command line one writes day-first for "day first"."""

    def bare(word: Any) -> str:
        return str(word).lower().replace("-", " ").replace("_", " ")

    return next((known for known in choices if value != "" and bare(known) == bare(value)), value)


def _mapping(values: Any, *, where: str) -> dict[str, dict[str, str]]:
    if not isinstance(values, Mapping):
        raise BookError(
            '{where}: mapping is written as [mapping.ledger] and lines such as amount = "Total".', where=where
        )
    checked: dict[str, dict[str, str]] = {}
    for table, columns in values.items():
        if table not in TABLES:
            raise BookError(_unknown(where, Message("table"), f"[mapping.{table}]", table, list(TABLES)))
        if not isinstance(columns, Mapping):
            raise BookError(
                '{where}, [mapping.{table}]: expected lines such as client_id = "Customer".',
                where=where,
                table=table,
            )
        names = [column.name for column in TABLES[table].columns]
        for column, header in columns.items():
            if column not in names:
                raise BookError(
                    _unknown(f"{where}, [mapping.{table}]", Message("column"), column, column, names)
                )
            if not isinstance(header, str):
                raise BookError(
                    "{where}: expected text in quotes.", where=f"{where}, [mapping.{table}], {column}"
                )
        checked[table] = dict(columns)
    return checked


def check_mapping(mapping: Mapping[str, Any] | None, *, where: str = "mapping") -> dict[str, dict[str, str]]:
    """A mapping as the user may give it, as {table: {column: header}}.

    A flat mapping, {column: header}, is about the ledger. Raises BookError for a table or column that there
    is not.
    """
    if not mapping:
        return {}
    if all(isinstance(value, str) for value in mapping.values()):
        return _mapping({"ledger": mapping}, where=where)
    return _mapping(mapping, where=where)


def did_you_mean(name: str, known: list[str]) -> Message | str:
    """A sentence with the known name most like `name`; blank if none is."""
    close = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    return Message(" Did you mean {close}?", close=close[0]) if close else ""


def _unknown(where: str, what: Message, shown: str, name: str, known: list[str]) -> Message:
    return Message(
        "{where}: {shown} is not a known {what}.{hint} Known: {known}.",
        where=where,
        what=what,
        shown=shown,
        hint=did_you_mean(name, known),
        known=", ".join(known),
    )
