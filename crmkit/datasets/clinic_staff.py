"""Who works in the made-up clinics, with which skills, hours and wages, and who is away when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmkit.datasets.clinic_days import AS_OF_DAY, HORIZON_DAYS, day_number
from crmkit.datasets.clinic_frames import Columns
from crmkit.datasets.clinic_truth import PLACES
from crmkit.datasets.draws import Draws


@dataclass(frozen=True)
class Worker:
    """One person: wage in EUR an hour, hours a week, place (blank if they travel)."""

    resource_id: str
    department: str
    skills: tuple[str, ...]
    hours_week: int
    wage: float
    place: str
    start: str = "2018-01-08"
    end: str = ""
    hire_cost: int = 4000
    lead_weeks: int = 8
    attrition: float = 0.1


@dataclass(frozen=True)
class Manager:
    """One client manager's habits as a forecaster and keeper of cards."""

    bias: float
    """Forecast = what then happened x (1 + bias) x noise of mean 1."""
    noise: float
    """Standard deviation of the logarithm of that noise."""
    facts_per_client: float
    """Mean number of facts noted on a card."""
    guess_right: float
    """Share of the guesses that are right."""


MANAGERS: dict[str, Manager] = {
    "M01": Manager(0.18, 0.08, 1.8, 0.55),
    "M02": Manager(-0.10, 0.06, 1.2, 0.80),
    "M03": Manager(0.00, 0.15, 0.7, 0.60),
    "M04": Manager(0.06, 0.09, 2.1, 0.75),
    "M05": Manager(0.25, 0.16, 1.0, 0.45),
    "M06": Manager(-0.03, 0.05, 1.5, 0.70),
}

WORKERS: tuple[Worker, ...] = (
    Worker("S01", "treatment", ("hygiene",), 18, 30, "North", lead_weeks=6, attrition=0.18),
    Worker("S02", "treatment", ("hygiene",), 19, 31, "Centre", lead_weeks=6, attrition=0.18),
    Worker("S03", "treatment", ("hygiene",), 11, 29, "Centre", "2022-03-07", lead_weeks=6, attrition=0.18),
    Worker("S04", "treatment", ("hygiene",), 16, 30, "River", lead_weeks=6, attrition=0.18),
    Worker("S05", "treatment", ("therapy",), 21, 58, "North", hire_cost=9000, lead_weeks=14),
    Worker("S06", "treatment", ("therapy", "surgery"), 22, 64, "Centre", hire_cost=9000, lead_weeks=14),
    Worker("S07", "treatment", ("therapy",), 14, 57, "Centre", "2020-09-01", "2024-02-29", 9000, 14),
    Worker("S08", "treatment", ("therapy",), 15, 56, "Centre", "2024-04-01", "", 9000, 14),
    Worker("S09", "treatment", ("therapy",), 20, 58, "River", hire_cost=9000, lead_weeks=14),
    Worker("S10", "treatment", ("surgery",), 36, 84, "", hire_cost=12000, lead_weeks=20),
    Worker(
        "S11", "treatment", ("prosthetics", "orthodontics"), 24, 72, "Centre", hire_cost=11000, lead_weeks=18
    ),
    Worker("S12", "treatment", ("prosthetics", "therapy"), 21, 70, "River", hire_cost=11000, lead_weeks=18),
    Worker("S13", "treatment", ("orthodontics",), 16, 76, "", hire_cost=11000, lead_weeks=18),
    Worker(
        "S14", "treatment", ("prosthetics",), 15, 68, "North", "2022-09-05", hire_cost=11000, lead_weeks=18
    ),
    Worker("S15", "treatment", ("surgery",), 14, 80, "", "2023-03-06", hire_cost=12000, lead_weeks=20),
    Worker(
        "S21", "front desk", ("front desk",), 40, 15, "North", hire_cost=2000, lead_weeks=4, attrition=0.25
    ),
    Worker(
        "S22", "front desk", ("front desk",), 40, 15, "Centre", hire_cost=2000, lead_weeks=4, attrition=0.25
    ),
    Worker(
        "S23", "front desk", ("front desk",), 40, 15, "River", hire_cost=2000, lead_weeks=4, attrition=0.25
    ),
    Worker("M01", "client care", ("management",), 38, 20, "North", hire_cost=3000, lead_weeks=8),
    Worker("M02", "client care", ("management",), 38, 21, "North", hire_cost=3000, lead_weeks=8),
    Worker("M03", "client care", ("management",), 38, 20, "Centre", hire_cost=3000, lead_weeks=8),
    Worker("M04", "client care", ("management",), 38, 22, "Centre", hire_cost=3000, lead_weeks=8),
    Worker("M05", "client care", ("management",), 38, 19, "River", hire_cost=3000, lead_weeks=8),
    Worker("M06", "client care", ("management",), 38, 20, "River", hire_cost=3000, lead_weeks=8),
)
CHAIRS = {"North": 2, "Centre": 3, "River": 2}
CHAIR_HOURS = 40.0
MANAGERS_AT = (("M01", "M02"), ("M03", "M04"), ("M05", "M06"))
"""Managers by clinic, in the order of PLACES."""
DESK_AT = ("S21", "S22", "S23")
WORKER_IDS = np.array([worker.resource_id for worker in WORKERS])
MANAGER_WAGE = 20.0


