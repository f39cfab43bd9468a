"""A made-up network of three dental clinics over four years, with the truth it was made from.

Whatever crmkit estimates can be tried on it and compared with what was planted: how clients buy and leave,
what they are worth, their seasons, what reminders, calls, greetings, offers and advertising do, who misses
appointments, how managers forecast. Decisions can be replayed in the same world: see `policy`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.datasets import clinic_contacts, clinic_deals, clinic_ledger, clinic_staff
from crmkit.datasets.clinic_advertising import spend_table, weekly_arrivals, weekly_spend
from crmkit.datasets.clinic_cards import client_table, make_cards
from crmkit.datasets.clinic_days import AS_OF_DAY, START_DAY, calendar_table
from crmkit.datasets.clinic_facts import fact_table
from crmkit.datasets.clinic_files import write_tables
from crmkit.datasets.clinic_frames import chosen, frame
from crmkit.datasets.clinic_life import Life, Simulation
from crmkit.datasets.clinic_people import EXISTING, NEVER, People, make_people
from crmkit.datasets.clinic_planted import planted
from crmkit.datasets.clinic_policy import read_policy
from crmkit.datasets.clinic_products import MAIN, product_table
from crmkit.datasets.clinic_staff import MANAGERS
from crmkit.datasets.clinic_targets import keeper_of_lines, monthly_revenue, target_table
from crmkit.datasets.clinic_truth import PLACES, TRUTH
from crmkit.datasets.draws import Draws

if TYPE_CHECKING:
    from crmkit.datasets.clinic_book import Clinic


def clinic(seed: int = 0, policy: Mapping[str, Any] | None = None) -> Clinic:
    """A made-up company with known truth, as a Book.

    Parameters
    ----------
    seed : int
        Names the world: the same seed gives the same tables. ``data/clinic`` holds seed 0.
    policy : mapping, optional
        Decisions that differ from what the clinics usually do. Everybody's luck stays what it was, so that
        two worlds of one seed differ only by what follows from the decisions (common random numbers). Keys:

        ``start``
            ISO date; from the next Monday on (or that day, if it is one) the policy holds. Default: from the
            beginning.
        ``reminder_share``, ``call_share``, ``care_share``, ``greeting_share``, ``offer_share``
            Share (0 to 1) of the occasions for a reminder, a confirmation call, a care call, a birthday
            greeting or a discount offer that get one, instead of the usual habit and its trial. Consent is
            respected all the same.
        ``call_appointments``, ``reminder_clients``, ``care_clients``, ``greeting_clients``, ``offer_clients``
            Lists of ids: only these are contacted (all of them, unless the share says less). Ids of
            appointments and clients are the same in all worlds of one seed.
        ``offer_discount``
            Discount of the offers, 0 to 0.9 (usually 0.15).
        ``advertising``
            Channel (search, social, outdoor, leaflets) and the multiple of its spend, 0 to 10.

    Returns
    -------
    Clinic
        A Book, with the truth beside it in `.truth` and the tables it was opened from in `.frames`.

    Raises
    ------
    ValueError
        `seed` or `policy` is not usable; the message says what was expected.
    """
    from crmkit.datasets.clinic_book import Clinic

    return Clinic(*clinic_tables(seed, policy))


def clinic_tables(
    seed: int = 0, policy: Mapping[str, Any] | None = None
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The ten tables of :func:`clinic` as DataFrames, and the truth: numbers, texts, lists and dicts only.

    Money is in EUR, dates are datetimes, gaps are missing values.
    """
    decided, draws = read_policy(policy), Draws(seed)
    spend = weekly_spend(TRUTH, draws, decided)
    people = make_people(TRUTH, draws, weekly_arrivals(TRUTH, spend))
    cards = make_cards(TRUTH, draws, people)
    life = Simulation(TRUTH, draws, people, decided, cards.consent).run()
    shown, first_day = _registered(people, life)
    companies = clinic_deals.make_companies(TRUTH, draws)
    pipeline = clinic_deals.make_pipeline(TRUTH, draws, companies)

    bookings = chosen(life.bookings, life.bookings["planned"] >= START_DAY)
    lines, detail = clinic_ledger.visit_lines(TRUTH, draws, people, bookings)
    absences = clinic_staff.absences(draws)
    worker = clinic_staff.assign(
        clinic_staff.at_work(absences),
        np.array([item.skill for item in MAIN])[detail["main"]],
        bookings["place"],
        bookings["planned"],
        draws.uniform("who treats", people.number[bookings["client"]], bookings["week"]),
    )
    kept = clinic_ledger.took_place(bookings)
    visits = chosen(bookings, kept)
    ledger = clinic_ledger.ledger_table(TRUTH, draws, people, bookings, lines, worker, companies, pipeline)
    keeper = keeper_of_lines(ledger, cards.manager, companies.manager)
    tables = {
        "ledger": ledger,
        "clients": client_table(
            TRUTH, draws, people, cards, shown, first_day, clinic_deals.company_clients(companies, pipeline)
        ),
        "facts": fact_table(draws, people, cards, shown, first_day),
        "contacts": clinic_contacts.contact_table(
            [
                clinic_contacts.appointment_rows(TRUTH, draws, people, bookings, detail["hours"], worker),
                clinic_contacts.confirmation_rows(draws, people, bookings),
                *clinic_contacts.message_rows(TRUTH, draws, people, life, cards.manager, cards.birthdays),
                clinic_contacts.service_call_rows(TRUTH, draws, people, life.service_calls, cards.manager),
                clinic_contacts.plan_rows(TRUTH, draws, people, visits, worker[kept]),
                clinic_deals.deal_visits(draws, companies, pipeline),
            ]
        ),
        "products": product_table(),
        "staff": clinic_staff.staff_table(),
        "spend": spend_table(draws, spend),
        "calendar": calendar_table(absences, clinic_staff.wishes(draws)),
        "deals": clinic_deals.deal_table(TRUTH, companies, pipeline),
        "targets": target_table(
            draws,
            monthly_revenue(ledger, ledger["place"], PLACES),
            monthly_revenue(ledger, keeper, list(MANAGERS)),
        ),
    }
    truth = planted(
        people,
        life,
        companies,
        shown,
        np.unique(pipeline.company),
        ledger,
        visits,
        detail["category_chances"][kept],
    )
    return {name: frame(columns) for name, columns in tables.items()}, truth


def write_clinic(folder: str | Path, *, seed: int = 0) -> list[Path]:
    """Write the ten tables, ``truth.json`` and ``crmkit.toml`` of one world into `folder`.

    The same seed gives the same bytes.

    Returns
    -------
    list of Path
        The files written.
    """
    return write_tables(folder, *clinic_tables(seed))


def _registered(people: People, life: Life) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Clients who came by the last day (indices), and everybody's day of registration."""
    first = np.full(len(people.number), 7 * NEVER)
    np.minimum.at(first, life.bookings["client"], life.bookings["created"])
    before = -np.rint(365.25 * people.years_before).astype(np.int64)
    first = np.where(people.arrival == EXISTING, before, first)
    return np.flatnonzero(first <= AS_OF_DAY), first
