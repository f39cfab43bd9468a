"""Made-up worlds for the tests of lifetime value: clients whose truth, and whose future, is known."""

import numpy as np
import pandas as pd

import crmkit as ck

AS_OF = pd.Timestamp("2024-12-31")


def world(clients, *, days=730, ahead=365, seed=0, season=None, spend=True, weeks=5.0):
    """A ledger up to AS_OF and after it: MBG/NBD purchases, gamma-gamma spend; `season` by month."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, days - 30, clients)
    rate, leaves = rng.gamma(0.9, 1 / weeks, clients) / 7, rng.beta(0.8, 3.5, clients)
    whole = days + ahead
    dates = AS_OF - pd.to_timedelta(days - 1 - np.arange(whole), unit="D")
    speed = np.ones(whole) if season is None else np.asarray(season)[dates.month - 1]
    clock = np.append(0.0, speed.cumsum())
    number = rng.poisson(rate * (clock[-1] - clock[first + 1]))
    client = np.repeat(np.arange(clients), number)
    start = clock[first + 1][client]
    time = start + rng.random(len(client)) * (clock[-1] - start)
    order = np.lexsort((time, client))
    client, time = client[order], time[order]
    rank = np.arange(len(client)) - np.repeat(number.cumsum() - number, number)
    # After the first purchase, and after each later one, a client may leave.
    stays = rank < (rng.geometric(np.maximum(leaves, 1e-9)) - 1)[client]
    day = np.searchsorted(clock, time[stays], side="right") - 1
    ledger = pd.DataFrame(
        {
            "client_id": np.concatenate([np.arange(clients), client[stays]]),
            "date": dates[np.concatenate([first, day])],
        }
    )
    if spend:
        scale = rng.gamma(4.0, 1 / 16.0, clients)[ledger["client_id"]]
        ledger["amount"] = (rng.gamma(6.0, 1, len(ledger)) / scale).round(2) + 0.01
    return ledger.assign(client_id="C" + ledger["client_id"].astype(str).str.zfill(6))


def opened(ledger, **options):
    """A book of what was known at AS_OF."""
    return ck.open_book({"ledger": ledger}, as_of=f"{AS_OF:%Y-%m-%d}", currency="EUR", **options)


def later(ledger, clients, months=12):
    """Lines of these clients in the months after AS_OF."""
    end = AS_OF + pd.DateOffset(months=months)
    after = (ledger["date"] > AS_OF) & (ledger["date"] <= end)
    return ledger[after & ledger["client_id"].isin(clients)]
