"""The page to open first: what to do, what each report found, what is missing, and what was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from crmkit.reporting.conclusions import decided
from crmkit.reporting.page import page
from crmkit.reporting.ranking import ORDER
from crmkit.wording import mark
from crmkit.wording.speaker import unknown

if TYPE_CHECKING:
    import pandas as pd

    from crmkit.book import Book
    from crmkit.reporting.runner import Report
    from crmkit.reporting.surveys import Survey
    from crmkit.wording import Speaker


MEANINGS = {
    "plan.xlsx": mark("Every table of these reports, and the decisions, for a spreadsheet"),
    "plan_last_good.xlsx": mark("The same from the last run in which every report could be made"),
    "set_aside.csv": mark("The rows that were set aside and not counted, with file, row and reason"),
    "run.json": mark("What these reports were made from: parameters, versions and fingerprints of the files"),
}

UNANSWERED = {
    "missing": mark("These questions need tables or columns that are not there."),
    "refused": mark("For these the tables are there, and what they hold does not suffice."),
    "later": mark("These are not in this version yet."),
}


def index_page(
    book: Book, read: Survey, reports: Sequence[Report], say: Speaker, *, as_of: date, files: Sequence[str]
) -> str:
    """The index of a run.

    Parameters
    ----------
    book
        What the reports were made from.
    read
        Its survey.
    reports
        In their order.
    say
        Speaker of the reports' language.
    as_of
        Day of the run.
    files
        Names of the files beside the pages.
    """
    return page(
        "index.html.j2",
        say,
        company=book.name,
        as_of=as_of,
        reports=[_entry(report, say, as_of) for report in reports],
        decisions=_decisions(reports, say),
        order=say(ORDER),
        unanswered=_unanswered(book, reports, say),
        read=read,
        files=[(name, say(MEANINGS[name])) for name in files if name in MEANINGS],
    )


def _entry(report: Report, say: Speaker, as_of: date) -> dict[str, Any]:
    """A report as the template shows it."""
    entry: dict[str, Any] = {"title": report.title, "page": report.page}
    if report.failure is None:
        return entry | {"finding": report.conclusion.finding if report.conclusion else ""}
    entry |= {"failure": report.failure.said(say), "message": report.failure.message}
    if report.page:
        day = date.fromisoformat(report.as_of)
        entry["kept"] = say("The page is the last good one, made from data up to {date}.", date=say.date(day))
    return entry


def _unanswered(book: Book, reports: Sequence[Report], say: Speaker) -> list[tuple[str, pd.DataFrame]]:
    """The questions without an answer by why there is none, each group with a sentence that says it."""
    from crmkit.reporting.answers import questions

    refused = {
        question: reason
        for report in reports
        if report.conclusion
        for question, reason in report.conclusion.unanswered.items()
    }
    found = questions(book, refused=refused, notebooks=[report.name for report in reports])
    groups = [(say(why), found[found["state"] == state]) for state, why in UNANSWERED.items()]
    return [
        (why, group[["question", "missing"] if group["missing"].any() else ["question"]])
        for why, group in groups
        if len(group)
    ]


def _decisions(reports: Sequence[Report], say: Speaker) -> list[dict[str, str]]:
    """The decisions of all reports, ranked: what, why, and in one line who, when and what it is worth."""
    found = [report.conclusion for report in reports if report.conclusion]
    rows = decided(found).to_dict("records") if found else []
    return [{"action": row["action"], "reason": row["reason"], "facts": _facts(row, say)} for row in rows]


def _facts(decision: Mapping[str, Any], say: Speaker) -> str:
    facts = []
    if not unknown(decision["owner"]):
        facts.append(decision["owner"])
    if not unknown(decision["due"]):
        facts.append(say("by {date}", date=say.date(decision["due"])))
    if not unknown(decision["amount"]):
        money = say.money(decision["amount"])
        if not unknown(decision["lo"]) and not unknown(decision["hi"]):
            money += " " + say.interval(decision["lo"], decision["hi"], say.money)
        facts.append(money)
    if not unknown(decision["covered_clients"]) and decision["covered_clients"]:
        facts.append(
            say(
                "{clients} with {money} are in a decision above",
                clients=say.plural("{n} client", "{n} clients", decision["covered_clients"]),
                money=say.money(decision["covered_amount"]),
            )
        )
    return " · ".join(facts)
