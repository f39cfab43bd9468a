"""Which rows count? Parts become tables; what is no sale, or counts twice, is set apart and noted."""
