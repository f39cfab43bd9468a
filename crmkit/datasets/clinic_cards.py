"""The clients table: visibly made-up names, phones and addresses, birthdays, professions, consents and
managers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmkit.datasets.clinic_days import START_DAY, dates, day_number
from crmkit.datasets.clinic_frames import Columns, client_ids
from crmkit.datasets.clinic_people import People
from crmkit.datasets.clinic_staff import MANAGERS_AT
from crmkit.datasets.clinic_truth import CHANNELS, Truth
from crmkit.datasets.draws import Draws

# fmt: off
FIRST_EN = (
    "Pebble", "Willow", "Amber", "Misty", "Clover", "Flint", "Hazel", "Rain", "Maple", "Opal", "Juniper",
    "Cloud", "Basil", "Coral", "Fern", "Jasper", "Snow", "Thistle", "River", "Agate", "Moss", "Sunny",
    "Quartz", "Heather", "Breeze", "Slate", "Poppy", "Frost", "Alder", "Topaz", "Sorrel", "Hail", "Linden",
    "Beryl", "Thunder", "Nettle",
)
LAST_EN = (
    "Sample", "Testwell", "Mockford", "Example", "Dummyson", "Placeholder", "Fakenham-Test", "Trialby",
    "Pretendley", "Madeup", "Specimen", "Demoson",
)
FIRST_RU = (
    "Брусника", "Гранит", "Рябина", "Туман", "Калина", "Янтарь", "Ромашка", "Ветер", "Ежевика", "Базальт",
    "Метель", "Кремень", "Черника", "Клён", "Радуга", "Агат", "Ива", "Дождь", "Сосна", "Малахит", "Гроза",
    "Ясень", "Морошка", "Топаз", "Осока", "Иней", "Мята", "Кварц", "Зарница", "Тополь", "Снежинка", "Опал",
)
LAST_RU = (
    ("Тестова", "Тестов"),
    ("Пробная", "Пробный"),
    ("Примерова", "Примеров"),
    ("Образцова-Тест", "Образцов-Тест"),
    ("Выдуманная", "Выдуманный"),
    ("Условная", "Условный"),
    ("Макетова", "Макетов"),
    ("Демонстрационная", "Демонстрационный"),
)
_FEMININE_RU = frozenset((
    "Брусника", "Рябина", "Калина", "Ромашка", "Ежевика", "Метель", "Черника", "Радуга", "Ива", "Сосна",
    "Гроза", "Морошка", "Осока", "Мята", "Зарница", "Снежинка",
))
# fmt: on

PROFESSIONS = (
    ("student", -0.9),
    ("pensioner", -0.7),
    ("shop assistant", -0.4),
    ("driver", -0.3),
    ("nurse", -0.15),
    ("teacher", -0.1),
    ("office worker", 0.0),
    ("accountant", 0.12),
    ("engineer", 0.25),
    ("designer", 0.4),
    ("programmer", 0.55),
    ("lawyer", 0.7),
    ("head of department", 0.9),
    ("business owner", 1.3),
)
"""Profession and the standardised log(value) it is typical of, in rising order."""
DISTRICTS = (
    ("Harbour", "Mill Hill", "North Gate"),
    ("Old Town", "Market", "University"),
    ("Riverside", "Orchards", "Lowlands"),
)
"""Districts around each clinic."""


@dataclass(frozen=True)
class Cards:
    """What the clinics know about all candidates; one entry per candidate."""

    name: NDArray
    phone: NDArray
    email: NDArray
    birthday: NDArray[np.datetime64]
    """NaT where unknown."""
    birthdays: NDArray[np.int64]
    """Day numbers of the birthdays of 2021 to 2025, -7 where unknown: shape (5, candidates). Who was born on
    29 February celebrates on 28 February in other years."""
    russian: NDArray[np.bool_]
    profession: NDArray
    district: NDArray
    manager: NDArray
    consent_call: NDArray[np.bool_]
    consent_sms: NDArray[np.bool_]
    consent_mail: NDArray[np.bool_]

    @property
    def consent(self) -> dict[str, NDArray]:
        """What decides whom the clinics may contact."""
        return {
            "call": self.consent_call,
            "sms": self.consent_sms,
            "mail": self.consent_mail,
            "birthdays": self.birthdays,
        }


def made_up_names(draws: Draws, number: NDArray[np.int64]) -> tuple[NDArray, NDArray[np.bool_]]:
    """Names and whether they are Russian."""
    russian = draws.uniform("language", number) < 0.55
    first = draws.uniform("first name", number)
    last = draws.uniform("last name", number)
    english = np.char.add(
        np.char.add(np.array(FIRST_EN)[(first * len(FIRST_EN)).astype(int)], " "),
        np.array(LAST_EN)[(last * len(LAST_EN)).astype(int)],
    )
    word = (first * len(FIRST_RU)).astype(int)
    masculine = np.array([name not in _FEMININE_RU for name in FIRST_RU])[word].astype(int)
    surname = np.array(LAST_RU)[(last * len(LAST_RU)).astype(int), masculine]
    return np.where(
        russian, np.char.add(np.char.add(surname, " "), np.array(FIRST_RU)[word]), english
    ), russian


def make_cards(truth: Truth, draws: Draws, people: People) -> Cards:
    """Draw what is known about everybody."""
    number = people.number
    name, russian = made_up_names(draws, number)
    digits = np.char.zfill(number.astype("U7"), 7)
    phone = np.where(russian, np.char.add("+7 000 ", digits), np.char.add("+44 0000 ", digits))
    phone = np.where(draws.uniform("phone known", number) < 0.97, phone, "")
    email = np.char.add(np.char.add("c", np.char.zfill(number.astype("U5"), 5)), "@example.org")
    email = np.where(draws.uniform("email known", number) < 0.72, email, "")

    born = np.datetime64("1939-01-01", "D") + draws.whole(66 * 365, "birthday", number).astype(
        "timedelta64[D]"
    )
    known = draws.uniform("birthday known", number) < 0.9
    month_start = born.astype("datetime64[M]")
    month = month_start.astype(int) % 12
    day = (born - month_start.astype("datetime64[D]")).astype(int)
    leap_day = (month == 1) & (day == 28)
    birthdays = np.empty((5, len(number)), dtype=np.int64)
    for row, year in enumerate(range(2021, 2026)):
        first = day_number(f"{year}-01-01")
        months = np.array([day_number(f"{year}-{m:02d}-01") for m in range(1, 13)]) - first
        birthdays[row] = first + months[month] + np.where(leap_day & (year % 4 != 0), 27, day)
    birthdays[:, ~known] = -7
    birthdays[birthdays < START_DAY] = -7

    score = np.log(people.value / truth.purchase.value_median) / truth.purchase.value_sigma
    wealth = 0.6 * score + 0.8 * draws.normal("profession", number)
    typical = np.array([level for _, level in PROFESSIONS])
    nearest = np.searchsorted((typical[1:] + typical[:-1]) / 2, wealth)
    profession = np.array([label for label, _ in PROFESSIONS])[nearest]
    profession = np.where(draws.uniform("profession known", number) < 0.7, profession, "")
    far = draws.uniform("lives elsewhere", number) < 0.15
    area = np.where(far, draws.whole(3, "other area", number), people.place)
    district = np.array(DISTRICTS)[area, draws.whole(3, "district", number)]
    manager = np.array(MANAGERS_AT)[people.place, draws.whole(2, "manager", number)]
    return Cards(
        name=name,
        phone=phone,
        email=email,
        birthday=np.where(known, born, np.datetime64("NaT", "D")),
        birthdays=birthdays,
        russian=russian,
        profession=profession,
        district=district,
        manager=manager,
        consent_call=(draws.uniform("consent call", number) < 0.80) & (phone != ""),
        consent_sms=(draws.uniform("consent sms", number) < 0.85) & (phone != ""),
        consent_mail=(draws.uniform("consent mail", number) < 0.60) & (email != ""),
    )


def client_table(
    truth: Truth,
    draws: Draws,
    people: People,
    cards: Cards,
    shown: NDArray,
    first_day: NDArray,
    companies: Columns,
) -> Columns:
    """Columns of the clients table: the people in `shown` (indices), then the companies."""
    unknown = draws.uniform("source noted", people.number[shown]) < truth.advertising.unknown_share
    columns = {
        "client_id": client_ids(people.number[shown]),
        "name": cards.name[shown],
        "phone": cards.phone[shown],
        "email": cards.email[shown],
        "birthday": cards.birthday[shown],
        "district": cards.district[shown],
        "source_channel": np.where(unknown, "", np.array(CHANNELS)[people.channel[shown]]),
        "joined": dates(first_day[shown]),
        "profession": cards.profession[shown],
        "consent_call": cards.consent_call[shown],
        "consent_sms": cards.consent_sms[shown],
        "consent_mail": cards.consent_mail[shown],
        "manager_id": cards.manager[shown],
    }
    return {name: np.concatenate([columns[name], companies[name]]) for name in columns}
