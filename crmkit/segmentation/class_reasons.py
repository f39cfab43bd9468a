"""Why is each client in their class? The rule and its numbers, in words, for all clients at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from crmkit.segmentation.class_names import A, B, C, D
from crmkit.segmentation.class_rules import Verdict, small_orders
from crmkit.segmentation.evidence import Evidence
from crmkit.segmentation.measures import write_measure
from crmkit.segmentation.trust import RANGE
from crmkit.wording import Speaker

Array = NDArray[np.float64]

VISITS = ("appointment", "visit")


def reasons(verdict: Verdict, evidence: Evidence, say: Speaker, *, months: int) -> NDArray[np.object_]:
    """One sentence or two per client, shape (clients,); blank for who was not a client yet.

    Numbers are rounded to three digits, so that each is written once however many clients there are.
    """
    found = np.full(len(verdict.code), "", dtype=object)
    money = _writer(lambda value: write_measure(value, evidence.measure, say))
    percent = _writer(say.percent)
    number = _writer(lambda value: say.number(value, 1))
    more = money(verdict.missing)
    share = _writer(lambda value: say.percent(value, 2))
    minutes = np.where(verdict.code >= 0, np.nan_to_num(evidence.last("minutes")), 0.0)
    value = np.where(verdict.code >= 0, verdict.window, 0.0)
    taken, brought = (
        share(part / total if (total := part.sum()) > 0 else part * np.nan) for part in (minutes, value)
    )
    covered = min(months, evidence.months)
    quiet = evidence.last("purchase_days") == 0

    def write(rows: NDArray[np.bool_], template: str, **columns: NDArray[np.object_]) -> None:
        place = np.flatnonzero(rows)
        values = [columns[name][place] for name in columns]
        found[place] = [template.format(**dict(zip(columns, row))) for row in zip(*values)]

    code = verdict.code
    write(
        code == 0,
        say(
            "Brought {value} in {months} months: VIP from {edge} on.",
            **_keep("value"),
            months=say.number(covered),
            edge=money(np.array([verdict.edge]))[0],
        ),
        value=money(verdict.window),
    )
    for rows, template, columns in _potential(verdict, evidence, say, percent, number):
        write((code == A) & rows, template, more=more, **columns)
    recent = say.number(max(round(months / 2), 1))
    more_text = say("{more} more would make VIP.", **_keep("more"))
    surely = say("More than such clients usually do with a probability of {chance}.", **_keep("chance"))
    counts = _keep("found", "expected")
    texts = {
        "purchases": say(
            "Purchase days in {recent} months: {found}, where {expected} were to be expected.",
            recent=recent,
            **counts,
        ),
        "range": say(
            "Kinds of goods bought in {recent} months: {found}, where {expected} were to be expected.",
            recent=recent,
            **counts,
        ),
        "contacts": say(
            "Contacts of their own in {recent} months: {found}, where {expected} were to be expected.",
            recent=recent,
            **counts,
        ),
    }
    growth = verdict.growth
    if growth.streams:
        who = np.arange(len(code))
        best = growth.best
        columns = {
            "found": number(growth.found[best, who]),
            "expected": number(growth.expected[best, who]),
            "chance": percent(growth.probability[best, who]),
        }
        for place, stream in enumerate(growth.streams):
            text = f"{texts[stream]} {surely} {more_text}"
            write((code == B) & (best == place), text, more=more, **columns)
    write(
        (code == C) & ~quiet,
        say(
            "Took {taken} of the staff time and brought {value}, {brought} of all, in {months} months. "
            "{more} more would make VIP.",
            months=say.number(covered),
            **_keep("taken", "value", "brought", "more"),
        ),
        value=money(verdict.window),
        more=more,
        taken=taken,
        brought=brought,
    )
    write(
        (code == C) & quiet,
        say(
            "Took {taken} of the staff time and bought nothing in {months} months.",
            months=say.number(covered),
            **_keep("taken"),
        ),
        taken=taken,
    )
    write(
        code == D,
        say(
            "Left {kept} after the cost of serving in {months} months, and {expected} is to be expected.",
            months=say.number(covered),
            **_keep("kept", "expected"),
        ),
        kept=money(verdict.kept),
        expected=money(verdict.expected),
    )
    return found


def _keep(*names: str) -> dict[str, str]:
    """Placeholders that stay, to be filled in client by client."""
    return {name: "{" + name + "}" for name in names}


def _writer(write: Callable[[float], str]) -> Callable[[Array], NDArray[np.object_]]:
    def written(values: Array) -> NDArray[np.object_]:
        values = np.asarray(values, dtype=float)
        size = np.floor(np.log10(np.maximum(np.abs(np.nan_to_num(values)), 1e-3)))
        unit = 10.0 ** (size - 2)
        rounded = np.round(np.nan_to_num(values) / unit) * unit
        distinct, place = np.unique(np.round(rounded, 6), return_inverse=True)
        texts = np.array([write(value) for value in distinct.tolist()], dtype=object)
        return np.where(np.isnan(values), "–", texts[place]).astype(object)

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
    more = say("{more} more would make VIP.", **_keep("more"))
    return [(names == name, f"{first} {text} {more}", columns) for name, text in gaps.items()]


def trust_gaps(verdict: Verdict, evidence: Evidence) -> tuple[NDArray[np.object_], Array, Array]:
    """What speaks most against trust, and how often, of how many.

    Offers, visits, messages, range; orders, where nothing of these does and orders are small; or blank.
    """
    trust = verdict.trust
    clients = len(verdict.code)
    small = small_orders(evidence, verdict.code == 0)
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
