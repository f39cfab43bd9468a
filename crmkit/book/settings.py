"""What a company may set in ``crmkit.toml``, written as data.

The same definitions read the file, check it, and write the commented template of ``crmkit init``.
"""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import tomllib
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

from crmkit.book.contracts import TABLES
from crmkit.book.errors import BookError
from crmkit.book.setting_values import check_value
from crmkit.wording import LANGUAGES, Message, mark

FILE_NAME = "crmkit.toml"
WEEK_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def key(
    default: Any,
    meaning: str,
    *,
    choices: tuple[Any, ...] = (),
    least: float | None = None,
    most: float | None = None,
    waits: bool = False,
    check: Callable[[str], bool] | None = None,
) -> Any:
    """One key of a section: its default, what it means, what it may be, and whether nothing reads it yet."""
    rules = {"choices": choices, "least": least, "most": most, "check": check}
    return field(default=default, metadata={"meaning": meaning, "waits": waits, **rules})


def _is_currency(code: str) -> bool:
    return not code or (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper())


def _is_time_zone(name: str) -> bool:
    try:
        return not name or bool(zoneinfo.ZoneInfo(name))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return False


def _is_day(text: str) -> bool:
    try:
        return not text or bool(datetime.datetime.fromisoformat(text))
    except ValueError:
        return False


@dataclass(frozen=True)
class Company:
    """The company itself."""

    name: str = key("", "name shown in reports; blank: the name of the folder or file")
    currency: str = key(
        "", mark("three-letter code such as EUR; blank: amounts are plain numbers"), check=_is_currency
    )
    language: str = key("en", "language of notes and reports", choices=LANGUAGES)
    as_of: str = key(
        "",
        mark("day up to which the book counts, as 2025-06-30; blank: the last day in the ledger"),
        check=_is_day,
    )
    fiscal_year_start: int = key(
        1, "month in which the fiscal year starts", choices=tuple(range(1, 13)), waits=True
    )
    week_start: str = key("monday", "day on which a week starts", choices=WEEK_DAYS)
    time_zone: str = key(
        "",
        mark("zone, such as Europe/Berlin, into which times with an offset are turned"),
        check=_is_time_zone,
    )
    amounts_include_vat: bool = key(True, "whether amounts include value-added tax", waits=True)


@dataclass(frozen=True)
class ReadingWishes:
    """Where the files are, and how they are read where their content leaves two possibilities."""

    source: str = key(
        "", "folder, file or URL of the tables, as seen from this file; blank: the folder of this file"
    )
    date_order: str = key(
        "",
        "order in dates such as 05/03/2024; blank: seen from the values",
        choices=("", "day first", "month first", "year first"),
    )
    decimal: str = key(
        "", "decimal mark of numbers; blank: seen from the values", choices=("", "point", "comma")
    )
    encoding: str = key("", "encoding of text files, such as cp1251; blank: seen from the bytes")
    delimiter: str = key("", "what separates columns in text files; blank: seen from the file")
    on_bad_row: str = key(
        "set_aside", "what to do with a row that cannot be read", choices=("set_aside", "refuse")
    )
    first_date: str = key(
        "",
        mark("first day that a ledger row may have, as 2015-01-01; blank: seen from the gaps between days"),
        check=_is_day,
    )
    last_date: str = key(
        "",
        mark("last day that a ledger row may have, as 2025-12-31; blank: seen from the gaps between days"),
        check=_is_day,
    )
    duplicates: str = key(
        "keep", "what to do with rows exactly like an earlier one", choices=("keep", "drop")
    )
    overlaps: str = key(
        "drop", "what to do with sales that two files or sheets both hold", choices=("drop", "keep")
    )
    cancelled_orders: str = key(
        "set_aside",
        "what to do with lines of orders that a status column calls cancelled or paid back",
        choices=("set_aside", "keep"),
    )
    adjustments: str = key(
        "apart",
        "where entries of the accounts without a client count, such as bad debts",
        choices=("apart", "sales"),
    )
    merge_names: bool = key(True, "whether spellings of a name by case, spaces or quotes are one client")
    no_client: tuple[str, ...] = key(
        (), "ids that stand for no client, such as WALK_IN; their rows count in the totals only"
    )
    strict: bool = key(False, "whether data that must be changed to be read are refused")


