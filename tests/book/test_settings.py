import ast
import dataclasses
import tomllib
from pathlib import Path

import pytest

import crmkit as ck
from crmkit.book.settings import Settings
from crmkit.book.template import settings_template
from crmkit.segmentation.rfm_scores import FEATURES
from crmkit.wording import Speaker
from tests.book.sources import LEDGER, totals


def settings(**content):
    return Settings.from_dict(content)


def test_a_file_beside_the_data_is_used(write):
    write("crmkit.toml", '[company]\nname = "Проба"\ncurrency = "EUR"\nlanguage = "ru"\nas_of = 2024-02-20\n')
    for source in (write("ledger.csv", LEDGER), write("ledger.csv", LEDGER).parent):
        book = ck.open_book(source)
        assert (book.name, book.currency, book.language) == ("Проба", "EUR", "ru")
        assert f"{book.as_of:%Y-%m-%d}" == "2024-02-20"


def test_what_is_passed_wins_over_the_file(write):
    config = write(
        "own.toml", '[company]\ncurrency = "EUR"\nas_of = "2024-02-01"\n[mapping.ledger]\namount = "Total"\n'
    )
    source = write("shop/ledger.csv", "client,date,Total,Paid\nA,2024-01-05,5,6\n")
    assert totals(ck.open_book(source, config=config)) == {"A": 5}
    book = ck.open_book(source, {"amount": "Paid"}, "2024-01-31", "USD", config=config)
    assert (totals(book), book.currency, f"{book.as_of:%d}") == ({"A": 6}, "USD", "31")


def test_a_mapping_of_tables_that_are_not_read_does_not_matter_in_the_file_but_does_when_passed(write):
    write("crmkit.toml", '[mapping.clients]\nname = "ФИО"\n')
    source = write("ledger.csv", LEDGER)
    assert ck.open_book(source).tables == ("ledger",)
    with pytest.raises(ck.BookError, match="about the table clients, but nothing in ledger is that table"):
        ck.open_book(source, {"ledger": {"date": "date"}, "clients": {"name": "ФИО"}})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[compny]\n", r"crmkit\.toml: \[compny\] is not a known section\. Did you mean company\?"),
        (
            "[company]\ncurency = 'EUR'\n",
            r"\[company\]: curency is not a known key\. Did you mean currency\?",
        ),
        ("[company]\nlanguage = 'xx'\n", "'xx' is not one of 'en', 'ru'"),
        ("[company]\nlanguage = 1\n", "language: expected text in quotes, found 1"),
        ("[company]\nfiscal_year_start = 13\n", "13 is not one of 1, 2"),
        ("[company]\ncurrency = 'euro'\n", "'euro' cannot be used; this is the three-letter code"),
        ("[company]\ntime_zone = 'Mars'\n", "'Mars' cannot be used; this is the zone, such as Europe/Berlin"),
        ("[company]\nas_of = 'today'\n", "'today' cannot be used; this is the day up to which"),
        ("[privacy]\nwith_names = 'yes'\n", "expected true or false"),
        ("[rfm]\nquantiles = 2.5\n", "expected a whole number"),
        ("[rfm]\nquantiles = 1\n", "1 is less than 2"),
        ("[rfm]\nquantiles = true\n", "expected a whole number"),
        ("[classes]\nvip_client_share = 20\n", r"20.0 is more than 1, .* 20% is written 0\.2"),
        ("[segmentation]\ntop_client_share = 1.5\n", "1.5 is more than 1"),
        ("[rfm]\nmonetary = [1, 'x']\n", "expected a list of numbers"),
        ("[mapping.ledgr]\n", r"\[mapping\.ledgr\] is not a known table\. Did you mean ledger\?"),
        ("[mapping.ledger]\namout = 'x'\n", "amout is not a known column. Did you mean amount"),
        ("[mapping.ledger]\namount = 5\n", "expected text in quotes"),
        ("mapping = 5\n", "mapping is written as"),
        ("company = 5\n", "company must be a section"),
        ("[company\n", "this is not TOML"),
    ],
)
def test_what_the_file_may_not_hold_is_refused(write, content, message):
    with pytest.raises(ck.BookError, match=message):
        Settings.read(write("crmkit.toml", content))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ck.BookError, match="there is no such settings file"):
        Settings.read(tmp_path / "none.toml")


