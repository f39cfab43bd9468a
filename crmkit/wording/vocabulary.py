"""One name, one label and one way of writing for every column that a result may show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from crmkit.wording.catalogue import mark

Form = Literal["text", "money", "share", "count", "number", "score", "date", "flag"]


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
    # estimates
    "estimate": Term(mark("Estimate"), "number"),
    "lo": Term(mark("From"), "number"),
    "hi": Term(mark("To"), "number"),
    "probability": Term(mark("Probability"), "share"),
    "amount_lo": Term(mark("From"), "money"),
    "amount_hi": Term(mark("To"), "money"),
    # clients who leave
    "overdue_days": Term(mark("Days overdue"), "count"),
    "probability_alive": Term(mark("Still a client, probability"), "share"),
    "probability_purchase": Term(mark("Buys soon, probability"), "share"),
    "next_date": Term(mark("Next purchase, if still a client"), "date"),
    "next_lo": Term(mark("Next purchase, from"), "date"),
    "next_hi": Term(mark("Next purchase, to"), "date"),
    "value": Term(mark("Value a year"), "money"),
    "value_at_risk": Term(mark("At risk a year"), "money"),
    "lost_value": Term(mark("Of it probably lost"), "money"),
    "saved": Term(mark("Saved by a call"), "money"),
    "silence": Term(mark("Silent, usual gaps from"), "count"),
    "left": Term(mark("Have left, expected number"), "number"),
    "left_share": Term(mark("Share who left"), "share"),
    "pooled_share": Term(mark("Share if groups were alike"), "share"),
    "share_lo": Term(mark("Share, from"), "share"),
    "share_hi": Term(mark("Share, to"), "share"),
    "cohort": Term(mark("First purchase in the quarter from"), "date"),
    "quarter": Term(mark("Quarters since"), "count"),
    "active": Term(mark("Clients who bought"), "count"),
    "active_share": Term(mark("Share who bought"), "share"),
    "date": Term(mark("Day"), "date"),
    "origin": Term(mark("Foreseen on"), "date"),
    "bought": Term(mark("Bought"), "flag"),
    "way": Term(mark("Way")),
    "other": Term(mark("Compared with")),
    "model": Term(mark("Purchase model"), "share"),
    "classifier": Term(mark("Classifier"), "share"),
    "rule": Term(mark("Simple rule"), "share"),
    "tenth": Term(mark("Tenth"), "count"),
    "predicted": Term(mark("Foreseen"), "share"),
    "observed": Term(mark("Came"), "share"),
    "log_loss": Term(mark("Log loss"), "score"),
    "log_loss_lo": Term(mark("Log loss, from"), "score"),
    "log_loss_hi": Term(mark("Log loss, to"), "score"),
    "brier": Term(mark("Brier score"), "score"),
    "brier_lo": Term(mark("Brier score, from"), "score"),
    "brier_hi": Term(mark("Brier score, to"), "score"),
    "in_the_large": Term(mark("Came less foreseen"), "score"),
    "in_the_large_lo": Term(mark("Came less foreseen, from"), "score"),
    "in_the_large_hi": Term(mark("Came less foreseen, to"), "score"),
    "slope": Term(mark("Slope"), "number"),
    "slope_lo": Term(mark("Slope, from"), "number"),
    "slope_hi": Term(mark("Slope, to"), "number"),
    # decisions
    "id": Term(mark("No.")),
    "owner": Term(mark("Who")),
    "due": Term(mark("Due"), "date"),
    "covered_clients": Term(mark("Clients in a decision above"), "count"),
    "covered_amount": Term(mark("Their money"), "money"),
}
"""Terms by column name. A new column of a public result gets its term here."""
