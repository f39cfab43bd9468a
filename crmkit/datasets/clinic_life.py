"""Four years in the life of the clients, week by week: trust, growth, leaving, contacts, bookings and what
came of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmkit.datasets.clinic_days import (
    AS_OF_DAY,
    FIRST_WEEK,
    START_DAY,
    WEEKS,
    client_season,
    company_season,
    day_number,
    days,
)
from crmkit.datasets.clinic_frames import Columns, appointment_ids, client_ids
from crmkit.datasets.clinic_laws import (
    WEEKS_A_YEAR,
    State,
    booking_rate,
    cancel_chance,
    drop_out_hazard,
    no_show_chance,
)
from crmkit.datasets.clinic_people import EXISTING, NEVER, People
from crmkit.datasets.clinic_policy import Policy
from crmkit.datasets.clinic_truth import CLASS_DATES, PLACES, Contact, Truth
from crmkit.datasets.draws import Draws

USUAL_LEAD = 14
"""Days from the Monday of the booking week to the usual day of the appointment."""
_KINDS = ("reminder", "care", "greeting")
_AHEAD = 14
"""Weeks after the last one for which appointments are kept in the diary."""


@dataclass(frozen=True)
class Life:
    """All that happened. Each event frame is a dict of equally long columns; `client` is an index into
    People."""

    bookings: Columns
    """client, week, created, planned (days), place, first, lead, past_share, called, call_arm, outcome
    (0 kept, 1 no-show, 2 cancelled), discount (percent), trust, growth."""
    contacts: dict[str, Columns]
    """For reminder, care, greeting and offer: client, week, arm (0 not randomised, 1 without, 2 and more
    with), sent, trust."""
    service_calls: Columns
    left: NDArray[np.int64]
    """Week in which each candidate left for good; NEVER if they did not."""
    states: dict[str, State]
    """Traits on the days for which true classes are given."""
    trial_means: dict[str, list[float]]
    """For each trial, the mean true probability without and with the contact: of missing the appointment for
    confirmation calls, of booking inside the weeks of the effect for the others."""


class _Log:
    """Columns collected week by week."""

    def __init__(self) -> None:
        self._parts: dict[str, list[NDArray]] = {}

    def add(self, **columns: NDArray) -> None:
        for name, values in columns.items():
            self._parts.setdefault(name, []).append(values)

    def frame(self) -> Columns:
        return {name: np.concatenate(parts) for name, parts in self._parts.items()}


class Simulation:
    """The clients' lives; `run` plays all weeks."""

    def __init__(self, truth: Truth, draws: Draws, people: People, policy: Policy, consent: Columns) -> None:
        self.truth, self.draws, self.people, self.policy, self.consent = truth, draws, people, policy, consent
        size = len(people.number)
        self.trust = people.trust.copy()
        self.trust_goal = people.trust.copy()
        existing = people.arrival == EXISTING
        law = truth.growth
        leftover = law.beginning * draws.gamma(0.5, "growth before", people.number)
        elapsed = -np.log(draws.uniform("growing since", people.number)) / law.exit_rate
        grown = np.where(people.growing, law.jump + law.slope * elapsed * existing, leftover * existing)
        self.growth = np.minimum(grown, law.ceiling)
        self.growing = people.growing.copy()
        self.left = np.full(size, NEVER)
        self.last_kept = np.where(existing, -draws.whole(30, "last before", people.number), -NEVER)
        self.no_shows = np.zeros(size, dtype=np.int64)
        self.past = np.zeros(size, dtype=np.int64)
        effects = (*_KINDS, *(f"{name} hazard" for name in _KINDS), "discount", "attention")
        self.until = {name: np.full(size, -1) for name in effects}
        self.asked = {name: np.full(size, -NEVER) for name in ("reminder", "care")}
        self.kept_in = np.zeros((WEEKS + _AHEAD, size), dtype=bool)
        self.missed_in = np.zeros((WEEKS + _AHEAD, size), dtype=bool)
        self.rebook_in = np.zeros((WEEKS + _AHEAD, size), dtype=bool)
        self.season = company_season(truth.season) * client_season(truth.season)
        self.season_top = float(self.season.max())
        self.bookings, self.calls = _Log(), _Log()
        self.contacts = {name: _Log() for name in (*_KINDS, "offer")}
        trials = (*_KINDS, "discount", "attention", "confirmation")
        self.trial_sums = {name: np.zeros(3) for name in trials}
        self.reacts_discount = np.isin(people.taste, (0, 2))
        self.reacts_attention = np.isin(people.taste, (1, 2))

    def run(self) -> Life:
        """Play all weeks."""
        states = {}
        snapshot = {round((day_number(date) + 1) / 7): date for date in CLASS_DATES}
        for week in range(WEEKS):
            if week:
                now = self.kept_in[week - 1]
                self.last_kept[now] = week - 1
                self.no_shows += self.missed_in[week - 1]
                self.past += now.astype(np.int64) + self.missed_in[week - 1]
            if week in snapshot:
                present = self.people.arrival < week
                states[snapshot[week]] = State(
                    self.trust.copy(), self.growth.copy(), self.growing.copy(), present & (self.left == NEVER)
                )
            present = self.people.arrival <= week
            alive = np.flatnonzero(present & (self.left == NEVER))
            self._change_traits(week, alive)
            self._leave(week, alive)
            known = np.flatnonzero(present)
            self._remind(week, known)
            self._care(week, known)
            self._greet(week, known)
            self._offer(week, known)
            self._call_in(week, alive)
            self._book(week, np.flatnonzero(present & (self.left == NEVER)))
        means = {name: (sums[1:] / max(sums[0], 1)).tolist() for name, sums in self.trial_sums.items()}
        contacts = {name: log.frame() for name, log in self.contacts.items()}
        return Life(self.bookings.frame(), contacts, self.calls.frame(), self.left, states, means)

    def _u(self, purpose: str, who: NDArray, week: int) -> NDArray[np.float64]:
        return self.draws.uniform(purpose, self.people.number[who], week)

    def _change_traits(self, week: int, who: NDArray) -> None:
        law = self.truth.trust
        trust, goal = self.trust[who], self.trust_goal[who]
        settled = trust == goal
        u = self._u("trust moves", who, week)
        gain, loss = law.gain_rate / WEEKS_A_YEAR, law.loss_rate / WEEKS_A_YEAR
        rises = settled & (trust < law.gain_below) & (u < gain)
        falls = settled & (trust > law.loss_above) & (u > 1 - loss)
        goal = np.clip(goal + law.step * (rises.astype(float) - falls), 0.05, 0.98)
        move = law.step / law.step_weeks
        self.trust_goal[who] = goal
        self.trust[who] = np.where(np.abs(goal - trust) <= move, goal, trust + move * np.sign(goal - trust))

        law_growth = self.truth.growth
        growing, growth = self.growing[who], self.growth[who]
        v = self._u("growth moves", who, week)
        edge = np.where(growing, law_growth.exit_rate, law_growth.entry_rate) / WEEKS_A_YEAR
        changed = v < edge
        growth = growth + law_growth.jump * (changed & ~growing)
        growing = growing ^ changed
        up = np.minimum(growth + law_growth.slope / WEEKS_A_YEAR, law_growth.ceiling)
        down = growth * np.exp(-law_growth.decay_rate / WEEKS_A_YEAR)
        self.growing[who] = growing
        self.growth[who] = np.where(growing, up, down)

    def _leave(self, week: int, who: NDArray) -> None:
        hazard = drop_out_hazard(self.truth, self.people, self.trust)[who]
        for name in ("care", "greeting"):
            law: Contact = getattr(self.truth.contacts, name)
            hazard = hazard * np.where(self.until[f"{name} hazard"][who] >= week, law.hazard_ratio, 1.0)
        leaves = self._u("leaves", who, week) < 1 - np.exp(-hazard / WEEKS_A_YEAR)
        leaves &= self.people.arrival[who] < week
        self.left[who[leaves]] = week

    def _contact(self, name: str, week: int, due: NDArray) -> None:
        """Remind, call or greet those who are due, all or some: note the trial, and let the effect begin."""
        law: Contact = getattr(self.truth.contacts, name)
        arm, sent = self._decide(name, week, due)
        self._note_trial(name, week, due[arm > 0], law.rate_weeks, law.rate_ratio)
        self.until[name][due[sent]] = week + law.rate_weeks - 1
        self.until[f"{name} hazard"][due[sent]] = week + law.hazard_weeks - 1
        self.contacts[name].add(
            client=due, week=np.full(len(due), week), arm=arm, sent=sent, trust=self.trust[due]
        )

    def _decide(self, name: str, week: int, due: NDArray) -> tuple[NDArray, NDArray]:
        """Arm (0 not randomised, 1 without, 2 with) and whether the contact is made."""
        law: Contact = getattr(self.truth.contacts, name)
        u = self._u(f"{name} arm", due, week)
        v = self._u(f"{name} sent", due, week)
        share = getattr(self.policy, f"{name}_share")
        if share is not None and week >= self.policy.start_week:
            return np.zeros(len(due), dtype=np.int64), (v < share) & self._named(name, due)
        arm = np.where(u < law.trial_share / 2, 2, np.where(u < law.trial_share, 1, 0))
        return arm, np.where(arm > 0, arm == 2, v < law.usual_share)

    def _named(self, name: str, who: NDArray) -> NDArray[np.bool_]:
        """Who is on the policy's list of clients; everybody, if there is none."""
        named = getattr(self.policy, f"{name}_clients")
        if named is None:
            return np.ones(len(who), dtype=bool)
        return np.isin(client_ids(self.people.number[who]), list(named))

    def _silent(self, week: int, who: NDArray, after: int, kind: str) -> NDArray:
        """Clients silent for at least `after` weeks (up to 60 weeks) and not asked since."""
        silent = week - self.last_kept[who]
        due = (silent >= after) & (silent <= 60) & (week - self.asked[kind][who] >= after)
        chosen = who[due]
        self.asked[kind][chosen] = week
        return chosen

    def _note_trial(self, name: str, week: int, who: NDArray, weeks: int, ratio: NDArray | float) -> None:
        """Add the true probabilities of booking inside `weeks` weeks, with the rate as it is and
        multiplied by `ratio`."""
        if week < FIRST_WEEK:
            return
        season = self.season[self.people.season[who], 7 * week + USUAL_LEAD]
        expected = self._rate(who) * season * (self.left[who] == NEVER) / WEEKS_A_YEAR * weeks
        self._add_trial(name, 1 - np.exp(-expected), 1 - np.exp(-expected * ratio))

    def _add_trial(self, name: str, without: NDArray, with_contact: NDArray) -> None:
        self.trial_sums[name] += (len(without), without.sum(), with_contact.sum())

    def _remind(self, week: int, known: NDArray) -> None:
        due = self._silent(week, known, self.truth.contacts.reminder_after_weeks, "reminder")
        self._contact("reminder", week, due[self.consent["sms"][due]])

    def _care(self, week: int, known: NDArray) -> None:
        due = self._silent(week, known, self.truth.contacts.care_after_weeks, "care")
        self._contact("care", week, due[self.consent["call"][due]])

    def _greet(self, week: int, known: NDArray) -> None:
        birthday = (self.consent["birthdays"][:, known] // 7 == week).any(axis=0) & (week < WEEKS - 1)
        due = known[birthday & (week - self.last_kept[known] <= 104)]
        self._contact("greeting", week, due[self.consent["sms"][due]])

    def _offer(self, week: int, known: NDArray) -> None:
        if not days().offer_week[week]:
            return
        law = self.truth.contacts
        due = known[self.consent["mail"][known] & (week - self.last_kept[known] <= 52)]
        u = self._u("offer arm", due, week)
        arm = 1 + (u * 3).astype(np.int64)
        if self.policy.offer_share is not None and week >= self.policy.start_week:
            sent = self._u("offer sent", due, week) < self.policy.offer_share
            arm = np.where(sent & self._named("offer", due), 2, 1)
        for name, reacts, effect in (
            (
                "discount",
                self.reacts_discount,
                law.discount_effect * self.offer_discount(week) / law.offer_discount,
            ),
            ("attention", self.reacts_attention, law.attention_effect),
        ):
            self._note_trial(name, week, due, law.offer_weeks, 1 + effect * reacts[due])
        self.until["discount"][due[arm == 2]] = week + law.offer_weeks - 1
        self.until["attention"][due[arm == 3]] = week + law.offer_weeks - 1
        self.contacts["offer"].add(
            client=due, week=np.full(len(due), week), arm=arm, sent=arm > 1, trust=self.trust[due]
        )

    def offer_discount(self, week: int) -> float:
        """Discount offered in a week, as a share."""
        if self.policy.offer_discount is not None and week >= self.policy.start_week:
            return self.policy.offer_discount
        return self.truth.contacts.offer_discount

    def _call_in(self, week: int, who: NDArray) -> None:
        law = self.truth.demand
        rate = np.where(self.people.demanding[who], law.demanding_calls, law.usual_calls)
        asks = self.truth.growth.inquiries * self.growing[who]
        calls = self._u("calls in", who, week) < 1 - np.exp(-(rate + asks) / WEEKS_A_YEAR)
        inquiry = self._u("inquires", who, week) * (rate + asks) < asks
        self.calls.add(client=who[calls], week=np.full(int(calls.sum()), week), inquiry=inquiry[calls])

    def _rate(self, who: NDArray) -> NDArray[np.float64]:
        """Bookings a year of these clients, without season and contacts."""
        return booking_rate(self.truth, self.people, who, self.trust[who], self.growth[who])

    def _book(self, week: int, who: NDArray) -> None:
        law = self.truth.contacts
        rate = self._rate(who)
        for name in _KINDS:
            ratio = getattr(law, name).rate_ratio
            rate = rate * np.where(self.until[name][who] >= week, ratio, 1.0)
        discounted = self.until["discount"][who] >= week
        discount = self.offer_discount(week)
        lift = law.discount_effect * discount / law.offer_discount
        rate = rate * (1 + lift * (discounted & self.reacts_discount[who]))
        pleased = (self.until["attention"][who] >= week) & self.reacts_attention[who]
        rate = rate * (1 + law.attention_effect * pleased)
        # Wishes arise at the pace of the busiest season; those that do not suit the season are dropped later.
        books = self._u("books", who, week) < 1 - np.exp(-rate * self.season_top / WEEKS_A_YEAR)
        first = self.people.arrival[who] == week
        sure = first | self.rebook_in[week, who]
        books |= sure
        percent = np.where(discounted[books], round(100 * discount), 0)
        self._appoint(week, who[books], first[books], sure[books], percent)

    def _appoint(self, week: int, who: NDArray, first: NDArray, sure: NDArray, percent: NDArray) -> None:
        """Enter appointments in the diary, and let come what comes of them."""
        law = self.truth.no_show
        created = 7 * week + (self._u("booking day", who, week) * 7).astype(np.int64)
        planned, place, taken = self._day_and_place(week, who, created, first, sure)
        who, first, percent, created, planned, place = (
            column[taken] for column in (who, first, percent, created, planned, place)
        )
        lead = planned - created
        past = self.no_shows[who] / (self.past[who] + law.past_prior)
        called, arm = self._confirm(week, who, lead, past, planned)
        cancelling = cancel_chance(self.truth, self.people, self.trust[who], who)
        cancelled = self._u("cancels", who, week) < cancelling
        chance = [no_show_chance(self.truth, lead, past, first, call) for call in (0, 1)]
        missed = self._u("misses", who, week) < np.where(called, chance[1], chance[0])
        tried = (arm > 0) & (planned >= START_DAY) & (planned <= AS_OF_DAY) & ~cancelled
        self._add_trial("confirmation", chance[0][tried], chance[1][tried])
        outcome = np.where(cancelled, 2, np.where(missed, 1, 0))
        week_planned = planned // 7
        self.kept_in[week_planned[outcome == 0], who[outcome == 0]] = True
        self.missed_in[week_planned[outcome == 1], who[outcome == 1]] = True
        again = self._u("rebooks", who, week)
        rebooks = (outcome == 1) & (again < law.rebooked_after_no_show)
        rebooks |= (outcome == 2) & (again < law.rebooked_after_cancellation)
        self.rebook_in[week_planned[rebooks] + 1, who[rebooks]] = True
        self.bookings.add(
            client=who,
            week=np.full(len(who), week),
            created=created,
            planned=planned,
            place=place,
            first=first,
            lead=lead,
            past_share=past,
            called=called,
            call_arm=arm,
            outcome=outcome,
            discount=percent,
            trust=self.trust[who],
            growth=self.growth[who],
        )

    def _day_and_place(
        self, week: int, who: NDArray, created: NDArray, first: NDArray, sure: NDArray
    ) -> tuple[NDArray, NDArray, NDArray[np.bool_]]:
        """Day and clinic of each wish for an appointment, and whether it becomes one."""
        law, season, calendar = self.truth.no_show, self.truth.season, days()
        spread = law.lead_sigma * self.draws.normal("lead", self.people.number[who], week)
        lead = np.rint(law.lead_median * np.exp(spread))
        planned = created + np.minimum(lead, law.longest_lead).astype(np.int64)
        weekday = calendar.weekday[planned]
        moves = (weekday == 6) | ((weekday == 5) & (self._u("saturday", who, week) > season.saturday_weight))
        into = (self._u("monday to friday", who, week) * 5).astype(np.int64)
        planned = np.where(moves, planned + 7 - weekday + into, planned)
        holiday = calendar.holiday[planned]
        lost = holiday & (self._u("holiday lost", who, week) < season.holiday_lost)
        planned = np.where(holiday, calendar.next_open[planned], planned)
        elsewhere = self._u("place", who, week) < season.elsewhere
        place = np.where(elsewhere, (self.people.place[who] + 1) % 3, self.people.place[who])
        shut = (place == PLACES.index(season.renovation[0])) & calendar.renovated[planned]
        lost |= shut & (self._u("renovation lost", who, week) >= season.renovation_moved)
        place = np.where(shut, PLACES.index("Centre"), place)
        suits = self._u("suits", who, week) < self.season[self.people.season[who], planned] / self.season_top
        taken = (suits | sure) & (first | ~lost) & (created <= AS_OF_DAY)
        return planned, place, taken

    def _confirm(
        self, week: int, who: NDArray, lead: NDArray, past: NDArray, planned: NDArray
    ) -> tuple[NDArray, NDArray]:
        """Whether a confirmation call is made the day before, and the arm of the trial."""
        law, policy = self.truth.contacts, self.policy
        eligible = self.consent["call"][who] & (lead >= 2)
        u = self._u("confirmation arm", who, week)
        v = self._u("confirmation sent", who, week)
        share = law.confirmation.trial_share
        arm = np.where(u < share / 2, 2, np.where(u < share, 1, 0)) * eligible
        late = np.maximum(lead - law.confirmation_from, 0)
        habit = np.minimum(law.confirmation_slope * late + law.confirmation_past * past, 0.8)
        called = np.where(arm > 0, arm == 2, eligible & (v < habit))
        if policy.call_share is None:
            return called, arm
        decided = planned - 1 >= policy.start_day
        wanted = eligible & (v < policy.call_share)
        if policy.call_appointments is not None:
            ids = appointment_ids(self.people.number[who], np.full(len(who), week))
            wanted &= np.isin(ids, list(policy.call_appointments))
        return np.where(decided, wanted, called), np.where(decided, 0, arm)
