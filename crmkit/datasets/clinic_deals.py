"""Companies, and the contracts that the clinics try to win from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmkit.datasets.clinic_contacts import contact_rows, moments
from crmkit.datasets.clinic_days import AS_OF_DAY, START_DAY, WEEKS, dates, days
from crmkit.datasets.clinic_frames import Columns, client_ids
from crmkit.datasets.clinic_products import CORPORATE_COST_SHARE
from crmkit.datasets.clinic_staff import MANAGERS_AT
from crmkit.datasets.clinic_truth import Truth
from crmkit.datasets.draws import Draws

FIRST_COMPANY = 90001
"""Number of the first company among the clients."""


@dataclass(frozen=True)
class Companies:
    """Traits of the companies."""

    number: NDArray[np.int64]
    place: NDArray[np.int64]
    manager: NDArray[np.str_]
    amount: NDArray[np.float64]
    """Mean amount of their deals, EUR."""
    ease: NDArray[np.float64]
    """Chance of passing each stage, shape (companies, stages)."""
    weight: NDArray[np.float64]
    """Share of all deals that are opened with each company."""

    @property
    def win(self) -> NDArray[np.float64]:
        """Chance that a deal with each company is won."""
        return self.ease.prod(axis=1)


@dataclass(frozen=True)
class Pipeline:
    """All deals; days are day numbers."""

    company: NDArray[np.int64]
    week: NDArray[np.int64]
    slot: NDArray[np.int64]
    created: NDArray[np.int64]
    close: NDArray[np.int64]
    expected: NDArray[np.int64]
    stage: NDArray[np.int64]
    status: NDArray[np.str_]
    amount: NDArray[np.int64]
    category: NDArray[np.str_]


def make_companies(truth: Truth, draws: Draws) -> Companies:
    """Draw the companies."""
    key = np.arange(truth.deals.companies)
    place = key % 3
    manager = np.array(MANAGERS_AT)[place, draws.whole(2, "company manager", key)]
    amount = truth.deals.amount_median * np.exp(truth.deals.company_sigma * draws.normal("company size", key))
    ease = np.clip(
        np.array(truth.deals.pass_chance) * (0.75 + 0.5 * draws.uniform("company ease", key))[:, None],
        0,
        0.97,
    )
    weight = 0.4 + draws.uniform("company weight", key) ** 2 * 2
    return Companies(FIRST_COMPANY + key, place, manager, amount, ease, weight / weight.sum())


def company_clients(companies: Companies, pipeline: Pipeline) -> Columns:
    """Rows of the clients table for companies with which a deal was ever opened."""
    began = np.full(len(companies.number), AS_OF_DAY)
    np.minimum.at(began, pipeline.company, pipeline.created)
    known = np.unique(pipeline.company)
    number = companies.number[known]
    blank, yes = np.full(len(known), ""), np.ones(len(known), dtype=bool)
    return {
        "client_id": client_ids(number),
        "name": np.array([_made_up_name(int(index)) for index in known]),
        "phone": np.char.add("+44 0000 ", np.char.zfill(number.astype("U7"), 7)),
        "email": np.char.add(np.char.add("office", number.astype("U5")), "@example.org"),
        "birthday": np.full(len(known), np.datetime64("NaT", "D")),
        "district": blank,
        "source_channel": np.full(len(known), "corporate"),
        "joined": dates(began[known]),
        "profession": np.full(len(known), "company"),
        "consent_call": yes,
        "consent_sms": ~yes,
        "consent_mail": yes,
        "manager_id": companies.manager[known],
    }


def _made_up_name(index: int) -> str:
    words = (("Granite", "Клён"), ("Maple", "Гранит"), ("Rain", "Янтарь"), ("Amber", "Туман"))[index % 4]
    sort = ("Works", "School", "Bakery")[index % 3]
    return (
        f"Sample {words[0]} {sort} {index + 1} Ltd" if index % 2 else f"ООО «Пробный {words[1]} {index + 1}»"
    )


def make_pipeline(truth: Truth, draws: Draws, companies: Companies) -> Pipeline:
    """Draw all deals and follow them through the stages to the last day of the tables."""
    law = truth.deals
    most = 6
    week = np.repeat(np.arange(WEEKS), most)
    slot = np.tile(np.arange(most), len(week) // most)
    key = week * most + slot
    opened = draws.uniform("deal", key) < law.per_week / most
    week, slot, key = week[opened], slot[opened], key[opened]
    company = draws.choice(companies.weight, "deal company", key)
    created = 7 * week + draws.whole(5, "deal day", key)
    stages = np.arange(len(law.stages))
    length = 7 * np.array(law.stage_weeks) * draws.gamma(2.0, "stage length", key[:, None], stages)
    passes = draws.uniform("stage passed", key[:, None], stages) < companies.ease[company]
    fails = np.where(passes.all(axis=1), len(stages), (~passes).argmax(axis=1))
    won = fails == len(stages)
    last = np.minimum(fails, len(stages) - 1)
    through = created[:, None] + np.ceil(np.cumsum(length, axis=1)).astype(np.int64)
    close = days().next_open[np.maximum(through[np.arange(len(key)), last], 0)]
    closed = close <= AS_OF_DAY
    reached = (through <= AS_OF_DAY).sum(axis=1)
    stage = np.where(closed, last, np.minimum(reached, last))
    slippage = law.slippage * np.exp(law.slippage_sigma * draws.normal("slippage", key))
    expected = created + np.maximum(np.rint((close - created) / slippage), 1).astype(np.int64)
    amount = companies.amount[company] * np.exp(law.amount_sigma * draws.normal("deal amount", key))
    optimism = draws.uniform("deal category", key)
    category = np.array(["pipeline", "pipeline", "best_case", "commit"])[stage]
    category = np.where((stage < 2) & (optimism < 0.25), "omitted", category)
    category = np.where((stage == 2) & (optimism < 0.20), "commit", category)
    category = np.where((stage == 3) & (optimism > 0.70), "best_case", category)
    status = np.where(~closed, "open", np.where(won, "won", "lost"))
    inside = (created <= AS_OF_DAY) & ((close >= START_DAY) | ~closed)
    values = (
        company,
        week,
        slot,
        created,
        close,
        expected,
        stage,
        status,
        np.maximum(50 * np.rint(amount / 50), 200),
        category,
    )
    return Pipeline(*(value[inside] for value in values))


def deal_ids(pipeline: Pipeline) -> NDArray[np.str_]:
    """Ids of deals: D0001 …"""
    code = pipeline.week * 6 + pipeline.slot
    return np.char.add("D", np.char.zfill(code.astype("U5"), 5))


def deal_table(truth: Truth, companies: Companies, pipeline: Pipeline) -> Columns:
    """Columns of the deals table."""
    closed = np.where(pipeline.status == "open", np.datetime64("NaT", "D"), dates(pipeline.close))
    return {
        "deal_id": deal_ids(pipeline),
        "client_id": client_ids(companies.number[pipeline.company]),
        "owner": companies.manager[pipeline.company],
        "stage": np.array(truth.deals.stages)[pipeline.stage],
        "amount": pipeline.amount.astype(np.float64),
        "created_at": dates(pipeline.created),
        "expected_close": dates(pipeline.expected),
        "closed_at": closed,
        "status": pipeline.status,
        "category": pipeline.category,
    }


def deal_lines(companies: Companies, pipeline: Pipeline) -> Columns:
    """One ledger line for each deal won: company index, day, document, cents."""
    won = pipeline.status == "won"
    cents = (100 * pipeline.amount[won]).astype(np.int64)
    return {
        "company": pipeline.company[won],
        "day": pipeline.close[won],
        "document_id": deal_ids(pipeline)[won],
        "unit_price": cents,
        "cost": np.rint(cents * CORPORATE_COST_SHARE).astype(np.int64),
    }


def deal_visits(draws: Draws, companies: Companies, pipeline: Pipeline) -> Columns:
    """Visits of managers to companies: one in each stage that a deal reached."""
    deal, stage = np.nonzero(np.arange(4) <= pipeline.stage[:, None])
    code = np.char.add(np.char.replace(deal_ids(pipeline)[deal], "D", "V"), (stage + 1).astype("U1"))
    key = pipeline.week[deal] * 6 + pipeline.slot[deal]
    span = np.minimum(pipeline.close[deal], AS_OF_DAY) - pipeline.created[deal]
    day = days().next_open[np.maximum(pipeline.created[deal] + span * stage // 5, 0)]
    shown = (day >= START_DAY) & (day <= AS_OF_DAY)
    deal, stage, code, key, day = deal[shown], stage[shown], code[shown], key[shown], day[shown]
    company = pipeline.company[deal]
    return contact_rows(
        len(deal),
        contact_id=code,
        client_id=client_ids(companies.number[company]),
        kind="visit",
        planned_at=moments(day, 60 * (10 + draws.whole(6, "deal visit hour", key, stage))),
        status="kept",
        staff_id=companies.manager[company],
        minutes=5.0 * (6 + draws.whole(10, "deal visit minutes", key, stage)),
    )
