"""The one kind of error that a user's input can cause."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from crmkit.wording.message import Message

if TYPE_CHECKING:
    from crmkit.wording import Speaker


class BookError(ValueError):
    """Something in the user's files, settings or wishes cannot be used safely.

    The message is written for the user: it says what is wrong, where (file, row, column), what was expected,
    and what to do about it. It never holds personal data.

    Parameters
    ----------
    text
        A literal message with ``{placeholders}``, as for :class:`crmkit.wording.Message`; or a Message.
    values
        What fills the placeholders; Messages among them are translated too.

    Examples
    --------
    >>> str(BookError("{file}: the file is empty.", file="orders.csv"))
    'orders.csv: the file is empty.'
    """

    def __init__(self, text: str | Message = "", /, **values: Any) -> None:
        self.message = text if isinstance(text, Message) else Message(text, **values)
        super().__init__(str(self.message))

    def said(self, say: Speaker) -> str:
        """What is wrong, in the speaker's language; ``str(error)`` is English."""
        return self.message.said(say)


def option(key: str, value: str) -> str:
    """The ways to set a key of ``[reading]``: on the command line, in ``crmkit.toml``, in Python.

    >>> option("decimal", "comma")
    '--decimal comma (crmkit.toml, [reading]: decimal = "comma"; Python: decimal="comma")'
    """
    flag, word = key.replace("_", "-"), shlex.quote(value.replace("_", "-").replace(" ", "-"))
    text = json.dumps(value, ensure_ascii=False)
    return f"--{flag} {word} (crmkit.toml, [reading]: {key} = {text}; Python: {key}={text})"
