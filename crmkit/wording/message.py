"""A sentence that is said later, in the language of whoever reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmkit.wording.speaker import Speaker


class Message:
    """A message of the catalogues with what fills its ``{placeholders}``; as text it is English.

    Parameters
    ----------
    text
        A literal, so that it can be collected for translation. Without values it is taken as it stands.
    values
        By placeholder; a value that is a Message itself is said in the same language.

    Examples
    --------
    >>> found = Message("{file}: {problem}.", file="a.csv", problem=Message("the file is empty"))
    >>> str(found)
    'a.csv: the file is empty.'
    """

    def __init__(self, text: str, /, **values: Any) -> None:
        self.text = text
        self.values = values

    def __str__(self) -> str:
        return self.text.format(**self.values) if self.values else self.text

    def __repr__(self) -> str:
        return f"Message({str(self)!r})"

    def said(self, say: Speaker) -> str:
        """The message in the speaker's language."""
        if not self.values:
            return say.translated(self.text)
        return say(self.text, **self.values)
