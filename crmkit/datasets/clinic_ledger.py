"""The ledger of the made-up clinics: lines of visits, returns and refunds, walk-ins and won contracts.
Money in whole cents."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crmkit.datasets.clinic_baskets import (
    SMALLEST_SPEND,
    add_on_chances,
    category_weights,
    chair_hours,
    main_chances,
    mean_spend,
    units,
)
from crmkit.datasets.clinic_days import AS_OF_DAY, FIRST_WEEK, START_DAY, WEEKS, dates, days
from crmkit.datasets.clinic_deals import Companies, Pipeline, deal_lines
from crmkit.datasets.clinic_frames import Columns, chosen, client_ids, coded_ids
from crmkit.datasets.clinic_people import People
from crmkit.datasets.clinic_products import (
    ADD_ON,
    ADD_ON_COST,
    ADD_ON_HOURS,
    ADD_ON_PRICE,
    CORPORATE,
    MAIN,
    MAIN_CATEGORY,
    MAIN_COST,
    MAIN_PRICE,
)
from crmkit.datasets.clinic_staff import DESK_AT, WORKER_IDS
from crmkit.datasets.clinic_truth import CATEGORIES, PLACES, Truth
from crmkit.datasets.draws import Draws, pick

PRODUCT_IDS = np.array([item.product_id for item in (*MAIN, *ADD_ON)])
GOODS = np.array([item.category == "goods" for item in (*MAIN, *ADD_ON)])


def took_place(bookings: Columns) -> NDArray[np.bool_]:
    """Which bookings became visits inside the tables."""
    inside = (bookings["planned"] >= START_DAY) & (bookings["planned"] <= AS_OF_DAY)
    return inside & (bookings["outcome"] == 0)


def visit_lines(truth: Truth, draws: Draws, people: People, visits: Columns) -> tuple[Columns, Columns]:
    """Lines of all visits, and for each visit the main product and the hours at the chair.

    Returns
    -------
    lines
        visit (index), product (index into PRODUCT_IDS), quantity, unit_price and discount and cost in cents.
    detail
        For each visit: main (index into MAIN), hours, chance of each category (for the planted season).
    """
    purchase, season = truth.purchase, truth.season
    who, week, trust, growth = (visits[name] for name in ("client", "week", "trust", "growth"))
    number, day = people.number[who], visits["planned"]
    calendar = days()
    level = calendar.price_level[day]
    size = draws.gamma(purchase.spend_shape, "spend", number, week)
    spend = np.maximum(mean_spend(truth, people, trust, growth, who) * size, SMALLEST_SPEND)
    by_month = np.array([season.category[name] for name in CATEGORIES])[:, calendar.month[day]].T
    promoted = np.where(calendar.promotion[day], season.promotion_weight, 1.0)
    by_month[:, CATEGORIES.index("aesthetics")] *= promoted
    weights = category_weights(people, who, trust, growth, visits["place"]) * by_month
    chances = main_chances(truth, weights, spend)
    main = pick(chances, draws.uniform("main", number, week))
    count = units(spend, main)
    dearness = spend / (count * MAIN_PRICE[main])
    unit_price = np.maximum(np.rint(dearness * MAIN_PRICE[main] * level), 5).astype(np.int64)
    cost = np.rint(100 * MAIN_COST[main] * count * dearness * level).astype(np.int64)

    reacts = np.isin(people.taste[who], (0, 2)).astype(np.int64)
    loyal = (
        draws.uniform("loyalty discount", number, week) < np.asarray(purchase.loyalty_discount_share)[reacts]
    )
    percent = np.where(loyal, 5 + 5 * draws.whole(2, "loyalty percent", number, week), 0)
    on_offer = calendar.promotion[day] & (MAIN_CATEGORY[main] == CATEGORIES.index("aesthetics"))
    percent = np.maximum(percent, np.where(on_offer, season.promotion_discount, 0))
    percent = np.maximum(percent, visits["discount"])

    extra = np.arange(len(ADD_ON))
    added = draws.uniform("add-on", number[:, None], week[:, None], extra) < add_on_chances(main, trust)
    visit, which = np.nonzero(added)
    extra_price = np.rint(ADD_ON_PRICE[which] * level[visit]).astype(np.int64)
    extra_cost = np.rint(100 * ADD_ON_COST[which] * level[visit]).astype(np.int64)
    extra_percent = np.where(GOODS[len(MAIN) + which], 0, percent[visit])

    every = np.arange(len(who))
    lines = {
        "visit": np.concatenate([every, visit]),
        "product": np.concatenate([main, len(MAIN) + which]),
        "quantity": np.concatenate([count, np.ones(len(visit), dtype=np.int64)]),
        "unit_price": 100 * np.concatenate([unit_price, extra_price]),
        "discount": np.concatenate([unit_price * count * percent, extra_price * extra_percent]),
        "cost": np.concatenate([cost, extra_cost]),
    }
    hours = chair_hours(spend, main, count) + added @ ADD_ON_HOURS
    by_category = np.stack(
        [chances[:, item == MAIN_CATEGORY].sum(axis=1) for item in range(len(CATEGORIES))], axis=1
    )
    return lines, {"main": main, "hours": hours, "category_chances": by_category}


def returned_lines(
    truth: Truth, draws: Draws, lines: Columns, number: NDArray[np.int64], week: NDArray[np.int64]
) -> Columns:
    """Negative lines: goods brought back (their cost comes back too) and treatments refunded (their cost
    does not)."""
    purchase = truth.purchase
    goods = GOODS[lines["product"]]
    share = np.where(goods, purchase.return_share_goods, purchase.refund_share)
    back = draws.uniform("return", number, week, lines["product"]) < share
    later = days().next_open[lines["day"] + 1 + draws.whole(20, "return day", number, week, lines["product"])]
    columns = chosen({**lines, "day": later}, back & (later <= AS_OF_DAY))
    columns["cost"] = np.where(GOODS[columns["product"]], -columns["cost"], 0)
    columns["quantity"] = -columns["quantity"]
    columns["discount"] = -columns["discount"]
    return columns


def walk_in_lines(truth: Truth, draws: Draws) -> Columns:
    """Goods sold over the counter to people who left no name: day, place, product, quantity, unit_price,
    cost."""
    most = 12
    week = np.repeat(np.arange(FIRST_WEEK, WEEKS), most)
    slot = np.tile(np.arange(most), WEEKS - FIRST_WEEK)
    comes = draws.uniform("walk-in", week, slot) < truth.purchase.walk_ins_per_week / most
    week, slot = week[comes], slot[comes]
    day = days().next_open[7 * week + draws.whole(6, "walk-in day", week, slot)]
    inside = (day >= START_DAY) & (day <= AS_OF_DAY)
    week, slot, day = week[inside], slot[inside], day[inside]
    goods = np.flatnonzero(GOODS)
    product = goods[draws.choice([10, 2, 1.5, 1], "walk-in product", week, slot)]
    price = np.rint(ADD_ON_PRICE[product - len(MAIN)] * days().price_level[day]).astype(np.int64)
    quantity = 1 + (draws.uniform("walk-in quantity", week, slot) < 0.2).astype(np.int64)
    return {
        "day": day,
        "key": week * 100 + slot,
        "place": draws.choice([0.3, 0.45, 0.25], "walk-in place", week, slot),
        "product": product,
        "quantity": quantity,
        "unit_price": 100 * price,
        "cost": np.rint(100 * ADD_ON_COST[product - len(MAIN)] * days().price_level[day]).astype(np.int64)
        * quantity,
    }


def ledger_table(
    truth: Truth,
    draws: Draws,
    people: People,
    bookings: Columns,
    lines: Columns,
    worker: NDArray[np.int64],
    companies: Companies,
    pipeline: Pipeline,
) -> Columns:
    """Columns of the ledger, in order of day, document and product.

    `lines` are those of :func:`visit_lines` for all bookings, `worker` who treats at each booking.
    """
    lines = chosen(lines, took_place(bookings)[lines["visit"]])
    lines["day"] = bookings["planned"][lines["visit"]]
    number, week = people.number[bookings["client"]], bookings["week"]
    back = returned_lines(truth, draws, lines, number[lines["visit"]], week[lines["visit"]])
    treated = {name: np.concatenate([lines[name], back[name]]) for name in lines}
    walk, won = walk_in_lines(truth, draws), deal_lines(companies, pipeline)
    visit = treated["visit"]
    place = bookings["place"][visit]
    ones, none = np.ones(len(won["day"]), dtype=np.int64), np.zeros(len(walk["day"]), dtype=np.int64)
    product = np.concatenate([treated["product"], walk["product"]])
    desks = np.array(DESK_AT)
    served = np.where(GOODS[treated["product"]], desks[place], WORKER_IDS[worker[visit]])
    day = np.concatenate([treated["day"], walk["day"], won["day"]])
    quantity = np.concatenate([treated["quantity"], walk["quantity"], ones])
    price = np.concatenate([treated["unit_price"], walk["unit_price"], won["unit_price"]])
    discount = np.concatenate([treated["discount"], none, 0 * ones])
    columns = {
        "date": dates(day),
        "client_id": np.concatenate(
            [client_ids(number[visit]), np.full(len(none), ""), client_ids(companies.number[won["company"]])]
        ),
        "amount": (quantity * price - discount) / 100,
        "document_id": np.concatenate(
            [
                coded_ids("B", number[visit], week[visit]),
                coded_ids("W", walk["key"], none),
                won["document_id"],
            ]
        ),
        "product_id": np.concatenate([PRODUCT_IDS[product], np.full(len(ones), CORPORATE.product_id)]),
        "quantity": quantity,
        "unit_price": price / 100,
        "discount": discount / 100,
        "cost": np.concatenate([treated["cost"], walk["cost"], won["cost"]]) / 100,
        "place": np.array(PLACES)[np.concatenate([place, walk["place"], companies.place[won["company"]]])],
        "staff_id": np.concatenate([served, desks[walk["place"]], companies.manager[won["company"]]]),
    }
    order = np.lexsort((columns["amount"] < 0, columns["product_id"], columns["document_id"], day))
    return chosen(columns, order)
