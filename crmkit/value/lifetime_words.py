"""The value of clients in sentences: what was found, why, what to do, how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmkit.statistics import LEVEL
from crmkit.wording import Claim, Speaker

if TYPE_CHECKING:
    from crmkit.value.lifetime_result import LifetimeValue

NOTED_SHIFT = 1.0
"""Clients without whom the fit would move by so many standard errors are named."""


def claims(found: LifetimeValue, say: Speaker) -> Sequence[Claim]:
    """All that is to be said of a result."""
    said = [Claim(_outlook(found, say), worded(found.total, say), _method(found, say), _caveat(found, say))]
    if found.spend is not None:
        said.append(
            Claim(
                say(
                    "Up to {date} they brought {money}: that is past, and no part of the residual value.",
                    date=say.date(found.context.as_of),
                    money=say.money(found.value("realised")),
                )
            )
        )
        if len(found.assigned) and found.value("residual") > 0:
            said.append(_leaders(found, say))
        said.append(Claim(_spend(found, say), caveat=_drift(found, say)))
    said.append(
        Claim(
            f"{found.choice.reason(say)} {found.choice.clock.reason.said(say)}",
            worded(found.choice.table, say),
            say(
                "Models of clients without a contract: BG/NBD (Fader, Hardie and Lee 2005), MBG/NBD "
                "(Batislam, Denizel and Filiztekin 2007), Pareto/NBD (Schmittlein, Morrison and Colombo "
                "1987). They are ranked by how likely they made what each client bought in the part kept "
                "apart, by their error per client and by that of the total; the best sum of ranks wins."
            ),
            _how_sure(found, say),
        )
    )
    return said + _influence(found, say)


def worded(frame: pd.DataFrame, say: Speaker) -> pd.DataFrame:
    """A frame of the result with its codes in words."""
    if "measure" in frame:
        names = {
            "purchases": say("Purchases to come"),
            "margin": say("To come, after known costs"),
            "residual": say("Residual value"),
            "realised": say("Realised value"),
        }
        frame = frame.assign(measure=frame["measure"].map(names))
    if "clock" in frame:
        clocks = {"plain": say("plain"), "seasonal": say("seasonal")}
        frame = frame.assign(clock=frame["clock"].map(clocks))
    return frame


def name_money(found: LifetimeValue, say: Speaker) -> str:
    """What the money is."""
    spend = found.spend
    if spend is None:
        return say("purchases")
    if spend.has_margin:
        return say("margin after the cost of serving") if spend.has_cost else say("margin")
    return say("net revenue after the cost of serving") if spend.has_cost else say("net revenue")


def _outlook(found: LifetimeValue, say: Speaker) -> str:
    def limits(measure: str, form=say.number) -> str:  # type: ignore[no-untyped-def]
        return say.interval(found.value(measure, "lo"), found.value(measure, "hi"), form)

    values = {
        "months": say.plural("{n} month", "{n} months", found.horizon_months),
        "date": say.date(found.context.as_of),
        "clients": say.plural("{n} client", "{n} clients", len(found.table)),
        "alive": say.number(found.table["probability_alive"].sum()),
        "purchases": say.number(found.value("purchases")),
        "purchase_limits": limits("purchases"),
    }
    if not found.has_money:
        return say(
            "In {months} after {date}, purchases to be expected: {purchases} {purchase_limits}. Of {clients} "
            "seen so far, about {alive} are clients still.",
            **values,
        )
    return say(
        "In {months} after {date}, purchases to be expected: {purchases} {purchase_limits}, and with them "
        "{margin} {margin_limits}: {measure}. Discounted, that is a residual value of {value} "
        "{value_limits}. Of {clients} seen so far, about {alive} are clients still.",
        measure=name_money(found, say),
        margin=say.money(found.value("margin")),
        margin_limits=limits("margin", say.money),
        value=say.money(found.value("residual")),
        value_limits=limits("residual", say.money),
        **values,
    )


def _method(found: LifetimeValue, say: Speaker) -> str:
    words = [
        say(
            "Intervals ({level}) hold what the parameters leave open, how far the models differ, who has "
            "left unseen, how often clients buy and what they spend.",
            level=say.percent(LEVEL),
        )
    ]
    if found.has_money:
        words.append(
            say(
                "Money is discounted by {rate} a year, a factor of {factor} from the middle of one month to "
                "that of the next.",
                rate=say.percent(
                    found.discount_rate, 0 if round(found.discount_rate * 100, 6) % 1 == 0 else 1
                ),
                factor=say.number((1 + found.discount_rate) ** (-1 / 12), 4),
            )
        )
    return " ".join(words)


def _caveat(found: LifetimeValue, say: Speaker) -> str:
    words = [say("Clients who have not come yet are not in it.")]
    if found.spend is None:
        words.append(say("The ledger holds no money: purchases only."))
    elif not found.spend.has_margin:
        words.append(say("The cost of goods is not known, so that this is revenue and not margin."))
    if found.spend is not None and not found.spend.has_cost:
        words.append(say("What serving a client costs is not known, and is not taken off."))
    if found.left_out:
        words.append(
            say(
                "Without a day on which they kept a purchase, and left out: {clients}.",
                clients=say.plural("{n} client", "{n} clients", found.left_out),
            )
        )
    return " ".join(words)


def _leaders(found: LifetimeValue, say: Speaker) -> Claim:
    columns = [
        "client_id",
        "probability_alive",
        "expected_purchases",
        "residual_value",
        "value_lo",
        "value_hi",
    ]
    value = found.table["residual_value"].to_numpy()
    order = np.argsort(-value.round(6), kind="stable")
    running = np.maximum(value[order], 0.0).cumsum()
    half = int(np.searchsorted(running, running[-1] / 2)) + 1
    return Claim(
        say(
            "Half of the residual value lies in {clients} ({share} of all). Give those a manager first: the "
            "{few} at the top hold {money}.",
            clients=say.plural("{n} client", "{n} clients", half),
            share=say.percent(half / len(value), 1),
            few=say.number(len(found.assigned)),
            money=say.money(float(found.assigned.sum())),
        ),
        found.table.iloc[order[:10]][columns],
        caveat=say("A single client's interval is wide: one client may leave or stay. The sum is surer."),
    )


def _spend(found: LifetimeValue, say: Speaker) -> str:
    basis = found.spend.basis if found.spend is not None else ""
    if basis == "gamma-gamma":
        return say(
            "What a client spends has little to do with how often they buy: spend per purchase day follows "
            "the gamma-gamma model, each client's own mean drawn towards that of all."
        )
    if basis == "constant":
        return say("All clients spend the same on a purchase day, and that amount is used as it is.")
    if basis == "related":
        return say(
            "Those who buy more often spend otherwise than others, so that each client's own mean is drawn "
            "towards that of clients who buy as often."
        )
    return say(
        "Spend varies too much, or clients are too few, for the gamma-gamma model: each client's own mean is "
        "drawn towards that of clients who buy as often."
    )


def _drift(found: LifetimeValue, say: Speaker) -> str:
    if found.spend is None or found.spend.drift == 1:
        return ""
    drift, reach = found.spend.drift, 2 * found.spend.drift_error
    return say(
        "After {split} a purchase day brought {drift} {interval} of what earlier ones had promised; what is "
        "to come is raised or lowered alike.",
        split=say.date(found.choice.split),
        drift=say.percent(drift),
        interval=say.interval(drift - reach, drift + reach, say.percent),
    )


def _how_sure(found: LifetimeValue, say: Speaker) -> str:
    words = []
    if found.choice.excess > 0:
        words.append(
            say(
                "That is further off than chance explains; all intervals are wider by an error of {error}.",
                error=say.percent(found.choice.excess),
            )
        )
    if not found.choice.model.converged_:
        words.append(
            say(
                "The data leave some parameters open (hardly anybody leaves, or all are alike), so that the "
                "intervals hold chance but not the parameters."
            )
        )
    return " ".join(words)


def _influence(found: LifetimeValue, say: Speaker) -> list[Claim]:
    if found.influence is None:
        return []
    table, without = found.influence
    moved = table[table["shift"] >= NOTED_SHIFT]
    if not len(moved) or without is None:
        return [Claim(say("No single client moves the fit by much."), table)]
    rest = found.choice.histories[~found.choice.histories["client_id"].isin(table["client_id"])]
    now = float(found.choice.model.expected_purchases(found.horizon, rest).sum())
    then = float(without.expected_purchases(found.horizon, rest).sum())
    return [
        Claim(
            say(
                "Few clients move the fit: {names}. Fitted without them, the model expects {then} purchases "
                "of all others instead of {now}.",
                names=say.enumerate(table["client_id"].astype(str)),
                then=say.number(then),
                now=say.number(now),
            ),
            table,
            say(
                "One Newton step from the fit for each client (Pregibon 1981; Cook 1986), then a fit without "
                "those named."
            ),
            say("Look whether they are one client each, or a reseller or a collective id."),
        )
    ]
