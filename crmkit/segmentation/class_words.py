"""What the classes say in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmkit.segmentation.class_names import VIP, A, B
from crmkit.segmentation.measures import name_measure, say_past, write_measure
from crmkit.segmentation.potential import SURELY
from crmkit.wording import Claim, Speaker

if TYPE_CHECKING:
    from crmkit.segmentation.class_result import Classification

SURE = 0.8
"""From such a share on, those found in a class are not called suspected."""


def claims(found: Classification, say: Speaker) -> Sequence[Claim]:
    """What was found, in the speaker's language."""
    caveat = _caveat(found, say)
    ruling = found.ruling
    if ruling == "undefined":
        return [Claim(_nothing(found, say), found.shares, caveat=caveat)]
    claims = [Claim(_vip(found, say, ruling), found.shares, method=_method(found, say), caveat=caveat)]
    if found.flat:
        claims.append(Claim(uninformed(say)))
    if ruling == "found":
        claims.append(_potential(found, say))
    return [*claims, _growing(found, say), _rest(found, say)]


def _nothing(found: Classification, say: Speaker) -> str:
    return say(
        "{measure} of all clients together was {money} in the last {months}: there is nobody to call VIP "
        "or on the way to it. {others}",
        measure=name_measure(found.measure, say),
        money=write_measure(float(found.shares[found.measure].sum()), found.measure, say),
        months=found.period(say),
        others=_lost(found, say),
    )


def _vip(found: Classification, say: Speaker, ruling: str) -> str:
    vip = found.row("VIP")
    values = {
        "clients": say.plural("{n} client", "{n} clients", found.named),
        "most": say.percent(found.rules.vip_client_share),
        "months": found.period(say),
        "measure": name_measure(found.measure, say),
    }
    if ruling == "few":
        return say("Nobody is VIP: {most} of the clients ({clients} in all) is less than one.", **values)
    if ruling == "even":
        return say(
            "Nobody is VIP: in the last {months} no group of at most {most} of clients stands above all the "
            "others. ({measure})",
            **values,
        )
    return say(
        "{share_clients} of clients are VIP and brought {share} in the last {months}; {goal} from {most} "
        "is the aim. ({measure})",
        share_clients=say.percent(vip["client_share"], 1),
        share=say.percent(vip["amount_share"]),
        goal=say.percent(found.rules.vip_margin_share),
        **values,
    )


def _method(found: Classification, say: Speaker) -> str:
    return say(
        "VIP is the smallest set of clients that reaches the aim by what they brought in {months}, cut at "
        "{most} of all clients. Equal clients are in it together or not at all.",
        months=found.period(say),
        most=say.percent(found.rules.vip_client_share),
    )


def _caveat(found: Classification, say: Speaker) -> str:
    last = pd.Timestamp(float(found.evidence["last_day"].max()), unit="D")
    words = [_costs(found, say)]
    if last.year > 1970:
        words.append(say_past(last, found.context.as_of, say))
    if found.evidence.nobody.any():
        words.append(
            say(
                "Ids that stand for nobody in particular are C and count neither in the aim nor in the "
                "number of clients to choose from: {ids}.",
                ids=say.number(int(found.evidence.nobody.sum())),
            )
        )
    return " ".join(filter(None, words))


def _costs(found: Classification, say: Speaker) -> str:
    """What is not known of costs, and what that does to D."""
    costs = found.evidence.costs
    if costs == "goods":
        return say(
            "What serving clients costs is not known (no wages and no cost of a minute): D holds only "
            "those whose goods cost more than they pay."
        )
    if costs == "serving":
        return say(
            "What goods cost is not known: D holds only those whose revenue does not even pay for serving "
            "them."
        )
    if costs == "none" and found.measure == "purchase_days":
        return say(
            "The ledger holds no money: VIP goes by the days on which clients bought, and nobody is put in D."
        )
    if costs == "none":
        return say(
            "What clients cost is not known: nobody is put in D, and VIP goes by the money they bring."
        )
    return ""


def uninformed(say: Speaker) -> str:
    """What to make of classes that carry no information."""
    return say(
        "Here classes by this measure carry no information: who brought much earlier does not bring more "
        "later, or all bring about the same. Do not serve clients differently because of VIP or A."
    )


def _rest(found: Classification, say: Speaker) -> Claim:
    rest = found.row("C")
    values = {"clients": say.percent(rest["client_share"]), "others": _lost(found, say)}
    if np.isfinite(rest["minutes_share"]):
        sentence = say(
            "C is {clients} of clients; they take {time} of staff time and bring {share}. {others}",
            time=say.percent(rest["minutes_share"]),
            share=say.percent(rest["amount_share"]),
            **values,
        )
    else:
        sentence = say(
            "C is {clients} of clients; they bring {share}. {others}",
            share=say.percent(rest["amount_share"]),
            **values,
        )
    if found.evidence.periods.basis == "contacts":
        return Claim(sentence)
    return Claim(
        sentence,
        caveat=say("Staff time is taken from the number of sales: there are no contacts with minutes."),
    )


def _lost(found: Classification, say: Speaker) -> str:
    lost = found.row("D")
    if found.evidence.costs == "none":
        return say("Who is better served elsewhere cannot be told without costs.")
    if not lost["clients"]:
        return say("Nobody is in D: nobody left less than nothing in this time and over their whole record.")
    again = int(found.losing.sum())
    few = say.plural("{n} client", "{n} clients", int(lost["clients"]))
    if not np.isfinite(lost["minutes_share"]):
        return say(
            "D is {few}, who left less than nothing; of these {again} are to be expected to do so again.",
            few=few,
            again=say.number(again),
        )
    return say(
        "D is {few}, who left less than nothing and took {lost} of staff time; of these {again} are to be "
        "expected to leave less than nothing again.",
        few=few,
        lost=say.percent(lost["minutes_share"]),
        again=say.number(again),
    )


