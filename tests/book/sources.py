"""A small ledger, and what a test asks of a book most often."""

LEDGER = """client_id,date,amount
C001,2024-01-15,1200.00
C002,2024-01-20,350.50
C001,2024-02-14,980.00
C003,2024-02-29,75.00
"""


def totals(book) -> dict[str, float]:
    """Net amount by client."""
    summary = book.client_summary()
    return dict(zip(summary["client_id"], summary["amount"].round(2)))
