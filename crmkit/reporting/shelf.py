"""Where a company's reports stand: a draft beside them, put in place in one step when it is complete."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from crmkit.book.errors import BookError
from crmkit.reporting import manifest

PLAN = "plan.xlsx"
LAST_PLAN = "plan_last_good.xlsx"


class Shelf:
    """The place of one report, ``<out>/<company>/<as_of>/``, and a hidden draft of it until it is published.

    Parameters
    ----------
    out
        Folder for reports.
    company
        Name; the folder is called after it.
    as_of
        ISO day.
    with_names
        Whether the run shows names; only then does it keep pages that do.

    Raises
    ------
    BookError
        If nothing can be written there, or something else than a report is there.
    """

    def __init__(self, out: Path, *, company: str, as_of: str, with_names: bool = False) -> None:
        self.as_of = as_of
        self.with_names = with_names
        self.place = out / slug(company) / as_of
        self.draft = self.place.with_name(f".{as_of}-{os.getpid()}")
        if _is_something_else(self.place):
            raise BookError(
                "{place} is there already and is no report of crmkit: choose another --out.",
                place=self.place,
            )
        try:
            shutil.rmtree(self.draft, ignore_errors=True)
            self.draft.mkdir(parents=True)
        except OSError as error:
            raise BookError(
                "{place}: reports cannot be written here ({error}). Choose another folder with --out.",
                place=out,
                error=error.strerror,
            ) from None

    def __enter__(self) -> Shelf:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        shutil.rmtree(self.draft, ignore_errors=True)
        if isinstance(error, OSError):
            raise BookError(
                "{place}: the report could not be written ({error}). Nothing was changed.",
                place=self.place,
                error=error.strerror,
            ) from None

    def keep_last_good(self, name: str) -> str:
        """Copy a notebook's last good page into the draft; the day of its data, blank if there is none."""
        for folder in self._earlier():
            if self._shows_names(folder):
                continue
            known = manifest.read(folder)["notebooks"].get(name, {})
            page = folder / f"{name}.html"
            if known.get("as_of") and page.is_file():
                shutil.copyfile(page, self.draft / page.name)
                return known["as_of"]
        return ""

    def keep_last_plan(self) -> None:
        """Keep the tables of the day's last good run, beside the new ones if there are any."""
        if self._shows_names(self.place):
            return
        last = self.place / LAST_PLAN
        if not last.is_file():
            last = self.place / PLAN
            if not last.is_file() or _is_partial(self.place):
                return
        free = not (self.draft / PLAN).exists()
        shutil.copyfile(last, self.draft / (PLAN if free else LAST_PLAN))

    def _shows_names(self, folder: Path) -> bool:
        """Whether an earlier run showed names that this one is not to show."""
        if self.with_names or not (folder / manifest.FILE).is_file():
            return False
        return bool(manifest.read(folder).get("parameters", {}).get("with_names"))

    def _earlier(self) -> list[Path]:
        """Reports of the same company up to this day, the latest first."""
        found = [path.parent for path in self.place.parent.glob(f"[0-9]*/{manifest.FILE}")]
        return sorted((folder for folder in found if folder.name <= self.as_of), reverse=True)

    def publish(self) -> Path:
        """Put the draft in place of what was there, except for files that somebody else put there."""
        if self.place.exists():
            self._carry_over()
            old = self.place.with_name(f".{self.as_of}-{os.getpid()}-old")
            os.replace(self.place, old)
            try:
                os.replace(self.draft, self.place)
            except OSError:
                os.replace(old, self.place)
                raise
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.replace(self.draft, self.place)
        return self.place

    def _carry_over(self) -> None:
        if not (self.place / manifest.FILE).is_file():
            return
        written = {*manifest.read(self.place)["files"], manifest.FILE}
        for path in sorted(self.place.rglob("*")):
            name = path.relative_to(self.place)
            if path.is_file() and name.as_posix() not in written and not (self.draft / name).exists():
                (self.draft / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, self.draft / name)


def _is_something_else(place: Path) -> bool:
    if not place.exists() or (place / manifest.FILE).is_file():
        return False
    return not place.is_dir() or any(place.iterdir())


def _is_partial(place: Path) -> bool:
    """Whether some notebooks of a run failed and others did not: the tables there are of those alone."""
    return len({each["status"] for each in manifest.read(place)["notebooks"].values()}) > 1


def slug(company: str) -> str:
    """A folder's name for a company.

    >>> slug("Clinic (made up)"), slug("Ромашка, ООО"), slug("../..")
    ('clinic-made-up', 'ромашка-ооо', 'company')
    """
    return re.sub(r"[\W_]+", "-", company.lower()).strip("-")[:60] or "company"
