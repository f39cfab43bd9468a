import json

import pytest
from babel.messages.catalog import Catalog

from crmkit.wording import LANGUAGES
from crmkit.wording.extraction import LOCALES, as_text, faults, in_code, messages, read, updated


@pytest.fixture
def project(tmp_path):
    """A package with one message of each kind, and a notebook."""
    package = tmp_path / "shop"
    package.mkdir()
    (package / "code.py").write_text(
        'say("Hello {name}.", name=say("world"))\nsay.plural("{n} cat", "{n} cats", 3, of="x")\n'
        'Term(mark("Price"))\nsay(term.label)\nsay("yes" if it else "no")\nother("silent")\n'
        'raise BookError("{file}: {problem}.", problem=Message("the file is empty"))\n'
    )
    (package / "page.html.j2").write_text(
        '<h1 title="{{ say("Title") }}">{{ say("by {date}", date=day) }}</h1>'
    )
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    cells = [
        {"cell_type": "markdown", "source": ["# Who?\n", "\n", "20% of {all}."]},
        {"cell_type": "code", "source": "say('not a text cell')"},
    ]
    (notebooks / "01_who.ipynb").write_text(json.dumps({"cells": cells}))
    return package, notebooks


def russian(**translations):
    catalogue = Catalog(locale="ru")
    for message, translation in translations.items():
        catalogue.add(message, translation)
    return catalogue


def test_every_message_has_a_complete_translation():
    for language in LANGUAGES[1:]:
        assert faults(read(LOCALES / f"{language}.po"), messages()) == [], (
            "run `make words` and fill in the gaps"
        )


def test_messages_are_found_in_calls_choices_plurals_templates_and_notebooks(project):
    found = {message.id for message in messages(*project) if message.id}
    assert found == {
        "Hello {name}.",
        "world",
        ("{n} cat", "{n} cats"),
        "Price",
        "Title",
        "by {date}",
        "yes",
        "no",
        "{file}: {problem}.",
        "the file is empty",
        "# Who?\n\n20% of {all}.",
    }


@pytest.mark.parametrize("said", ['f"{name} is here"', '"a" + name', '"%s" % name'])
def test_a_message_put_together_where_it_is_said_is_refused(said):
    with pytest.raises(ValueError, match="line 1: a message must be one literal text"):
        list(in_code(f"say({said})"))


def test_a_catalogue_is_brought_up_to_date_and_stays_so(project):
    known = russian(world="мир", gone="ушло")
    text = as_text(updated(known, messages(*project)))
    assert 'msgid "world"\nmsgstr "мир"' in text
    assert "gone" not in text
    assert 'msgid "{n} cat"\nmsgid_plural "{n} cats"\nmsgstr[0] ""\nmsgstr[1] ""\nmsgstr[2] ""' in text
    assert "#: notebooks/01_who.ipynb" in text
    assert "POT-Creation-Date" not in text
    assert str(project[0].parent) not in text
    place = project[0] / "ru.po"
    place.write_text(text, encoding="utf-8")
    assert as_text(updated(read(place), messages(*project))) == text


def test_faults_name_what_a_translator_must_mend():
    found = Catalog()
    for message in ("{n} rows of {all}", "new", "empty", ("{n} cat", "{n} cats"), "unsure"):
        found.add(message)
    known = russian(**{"{n} rows of {all}": "{n} строк", "empty": "", "old": "старое", "unsure": "вроде"})
    known.add(("{n} cat", "{n} cats"), ("{n} кошка", "{n} кошки", ""))
    known.get("unsure").flags.add("fuzzy")
    assert faults(known, found) == [
        "marked as fuzzy: 'unsure'",
        "no longer used: 'old'",
        "not in the catalogue: 'new'",
        "not translated: 'empty'",
        "not translated: '{n} cat'",
        "other placeholders than the English: '{n} rows of {all}'",
    ]
