"""Several whole sentences as one message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.wording import Message

if TYPE_CHECKING:
    from crmkit.wording import Speaker


class Sentences(Message):
    """Messages said one after the other, each in the reader's language.

    >>> str(Sentences(Message("One."), Message("Two {n}.", n=2)))
    'One. Two 2.'
    """

    def __init__(self, *messages: Message) -> None:
        super().__init__("{sentences}", sentences="")
        self.messages = messages

    def __str__(self) -> str:
        return " ".join(str(message) for message in self.messages)

    def said(self, say: Speaker) -> str:
        """The messages in the speaker's language."""
        return " ".join(message.said(say) for message in self.messages)
