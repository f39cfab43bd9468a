"""Why is each client in their class? The rule and its numbers, in words, for all clients at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from crmkit.segmentation.class_names import VIP, A, B, C, D
from crmkit.segmentation.class_rules import Verdict, small_orders
from crmkit.segmentation.evidence import Evidence
from crmkit.segmentation.measures import write_measure
from crmkit.segmentation.trust import RANGE
from crmkit.wording import Speaker
from crmkit.wording.speaker import UNKNOWN

Array = NDArray[np.float64]

VISITS = ("appointment", "visit")


def reasons(verdict: Verdict, evidence: Evidence, say: Speaker, *, months: int) -> NDArray[np.object_]:
    """One sentence or two per client, shape (clients,); blank for who was not a client yet.

    Numbers are rounded to three digits, so that each is written once however many clients there are.
    """
    found = np.full(len(verdict.code), "", dtype=object)

    def written(value: float) -> str:
        return write_measure(value, evidence.measure, say)

    money = _writer(written)
    percent = _writer(say.percent)
    number = _writer(lambda value: say.number(value, 1))
    # Rounded up: a little less would not do.
    more = _writer(written, rounded=np.ceil)(verdict.missing)
    span = say.plural("{n} month", "{n} months", min(months, evidence.months))
    code, growth = verdict.code, verdict.growth

    def write(rows: NDArray[np.bool_], template: str, **columns: NDArray[np.object_]) -> None:
        place = np.flatnonzero(rows)
        values = [columns[name][place] for name in columns]
        found[place] = [template.format(**dict(zip(columns, row))) for row in zip(*values)]

    write(
        code == VIP,
        say(
            "Brought {value} in {months}: VIP from {edge} on.",
            **_keep("value"),
            months=span,
            edge=money(np.array([verdict.edge]))[0],
        ),
        value=money(verdict.window),
    )
    more_text = say("{more} more would make VIP.", **_keep("more")) if np.isfinite(verdict.edge) else ""
    for rows, template, columns in _potential(verdict, evidence, say, percent, number):
        write((code == A) & rows, f"{template} {more_text}".strip(), more=more, **columns)
    if growth.streams:
        who, best = np.arange(len(code)), growth.best
        columns = {
            "found": number(growth.found[best, who]),
            "expected": number(growth.expected[best, who]),
            "chance": percent(growth.probability[best, who]),
            "more": more,
        }
        texts = _growing(say, min(growth.months, evidence.months))
        for place, stream in enumerate(growth.streams):
            write((code == B) & (best == place), f"{texts[stream]} {more_text}".strip(), **columns)
    _rest(verdict, evidence, say, span, more_text, write, value=money(verdict.window), more=more)
    _costly(verdict, evidence, say, span, write, money)
    return found


def _growing(say: Speaker, months: int) -> dict[str, str]:
    recent = say.plural("{n} month", "{n} months", months)
    surely = say("More than such clients usually do with a probability of {chance}.", **_keep("chance"))
    counts = _keep("found", "expected")
    texts = {
        "purchases": say(
            "Purchase days in {recent}: {found}, where {expected} were to be expected.",
            recent=recent,
            **counts,
        ),
        "range": say(
            "Kinds of goods bought in {recent}: {found}, where {expected} were to be expected.",
            recent=recent,
            **counts,
        ),
        "contacts": say(
            "Contacts of their own in {recent}: {found}, where {expected} were to be expected.",
            recent=recent,
            **counts,
        ),
    }
    return {stream: f"{text} {surely}" for stream, text in texts.items()}


def _rest(
    verdict: Verdict,
    evidence: Evidence,
    say: Speaker,
    span: str,
    more_text: str,
    write: Callable[..., None],
    **columns: NDArray[np.object_],
) -> None:
    """The reasons of C."""
    there = verdict.code >= 0
    minutes = np.where(there, np.nan_to_num(evidence.last("minutes")), 0.0)
    value = np.where(there, verdict.window, 0.0)
    timed, valued = minutes.sum() > 0, value.sum() > 0
    quiet = evidence.last("purchase_days") == 0
    share = _writer(lambda part: say.percent(part, 2))
    if timed:
        columns["taken"] = share(minutes / minutes.sum())
    if valued:
        columns["brought"] = share(value / value.sum())
    known = verdict.code == C
    named = known & ~evidence.nobody
    if timed and valued:
        active = say(
            "Took {taken} of the staff time and brought {value}, {brought} of all, in {months}.",
            months=span,
            **_keep("taken", "value", "brought"),
        )
    else:
        active = say("Brought {value} in {months}.", months=span, **_keep("value"))
    if timed:
        idle = say(
            "Took {taken} of the staff time and bought nothing in {months}.", months=span, **_keep("taken")
        )
    else:
        idle = say("Bought nothing in {months}.", months=span)
    write(named & ~quiet, f"{active} {more_text}".strip(), **columns)
    write(named & quiet, idle, **columns)
    write(
        known & evidence.nobody,
        say(
            "Stands for nobody in particular, not for one client: brought {value} in {months}, but belongs "
            "to no better class.",
            months=span,
            **_keep("value"),
        ),
        **columns,
    )


def _costly(
    verdict: Verdict,
    evidence: Evidence,
    say: Speaker,
    span: str,
    write: Callable[..., None],
    money: Callable[[Array], NDArray[np.object_]],
) -> None:
    """The reasons of D."""
    costly, expected = verdict.code == D, verdict.outlook.expected
    if not costly.any():
        return
    kept = _keep("kept")
    left = {
        "all": say("Left {kept} after the cost of goods and of serving in {months}.", months=span, **kept),
        "goods": say("Left {kept} after the cost of goods in {months}.", months=span, **kept),
        "serving": say("Revenue less the cost of serving was {kept} in {months}.", months=span, **kept),
    }[evidence.costs]
    columns = {"kept": money(verdict.kept), "expected": money(expected)}
    again = say("In as long a time to come {expected} is to be expected.", **_keep("expected"))
    short = say(
        "Their whole record is below zero too, but it is short: with like clients weighed in, {expected} is "
        "to be expected.",
        **_keep("expected"),
    )
    write(costly & (expected < 0), f"{left} {again}", **columns)
    write(costly & (expected >= 0), f"{left} {short}", **columns)
    unknown = say("What is to be expected cannot be told from so short a ledger.")
    write(costly & np.isnan(expected), f"{left} {unknown}", **columns)


def _keep(*names: str) -> dict[str, str]:
    """Placeholders that stay, to be filled in client by client."""
    return {name: "{" + name + "}" for name in names}


def _writer(
    write: Callable[[float], str], *, rounded: Callable[[Array], Array] = np.round
) -> Callable[[Array], NDArray[np.object_]]:
    def written(values: Array) -> NDArray[np.object_]:
        values = np.asarray(values, dtype=float)
        size = np.floor(np.log10(np.maximum(np.abs(np.nan_to_num(values)), 1e-3)))
        unit = 10.0 ** (size - 2)
        near = rounded(np.round(np.nan_to_num(values) / unit, 6)) * unit
        distinct, place = np.unique(np.round(near, 6), return_inverse=True)
        texts = np.array([write(value) for value in distinct.tolist()], dtype=object)
        return np.where(np.isnan(values), UNKNOWN, texts[place]).astype(object)

    return written


def _potential(
    verdict: Verdict,
    evidence: Evidence,
    say: Speaker,
    percent: Callable[[Array], NDArray[np.object_]],
    number: Callable[[Array], NDArray[np.object_]],
) -> list[tuple[NDArray[np.bool_], str, dict[str, NDArray[np.object_]]]]:
    """Which clients of A, the template for them, and its columns: one for each trust gap."""
    potential = verdict.potential
    names, declined, asked = trust_gaps(verdict, evidence)
    columns = {"declined": number(declined), "asked": number(asked)}
    if potential.learned:
        columns |= {"chance": percent(potential.trusted), "now": percent(potential.probability)}
    if potential.learned and not verdict.trust.items:
        first = say(
            "Chance to become VIP: {chance} (average {average}).",
            average=say.percent(potential.average),
            **_keep("chance"),
        )
    elif potential.learned:
        first = say(
            "Chance to become VIP: {chance} if they trusted as VIPs do, {now} as things are (average "
            "{average}).",
            average=say.percent(potential.average),
            **_keep("chance", "now"),
        )
    else:
        first = say("Lately bought as often as the middle VIP; too little history for a probability.")
    keep = _keep("declined", "asked")
    gaps = {
        "offers": say("Gap: declined {declined} of {asked} offers.", **keep),
        "visits": say("Gap: missed or cancelled {declined} of {asked} visits.", **keep),
        "messages": say("Gap: did not answer {declined} of {asked} calls and messages.", **keep),
        "range": say("Gap: a narrow range, {declined} kinds of goods.", **_keep("declined")),
        "orders": say("Gap: only small orders so far."),
        "": say("Gap: too little is known of them to trust them, and for them to have shown trust."),
    }
    return [(names == name, f"{first} {text}", columns) for name, text in gaps.items()]


def trust_gaps(verdict: Verdict, evidence: Evidence) -> tuple[NDArray[np.object_], Array, Array]:
    """What speaks most against trust, and how often, of how many.

    Offers, visits, messages, range; orders, where nothing of these does and orders are small; or blank.
    """
    trust = verdict.trust
    clients = len(verdict.code)
    small = small_orders(evidence, verdict.code == VIP)
    names = np.where(small, "orders", "").astype(object)
    declined, asked = np.zeros(clients), np.zeros(clients)
    if not trust.items:
        return names, declined, asked
    kinds: Sequence[str] = [
        "range"
        if item == RANGE
        else "offers"
        if item == "offer"
        else "visits"
        if item in VISITS
        else "messages"
        for item in trust.items
    ]
    groups = sorted(set(kinds))
    parts = np.array([trust.parts[[kind == group for kind in kinds]].sum(axis=0) for group in groups])
    worst = parts.argmin(axis=0)
    answers = evidence.periods.answers
    for place, group in enumerate(groups):
        rows = (worst == place) & (parts[place] < 0)
        names[rows] = group
        if group == "range":
            declined[rows] = evidence["new_kinds"].sum(axis=1)[rows]
            continue
        for item, kind in zip(trust.items, kinds):
            if kind == group:
                taken, left = (side.sum(axis=1) for side in answers[item])
                declined[rows] += left[rows]
                asked[rows] += (taken + left)[rows]
    return names, declined, asked
