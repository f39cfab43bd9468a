"""What tables crmkit understands, and what each column means.

The ten tables are written down once, here, as data. Reading, error messages, the README's table, the
commented ``crmkit.toml`` and :meth:`Book.answers` all take them from this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "text", "date", "moment", "money", "number", "count", "share", "flag"]
"""How a column is read: ``id`` and ``text`` stay text, ``date`` is a day, ``moment`` a day with a time of
day, ``money`` a decimal in the book's currency, ``count`` an integer, ``share`` a number from 0 to 1,
``flag`` yes or no.
"""


@dataclass(frozen=True)
class Column:
    """One column of a table: its name in crmkit, how it is read, and what it means to the company."""

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    required: bool = False
    personal: bool = False
    values: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    """Columns of which one will do where this one is required and missing."""
    may_be_blank: bool = False
    """Whether a row is of use without it, though the column is required."""


@dataclass(frozen=True)
class Table:
    """One table of the contract, with the columns that it may hold and what one row of it is."""

    name: str
    row: str
    columns: tuple[Column, ...]

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns without which the table cannot be read."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def personal(self) -> tuple[str, ...]:
        """Names of the columns that hold personal data."""
        return tuple(column.name for column in self.columns if column.personal)

    def __getitem__(self, name: str) -> Column:
        """The column called `name`; KeyError if the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(column.name == name for column in self.columns)


def _required(name: str, kind: Kind, meaning: str, unit: str = "", **more: object) -> Column:
    return Column(name, kind, meaning, unit, required=True, **more)  # type: ignore[arg-type]


