"""Where can one try things out? A made-up company whose every effect is known."""

from crmkit.datasets.clinic import clinic, clinic_tables, write_clinic

__all__ = ["clinic", "clinic_tables", "write_clinic"]
