"""What the made-up clinics sell: treatments, what goes with them, and what is liked where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crmkit.datasets.clinic_frames import Columns
from crmkit.datasets.clinic_truth import CATEGORIES


@dataclass(frozen=True)
class Product:
    """One treatment or article: list price and direct cost in EUR, working time in hours, recall in days."""

    product_id: str
    name: str
    category: str
    price: int
    unit_cost: float
    work_hours: float
    skill: str
    recall_days: int | None = None
    lead_weeks: float | None = None
    add_on: float | None = None
    """Chance of being added to a visit at full trust; None for what a visit is made for."""


PRODUCTS: tuple[Product, ...] = (
    Product("P01", "Check-up", "hygiene", 38, 2.0, 0.45, "hygiene", 180),
    Product("P02", "Professional cleaning", "hygiene", 72, 8.0, 0.75, "hygiene", 180),
    Product("P03", "Deep cleaning", "hygiene", 135, 17.0, 1.25, "hygiene", 180),
    Product("P04", "Small filling", "therapy", 62, 9.0, 0.6, "therapy"),
    Product("P05", "Filling", "therapy", 105, 16.0, 0.8, "therapy"),
    Product("P06", "Large filling", "therapy", 165, 25.0, 1.1, "therapy"),
    Product("P07", "Root canal treatment", "therapy", 290, 44.0, 1.7, "therapy"),
    Product("P08", "Extraction", "surgery", 90, 12.0, 0.6, "surgery"),
    Product("P09", "Wisdom tooth removal", "surgery", 210, 28.0, 1.1, "surgery"),
    Product("P10", "Gum surgery", "surgery", 430, 72.0, 1.8, "surgery", 365),
    Product("P11", "Temporary crown", "prosthetics", 120, 48.0, 0.8, "prosthetics"),
    Product("P12", "Crown", "prosthetics", 480, 185.0, 1.6, "prosthetics", lead_weeks=2),
    Product("P13", "Veneer", "prosthetics", 620, 250.0, 1.8, "prosthetics", lead_weeks=2),
    Product("P14", "Bridge", "prosthetics", 1250, 520.0, 3.0, "prosthetics", lead_weeks=3),
    Product("P15", "Brace adjustment", "orthodontics", 85, 9.0, 0.5, "orthodontics", 42),
    Product("P16", "Retainer", "orthodontics", 240, 84.0, 0.8, "orthodontics", lead_weeks=1),
    Product("P17", "Braces, one jaw", "orthodontics", 980, 330.0, 2.2, "orthodontics", lead_weeks=1),
    Product("P18", "Implant", "implants", 890, 330.0, 1.9, "surgery", lead_weeks=2),
    Product("P19", "Implant with crown", "implants", 1650, 690.0, 3.4, "surgery", lead_weeks=3),
    Product("P20", "Polishing and gloss", "aesthetics", 78, 9.0, 0.6, "hygiene", 120),
    Product("P21", "Whitening", "aesthetics", 260, 58.0, 1.3, "hygiene", 365),
    Product("P22", "Composite smile design", "aesthetics", 560, 92.0, 2.4, "prosthetics"),
    Product("P30", "X-ray", "diagnostics", 18, 1.5, 0.08, "therapy", add_on=0.19),
    Product("P31", "3D scan", "diagnostics", 85, 9.0, 0.17, "surgery", add_on=0.05),
    Product("P32", "Anaesthesia", "comfort", 14, 2.5, 0.08, "therapy", add_on=0.19),
    Product("P33", "Fluoride coating", "comfort", 26, 3.5, 0.17, "hygiene", add_on=0.10),
    Product("P34", "Paste and floss set", "goods", 19, 10.5, 0.0, "", add_on=0.11),
    Product("P35", "Electric brush", "goods", 89, 55.0, 0.0, "", add_on=0.03),
    Product("P36", "Irrigator", "goods", 115, 71.0, 0.0, "", add_on=0.025),
    Product("P37", "Home whitening kit", "goods", 98, 49.0, 0.0, "", add_on=0.02),
    Product(
        "P40", "Corporate dental programme", "corporate", 2400, 1100.0, 12.0, "hygiene", 365, lead_weeks=4
    ),
)

LIFTS: dict[tuple[str, str], float] = {
    ("P21", "P37"): 9.0,
    ("P18", "P31"): 8.0,
    ("P19", "P31"): 8.0,
    ("P17", "P36"): 8.0,
    ("P15", "P36"): 3.0,
    ("P02", "P33"): 2.2,
    ("P02", "P34"): 1.9,
    ("P07", "P30"): 2.8,
    ("P05", "P32"): 2.2,
    ("P06", "P32"): 2.4,
    ("P08", "P32"): 2.8,
    ("P09", "P32"): 2.8,
    ("P01", "P32"): 0.2,
    ("P02", "P32"): 0.2,
    ("P01", "P35"): 1.8,
}
"""Chance of adding the second product to a visit made for the first, as a multiple of its usual chance."""

PLACE_TASTE: dict[str, dict[str, float]] = {
    "North": {"orthodontics": 1.9, "aesthetics": 0.7},
    "Centre": {"aesthetics": 1.8, "implants": 1.5, "hygiene": 0.9},
    "River": {"therapy": 1.5, "prosthetics": 1.3, "orthodontics": 0.6},
}
"""Weight of a category in the choice of what a visit is for, by clinic (1 where not named)."""

MAIN: tuple[Product, ...] = tuple(item for item in PRODUCTS if item.category in CATEGORIES)
ADD_ON: tuple[Product, ...] = tuple(item for item in PRODUCTS if item.add_on is not None)
CORPORATE: Product = PRODUCTS[-1]
CORPORATE_COST_SHARE = CORPORATE.unit_cost / CORPORATE.price

MAIN_PRICE = np.array([item.price for item in MAIN], dtype=np.float64)
MAIN_COST = np.array([item.unit_cost for item in MAIN])
MAIN_HOURS = np.array([item.work_hours for item in MAIN])
MAIN_CATEGORY = np.array([CATEGORIES.index(item.category) for item in MAIN])
ADD_ON_CHANCE = np.array([item.add_on or 0.0 for item in ADD_ON])
ADD_ON_PRICE = np.array([item.price for item in ADD_ON], dtype=np.float64)
ADD_ON_COST = np.array([item.unit_cost for item in ADD_ON])
ADD_ON_HOURS = np.array([item.work_hours for item in ADD_ON])


def product_table() -> Columns:
    """Columns of the products table."""

    def numbers(name: str) -> np.ndarray:
        return np.array(
            [np.nan if getattr(item, name) is None else float(getattr(item, name)) for item in PRODUCTS]
        )

    def texts(name: str) -> np.ndarray:
        return np.array([getattr(item, name) for item in PRODUCTS])

    return {
        "product_id": texts("product_id"),
        "name": texts("name"),
        "category": texts("category"),
        "price": numbers("price"),
        "unit_cost": numbers("unit_cost"),
        "recall_days": numbers("recall_days"),
        "skill": texts("skill"),
        "work_hours": numbers("work_hours"),
        "lead_weeks": numbers("lead_weeks"),
    }
