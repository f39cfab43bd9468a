"""The facts table: what managers noted about clients, for which purpose and how surely."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crmkit.datasets.clinic_cards import Cards
from crmkit.datasets.clinic_days import AS_OF_DAY, dates
from crmkit.datasets.clinic_frames import Columns, client_ids
from crmkit.datasets.clinic_people import EXISTING, People
from crmkit.datasets.clinic_staff import MANAGERS
from crmkit.datasets.draws import Draws, pick

KINDS: dict[str, tuple[str, float, tuple[str, ...]]] = {
    "name": ("address", 3, ("by first name", "by name and patronymic", "formally")),
    "website": ("address", 0.4, ("https://example.org/made-up",)),
    "birthday": ("greeting", 0.8, ("birthday",)),
    "family date": (
        "greeting",
        3,
        ("daughter's birthday", "son's birthday", "wedding day", "mother's birthday"),
    ),
    "best hours": ("reach", 3, ("before 10", "lunch time", "after 18", "Saturdays")),
    "phone": ("reach", 0.6, ()),
    "pet": ("topic", 3, ("cat", "dog", "parrot", "turtle", "aquarium")),
    "sport": ("topic", 3, ("skiing", "swimming", "football", "yoga", "cycling")),
    "film": ("topic", 1, ("comedies", "detective stories", "old films")),
    "book": ("topic", 1, ("history", "poetry", "science fiction")),
    "holiday place": ("topic", 2, ("mountains", "seaside", "dacha", "lakes")),
    "wine": ("gift", 1, ("red dry", "white", "does not drink")),
    "chocolate": ("gift", 1.5, ("dark", "milk", "no sugar")),
    "hobby": ("gift", 2, ("fishing", "gardening", "chess", "photography", "knitting")),
    "goal": ("motive", 3, ()),
    "need": ("motive", 2, ("no pain", "quick visits", "evening hours", "payment by parts")),
    "wish": ("motive", 1.5, ("same doctor always", "quiet room", "reminders by message")),
    "friend": ("referral", 1.5, ()),
    "colleague": ("referral", 1, ()),
    "relative": ("referral", 1.5, ()),
    "employer": (
        "position",
        1,
        ("Sample Granite Ltd", "Test Bakery", "ООО «Пробный клён»", "Example School"),
    ),
    "superior": ("position", 0.3, ("decides alone", "asks the director")),
    "status": ("position", 0.8, ("knows many people", "newcomer in town", "head of a family")),
}
"""Kind of fact: its purpose, how often it is noted, and the values it takes."""
_GOALS = (
    "healthy gums",
    "sound teeth",
    "no more extractions",
    "new crowns",
    "straight teeth",
    "implants",
    "white smile",
)
"""What clients who like each category most want, in the order of CATEGORIES."""
_MOST = 8


def fact_table(
    draws: Draws, people: People, cards: Cards, shown: NDArray[np.int64], first_day: NDArray[np.int64]
) -> Columns:
    """Facts about the clients in `shown` (indices), noted from their first day on."""
    habit = {name: manager.facts_per_client for name, manager in MANAGERS.items()}
    right = {name: manager.guess_right for name, manager in MANAGERS.items()}
    manager = cards.manager[shown]
    number = people.number[shown]
    wanted = np.array([habit[name] for name in manager]) * (0.5 + people.trust[shown])
    slot = np.arange(_MOST)
    noted = draws.uniform("fact", number[:, None], slot) < np.minimum(wanted[:, None] / _MOST, 1)
    row, place = np.nonzero(noted)
    names = np.array(list(KINDS))
    weights = np.array([weight for _, weight, _ in KINDS.values()])
    kind = draws.choice(weights, "fact kind", number[row], place)
    keep = _first_of_each(row, kind)
    row, place, kind = row[keep], place[keep], kind[keep]
    unknown = (names[kind] == "birthday") & np.isnat(cards.birthday[shown[row]])
    row, place, kind = row[~unknown], place[~unknown], kind[~unknown]
    who = shown[row]
    mark = draws.uniform("fact value", people.number[who], place)
    value = _values(people, draws, who, place, kind, mark)
    confidence = np.array(["heard", "guessed", "confirmed"])[
        pick(np.array([0.5, 0.25, 0.25]), draws.uniform("confidence", people.number[who], place))
    ]
    span = np.maximum(AS_OF_DAY - first_day[who], 1)
    noted_day = first_day[who] + (draws.uniform("fact day", people.number[who], place) ** 1.5 * span).astype(
        np.int64
    )
    table = {
        "client_id": client_ids(people.number[who]),
        "kind": names[kind],
        "value": value,
        "purpose": np.array([purpose for purpose, _, _ in KINDS.values()])[kind],
        "date": _dates(draws, people, cards, who, place, names[kind]),
        "confidence": confidence,
        "recorded_on": noted_day,
        "recorded_by": cards.manager[who],
    }
    return _sorted(
        [
            table,
            _checked_guesses(draws, people, table, who, place, kind, right),
            _referrals(people, cards, shown, first_day),
        ]
    )


def _first_of_each(row: NDArray, kind: NDArray) -> NDArray[np.int64]:
    """A kind is noted once per client."""
    _, first = np.unique(row * 100 + kind, return_index=True)
    return np.sort(first)


def _values(
    people: People, draws: Draws, who: NDArray, place: NDArray, kind: NDArray, mark: NDArray
) -> NDArray[np.str_]:
    lists = [values for _, _, values in KINDS.values()]
    longest = max(len(values) for values in lists)
    texts = np.array([[*values, *[""] * (longest - len(values))] for values in lists])
    count = np.array([max(len(values), 1) for values in lists])
    value = texts[kind, (mark * count[kind]).astype(np.int64)].astype("U40")
    names = np.array(list(KINDS))[kind]
    goal = names == "goal"
    value[goal] = np.array(_GOALS)[people.preference[who[goal]].argmax(axis=1)]
    known = np.isin(names, ("friend", "colleague", "relative"))
    value[known] = client_ids(_acquaintances(draws, people, who[known], place[known]))
    phone = names == "phone"
    value[phone] = np.char.add("+44 0000 ", (8_000_000 + people.number[who[phone]]).astype("U7"))
    return value


def _acquaintances(draws: Draws, people: People, who: NDArray, place: NDArray) -> NDArray[np.int64]:
    """Numbers of others among those who were clients from the beginning: they are there in every replay."""
    existing = int((people.arrival == EXISTING).sum())
    number = people.number[who]
    away = 1 + draws.whole(existing - 1, "acquaintance", number, place)
    return 1 + (number - 1 + away) % existing


def _dates(
    draws: Draws, people: People, cards: Cards, who: NDArray, place: NDArray, names: NDArray
) -> NDArray[np.datetime64]:
    """Days of birthdays, where they are known, and of family dates."""
    days = draws.whole(38 * 365, "family date", people.number[who], place).astype("timedelta64[D]")
    family = np.where(
        names == "family date", np.datetime64("1985-01-01", "D") + days, np.datetime64("NaT", "D")
    )
    return np.where(names == "birthday", cards.birthday[who], family)


def _checked_guesses(
    draws: Draws,
    people: People,
    table: Columns,
    who: NDArray,
    place: NDArray,
    kind: NDArray,
    right: dict[str, float],
) -> Columns:
    """Some guesses are asked about later: the manager's share of right ones is planted."""
    choices = np.array([len(values) for _, _, values in KINDS.values()])[kind]
    asked = (
        (table["confidence"] == "guessed")
        & (draws.uniform("guess asked", people.number[who], place) < 0.45)
        & (choices > 1)
    )
    chance = np.array([right[name] for name in table["recorded_by"][asked]])
    holds = draws.uniform("guess right", people.number[who[asked]], place[asked]) < chance
    lists = [values for _, _, values in KINDS.values()]
    other = np.array(
        [
            lists[k][(lists[k].index(v) + 1) % len(lists[k])]
            for k, v in zip(kind[asked], table["value"][asked])
        ],
        dtype="U40",
    )
    part = {name: column[asked] for name, column in table.items()}
    part["value"] = np.where(holds, part["value"], other)
    part["confidence"] = np.full(int(asked.sum()), "confirmed")
    part["recorded_on"] = (
        part["recorded_on"] + 20 + draws.whole(120, "guess day", people.number[who[asked]], place[asked])
    )
    inside = part["recorded_on"] <= AS_OF_DAY
    return {name: column[inside] for name, column in part.items()}


def _referrals(people: People, cards: Cards, shown: NDArray, first_day: NDArray) -> Columns:
    """On the card of who referred somebody: the referred client."""
    came = shown[people.referrer[shown] >= 0]
    source = people.referrer[came]
    count = len(came)
    return {
        "client_id": client_ids(people.number[source]),
        "kind": np.array(["friend", "colleague", "relative"])[people.number[came] % 3],
        "value": client_ids(people.number[came]),
        "purpose": np.full(count, "referral"),
        "date": np.full(count, np.datetime64("NaT", "D")),
        "confidence": np.full(count, "confirmed"),
        "recorded_on": first_day[came],
        "recorded_by": cards.manager[source],
    }


def _sorted(parts: list[Columns]) -> Columns:
    table = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((table["value"], table["kind"], table["recorded_on"], table["client_id"]))
    table = {name: column[order] for name, column in table.items()}
    table["recorded_on"] = dates(table["recorded_on"])
    return table