def _potential(found: Classification, say: Speaker) -> Claim:
    potential, trust = found.verdict.potential, bool(found.verdict.trust.items)
    count = int(found.row("A")["clients"])
    few = say.plural("{n} client", "{n} clients", count)
    became, cases = potential.outcomes
    if potential.enough and not potential.learned:
        return Claim(
            say(
                "Who may become VIP cannot be told, and nobody is A: the behaviour of clients who became "
                "VIP tells no more beforehand than their average, {average}.",
                average=say.percent(potential.average, 1),
            ),
            method=_learned(found, say),
            caveat=say(
                "The test: offer closer cooperation to clients drawn by lot, and see in a year who of "
                "them became VIP and who of the others."
            ),
        )
    if not potential.enough:
        values = {
            "found": say.plural("{n} case", "{n} cases", became),
            "others": say.plural("{n} case", "{n} cases", cases - became),
        }
        if not count:
            sentence = say(
                "Nobody is A: no other client bought as often as the middle VIP lately and seems to "
                "trust less."
            )
        elif trust:
            sentence = say(
                "A is {few}: lately they bought as often as the middle VIP, but they probably trust less.",
                few=few,
            )
        else:
            sentence = say(
                "A is {few}: lately they bought as often as the middle VIP, but in smaller orders.",
                few=few,
            )
        return Claim(
            sentence,
            caveat=say(
                "This is a stated rule: the history shows {found} of becoming VIP and {others} of not "
                "becoming so, too few to learn from.",
                **values,
            ),
        )
    if not count:
        return Claim(
            say("Nobody is A: nobody has such a chance to become VIP and probably trusts less than VIPs."),
            method=_learned(found, say),
        )
    values = {
        "few": few,
        "reach": _reach(found, say),
        "real": say.number(_real(found, A, A, VIP)),
    }
    if trust:
        sentence = say(
            "A is {few}: with the trust of VIPs their chance to become VIP is at least {reach}, and they "
            "probably trust less than VIPs do. By all their records about {real} of them are so, or "
            "worth a VIP already.",
            **values,
        )
    else:
        sentence = say(
            "A is {few}: their chance to become VIP is at least {reach}, and they place smaller orders "
            "than VIPs do. By all their records about {real} of them are so, or worth a VIP already.",
            **values,
        )
    return Claim(
        sentence,
        method=_learned(found, say),
        caveat=say(
            "That more trust would bring more money is seen side by side, not tried: a trial would tell."
        )
        if trust
        else "",
    )


def _reach(found: Classification, say: Speaker) -> str:
    times, average = found.rules.potential_times, found.verdict.potential.average
    values = {"average": say.percent(average, 1), "reach": say.percent(times * average, 1)}
    if times == 1:
        return say("the average of {average}", **values)
    times_said = say.number(times, 2)
    return say("{reach}, {times} times the average of {average}", times=times_said, **values)


def _learned(found: Classification, say: Speaker) -> str:
    potential = found.verdict.potential
    words = say(
        "Learned from {found} among {total} in which a client became VIP within {months}. On clients "
        "held out {ratio} of those expected came true, and the squared error was {error} {interval} of "
        "the average's.",
        found=say.plural("{n} case", "{n} cases", potential.outcomes[0]),
        total=say.number(potential.outcomes[1]),
        months=found.period(say),
        ratio=say.percent(1 / potential.calibration),
        error=say.percent(potential.error),
        interval=say.interval(
            potential.error - SURELY * potential.doubt,
            potential.error + SURELY * potential.doubt,
            say.percent,
        ),
    )
    if not found.verdict.trust.items:
        return words
    trust = say(
        "Trust is one number from how a client answers contacts and how wide a range they buy (Birnbaum "
        "1968)."
    )
    return f"{words} {trust}"


def _real(found: Classification, name: int, *classes: int) -> float:
    """How many of those found in a class are expected to be of the given classes really."""
    return float(found.verdict.chances[found.verdict.code == name][:, list(classes)].sum())


def _growing(found: Classification, say: Speaker) -> Claim:
    growth, count = found.verdict.growth, int(found.row("B")["clients"])
    recent = say.plural("{n} month", "{n} months", min(growth.months, found.covered))
    if not growth.streams:
        return Claim(
            say(
                "Who is developing fast cannot be told, and nobody is B: in the last {recent} too little "
                "happened to compare it with the time before.",
                recent=recent,
            )
        )
    method = say(
        "Purchases, kinds of goods and contacts of the last {recent} against a Poisson regression on each "
        "client's past, with gamma factors drawn towards one (Clayton and Kaldor 1987). How many really "
        "grow: a mixture of two kinds of clients (Dempster et al. 1977).",
        recent=recent,
    )
    if not count:
        return Claim(
            say(
                "Nobody is B: in the last {recent} nobody probably did more than such clients do.",
                recent=recent,
            ),
            method=method,
        )
    real = _real(found, B, B)
    sentence = say(
        "B is {few}, who do more than such clients do; by all their records about {real} of them are "
        "really in a phase of growth.",
        few=say.plural("{n} client", "{n} clients", count),
        real=say.number(real),
    )
    if real >= SURE * count:
        return Claim(sentence, method=method)
    return Claim(
        sentence,
        method=method,
        caveat=say(
            "So short a time tells little: many in B are only suspected. A call that asks what they plan "
            "would tell."
        ),
    )
