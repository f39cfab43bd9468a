"""One name, one label and one way of writing for every column that a result may show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from crmkit.wording.catalogue import mark

Form = Literal["text", "money", "share", "count", "number", "date", "flag"]


@dataclass(frozen=True)
class Term:
    """How a column is headed (English; translated when shown) and how its values are written."""

    label: str
    form: Form = "text"


VOCABULARY: dict[str, Term] = {
    # who and what
    "client_id": Term(mark("Client")),
    "class": Term(mark("Class")),
    "reason": Term(mark("Reason")),
    "from_class": Term(mark("Class then")),
    "to_class": Term(mark("Class now")),
    "clients_then": Term(mark("Clients then"), "count"),
    "clients_ahead": Term(mark("Clients ahead"), "count"),
    "clients_lo": Term(mark("Clients, from"), "count"),
    "clients_hi": Term(mark("Clients, to"), "count"),
    "probability_lo": Term(mark("Probability, from"), "share"),
    "probability_hi": Term(mark("Probability, to"), "share"),
    "before": Term(mark("Before"), "money"),
    "after": Term(mark("After"), "money"),
    "change": Term(mark("Change"), "money"),
    "group": Term(mark("Group")),
    "cluster": Term(mark("Cluster")),
    "kind": Term(mark("Kind")),
    "table": Term(mark("Table")),
    "column": Term(mark("Column")),
    "example": Term(mark("Example")),
    "action": Term(mark("Action")),
    "file": Term(mark("File")),
    "row": Term(mark("Row"), "count"),
    "rows": Term(mark("Rows"), "count"),
    "measure": Term(mark("Measure")),
    "question": Term(mark("Question")),
    "notebook": Term(mark("Notebook")),
    "answered": Term(mark("Answered"), "flag"),
    "missing": Term(mark("What is missing")),
    # what was read
    "note": Term(mark("Note")),
    "changed": Term(mark("Changed the data"), "flag"),
    "part": Term(mark("Rows of the ledger")),
    "columns": Term(mark("Columns"), "count"),
    "names": Term(mark("Which")),
    "addition": Term(mark("Table or column")),
    "unlocks": Term(mark("Would answer")),
    "improves": Term(mark("Would answer better")),
    # clients and their purchases
    "clients": Term(mark("Clients"), "count"),
    "client_share": Term(mark("Share of clients"), "share"),
    "first_date": Term(mark("First purchase"), "date"),
    "last_date": Term(mark("Last purchase"), "date"),
    "purchase_days": Term(mark("Purchase days"), "count"),
    "documents": Term(mark("Documents"), "count"),
    "recency_days": Term(mark("Days since last purchase"), "count"),
    "frequency": Term(mark("Purchase days"), "count"),
    "median_recency_days": Term(mark("Median days since last purchase"), "count"),
    "median_frequency": Term(mark("Median purchase days"), "count"),
    "recency_score": Term(mark("Score of recency"), "count"),
    "frequency_score": Term(mark("Score of purchase days"), "count"),
    "monetary_score": Term(mark("Score of money"), "count"),
    "cell": Term(mark("Scores")),
    "score": Term(mark("Score"), "count"),
    "profile": Term(mark("What they are like")),
    "clusters": Term(mark("Clusters"), "count"),
    "stability": Term(mark("Agreement on resampling"), "number"),
    "separation": Term(mark("Separation"), "number"),
    "reference": Term(mark("Separation without clusters"), "number"),
    "gap_days": Term(mark("Usual days between purchases"), "number"),
    "minutes": Term(mark("Staff minutes"), "count"),
    "minutes_share": Term(mark("Share of staff time"), "share"),
    # money
    "amount": Term(mark("Amount"), "money"),
    "monetary": Term(mark("Net amount"), "money"),
    "amount_share": Term(mark("Share of money"), "share"),
    "margin": Term(mark("Margin"), "money"),
    "contribution": Term(mark("Contribution after known costs"), "money"),
    "distance": Term(mark("Missing to the next class"), "money"),
    "expected": Term(mark("Expected contribution after known costs"), "money"),
    "cost": Term(mark("Cost"), "money"),
    # value of clients
    "probability_alive": Term(mark("Probability of being a client still"), "share"),
    "expected_purchases": Term(mark("Purchases to come"), "number"),
    "purchases_lo": Term(mark("Purchases, from"), "number"),
    "purchases_hi": Term(mark("Purchases, to"), "number"),
    "net_per_purchase": Term(mark("Brought by a purchase day"), "money"),
    "expected_margin": Term(mark("To come, after known costs"), "money"),
    "residual_value": Term(mark("Residual value"), "money"),
    "value_lo": Term(mark("Residual value, from"), "money"),
    "value_hi": Term(mark("Residual value, to"), "money"),
    "realised_value": Term(mark("Realised value"), "money"),
    "discount_factor": Term(mark("Discount factor"), "number"),
    "ds": Term(mark("From day"), "date"),
    "repeat_purchases": Term(mark("Repeat purchases"), "count"),
    "recency": Term(mark("Weeks from the first purchase to the last"), "number"),
    "T": Term(mark("Weeks since the first purchase"), "number"),
    "shift": Term(mark("Shift of the fit, standard errors"), "number"),
    "purchases_change": Term(mark("Change of others' purchases"), "number"),
    "model": Term(mark("Model")),
    "clock": Term(mark("Clock")),
    "log_likelihood": Term(mark("Log-likelihood"), "number"),
    "purchases_expected": Term(mark("Purchases expected"), "number"),
    "purchases_made": Term(mark("Purchases made"), "number"),
    "error_per_client": Term(mark("Error per client, purchases"), "number"),
    "error_per_month": Term(mark("Put into wrong months"), "share"),
    "converged": Term(mark("Converged"), "flag"),
    "chosen": Term(mark("Chosen"), "flag"),
    # estimates
    "estimate": Term(mark("Estimate"), "number"),
    "lo": Term(mark("From"), "number"),
    "hi": Term(mark("To"), "number"),
    "probability": Term(mark("Probability"), "share"),
    "amount_lo": Term(mark("From"), "money"),
    "amount_hi": Term(mark("To"), "money"),
    # decisions
    "id": Term(mark("No.")),
    "owner": Term(mark("Who")),
    "due": Term(mark("Due"), "date"),
    "covered_clients": Term(mark("Clients in a decision above"), "count"),
    "covered_amount": Term(mark("Their money"), "money"),
}
"""Terms by column name. A new column of a public result gets its term here."""
