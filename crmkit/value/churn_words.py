"""What a churn result says: whether clients leave, whom to call, how far the forecasts can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.statistics import LEVEL
from crmkit.value.churn_holdout import MOST_CLIENTS
from crmkit.wording import Claim, Speaker

if TYPE_CHECKING:
    from crmkit.value.churn_result import Churn

CALL_WITHIN_DAYS = 14
"""A call is of use before the silence has grown: so many days after the day of the report it is due."""
A_YEAR = 4
"""Quarters after the first one at which returning is told."""


def reason(client: Any, say: Speaker) -> str:
    """Why a client is on the save list: a row of the table as a named tuple, in a sentence."""
    values = {
        "silent": say.plural("{n} day silent", "{n} days silent", client.recency_days),
        "gap": say.number(max(client.gap_days, 1.0)),
        "money": say.money(client.value_at_risk),
    }
    if client.purchase_days == 1:
        return say("{silent}; bought once, others buy every {gap}; {money} a year at risk", **values)
    return say("{silent}; usually buys every {gap}; {money} a year at risk", **values)


def name_way(way: str, say: Speaker) -> str:
    """A way to foresee purchases in words."""
    return {
        "model": say("purchase model"),
        "classifier": say("classifier"),
        "rule": say("rule “silent longer than X”"),
    }[way]


def worded(frame: pd.DataFrame, say: Speaker) -> pd.DataFrame:
    """A frame of the result with the ways in words."""
    names = {
        column: [name_way(way, say) for way in frame[column]]
        for column in ("way", "other")
        if column in frame
    }
    return frame.assign(**names)


def claims(found: Churn, say: Speaker) -> list[Claim]:
    """What was found, what to do, and how sure it is."""
    said = [Claim(_leaving(found, say), _leading(found), _method(say), _caveat(found, say))]
    if found.measure:
        said.append(Claim(_saving(found, say), found.show_save_list(say), caveat=_assumed(found, say)))
    scores = worded(found.holdout.scores, say) if found.holdout.clients else None
    said.append(Claim(_judged(found, say), scores, _holdout_method(found, say)))
    if found.holdout.clients:
        said.append(Claim(_calibrated(found, say)))
    return said + [Claim(sentence) for sentence in _returning(found, say)]


def _leading(found: Churn) -> pd.DataFrame:
    columns = ["client_id", "recency_days", "gap_days", "overdue_days", "probability_alive"]
    if not found.measure:
        return found.table.sort_values(["overdue_days", "client_id"], ascending=[False, True])[columns].head(
            5
        )
    columns.append("value_at_risk")
    ranked = found.table.sort_values(["value_at_risk", "client_id"], ascending=[False, True], kind="stable")
    return ranked[columns].head(5)


def _leaving(found: Churn, say: Speaker) -> str:
    left, table = found.left_share(), found.table
    values = {
        "clients": say.plural("{n} client", "{n} clients", len(table)),
        "share": say.percent(left["left_share"]),
        "interval": say.interval(left["share_lo"], left["share_hi"], say.percent),
        "overdue": say.number((table["overdue_days"] > 0).sum()),
        "today": say.date(found.context.as_of),
    }
    if not found.measure:
        return say(
            "Of {clients} who have bought by {today}, about {share} {interval} have left for good; {overdue} "
            "are silent longer than they usually are.",
            **values,
        )
    risk, total = float(table["value_at_risk"].sum()), float(table["value"].sum())
    low, high = found.risk_interval()
    limits = say.interval(min(low, risk), max(high, risk), say.money)
    values |= {
        "money": say.money(risk),
        "limits": limits,
        "part": say.percent(risk / total if total > 0 else 0.0),
    }
    return say(
        "Of {clients} who have bought by {today}, about {share} {interval} have left for good; {overdue} are "
        "silent longer than they usually are. At risk: {money} {limits} a year, {part} of what "
        "clients bring.",
        **values,
    )


def _caveat(found: Churn, say: Speaker) -> str:
    said = {
        "": say("The ledger holds no money: there are probabilities only, and no save list."),
        "amount": say("The money is net revenue of the last 12 months: the margin is not known."),
        "margin": say("The money is the margin of the last 12 months."),
        "given": say("The money is the value a year that was given."),
    }[found.measure]
    if not found.model.converged_:
        said += " " + say(
            "The data leave open how fast clients leave (all buy alike, or hardly anyone leaves), so that "
            "the limits do not hold this uncertainty."
        )
    if (found.monthly.ends[-1] - found.context.as_of).days == 0 and len(found.monthly.ends) < 12:
        said += " " + say("The ledger is shorter than a year, and so is what the money counts.")
    return said


def _method(say: Speaker) -> str:
    return say(
        "Whether someone left is never seen. The MBG/NBD model (Batislam, Denizel and Filiztekin 2007) "
        "weighs the silence of each client against their own rhythm; limits: {level}, over its parameters "
        "and who left. Money at risk is money a year times the probability of having left; the money of a "
        "purchase is drawn towards that of all (gamma-gamma, Fader, Hardie and Lee 2005).",
        level=say.percent(LEVEL),
    )


def _saving(found: Churn, say: Speaker) -> str:
    chosen = found.save_list
    if chosen.empty:
        return say(
            "There is nobody to call: for no overdue client does a call save more than it costs ({cost}).",
            cost=say.money(found.call.cost),
        )
    low, high = found.saved_interval()
    first = chosen.iloc[0]
    return say(
        "Call {clients} of the save list: {money} {interval} a year is saved that way, the calls paid for. "
        "First {client}: {reason}.",
        clients=say.plural("{n} client", "{n} clients", len(chosen)),
        money=say.money(chosen["saved"].sum()),
        interval=say.interval(low, high, say.money),
        client=first["client_id"],
        reason=found.show_save_list(say).iloc[0]["reason"],
    )


def _assumed(found: Churn, say: Speaker) -> str:
    low, high = found.shares
    span = say.percent(low) if low == high else say.interval(low, high, say.percent)
    if found.measured:
        said = say("A call keeps {share} of those about to leave, as was given.", share=span)
    else:
        said = say(
            "That a call keeps {share} of those about to leave is an assumption (saved_least and saved_most "
            "in crmkit.toml, [value]); calls to a part of them chosen at random would measure it.",
            share=span,
        )
    if found.call.basis == "unknown":
        return f"{said} " + say(
            "What a call costs is not known and was taken as nothing: give call_cost in crmkit.toml, [value]."
        )
    return f"{said} " + say("A call costs {cost}.", cost=say.money(found.call.cost))


def _months(found: Churn, say: Speaker) -> str:
    return say.plural("{n} month", "{n} months", found.horizon)


def _judged(found: Churn, say: Speaker) -> str:
    held = found.holdout
    if held.verdict == "short":
        return say(
            "Which way foresees purchases best cannot be told: the ledger is too short for a hold-out of "
            "{months}. The purchase model is used.",
            months=_months(found, say),
        )
    if held.verdict == "few":
        return say(
            "Which way foresees purchases best cannot be told: too few bought, or too few did not, at "
            "earlier days. The purchase model is used."
        )
    rival = _rival(found)
    loss = held.scores.set_index("way")["log_loss"]
    gap, low, high = _difference(found, "model", rival)
    values = {
        "months": _months(found, say),
        "times": say.plural("{n} past day", "{n} past days", len(held.origins)),
        "clients": say.plural("{n} client", "{n} clients", held.clients),
        "used": name_way(held.used, say),
        "rival": name_way(rival, say),
        "model": say.number(loss["model"], 3),
        "other": say.number(loss[rival], 3),
        "interval": say.interval(low, high, lambda value: say.number(value, 4)),
        "gap": say.number(gap, 4),
    }
    if held.verdict == "better":
        return say(
            "The {used} is used: foreseeing purchases in {months} from {times} ({clients}), its log loss was "
            "{other} against {model} of the purchase model, a difference of {gap} {interval}.",
            **values,
        )
    if held.verdict == "model":
        return say(
            "The purchase model is used: foreseeing purchases in {months} from {times} ({clients}), its log "
            "loss was {model} against {other} of the next best, the {rival}, a difference of {gap} "
            "{interval}.",
            **values,
        )
    return say(
        "Whether the purchase model or the {rival} foresees purchases better cannot be told: in {months} "
        "from {times} ({clients}) the log loss was {model} against {other}, a difference of {gap} {interval} "
        "that may be chance. The purchase model is used, which needs no training.",
        **values,
    )


def _rival(found: Churn) -> str:
    """The way used, or if that is the purchase model, the best of the others."""
    held = found.holdout
    if held.used != "model":
        return held.used
    loss = held.scores.set_index("way")["log_loss"]
    return str(loss.drop("model").idxmin())


def _difference(found: Churn, way: str, other: str) -> tuple[float, float, float]:
    row = found.holdout.differences.set_index(["way", "other"]).loc[(way, other)]
    return float(row["log_loss"]), float(row["log_loss_lo"]), float(row["log_loss_hi"])


def _calibrated(found: Churn, say: Speaker) -> str:
    row = found.holdout.scores.set_index("way").loc[found.holdout.used]
    values = {
        "predicted": say.percent(row["predicted"], 1),
        "observed": say.percent(row["observed"], 1),
        "slope": say.number(row["slope"], 2),
        "interval": say.interval(row["slope_lo"], row["slope_hi"], lambda value: say.number(value, 2)),
    }
    beats = _beats_rule(found, say)
    if np.isnan(row["slope"]):
        return say("It foresaw {predicted} of clients buying, and {observed} did.", **values) + beats
    return (
        say(
            "It foresaw {predicted} of clients buying, and {observed} did; the slope of what came on what "
            "was said is {slope} {interval}, where 1 is neither too bold nor too timid.",
            **values,
        )
        + beats
    )


def _beats_rule(found: Churn, say: Speaker) -> str:
    held = found.holdout
    days = say.plural("{n} day", "{n} days", round(held.rule_days))
    if held.used == "rule":
        return " " + say("The rule is: silent longer than {days}.", days=days)
    _, _, high = _difference(found, held.used, "rule")
    if high < 0:
        return " " + say("It is better than the simple rule “silent longer than {days}”.", days=days)
    return " " + say(
        "It is not better beyond chance than the simple rule “silent longer than {days}”, which will do.",
        days=days,
    )


def _holdout_method(found: Churn, say: Speaker) -> str:
    return say(
        "Rolling hold-out: at each past day only what was known by then, outcomes after it. The classifier "
        "(logistic regression on splines, calibrated after Platt 1999) and the rule learn from earlier days "
        "whose outcomes were known. Differences: {level} paired bootstrap over clients, at most {most} of "
        "them, drawn at random. A way replaces the purchase model only if it is better beyond chance.",
        level=say.percent(LEVEL),
        most=say.number(MOST_CLIENTS),
    )


def _returning(found: Churn, say: Speaker) -> list[str]:
    """How many of the new clients of a year ago and before buy in the quarter a year after."""
    later = found.cohorts
    later = later[(later["quarter"] == A_YEAR) & (later["cohort"] > later["cohort"].min())]
    if not later["clients"].sum():
        return []
    share = later["active"].sum() / later["clients"].sum()
    return [
        say(
            "Of {clients} who were new, {share} bought in the quarter a year after their first.",
            clients=say.plural("{n} client", "{n} clients", int(later["clients"].sum())),
            share=say.percent(share),
        )
    ]


def decisions(found: Churn, say: Speaker) -> list[dict[str, Any]]:
    """One decision: call the clients of the save list."""
    chosen = found.show_save_list(say)
    amount = float(chosen["saved"].sum())
    if chosen.empty:
        return []
    low, high = found.saved_interval()
    count = say.plural("{n} client", "{n} clients", len(chosen))
    return [
        {
            "id": "churn-save",
            "action": say(
                "Call {clients} of the save list, those with most money at risk first", clients=count
            ),
            "owner": say("Client managers"),
            "due": found.context.as_of + pd.Timedelta(days=CALL_WITHIN_DAYS),
            "amount": amount,
            "lo": min(low, amount),
            "hi": max(high, amount),
            "reason": say(
                "They are silent longer than usual for them, and have {money} a year at risk together. "
                "{assumed}",
                money=say.money(chosen["value_at_risk"].sum()),
                assumed=_assumed(found, say),
            ),
            "clients": chosen.set_index("client_id")["saved"],
        }
    ]
