"""The contacts table: appointments, confirmation calls, reminders, care calls, greetings, offers, plans
and clients' own calls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crmkit.datasets.clinic_days import AS_OF_DAY, START_DAY, dates, days
from crmkit.datasets.clinic_frames import Columns, appointment_ids, client_ids, coded_ids
from crmkit.datasets.clinic_life import Life
from crmkit.datasets.clinic_people import People
from crmkit.datasets.clinic_staff import DESK_AT, WORKER_IDS
from crmkit.datasets.clinic_truth import Truth
from crmkit.datasets.draws import Draws

NAMES = (
    "contact_id",
    "client_id",
    "kind",
    "created_at",
    "planned_at",
    "status",
    "channel",
    "campaign_id",
    "offer",
    "arm",
    "staff_id",
    "minutes",
    "cost",
)
_NO_TIME = np.datetime64("NaT", "m")


def moments(day: NDArray[np.int64], minute: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Moments from day numbers and minutes of the day."""
    return dates(day).astype("datetime64[m]") + minute.astype("timedelta64[m]")


def contact_rows(size: int, **columns: NDArray | str | float) -> Columns:
    """Columns of the table, with blanks where nothing is given; minutes and cost are floats (NaN is
    blank)."""
    blank: dict[str, object] = {"created_at": _NO_TIME, "minutes": np.nan, "cost": np.nan}
    return {name: np.broadcast_to(np.asarray(columns.get(name, blank.get(name, ""))), size) for name in NAMES}


def appointment_rows(
    truth: Truth, draws: Draws, people: People, bookings: Columns, hours: NDArray, worker: NDArray
) -> Columns:
    """One row per appointment planned from the first day of the tables on; open ones are planned after the
    last."""
    who, week, planned = people.number[bookings["client"]], bookings["week"], bookings["planned"]
    size = len(who)
    calendar = days()
    hour = draws.uniform("hour", who, week)
    quarter = np.where(calendar.weekday[planned] == 5, 36 + (hour * 20), 32 + (hour * 44)).astype(np.int64)
    at = 15 * quarter
    booked_at = 8 * 60 + draws.whole(12 * 60, "booking minute", who, week)
    same_day = bookings["lead"] == 0
    booked_at = np.where(same_day, at - 30 - draws.whole(60, "booking minute", who, week), booked_at)
    open_ = planned > AS_OF_DAY
    status = np.where(open_, "open", np.array(["kept", "no_show", "cancelled"])[bookings["outcome"]])
    visit_noise = np.exp(truth.demand.visit_sigma * draws.normal("visit minutes", who, week))
    minutes = 5 * np.clip(np.rint(hours * 12 * people.minutes[bookings["client"]] * visit_noise), 2, 72)
    fixed = {
        "no_show": truth.demand.no_show_minutes,
        "cancelled": truth.demand.cancel_minutes,
        "open": np.nan,
    }
    for name, value in fixed.items():
        minutes = np.where(status == name, value, minutes)
    arm = np.where(open_, "", np.array(["", "control", "call"])[bookings["call_arm"]])
    channel = np.array(["phone", "online", "desk"])[draws.choice([0.5, 0.3, 0.2], "booked by", who, week)]
    return contact_rows(
        size,
        contact_id=appointment_ids(who, week),
        client_id=client_ids(who),
        kind="appointment",
        created_at=moments(bookings["created"], booked_at),
        planned_at=moments(planned, at),
        status=status,
        channel=channel,
        campaign_id=np.where(arm == "", "", "confirm"),
        arm=arm,
        staff_id=WORKER_IDS[worker],
        minutes=minutes,
    )


def confirmation_rows(draws: Draws, people: People, bookings: Columns) -> Columns:
    """The confirmation calls made on the day before."""
    day = bookings["planned"] - 1
    made = bookings["called"] & (day <= AS_OF_DAY) & (day >= START_DAY)
    index, week, day = bookings["client"][made], bookings["week"][made], day[made]
    who = people.number[index]
    reached = draws.uniform("confirmed", who, week) < 0.86
    return contact_rows(
        len(who),
        contact_id=coded_ids("K", who, week),
        client_id=client_ids(who),
        kind="call",
        planned_at=moments(day, 15 * (40 + draws.whole(24, "confirmation hour", who, week))),
        status=np.where(reached, "answered", "ignored"),
        campaign_id="confirm",
        staff_id=np.array(DESK_AT)[bookings["place"][made]],
        minutes=np.where(reached, 3.0, 1.0),
    )