@dataclass(frozen=True)
class Privacy:
    """How clients are shown."""

    with_names: bool = key(False, "whether reports show names and other personal data")
    key: str = key("", "secret that turns ids that look like names into codes; keep it to yourself")


@dataclass(frozen=True)
class Costs:
    """What serving a client costs where the tables do not say."""

    minute_rate: float = key(
        0.0, "cost of a minute of staff time; 0: from the wages in the staff table", least=0
    )
    minutes_per_document: float = key(
        15.0, "minutes one sale takes where there are no contacts with minutes", least=0
    )


@dataclass(frozen=True)
class Rfm:
    """Scores by recency, frequency and money."""

    quantiles: int = key(5, "number of groups each of the three is cut into", least=2)
    recency_days: tuple[float, ...] = key((), "own cut points in days; blank: quantiles")
    frequency: tuple[float, ...] = key((), "own cut points in purchase days; blank: quantiles")
    monetary: tuple[float, ...] = key((), "own cut points in money; blank: quantiles")


@dataclass(frozen=True)
class Classes:
    """The classes VIP, A, B, C and D."""

    window_months: int = key(12, "months that count for the class", least=1)
    vip_margin_share: float = key(0.8, "share of margin that the VIP clients bring together", least=0, most=1)
    vip_client_share: float = key(0.2, "largest share of clients that can be VIP", least=0, most=1)
    potential_times: float = key(
        1.0,
        "chance of becoming VIP with full trust from which a client is A, times the average chance",
        least=0,
    )
    trust_gap_probability: float = key(
        0.5, "probability of trusting less than the middle VIP from which a client is A", least=0, most=1
    )
    growing_probability: float = key(
        0.5,
        "probability of doing more than such clients usually do from which a client is B",
        least=0,
        most=1,
    )


@dataclass(frozen=True)
class Segmentation:
    """Concentration, clusters and migration."""

    bootstrap: int = key(1000, "samples drawn for an interval", least=100)
    top_client_share: float = key(0.2, "share of clients called the top", least=0.01, most=1)
    money_share: float = key(
        0.8, "share of the money asked for: from how few clients does it come", least=0.01, most=1
    )
    dependence_share: float = key(
        0.1, "share of the money from which one client is called a risk", least=0, most=1
    )
    flat_ratio: float = key(
        1.25, "how many times their share of clients the top must bring later to be called a class", least=1
    )
    clusters_most: int = key(8, "largest number of clusters tried", least=2)
    cluster_stability: float = key(
        0.75,
        "agreement of clusterings of resampled clients from which clusters count; 1 is perfect",
        least=0,
        most=1,
    )
    cluster_separation: float = key(
        0.1,
        "by how much clusters stand further apart than in points without clusters (silhouette)",
        least=0,
        most=1,
    )


@dataclass(frozen=True)
class Value:
    """What clients are worth, and what keeping them takes."""

    saved_least: float = key(
        0.05, "smallest share of clients about to leave who stay if called in time", least=0, most=1
    )
    saved_most: float = key(
        0.25, "largest share of clients about to leave who stay if called in time", least=0, most=1
    )
    lost_probability: float = key(
        0.1, "chance of still being a client below which one counts as lost, not to be saved", least=0, most=1
    )
    call_cost: float = key(
        0.0, "cost of a call to a client; 0: from the contacts' minutes and what a minute costs", least=0
    )
    call_minutes: float = key(
        10.0, "minutes that a call takes where there are no contacts with minutes", least=0
    )
    save_list_clients: int = key(50, "largest number of clients on the save list", least=1)


@dataclass(frozen=True)
class Report:
    """The reports."""

    out: str = key("reports", "folder in which reports are written")
    seed: int = key(0, "seed of everything random", least=0)


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
        checked[name] = check_value(value, hints[name], fields[name].metadata, where=f"{where}, {name}")
    return section(**checked)


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
