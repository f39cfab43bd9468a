"""What a result says in plain words: claims, each with its evidence, its method and its limits."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmkit.wording.speaker import Speaker
from crmkit.wording.tables import TableView

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Claim:
    """One thing that was found.

    Parameters
    ----------
    sentence
        What was found, in the reader's language, with its numbers and interval.
    evidence
        The few rows that it rests on.
    method
        How it was computed, with the source of the formula.
    caveat
        What it does not say, or when not to rely on it.
    """

    sentence: str
    evidence: pd.DataFrame | None = None
    method: str = ""
    caveat: str = ""


@dataclass(frozen=True)
class Explanation:
    """Claims in one language; shows itself as Markdown in Jupyter.

    Examples
    --------
    >>> print(Explanation((Claim("Sales are flat.", caveat="Two months only."),)))
    Sales are flat. (Two months only.)
    """

    claims: tuple[Claim, ...]
    speaker: Speaker = field(default_factory=Speaker, repr=False, compare=False)

    def __str__(self) -> str:
        return "\n".join(
            claim.sentence + (f" ({claim.caveat})" if claim.caveat else "") for claim in self.claims
        )

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return "\n\n".join(self._paragraph(claim) for claim in self.claims)

    def _paragraph(self, claim: Claim) -> str:
        text = escape_markdown(claim.sentence)
        if claim.caveat:
            text += f" *{escape_markdown(claim.caveat)}*"
        if not claim.method and claim.evidence is None:
            return text
        from html import escape

        say = self.speaker
        inside = f"<p>{escape(claim.method)}</p>" if claim.method else ""
        if claim.evidence is not None:
            inside += TableView(claim.evidence, say)._repr_html_()
        # One line, so that Markdown takes it as one block of HTML.
        inside = inside.replace("\n", "")
        return f"{text}\n\n<details><summary>{escape(say('How we know'))}</summary>{inside}</details>"


def escape_markdown(text: str) -> str:
    """Text that Markdown shows letter by letter: names in data cannot format, link or script the report.

    >>> escape_markdown("<b>*Acme*</b>")
    '&lt;b&gt;\\\\*Acme\\\\*&lt;/b&gt;'
    """
    text = re.sub(r"[\r\n\t]+", " ", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"([\\`*_\[\]$|~#])", r"\\\1", text)
    # At the beginning these would start a list.
    return re.sub(r"^(\s*\d*)([.)+-])(?=\s)", r"\1\\\2", text)