def message_rows(
    truth: Truth, draws: Draws, people: People, life: Life, manager: NDArray[np.str_], birthdays: NDArray
) -> list[Columns]:
    """Reminders, care calls, greetings and offers, those withheld for a trial included (status cancelled)."""
    made = []
    for name, letter, kind, channel, campaign, cost in (
        ("reminder", "R", "sms", "", "recall", 0.08),
        ("care", "S", "call", "", "care", np.nan),
        ("greeting", "G", "greeting", "sms", "birthday", 0.08),
        ("offer", "O", "mail", "", "", 0.90),
    ):
        events = life.contacts[name]
        listed = events["sent"] | (events["arm"] > 0)
        index, week, arm, sent, trust = (
            events[key][listed] for key in ("client", "week", "arm", "sent", "trust")
        )
        who = people.number[index]
        day = 7 * week
        if name == "greeting":
            day = birthdays[(birthdays[:, index] // 7 == week).argmax(axis=0), index]
        shown = day >= START_DAY
        index, week, arm, sent, trust, who, day = (
            x[shown] for x in (index, week, arm, sent, trust, who, day)
        )
        labels = {"offer": ["", "control", "discount", "attention"]}.get(name, ["", "control", name])
        warmth = truth.contacts.answered[0] + truth.contacts.answered[1] * trust
        status = np.where(draws.uniform(f"{name} answered", who, week) < warmth, "answered", "ignored")
        arm_name = np.array(labels)[arm]
        by_person = name == "care"
        made.append(
            contact_rows(
                len(who),
                contact_id=coded_ids(letter, who, week),
                client_id=client_ids(who),
                kind=kind,
                planned_at=moments(day, 15 * (38 + draws.whole(20, f"{name} hour", who, week // 13))),
                status=np.where(sent, status, "cancelled"),
                channel=channel,
                campaign_id=_seasons(week) if name == "offer" else campaign,
                offer=np.where(sent, arm_name, "") if name == "offer" else "",
                arm=arm_name,
                staff_id=manager[index] if by_person else "",
                minutes=np.where(sent, np.where(status == "answered", 8.0, 2.0), np.nan)
                if by_person
                else np.nan,
                cost=np.where(sent, cost, np.nan),
            )
        )
    return made


def _seasons(week: NDArray[np.int64]) -> NDArray[np.str_]:
    """Names of the offer campaigns: spring2022, autumn2022 …"""
    day = 7 * week
    calendar = days()
    part = np.where(calendar.month[day] < 6, "spring", "autumn")
    return np.char.add(part, calendar.year[day].astype("U4"))


def service_call_rows(
    truth: Truth, draws: Draws, people: People, calls: Columns, manager: NDArray[np.str_]
) -> Columns:
    """Calls that clients make themselves: questions and complaints, and inquiries of those who grow."""
    index, week = calls["client"], calls["week"]
    who = people.number[index]
    calendar = days()
    day = calendar.next_open[7 * week + draws.whole(6, "call day", who, week)]
    shown = (day >= START_DAY) & (day <= AS_OF_DAY)
    index, week, who, day = index[shown], week[shown], who[shown], day[shown]
    mean = np.where(calls["inquiry"][shown], truth.growth.inquiry_minutes, truth.demand.call_minutes)
    minutes = np.maximum(np.rint(mean * draws.gamma(3.0, "call minutes", who, week)), 1)
    return contact_rows(
        len(who),
        contact_id=coded_ids("Q", who, week),
        client_id=client_ids(who),
        kind="call",
        planned_at=moments(day, 8 * 60 + draws.whole(11 * 60, "call minute", who, week)),
        status="answered",
        staff_id=manager[index],
        minutes=minutes,
    )


def plan_rows(truth: Truth, draws: Draws, people: People, visits: Columns, worker: NDArray) -> Columns:
    """Treatment plans offered at a visit: their size shows the client's value, their acceptance the
    client's trust."""
    index, week, day = visits["client"], visits["week"], visits["planned"]
    law = truth.contacts
    who = people.number[index]
    relative = people.value[index] / truth.purchase.value_median
    chance = np.minimum(law.plan_share * relative * np.exp(visits["growth"]), 0.4)
    chance[np.unique(index, return_index=True)[1]] = law.plan_at_first
    offered = draws.uniform("plan", who, week) < chance
    index, week, who, day, worker = index[offered], week[offered], who[offered], day[offered], worker[offered]
    amount = people.value[index] * np.exp(law.plan_sigma * draws.normal("plan amount", who, week))
    rounded = np.maximum(10 * np.rint(amount / 10), 30).astype(np.int64)
    accepted = draws.uniform("plan accepted", who, week) < visits["trust"][offered]
    return contact_rows(
        len(who),
        contact_id=coded_ids("P", who, week),
        client_id=client_ids(who),
        kind="mail",
        planned_at=moments(day, np.full(len(day), 19 * 60)),
        status=np.where(accepted, "answered", "ignored"),
        campaign_id="plan",
        offer=np.char.add("plan ", rounded.astype("U8")),
        staff_id=WORKER_IDS[worker],
        minutes=5.0,
    )


def contact_table(parts: list[Columns]) -> Columns:
    """All parts in one table, in order of time and id."""
    table = {name: np.concatenate([part[name] for part in parts]) for name in NAMES}
    order = np.lexsort((table["contact_id"], table["planned_at"]))
    return {name: column[order] for name, column in table.items()}
