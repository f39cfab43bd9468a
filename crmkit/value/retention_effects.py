"""What do contacts with the clients we have change? From the arms of randomised campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.book.errors import BookError
from crmkit.statistics import Context
from crmkit.statistics.shrinkage import shrink
from crmkit.value.client_days import ClientDays, client_days, day_numbers
from crmkit.value.drawing import REACH
from crmkit.value.retention_result import RetentionEffects
from crmkit.value.trials import LEAST_IN_ARM, difference

if TYPE_CHECKING:
    from crmkit.book import Book

CONTROLS = ("control", "none", "no contact", "holdout", "hold-out", "контроль", "контрольная", "без контакта")
"""What companies call the group without a contact, whatever the case."""
VISITS = ("appointment", "visit")
WINDOW = 56
"""Days in which coming back counts, unless told otherwise."""


def retention_effects(
    book: Book,
    *,
    classes: pd.Series | None = None,
    control: str | None = None,
    window_days: int | Mapping[str, int] = WINDOW,
    margin_days: int = 91,
) -> RetentionEffects:
    """What each kind of contact changed: clients who came back, and money, against those left without.

    Parameters
    ----------
    book
        An open book; contacts with arm are needed to say anything.
    classes
        Class of each client, by client_id: effects are also given by class.
    control
        What the arm without a contact is called; None: one of the usual words.
    window_days
        A client came back who booked (or, where no bookings are noted, bought) within so many days of the
        contact; a number, or numbers by campaign_id or kind. For arms noted on appointments: who kept it.
    margin_days
        Days from the contact on in which money counts.

    Returns
    -------
    RetentionEffects

    Raises
    ------
    BookError
        If there are arms and none is the control, or a window is shorter than a day.

    Notes
    -----
    Only occasions whose window has ended are compared, as randomised: whoever was meant to get a contact
    counts as having got one. See :func:`crmkit.value.trials.difference`.
    """
    windows = dict(window_days) if isinstance(window_days, Mapping) else {}
    usual = WINDOW if isinstance(window_days, Mapping) else window_days
    if min([usual, margin_days, *windows.values()]) < 1:
        raise BookError("window_days and margin_days must be at least 1 day.")
    days = client_days(book)
    trials = _occasions(book, control)
    if len(trials):
        length = trials["campaign"].map(windows).fillna(trials["kind"].map(windows)).fillna(usual)
        trials = trials.assign(window=length.astype(int))
        trials["came"] = _came(book, days, trials)
        trials["money"] = days.money(trials["client_id"], trials["day"], margin_days)
        left = (days.last - trials["day"]).dt.days + 1
        visit = trials["kind"].isin(VISITS)
        trials.loc[(left < trials["window"]) & ~visit, "came"] = np.nan
        trials.loc[left < margin_days, "money"] = np.nan
        if classes is not None:
            trials["class"] = trials["client_id"].map(classes)
    effects = [_effect(rows, days.last) for _, rows in _groups(trials, ["kind", "arm"])]
    single = [_effect(rows, days.last) for _, rows in _groups(trials, ["kind", "arm", "campaign"])]
    table = pd.DataFrame([row for row in effects if row], columns=_COLUMNS)
    return RetentionEffects(
        context=Context.of(book),
        table=table,
        campaigns=pd.DataFrame([row for row in single if row], columns=_COLUMNS),
        by_class=_by_class(trials, table, days.last) if classes is not None else None,
        costs=_costs(book, trials),
        measure=days.measure,
        window_days=usual,
        margin_days=margin_days,
        randomised=bool(len(trials)),
    )


_COLUMNS = [
    *("kind", "arm", "campaign", "clients", "contacted", "withheld"),
    *("came_without", "came_with", "came_more", "came_lo", "came_hi"),
    *("margin_more", "margin_lo", "margin_hi", "margin_error", "margin_spread", "room"),
]


def _occasions(book: Book, control: str | None) -> pd.DataFrame:
    """Every randomised occasion: client, kind, campaign, arm, day, whether the contact was meant to be."""
    columns = ["client_id", "kind", "campaign", "arm", "day", "treated", "status"]
    empty = pd.DataFrame(columns=columns).astype({"treated": bool})
    if "contacts" not in book.tables:
        return empty
    contacts = book.table("contacts")
    if "arm" not in contacts.columns:
        return empty
    inside = contacts["planned_at"] < book.as_of + pd.Timedelta(days=1)
    rows = contacts[
        contacts["arm"].notna() & (contacts["arm"] != "") & inside & contacts["client_id"].notna()
    ]
    if rows.empty:
        return empty
    arm = rows["arm"].astype(str).str.strip()
    words = (control.casefold(),) if control else CONTROLS
    treated = ~arm.str.casefold().isin(words)
    if treated.all():
        raise BookError(
            "contacts, column 'arm': no arm is the control; found {arms}. Say what the group without a "
            "contact is called, such as control='{first}'.",
            arms=", ".join(sorted(arm.unique())[:6]),
            first=sorted(arm.unique())[0],
        )
    campaign = rows["campaign_id"].fillna("") if "campaign_id" in rows.columns else ""
    found = pd.DataFrame(
        {
            "client_id": rows["client_id"],
            "kind": rows["kind"].fillna("").astype(str),
            "campaign": campaign,
            "arm": arm,
            "day": rows["planned_at"].dt.normalize(),
            "treated": treated,
            "status": rows["status"],
        }
    )
    return found.reset_index(drop=True)


def _came(book: Book, days: ClientDays, trials: pd.DataFrame) -> pd.Series:
    """Whether the client came back in the window; of an appointment, whether it was kept."""
    kept = trials["status"].map({"kept": 1.0, "no_show": 0.0})
    contacts = book.table("contacts")
    visits = contacts[contacts["kind"].isin(VISITS)]
    booked = "created_at" in visits.columns and bool(visits["created_at"].notna().any())
    if booked:
        visits = visits[visits["created_at"].notna()]
        clients = pd.Index(np.sort(pd.unique(pd.concat([visits["client_id"], trials["client_id"]]))))
        span = 1 << 20
        keys = np.sort(clients.get_indexer(visits["client_id"]) * span + day_numbers(visits["created_at"]))
        begin = clients.get_indexer(trials["client_id"]) * span + day_numbers(trials["day"])
        end = begin + trials["window"].to_numpy()
        back = (np.searchsorted(keys, end) > np.searchsorted(keys, begin)).astype(float)
    else:
        back = (days.bought(trials["client_id"], trials["day"], trials["window"].to_numpy()) > 0).astype(
            float
        )
    return kept.where(trials["kind"].isin(VISITS), pd.Series(back, index=trials.index))


def _groups(trials: pd.DataFrame, by: list[str]) -> list[tuple[Any, pd.DataFrame]]:
    """Each contacted arm beside the control of the same kind and campaigns."""
    found = []
    for key, rows in trials[trials["treated"]].groupby(by, sort=True):
        control = trials[~trials["treated"] & (trials["kind"] == rows["kind"].iloc[0])]
        control = control[control["campaign"].isin(rows["campaign"].unique())]
        found.append((key, pd.concat([rows, control])))
    alone = set(trials["kind"]) - set(trials.loc[trials["treated"], "kind"])
    found += [(kind, trials[trials["kind"] == kind]) for kind in sorted(alone)]
    return found


def _effect(rows: pd.DataFrame, last: pd.Timestamp) -> dict[str, Any]:
    """A row of the table for one arm and its control."""
    on = rows["treated"].to_numpy(dtype=bool)
    campaigns = rows["campaign"].unique()
    row: dict[str, Any] = {
        "kind": rows["kind"].iloc[0],
        "arm": rows.loc[on, "arm"].iloc[0] if on.any() else "",
        "campaign": campaigns[0] if len(campaigns) == 1 else "",
        "clients": rows["client_id"].nunique(),
        "contacted": int(on.sum()),
        "withheld": int((~on).sum()),
        "room": int((~on & (rows["day"] > last - pd.DateOffset(years=1)).to_numpy()).sum()),
    }
    for name, prefix in (("came", "came"), ("money", "margin")):
        known = rows[rows[name].notna()]
        arm = known["treated"].to_numpy(dtype=bool)
        if min(arm.sum(), (~arm).sum()) < LEAST_IN_ARM:
            continue
        stratum, unit = pd.factorize(known["campaign"])[0], pd.factorize(known["client_id"])[0]
        found = difference(known[name].to_numpy(dtype=float), arm, stratum, unit)
        row |= {
            f"{prefix}_more": found.estimate,
            f"{prefix}_lo": found.estimate - REACH * found.error,
            f"{prefix}_hi": found.estimate + REACH * found.error,
        }
        if prefix == "came":
            row |= {"came_without": found.without, "came_with": found.with_contact}
        else:
            row |= {"margin_error": found.error, "margin_spread": found.spread}
    return row


def _by_class(trials: pd.DataFrame, table: pd.DataFrame, last: pd.Timestamp) -> pd.DataFrame:
    """The effect on money by class, drawn towards the effect on all as far as each is uncertain."""
    rows = []
    known = trials[trials["class"].notna()] if "class" in trials else trials.assign(**{"class": ""})
    for name, some in known.groupby("class", sort=True):
        rows += [{"class": name, **_effect(each, last)} for _, each in _groups(some, ["kind", "arm"])]
    found = pd.DataFrame(rows, columns=["class", *_COLUMNS])
    for every in table.itertuples():
        here = (found["kind"] == every.kind) & (found["arm"] == every.arm)
        errors = found.loc[here, "margin_error"].astype(float)
        if not np.isfinite(every.margin_error) or not (errors > 0).any():
            continue
        drawn = shrink(
            found.loc[here, "margin_more"].astype(float),
            errors.where(errors > 0) ** 2,
            mean=every.margin_more,
        )
        error = np.sqrt(
            np.where(drawn.weight > 0, drawn.variance, 0) + every.margin_error**2 * (1 - drawn.weight) ** 2
        )
        found.loc[here, "margin_more"] = drawn.estimate
        found.loc[here, "margin_error"] = error
        found.loc[here, "margin_lo"] = drawn.estimate - REACH * error
        found.loc[here, "margin_hi"] = drawn.estimate + REACH * error
    return found


def _costs(book: Book, trials: pd.DataFrame) -> pd.DataFrame:
    """What one contact of each kind and arm costs: money noted, and minutes at the mean wage; NaN unknown."""
    columns = ["kind", "arm", "cost"]
    if trials.empty:
        return pd.DataFrame(columns=columns)
    contacts = book.table("contacts")
    paid = contacts["cost"] if "cost" in contacts.columns else pd.Series(np.nan, index=contacts.index)
    minutes = (
        contacts["minutes"] if "minutes" in contacts.columns else pd.Series(np.nan, index=contacts.index)
    )
    price = paid.fillna(0.0) + (minutes * _minute_rate(book)).fillna(0.0)
    contacts = contacts.assign(price=price.where(paid.notna() | minutes.notna()))
    contacts = contacts[contacts["status"] != "cancelled"]
    campaign = contacts["campaign_id"] if "campaign_id" in contacts.columns else pd.Series("", contacts.index)
    rows = []
    for (kind, arm), some in trials[trials["treated"]].groupby(["kind", "arm"], sort=True):
        if kind in VISITS:
            # The arm stands on the visit; the contact is another row of the same campaign.
            mine = campaign.isin(some["campaign"].unique()) & ~contacts["kind"].isin(VISITS)
        else:
            mine = (contacts["kind"] == kind) & (contacts["arm"].astype("str").str.strip() == arm)
        rows.append({"kind": kind, "arm": arm, "cost": contacts.loc[mine, "price"].mean()})
    return pd.DataFrame(rows, columns=columns)


def _minute_rate(book: Book) -> float:
    """Mean cost of a minute of staff time; NaN where it is not known."""
    if book.settings.costs.minute_rate:
        return float(book.settings.costs.minute_rate)
    if "staff" not in book.tables:
        return np.nan
    staff = book.table("staff")
    if "wage" not in staff.columns:
        return np.nan
    people = staff[staff["kind"].fillna("person") == "person"] if "kind" in staff.columns else staff
    return float(people["wage"].mean()) / 60
