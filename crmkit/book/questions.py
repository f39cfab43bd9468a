"""Which questions can these tables answer, and what would unlock the others?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmkit.wording import mark

if TYPE_CHECKING:
    import pandas as pd

    from crmkit.wording import Speaker


@dataclass(frozen=True)
class Question:
    """A question of a manager: its key, the notebook that answers it, and what it takes.

    Each of `needs` is a list of alternatives, ``table`` or ``table.column``, of which one must be there;
    `better` is what makes the answer better without being needed.
    """

    key: str
    notebook: str
    title: str
    needs: tuple[tuple[str, ...], ...]
    better: tuple[str, ...] = ()


_CLIENTS = ("ledger.client_id",)
_MONEY = ("ledger.amount",)
_MARGIN = ("ledger.cost", "products.unit_cost")

QUESTIONS = (
    Question(
        "concentration",
        "01_client_base",
        mark("How few clients bring most of the money?"),
        (_CLIENTS, _MONEY),
        _MARGIN,
    ),
    Question(
        "rfm",
        "01_client_base",
        mark("Who bought lately, often and for much?"),
        (_CLIENTS, _MONEY),
    ),
    Question(
        "classes",
        "01_client_base",
        mark("Who is VIP, A, B, C and D?"),
        (_CLIENTS, _MONEY),
        ("ledger.cost", "products.unit_cost", "contacts.minutes", "staff.wage"),
    ),
    Question("clusters", "01_client_base", mark("Which kinds of clients are there?"), (_CLIENTS, _MONEY)),
    Question("migration", "01_client_base", mark("Who moves between the classes?"), (_CLIENTS, _MONEY)),
    Question("churn", "02_client_value", mark("Who is leaving?"), (_CLIENTS,)),
    Question(
        "lifetime_value", "02_client_value", mark("What is each client worth?"), (_CLIENTS, _MONEY), _MARGIN
    ),
    Question(
        "acquire_or_retain",
        "03_acquire_or_retain",
        mark("Is it cheaper to find new clients or to keep those we have?"),
        (_MONEY, ("spend",)),
        ("clients.source_channel", "contacts.cost"),
    ),
    Question(
        "sales_forecast", "04_sales_forecast", mark("What will we sell, and how sure are we?"), (_MONEY,)
    ),
    Question("pipeline", "04_sales_forecast", mark("What are the open deals worth?"), (("deals",),)),
    Question(
        "forecast_track_record",
        "04_sales_forecast",
        mark("How good were the managers' forecasts?"),
        (("targets.measure",), _MONEY),
    ),
    Question(
        "sales_plan",
        "05_sales_plan",
        mark("What do we aim for, and how likely is it?"),
        (_MONEY, ("targets",)),
    ),
    Question(
        "load",
        "06_capacity_plan",
        mark("How much work is coming, and when are the peaks?"),
        (("ledger.product_id", "contacts.minutes"), ("products.work_hours", "contacts.minutes"), ("staff",)),
        ("calendar",),
    ),
    Question(
        "vacations",
        "06_capacity_plan",
        mark("Who goes on leave when?"),
        (("staff",), ("calendar",), ("ledger",)),
    ),
    Question(
        "hiring",
        "06_capacity_plan",
        mark("Whom do we hire, and when?"),
        (("staff",), ("products.work_hours", "contacts.minutes"), ("ledger",)),
        ("staff.hire_cost", "staff.lead_weeks", "staff.attrition"),
    ),
    Question(
        "advertising",
        "07_marketing_plan",
        mark("Where is advertising worth its money?"),
        (("spend",), _MONEY),
    ),
    Question(
        "recalls",
        "07_marketing_plan",
        mark("Whom do we remind, and when?"),
        (("ledger.product_id",), ("products.recall_days", "ledger.client_id")),
        ("products.recall_days", "contacts.arm"),
    ),
    Question(
        "season_mix",
        "07_marketing_plan",
        mark("Which products and clients belong to which season?"),
        (("ledger.product_id",), _MONEY),
        ("products.category",),
    ),
    Question(
        "what_to_sell_where",
        "07_marketing_plan",
        mark("What sells where?"),
        (("ledger.product_id",), ("ledger.place",), _MONEY),
        ("products.category",),
    ),
    Question(
        "client_card",
        "08_client_work",
        mark("What do we know about a client, and what is there to talk about?"),
        (("facts", "clients.name"),),
        ("facts", "contacts"),
    ),
    Question(
        "occasions",
        "08_client_work",
        mark("Whom do we congratulate, and on what?"),
        (("clients.birthday", "facts.date"),),
        ("facts.date", "contacts.kind"),
    ),
    Question(
        "service_modes",
        "08_client_work",
        mark("Who wants a discount, and who attention?"),
        (("ledger.discount", "contacts.offer"), _MONEY),
        ("contacts.arm",),
    ),
    Question(
        "next_actions",
        "08_client_work",
        mark("Whom do we call, visit or leave alone?"),
        (("ledger",), ("contacts",)),
        ("contacts.arm", "clients.consent_call"),
    ),
)


def answers(columns: Mapping[str, Collection[str]], say: Speaker) -> pd.DataFrame:
    """Every question, whether the tables at hand answer it, and what is missing if not.

    Parameters
    ----------
    columns
        Columns with values in each table at hand.
    """
    import pandas as pd

    records = []
    for question in QUESTIONS:
        missing = missing_for(question, columns)
        text = "; ".join(_or(options, say) for options in missing)
        records.append((question.key, question.notebook, say(question.title), not missing, text))
    frame = pd.DataFrame.from_records(
        records, columns=["question", "notebook", "title", "answered", "missing"]
    )
    return frame.astype(
        {"question": "str", "notebook": "str", "title": "str", "missing": "str", "answered": bool}
    )


def missing_for(question: Question, columns: Mapping[str, Collection[str]]) -> list[tuple[str, ...]]:
    """What the question needs and the tables do not have; each item lists alternatives."""
    return [options for options in question.needs if not any(_has(option, columns) for option in options)]


def additions(columns: Mapping[str, Collection[str]], say: Speaker) -> pd.DataFrame:
    """What one more table or column would add: questions answered, or answered better.

    Returns
    -------
    DataFrame
        addition (table, or table.column), unlocks and improves (titles of questions); those that unlock
        most come first.
    """
    import pandas as pd

    unlocks: dict[str, list[str]] = {}
    improves: dict[str, list[str]] = {}
    for question in QUESTIONS:
        missing = missing_for(question, columns)
        title = say(question.title)
        if len(missing) == 1:
            for option in missing[0]:
                unlocks.setdefault(option, []).append(title)
        elif not missing:
            for option in question.better:
                if not _has(option, columns):
                    improves.setdefault(option, []).append(title)
    names = sorted(
        unlocks.keys() | improves.keys(),
        key=lambda name: (-len(unlocks.get(name, ())), -len(improves.get(name, ())), name),
    )
    rows = [(name, " ".join(unlocks.get(name, ())), " ".join(improves.get(name, ()))) for name in names]
    return pd.DataFrame.from_records(rows, columns=["addition", "unlocks", "improves"]).astype("str")


def _has(name: str, columns: Mapping[str, Collection[str]]) -> bool:
    table, _, column = name.partition(".")
    return table in columns and (not column or column in columns[table])


def _or(options: tuple[str, ...], say: Speaker) -> str:
    shown = options[0]
    for option in options[1:]:
        shown = say("{this} or {that}", this=shown, that=option)
    return shown
