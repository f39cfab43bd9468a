"""In whose language, and in which words, does a result speak?

Sentences, numbers, money and dates in English and Russian; explanations made of claims; tables as a reader
sees them.
"""

from crmkit.wording.catalogue import LANGUAGES, mark, translations
from crmkit.wording.explanation import Claim, Explanation, escape_markdown
from crmkit.wording.message import Message
from crmkit.wording.speaker import Speaker
from crmkit.wording.tables import TableView
from crmkit.wording.vocabulary import VOCABULARY, Term

__all__ = [
    "LANGUAGES",
    "VOCABULARY",
    "Claim",
    "Explanation",
    "Message",
    "Speaker",
    "TableView",
    "Term",
    "escape_markdown",
    "mark",
    "translations",
]
