"""What the movement between classes says: its words, picture and decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.segmentation.class_words import uninformed
from crmkit.segmentation.measures import say_past
from crmkit.segmentation.moves import Moves
from crmkit.statistics import DAYS_TO_ACT, LEVEL, Context, Result
from crmkit.statistics.intervals import total_interval
from crmkit.wording import Claim, Speaker, TableView, mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NEW = "new"

KINDS = {
    "new": mark("New clients"),
    "returned": mark("Came back"),
    "up": mark("Bought for more"),
    "same": mark("Bought for the same"),
    "down": mark("Bought for less"),
    "lost": mark("Bought nothing any more"),
    "absent": mark("Bought in neither period"),
    "without_client": mark("Rows without a client"),
    "all": mark("All together"),
}


def _changed(counts: np.ndarray) -> float:
    """How many of the known clients changed their class."""
    known = counts[:-1]
    return float(known.sum() - np.trace(known))


@dataclass(frozen=True)
class Migration(Result):
    """Movement of clients between classes.

    Attributes
    ----------
    table
        from_class (``new``: not a client yet at the start), to_class, clients (by the classes as found),
        probability of the real move, chance crossings of limits taken out, with its limits probability_lo and
        probability_hi: 95 % for chance, beside what is not known of each client's class; NaN where nobody
        was in the class.
    sizes
        class, clients_then, clients (now), clients_ahead (expected as many months ahead, newcomers included)
        with clients_lo and clients_hi.
    money
        kind (new, returned, up, same, down, lost, absent, without_client, all), clients, before, after,
        change: net money of the period before the start and of the period after it. The rows add up to the
        last one.
        Empty where the ledger has no amounts, or nobody bought in either period.
    clients
        client_id, from_class, to_class, probability (at least so probable it is that their class really
        changed; NaN of new clients), kind, before, after, change (NaN where `money` is empty).
    moves
        Counts of moves as found, as likely, and their bounds.
    most_vip
        Largest share of clients that can be VIP.
    start
        The earlier day; the later is the context's `as_of`.
    months
        Between the two.
    last
        Day of the last purchase.
    flat
        Whether classes by their measure carry no information: see ``concentration``.
    """

    context: Context
    table: pd.DataFrame
    sizes: pd.DataFrame
    money: pd.DataFrame
    clients: pd.DataFrame
    moves: Moves
    most_vip: float
    start: pd.Timestamp
    months: int
    last: pd.Timestamp
    flat: bool

    def plot_data(self) -> pd.DataFrame:
        """The matrix: from_class, to_class, clients, share of those who were in from_class."""
        data = self.table[["from_class", "to_class", "clients"]].copy()
        total = data.groupby("from_class")["clients"].transform("sum")
        return data.assign(client_share=data["clients"] / total.where(total > 0))

    def show(
        self, frame: pd.DataFrame | None = None, *, rows: int | None = 10, lang: str | None = None
    ) -> TableView:
        """A frame of this result as a reader sees it."""
        say = self.context.speaker(lang)
        shown = (self.table if frame is None else frame).copy()
        if "kind" in shown:
            shown["kind"] = [say(KINDS[kind]) for kind in shown["kind"]]
        if "from_class" in shown:
            shown["from_class"] = [say("new") if name == NEW else name for name in shown["from_class"]]
        if "clients_ahead" in shown:
            names = ["clients_ahead", "clients_lo", "clients_hi"]
            shown[names] = shown[names].round()
        return TableView(shown, say, rows=rows)

    def _moved(self) -> pd.DataFrame:
        known = self.clients[self.clients["from_class"] != NEW]
        return known[known["from_class"] != known["to_class"]]

    def _claims(self, say: Speaker) -> Sequence[Claim]:
        known = self.clients[self.clients["from_class"] != NEW]
        moved = self._moved()
        first = say(
            "Between {start} and {end}, {moved} of {known} changed their class; {new} are new.",
            start=say.date(self.start),
            end=say.date(self.context.as_of),
            moved=say.number(len(moved)),
            known=say.plural("{n} client", "{n} clients", len(known)),
            new=say.number(len(self.clients) - len(known)),
        )
        likely, fewest, most = (
            say.number(_changed(counts)) for counts in (self.moves.likely, self.moves.fewest, self.moves.most)
        )
        claims = [
            Claim(first, caveat=say_past(self.last, self.context.as_of, say)),
            Claim(
                say(
                    "Really, about {likely} changed their class, at least {fewest} and at most {most}; the "
                    "other moves are clients who crossed a limit by chance.",
                    likely=likely,
                    fewest=fewest,
                    most=most,
                ),
                method=say(
                    "Each client's class is probable only on both days, from how often, how lately and for "
                    "how much they buy and what they cost. At least: moves that are sure whatever the doubts "
                    "of both days share; at most: moves if they shared nothing (Manski 2003)."
                ),
                caveat=say(
                    "Who of the others really changed cannot be told from these records; another window, or "
                    "a question to the client, would tell."
                ),
            ),
        ]
        if self.flat:
            claims.append(Claim(uninformed(say)))
        vip = self._row("VIP", "VIP")
        if not np.isnan(vip["probability"]):
            claims.append(
                Claim(
                    say(
                        "Of the VIP clients, {share} {interval} stay VIP.",
                        share=say.percent(vip["probability"]),
                        interval=say.interval(vip["probability_lo"], vip["probability_hi"], say.percent),
                    ),
                    self.show(self.table[self.table["from_class"] == "VIP"]).shown,
                    say(
                        "Moves that chance explains are taken out. The interval reaches from the fewest real "
                        "moves to the most, and adds the chance in so many clients ({level}; rows drawn to "
                        "all clients by a Dirichlet prior worth four, Gelman et al. 2013, section 3.4).",
                        level=say.percent(LEVEL),
                    ),
                    say("That the models behind the probabilities may be wrong is not in the interval."),
                )
            )
        claims.append(self._ahead(say))
        if len(self.money):
            claims.append(self._money_claim(say))
        return claims

    def _row(self, origin: str, target: str) -> pd.Series:
        chosen = (self.table["from_class"] == origin) & (self.table["to_class"] == target)
        return self.table[chosen].iloc[0]

    def _ahead(self, say: Speaker) -> Claim:
        vip = self.sizes[self.sizes["class"] == "VIP"].iloc[0]
        return Claim(
            say(
                "If clients move on as they did, the number of VIP in {months} is about {clients} "
                "{interval}; now it is {now}.",
                clients=say.number(vip["clients_ahead"]),
                interval=say.interval(vip["clients_lo"], vip["clients_hi"]),
                months=say.plural("{n} month", "{n} months", self.months),
                now=say.number(vip["clients"]),
            ),
            self.show(self.sizes).shown,
            say(
                "Classes as they will be found: simulated from the moves found and the number of newcomers, "
                "both with their uncertainty ({level}). VIP can be {most} of clients at most.",
                most=say.percent(self.most_vip),
                level=say.percent(LEVEL),
            ),
        )

    def _money_claim(self, say: Speaker) -> Claim:
        change = self.money.set_index("kind")["change"]

        def part(kind: str) -> str:
            return say.money(change.get(kind, 0.0))

        return Claim(
            say(
                "Net revenue changed by {all} against the {months} before: new clients {new}, came back "
                "{returned}, bought for more {up}, bought for less {down}, bought nothing any more {lost}, "
                "rows without a client {without}.",
                all=part("all"),
                months=say.plural("{n} month", "{n} months", self.months),
                new=part("new"),
                returned=part("returned"),
                up=part("up"),
                down=part("down"),
                lost=part("lost"),
                without=part("without_client"),
            ),
            self.show(self.money, rows=None).shown,
        )

    def _draw(self, axes: Axes, data: pd.DataFrame, say: Speaker) -> str:
        from matplotlib.colors import LinearSegmentedColormap

        from crmkit.statistics.figure import INK

        origins = list(dict.fromkeys(data["from_class"]))
        targets = list(dict.fromkeys(data["to_class"]))
        shares = data["client_share"].to_numpy().reshape(len(origins), len(targets))
        counts = data["clients"].to_numpy().reshape(len(origins), len(targets))
        # Pale throughout, so that the numbers stay readable on it, in grey too.
        blues = LinearSegmentedColormap.from_list("pale", ["#ffffff", "#6baed6"])
        axes.imshow(np.nan_to_num(shares), cmap=blues, vmin=0, vmax=1, aspect="auto")
        for i in range(len(origins)):
            for j in range(len(targets)):
                if counts[i].sum():
                    text = f"{say.percent(shares[i, j])}\n{say.number(counts[i, j])}"
                    axes.text(j, i, text, ha="center", va="center", color=INK, fontsize=9)
        axes.set_xticks(range(len(targets)), targets)
        axes.set_yticks(range(len(origins)), [say("new") if name == NEW else name for name in origins])
        axes.grid(False)
        axes.set_xlabel(say("Class on {date}", date=say.date(self.context.as_of)))
        axes.set_ylabel(say("Class on {date}", date=say.date(self.start)))
        moved = len(self._moved())
        title = say(
            "Classes as found: {moved} of {known} changed, really about {likely}",
            moved=say.number(moved),
            known=say.number(int((self.clients["from_class"] != NEW).sum())),
            likely=say.number(_changed(self.moves.likely)),
        )
        axes.set_title(title)
        return say(
            "{title}. Table of classes then (rows) and now (columns): share of the row, number of clients.",
            title=title,
        )

    def _decide(self, say: Speaker) -> Sequence[dict[str, Any]]:
        moved = self._moved()
        fallen = moved[(moved["from_class"] == "VIP") & (moved["change"] < 0)]
        if fallen.empty or self.flat:
            return []
        loss = -fallen["change"].to_numpy()
        low, high = total_interval(loss, level=LEVEL)
        return [
            {
                "id": "migration-fallen-vip",
                "action": say(
                    "Ask those who were VIP and buy for less what has changed: {clients}",
                    clients=say.plural("{n} client", "{n} clients", len(fallen)),
                ),
                "owner": say("Client managers"),
                "due": self.context.as_of + pd.Timedelta(days=DAYS_TO_ACT),
                "amount": float(loss.sum()),
                "lo": low,
                "hi": high,
                "clients": pd.Series(loss, index=fallen["client_id"].to_numpy()),
                "reason": say(
                    "They were VIP on {date}, are not any more, and brought so much less in the {months} "
                    "since. Not all of it can be won back.",
                    date=say.date(self.start),
                    months=say.plural("{n} month", "{n} months", self.months),
                ),
            }
        ]
