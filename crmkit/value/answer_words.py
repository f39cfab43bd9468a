"""The answer to "acquire or retain" in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from crmkit.statistics import LEVEL
from crmkit.value.answer_result import named
from crmkit.value.ladder import spent
from crmkit.wording import Claim, Speaker

if TYPE_CHECKING:
    from crmkit.value.answer_result import AcquireOrRetain


def claims(found: AcquireOrRetain, say: Speaker) -> Sequence[Claim]:
    """The answer first, then what it buys, averages beside margins, classes, what would change it."""
    said = [Claim(_answer(found, say), found.worded(say), _method(say), _caveat(found, say))]
    texts = [make(found, say) for make in (_buys, _pays, _averages, _test, _spend_test)]
    said += [Claim(text) for text in texts if text]
    if found.by_class is not None and len(found.by_class):
        said.append(Claim(_classes(found, say), found.by_class))
    return [*said, *found.tornado._claims(say)]


def _side(found: AcquireOrRetain, side: str, say: Speaker) -> tuple[str, str]:
    row = found.side(side)
    return say.money(row["gain"]), say.interval(row["gain_lo"], row["gain_hi"], say.money)


def _answer(found: AcquireOrRetain, say: Speaker) -> str:
    step = say.money(found.budget_step)
    (kept, kept_limits), (won, won_limits) = (
        _side(found, side, say) for side in ("retention", "acquisition")
    )
    if found.verdict == "missing":
        if np.isfinite(found.side("retention")["gain"]):
            return say(
                "At today's spend the next {step} a year brings {kept} {kept_limits} in retention; what it "
                "brings in acquisition cannot be told.",
                step=step,
                kept=kept,
                kept_limits=kept_limits,
            )
        if np.isfinite(found.side("acquisition")["gain"]):
            return say(
                "At today's spend the next {step} a year brings {won} {won_limits} in acquisition; what it "
                "brings in retention cannot be told: what a contact costs is not known. Give cost in the "
                "contacts, or contact_cost.",
                step=step,
                won=won,
                won_limits=won_limits,
            )
        return say("What the next {step} a year brings cannot be told for either side.", step=step)
    first = say(
        "At today's spend the next {step} a year brings {kept} {kept_limits} in retention and {won} "
        "{won_limits} in acquisition.",
        step=step,
        kept=kept,
        kept_limits=kept_limits,
        won=won,
        won_limits=won_limits,
    )
    second = {
        "retain": say("Keeping clients brings more."),
        "acquire": say("Winning clients brings more."),
        "neither": say("Neither brings back its money: spend it on neither."),
        "unclear": say("Which is more cannot be told from this."),
    }[found.verdict]
    return f"{first} {second}"


def _buys(found: AcquireOrRetain, say: Speaker) -> str:
    if not found.rungs:
        known = np.isfinite(found.side("retention")["gain"])
        return say("No contact is expected to bring more than it costs.") if known else ""
    parts = say.enumerate(
        say("{way} ({contacts})", way=named(rung.way.arm, say), contacts=say.number(rung.contacts))
        for rung in found.rungs
    )
    money = spent(found.rungs)
    if money < found.budget_step * 0.995:
        return say(
            "In retention it buys, the best first: {parts}. Only {money} of it can be spent: there are no "
            "more occasions for contacts worth their cost.",
            parts=parts,
            money=say.money(money),
        )
    channel = found.best_channel(say)
    if not channel:
        return say("In retention it buys, the best first: {parts}.", parts=parts)
    return say(
        "In retention it buys, the best first: {parts}; in acquisition it goes to {channel}.",
        parts=parts,
        channel=channel,
    )


def _pays(found: AcquireOrRetain, say: Speaker) -> str:
    """Which side does not bring back its money."""
    if found.verdict == "neither":
        return ""
    rows = [found.side(side) for side in ("retention", "acquisition")]
    losing = [row["side"] for row in rows if row["gain_hi"] <= row["spent"] and row["spent"] > 0]
    if losing == ["acquisition"]:
        return say("In acquisition the next money does not come back: even the upper limit is below it.")
    if losing == ["retention"]:
        return say("In retention the next money does not come back: even the upper limit is below it.")
    return ""


def _averages(found: AcquireOrRetain, say: Speaker) -> str:
    kept, won = found.side("retention"), found.side("acquisition")
    figures = [row.get(name, np.nan) for row in (won, kept) for name in ("average_cost", "marginal_cost")]
    if not np.isfinite(figures).all():
        if not np.isfinite(figures[:2]).all():
            return ""
        return say(
            'A new client costs {average} on average, but {marginal} for one more. Sayings such as "five '
            'times cheaper to keep than to win" compare averages; what the next money brings hangs on the '
            "margin (Pfeifer 2005).",
            average=say.money(figures[0]),
            marginal=say.money(figures[1]),
        )
    return say(
        "On average a new client costs {won} and a client who came after a contact {kept}, {times} times "
        'less; one more costs {won_more} and {kept_more}. Sayings such as "five times cheaper to keep than '
        'to win" compare the averages, which hold many who would have come anyway; what the next money '
        "brings hangs on the margin (Pfeifer 2005).",
        won=say.money(figures[0]),
        kept=say.money(figures[2]),
        times=say.number(figures[0] / figures[2]),
        won_more=say.money(figures[1]),
        kept_more=say.money(figures[3]),
    )


def _test(found: AcquireOrRetain, say: Speaker) -> str:
    if found.verdict != "unclear":
        return ""
    arm, size = found.test_size()
    if not np.isfinite(size):
        return ""
    if found.stated:
        return say(
            "The smallest test that would tell: {arm} to {size} clients by lot and to as many not, and count "
            "who stays.",
            arm=named(arm, say),
            size=say.number(size),
        )
    return say(
        "The smallest test that would tell: {arm} to {size} clients by lot and to as many not, with money "
        "counted over {days}.",
        arm=named(arm, say),
        size=say.number(size),
        days=say.plural("{n} day", "{n} days", found.retention.margin_days),
    )


def _spend_test(found: AcquireOrRetain, say: Speaker) -> str:
    """The smallest test of spend, where its ups and downs taught nothing."""
    if np.isfinite(found.side("acquisition")["gain"]):
        return ""
    weeks = spend_test_weeks(found)
    if not np.isfinite(weeks):
        return say("There is no new client in the period to learn from: note joined and source_channel.")
    return say(
        "The smallest test that would tell: halve and double the spend in turn, by lot, four weeks each, "
        "{weeks} in all.",
        weeks=say.plural("{n} week", "{n} weeks", max(8, 8 * int(np.ceil(weeks / 8)))),
    )


def spend_test_weeks(found: AcquireOrRetain, *, power: float = 0.8) -> float:
    """Weeks of halved and doubled spend until it is told whether one more client costs what one is worth.

    The counts of two equally long spells differ by the elasticity times the logarithm of four; the variance
    of the logarithm of their ratio is 2 / (clients a week x weeks of each).
    """
    from scipy.special import ndtri

    table = found.acquisition.table
    rows = table[table["kind"] == ("paid" if found.acquisition.has_channel else "all")]
    rows = rows[(rows["clients"] > 0) & (rows["worth"] > 0) & (rows["spend"] > 0)]
    if rows.empty:
        return float("nan")
    rate = rows["clients"] / (found.acquisition.years * 365.25 / 7)
    even = np.minimum(rows["cost_per_client"] / rows["worth"], 1.0)
    reach = ndtri((1 + LEVEL) / 2) + ndtri(power)
    return float((2 * 2 * (reach / (even * np.log(4))) ** 2 / rate).min())


def _classes(found: AcquireOrRetain, say: Speaker) -> str:
    assert found.by_class is not None
    parts = []
    for row in found.by_class.to_dict("records"):
        values = {
            "name": row["class"],
            "clients": say.plural("{n} client", "{n} clients", int(row["clients"])),
            "value": say.money(row["value"]),
            "minutes": say.plural("{n} minute", "{n} minutes", round(row["minutes"])),
            "cost": say.money(row["cost"]),
            "gain": say.money(row["gain"]),
            "interval": say.interval(row["gain_lo"], row["gain_hi"], say.money),
        }
        if np.isfinite(row["gain"]):
            parts.append(
                say(
                    "{name}, {clients}: {gain} {interval}; each is worth {value} and takes {minutes} a year, "
                    "{cost}",
                    **values,
                )
            )
        else:
            parts.append(
                say("{name}, {clients}: each is worth {value} and takes {minutes} a year, {cost}", **values)
            )
    text = say(
        "What contacts bring by class, and what the class costs in time. {parts}.", parts="; ".join(parts)
    )
    rows = found.by_class
    dear = rows.loc[rows["cost"] > rows["value"], "class"]
    if not len(dear):
        return text
    warning = say(
        "Clients of {classes} cost more in time than they leave: money spent on bringing them back is lost "
        "twice, unless they are served in another way.",
        classes=say.enumerate(dear),
    )
    return f"{text} {warning}"


def _caveat(found: AcquireOrRetain, say: Speaker) -> str:
    words = []
    days = say.plural("{n} day", "{n} days", found.retention.margin_days)
    if found.stated:
        low, high = found.retention_range
        words.append(
            say(
                "No contact was randomised, or too few: that a contact keeps {low} to {high} of those "
                "contacted is an assumption (retention_range).",
                low=say.percent(low, 1),
                high=say.percent(high, 1),
            )
        )
    else:
        words.append(say("What a contact brings counts for {days}; later effects do not.", days=days))
    months = say.plural("{n} month", "{n} months", found.acquisition.months)
    if found.valued:
        words.append(
            say("A new client's money is that of those who joined within a year, so far and as expected.")
        )
    elif found.stated:
        words.append(
            say(
                "In place of lifetime value stand what new clients left in their first {months}, and what "
                "clients left in the last 12 months.",
                months=months,
            )
        )
    else:
        words.append(
            say(
                "In place of lifetime value stands what new clients left in their first {months}.",
                months=months,
            )
        )
    if found.acquisition.measure == "amount":
        words.append(say("No costs are known, so that money is net revenue, not margin."))
    return " ".join(words)


def _method(say: Speaker) -> str:
    return say(
        "Winning: new clients that the step adds by the response to spend, times what a new client leaves. "
        "Keeping: money more for each contact against those left without by lot, while occasions are left. "
        "{level} intervals from draws of all of these.",
        level=say.percent(LEVEL),
    )
