"""The made-up clinics as a Book that knows its own truth."""

from __future__ import annotations

import tomllib
from typing import Any

import pandas as pd

from crmkit.book import Book, Settings, open_book
from crmkit.datasets.clinic_files import SETTINGS


class Clinic(Book):
    """A Book of the made-up clinics.

    Attributes
    ----------
    frames : dict of DataFrame
        The tables it was opened from.
    truth : dict
        What was planted; ``data/clinic/README.md`` says what is in it.
    """

    def __init__(self, frames: dict[str, pd.DataFrame], truth: dict[str, Any]) -> None:
        settings = Settings.from_dict(tomllib.loads(SETTINGS))
        # All that open_book found out, and two things more.
        self.__dict__.update(vars(open_book(frames, config=settings)))
        self.frames = frames
        self.truth = truth