def _personal(name: str, kind: Kind, meaning: str) -> Column:
    return Column(name, kind, meaning, personal=True)


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "ledger",
            "one line of a sale, or of a return or cancellation (negative)",
            (
                _required("date", "moment", "when the sale was made"),
                _required("client_id", "id", "who bought", may_be_blank=True),
                Column("amount", "money", "what the line brings; or give quantity and unit_price", "money"),
                Column("document_id", "id", "receipt, invoice or order the line belongs to"),
                Column("product_id", "id", "what was sold"),
                Column("quantity", "number", "how many were sold", "pieces"),
                Column("unit_price", "money", "price of one", "money"),
                Column("discount", "money", "what was taken off the price of the line", "money"),
                Column("cost", "money", "what the line cost the company", "money"),
                Column("place", "text", "branch, shop or site"),
                Column("staff_id", "id", "who served"),
            ),
        ),
        Table(
            "clients",
            "one client",
            (
                _required("client_id", "id", "the client's number or code"),
                _personal("name", "text", "how the client is called"),
                _personal("phone", "text", "telephone"),
                _personal("email", "text", "e-mail"),
                _personal("birthday", "date", "date of birth"),
                Column("district", "text", "where the client lives or works"),
                Column("source_channel", "text", "what brought the client"),
                Column("joined", "date", "when the client was first registered"),
                Column("profession", "text", "what the client does"),
                Column("consent_call", "flag", "may be called"),
                Column("consent_sms", "flag", "may be sent messages"),
                Column("consent_mail", "flag", "may be sent mail"),
                Column("manager_id", "id", "who looks after the client"),
            ),
        ),
        Table(
            "facts",
            "one thing known about a client",
            (
                _required("client_id", "id", "whom the fact is about"),
                _required("kind", "text", "what the fact is: birthday, pet, sport, goal …"),
                _required("value", "text", "the fact itself", personal=True),
                Column("purpose", "text", "what it is for: greeting, topic, gift …"),
                Column("date", "date", "a day that belongs to the fact"),
                Column(
                    "confidence", "text", "how sure the company is", values=("heard", "guessed", "confirmed")
                ),
                Column("recorded_on", "date", "when it was written down"),
                Column("recorded_by", "id", "who wrote it down"),
            ),
        ),
        Table(
            "contacts",
            "one appointment, call, message, visit or greeting",
            (
                _required("contact_id", "id", "the contact's number"),
                _required("client_id", "id", "with whom"),
                _required(
                    "kind",
                    "text",
                    "what kind of contact",
                    values=("appointment", "call", "sms", "mail", "visit", "greeting"),
                    instead=("contact_id",),
                ),
                Column("created_at", "moment", "when it was arranged"),
                _required("planned_at", "moment", "for when it was planned"),
                _required(
                    "status",
                    "text",
                    "what came of it",
                    values=("kept", "no_show", "cancelled", "answered", "ignored", "open"),
                ),
                Column("channel", "text", "by which channel"),
                Column("campaign_id", "id", "campaign it belongs to"),
                Column("offer", "text", "what was offered"),
                Column("arm", "text", "randomised group; blank if not randomised"),
                Column("staff_id", "id", "who handled it"),
                Column("minutes", "number", "staff time it took", "minutes"),
                Column("cost", "money", "what it cost beside staff time", "money"),
            ),
        ),
        Table(
            "products",
            "one product or service",
            (
                _required("product_id", "id", "the product's number or code"),
                Column("name", "text", "what it is called"),
                Column("category", "text", "group it belongs to"),
                Column("price", "money", "list price", "money"),
                Column("unit_cost", "money", "what one costs the company", "money"),
                Column("recall_days", "count", "after how many days it is due again", "days"),
                Column("skill", "text", "skill that it needs"),
                Column("work_hours", "number", "working time that one takes", "hours"),
                Column("lead_weeks", "number", "time from order to delivery", "weeks"),
            ),
        ),
        Table(
            "staff",
            "one person, room or chair",
            (
                _required("resource_id", "id", "the resource's number or code"),
                Column("kind", "text", "what the resource is", values=("person", "room", "chair")),
                Column("department", "text", "where it belongs"),
                _required("skills", "text", "what it can do; several are separated by ;"),
                _required("hours_week", "number", "hours available in a week", "hours"),
                Column("wage", "money", "cost of an hour", "money per hour"),
                Column("overtime_rate", "number", "overtime pay as a multiple of the wage"),
                Column("hire_cost", "money", "cost of hiring one more", "money"),
                Column("lead_weeks", "number", "time from deciding to hire to full work", "weeks"),
                Column("attrition", "share", "share that leaves in a year"),
                Column("start", "date", "first day"),
                Column("end", "date", "last day"),
                Column("place", "text", "branch, shop or site"),
            ),
        ),
        Table(
            "spend",
            "advertising money in one period and channel",
            (
                _required("period", "date", "first day of the period"),
                _required("channel", "text", "where the money was spent"),
                _required("amount", "money", "money spent", "money"),
                Column("campaign_id", "id", "campaign it belongs to"),
                Column("impressions", "count", "how often it was seen"),
                Column("place", "text", "branch, shop or site it was for"),
            ),
        ),
        Table(
            "calendar",
            "one special day, of the company or of one resource",
            (
                _required("date", "date", "the day"),
                _required(
                    "kind",
                    "text",
                    "what is special",
                    values=("holiday", "closed", "absence", "vacation_wish", "season"),
                ),
                Column("resource_id", "id", "whom it concerns; blank for everybody"),
                Column("value", "text", "name or size of it"),
                Column("weight", "number", "how strongly it is wished or felt"),
            ),
        ),
        Table(
            "deals",
            "one deal",
            (
                _required("deal_id", "id", "the deal's number"),
                Column("client_id", "id", "with whom"),
                _required("owner", "id", "who leads it"),
                _required("stage", "text", "stage of the sale it is in", instead=("status",)),
                _required("amount", "money", "what it would bring", "money", may_be_blank=True),
                Column("created_at", "date", "when it was opened"),
                _required(
                    "expected_close",
                    "date",
                    "when it is expected to close",
                    instead=("closed_at",),
                    may_be_blank=True,
                ),
                Column("closed_at", "date", "when it closed"),
                _required(
                    "status", "text", "open, won or lost", values=("open", "won", "lost"), instead=("stage",)
                ),
                Column(
                    "category",
                    "text",
                    "how the owner counts it in the forecast",
                    values=("commit", "best_case", "pipeline", "omitted"),
                ),
            ),
        ),
        Table(
            "targets",
            "one target or forecast of one person for one period",
            (
                _required("period", "date", "first day of the period"),
                _required("owner", "id", "whose it is"),
                _required("amount", "number", "how much"),
                Column("measure", "text", "of what: revenue, margin, visits, forecast …"),
            ),
        ),
    )
}


def as_markdown() -> str:
    """The README's table of tables: one row a table, ★ behind required columns, (P) behind personal ones."""
    lines = ["| table | one row is | columns |", "|---|---|---|"]
    for table in TABLES.values():
        columns = " ".join(
            column.name + ("★" if column.required else "") + (" (P)" if column.personal else "")
            for column in table.columns
        )
        lines.append(f"| {table.name} | {table.row} | {columns} |")
    return "\n".join(lines)
