import pickle

import pytest

from crmkit.book.errors import BookError, option
from crmkit.wording import Message, Speaker

RU = Speaker("ru")


@pytest.fixture
def refusal():
    return BookError("{tables} and {more}", tables=Message("yes"), more=12)


def test_a_message_is_english_as_text_and_said_in_the_readers_language_with_the_messages_in_it(refusal):
    assert str(refusal) == "yes and 12"
    assert refusal.said(Speaker("en")) == "yes and 12"
    assert refusal.said(RU) == "да and 12"


def test_without_values_a_text_is_taken_as_it_stands():
    text = "Give at least {'ledger': frame}."
    assert str(BookError(text)) == BookError(text).said(RU) == text
    assert BookError("").said(RU) == str(BookError()) == ""


def test_a_ready_message_can_be_raised():
    assert BookError(Message("no")).said(RU) == "нет"


def test_a_refusal_survives_the_way_between_processes(refusal):
    back = pickle.loads(pickle.dumps(refusal))
    assert (str(back), back.said(RU)) == ("yes and 12", "да and 12")


def test_an_option_is_named_for_every_way_of_use():
    assert option("date_order", "day first") == (
        '--date-order day-first (crmkit.toml, [reading]: date_order = "day first"; '
        'Python: date_order="day first")'
    )
    assert option("delimiter", ";").startswith("--delimiter ';' (crmkit.toml, [reading]: delimiter = \";\";")