def test_whole_numbers_and_lists_are_taken_where_numbers_are_meant():
    changed = settings(costs={"minute_rate": 2}, rfm={"recency_days": [30, 90.5]})
    assert (changed.costs.minute_rate, changed.rfm.recency_days) == (2.0, (30.0, 90.5))


def test_a_section_can_be_changed_with_the_same_checks():
    changed = Settings().replace("reading", date_order="day first")
    assert changed.reading.date_order == "day first"
    with pytest.raises(ck.BookError, match="'up' is not one of"):
        changed.replace("reading", date_order="up")


@pytest.mark.parametrize("spelt", ["day first", "day-first", "day_first", "Day-First"])
def test_a_choice_is_known_however_its_words_are_joined(spelt):
    assert settings(reading={"date_order": spelt}).reading.date_order == "day first"
    assert settings(reading={"on_bad_row": "set-aside"}).reading.on_bad_row == "set_aside"


def test_what_is_wrong_is_said_in_russian():
    with pytest.raises(ck.BookError) as refused:
        settings(compny={})
    assert refused.value.said(Speaker("ru")).startswith(
        "settings: [compny] — неизвестное имя (раздел). Может быть, company?"
    )


def test_every_key_says_what_it_means():
    for section in dataclasses.fields(Settings):
        if section.name != "mapping":
            for key in dataclasses.fields(getattr(Settings(), section.name)):
                assert key.metadata["meaning"], f"{section.name}.{key.name}"


WAITING = {"fiscal_year_start", "amounts_include_vat"}
"""Keys that are promised, and read by nothing until there are notebooks of forecasts and plans."""


def keys():
    sections = [section.name for section in dataclasses.fields(Settings) if section.name != "mapping"]
    return [(name, key) for name in sections for key in dataclasses.fields(getattr(Settings(), name))]


def read_in_the_code():
    """(what it is read from, key) of every key read anywhere but where the settings are defined."""
    found = set()
    for path in Path(ck.__file__).parent.rglob("*.py"):
        if path.name not in ("settings.py", "template.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute):
                    holder = node.value
                    found.add((getattr(holder, "attr", getattr(holder, "id", "")), node.attr))
    # Own cut points are read by the names of the three features.
    return found | {("rfm", name) for name in FEATURES}


def test_every_key_is_read_or_said_to_wait():
    read = read_in_the_code()
    unread = {
        key.name
        for section, key in keys()
        if not any((holder, key.name) in read for holder in (section, "rules", "settings"))
    }
    assert unread == WAITING
    assert {key.name for _, key in keys() if key.metadata["waits"]} == WAITING


def test_the_template_says_which_keys_wait():
    lines = [line for line in settings_template().splitlines() if "nothing reads it yet" in line]
    assert {line.split(" = ")[0] for line in lines} == WAITING


def test_shares_and_probabilities_end_at_one():
    for section, key in keys():
        if key.name.endswith(("_share", "_probability")):
            assert key.metadata["most"] == 1, f"{section}.{key.name}"


def test_the_template_holds_every_default_and_reads_back(tmp_path):
    path = tmp_path / "crmkit.toml"
    path.write_text(settings_template(), encoding="utf-8")
    assert Settings.read(path) == Settings()
    keys = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(keys["classes"]) == {key.name for key in dataclasses.fields(Settings().classes)}


def test_the_template_for_files_writes_down_what_was_recognised(write):
    write("Продажи.csv", "Клиент;Дата;Сумма\nА;01.02.2024;5\n")
    folder = write("clients.csv", "id,full name\n1,Проба\n").parent
    text = settings_template(folder)
    (folder / "crmkit.toml").write_text(text, encoding="utf-8")
    mapping = Settings.read(folder / "crmkit.toml").mapping
    assert mapping["ledger"] == {"client_id": "Клиент", "date": "Дата", "amount": "Сумма"}
    assert mapping["clients"] == {"client_id": "id", "name": "full name"}
    assert ck.open_book(folder).tables == ("ledger", "clients")


def test_flat_and_nested_mappings_are_checked():
    with pytest.raises(ck.BookError, match="sum is not a known column"):
        ck.open_book({}, {"sum": "x"})
    with pytest.raises(ck.BookError, match="not a known table"):
        ck.open_book({}, {"sales": {"amount": "x"}})