def wage_by_skill() -> dict[str, float]:
    """Mean hourly wage of those who have a skill first on their list, weighted by their hours."""
    wages = {}
    for skill in {worker.skills[0] for worker in WORKERS}:
        having = [worker for worker in WORKERS if worker.skills[0] == skill]
        wages[skill] = sum(worker.wage * worker.hours_week for worker in having) / sum(
            worker.hours_week for worker in having
        )
    return dict(sorted(wages.items()))


def absences(draws: Draws) -> list[tuple[str, int, int]]:
    """Vacations taken as (resource, first day, last day).

    Each year two weeks in summer, one in winter or spring and one in autumn; a wish that would leave a skill
    without anybody is not granted.
    """
    taken: list[tuple[str, int, int]] = []
    for year in range(2021, 2026):
        for position, worker in enumerate(WORKERS):
            summer = day_number(f"{year}-06-07") + 7 * int(
                draws.whole(11, "summer vacation", position, year)[0]
            )
            spring = day_number(f"{year}-01-11") + 7 * int(
                draws.whole(16, "spring vacation", position, year)[0]
            )
            autumn = day_number(f"{year}-09-13") + 7 * int(
                draws.whole(12, "autumn vacation", position, year)[0]
            )
            for day, length in ((summer, 13), (spring, 6), (autumn, 6)):
                first = day - day % 7
                last = first + length - 1
                begun = 0 <= first <= AS_OF_DAY
                if begun and _works(worker, first, last) and _covered(worker, first, last, taken):
                    taken.append((worker.resource_id, first, last))
    return taken


def _works(worker: Worker, first: int, last: int) -> bool:
    return day_number(worker.start) <= first and (not worker.end or last <= day_number(worker.end))


def _covered(worker: Worker, first: int, last: int, taken: list[tuple[str, int, int]]) -> bool:
    """Whether each of the worker's skills is still there while they are away."""
    away = {resource for resource, begin, end in taken if begin <= last and first <= end}
    others = [other for other in WORKERS if other is not worker and other.resource_id not in away]
    there = {skill for other in others if _works(other, first, last) for skill in other.skills}
    return there.issuperset(worker.skills)


def wishes(draws: Draws) -> list[tuple[str, int, int, int]]:
    """Vacation wishes for the year after the tables: (resource, first day, days, weight 3 strongest)."""
    wished = []
    for position, worker in enumerate(WORKERS):
        if worker.end:
            continue
        july = day_number("2025-07-07")
        popular = draws.uniform("wish summer", position)[0]
        first = july + 7 * (int(popular * 8) if popular < 0.7 else 8 + int((popular - 0.7) * 120))
        second = july + 7 * (10 + int(draws.whole(14, "wish autumn", position)[0]))
        third = july + 7 * (26 + int(draws.whole(22, "wish spring", position)[0]))
        wished += [
            (worker.resource_id, first - first % 7, 14, 3),
            (worker.resource_id, second - second % 7, 7, 2),
        ]
        wished.append((worker.resource_id, third - third % 7, 7, 1))
    return wished


