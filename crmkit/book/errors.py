"""The one kind of error that a user's input can cause."""


class BookError(ValueError):
    """Something in the user's files, settings or wishes cannot be used safely.

    The message is written for the user: it says what is wrong, where (file, row, column), what was expected,
    and what to do about it. It never holds personal data.
    """