def at_work(away: list[tuple[str, int, int]]) -> NDArray[np.bool_]:
    """Who is there on which day: shape (workers, days)."""
    there = np.ones((len(WORKERS), HORIZON_DAYS), dtype=bool)
    for position, worker in enumerate(WORKERS):
        there[position, : max(day_number(worker.start), 0)] = False
        if worker.end:
            there[position, day_number(worker.end) + 1 :] = False
    for resource, first, last in away:
        there[int(np.flatnonzero(resource == WORKER_IDS)[0]), max(first, 0) : last + 1] = False
    return there


def assign(
    there: NDArray[np.bool_],
    skill: NDArray[np.str_],
    place: NDArray[np.int64],
    day: NDArray[np.int64],
    mark: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Who treats each visit, as indices into WORKERS.

    It is somebody with the skill who is there that day, at the place if possible, in proportion to hours.
    """
    hours = np.array([worker.hours_week for worker in WORKERS], dtype=np.float64)
    chosen = np.full(len(skill), -1)
    for name in np.unique(skill):
        able = np.array([name in worker.skills for worker in WORKERS])
        first = np.array([worker.skills[0] == name for worker in WORKERS])
        for where in range(len(PLACES)):
            rows = np.flatnonzero((skill == name) & (place == where))
            near = np.array([worker.place in ("", PLACES[where]) for worker in WORKERS])
            # Own clinic first, then whoever can, then whoever has the skill although away (called in).
            weight = hours * able * np.where(near, 1.0, 0.02) * np.where(first, 1.0, 0.25)
            present = weight[:, None] * np.where(there[:, day[rows]], 1.0, 1e-12)
            edges = np.cumsum(present, axis=0)
            chosen[rows] = (mark[rows] * edges[-1] >= edges).sum(axis=0)
    return chosen


def staff_table() -> Columns:
    """Columns of the staff table: persons and chairs."""
    chairs = [(f"{place[0]}{chair + 1}", place) for place, count in CHAIRS.items() for chair in range(count)]
    people, rest = len(WORKERS), len(chairs)
    treats = sorted(
        {skill for worker in WORKERS for skill in worker.skills if worker.department == "treatment"}
    )
    blank = np.full(rest, np.nan)

    def numbers(name: str) -> NDArray[np.float64]:
        return np.concatenate([[float(getattr(worker, name)) for worker in WORKERS], blank])

    def day(text: str) -> np.datetime64:
        return np.datetime64(text or "NaT", "D")

    return {
        "resource_id": np.array([*(worker.resource_id for worker in WORKERS), *(name for name, _ in chairs)]),
        "kind": np.array(["person"] * people + ["chair"] * rest),
        "department": np.array([*(worker.department for worker in WORKERS), *["treatment"] * rest]),
        "skills": np.array([*(";".join(worker.skills) for worker in WORKERS), *[";".join(treats)] * rest]),
        "hours_week": np.concatenate(
            [[float(worker.hours_week) for worker in WORKERS], np.full(rest, CHAIR_HOURS)]
        ),
        "wage": numbers("wage"),
        "overtime_rate": np.concatenate([np.full(people, 1.5), blank]),
        "hire_cost": numbers("hire_cost"),
        "lead_weeks": numbers("lead_weeks"),
        "attrition": numbers("attrition"),
        "start": np.array([*(day(worker.start) for worker in WORKERS), *[day("2018-01-08")] * rest]),
        "end": np.array([*(day(worker.end) for worker in WORKERS), *[day("")] * rest]),
        "place": np.array([*(worker.place for worker in WORKERS), *(place for _, place in chairs)]),
    }
