"""One accident with a mark, a delimiter or a line end, anywhere: no row changes in silence."""

import csv
import io

import numpy as np
import pytest

import crmkit as ck
from crmkit.book.formats.mending import mend
from crmkit.book.formats.text import find_layout

HEADERS = ["client", "date", "product", "amount"]
PRODUCTS = ["plain", "a, b", 'say "hi"', '5" pipe', "x\ny", "", "O'Neil", '"', "a;b", 'ends with "q"']
QUOTING = [csv.QUOTE_MINIMAL, csv.QUOTE_ALL]


def made(rng, delimiter):
    """Rows, and the lines below the header in which they are written."""
    order = rng.permutation(4)
    rows = [
        [
            f"C{rng.integers(5)}",
            f"2024-01-{rng.integers(10, 29)}",
            rng.choice(PRODUCTS),
            f"{rng.integers(99)}.50",
        ]
        for _ in range(rng.integers(2, 12))
    ]
    rows = [[row[at] for at in order] for row in rows]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=QUOTING[rng.integers(2)])
    writer.writerows(rows)
    return [HEADERS[at] for at in order], rows, out.getvalue()


def struck(rng, text, mark, is_added):
    """The text with the mark put in or taken out somewhere."""
    if is_added:
        at = rng.integers(len(text))
        return text[:at] + mark + text[at:]
    places = [at for at, char in enumerate(text) if char == mark]
    if not places:
        return text
    at = rng.choice(places)
    return text[:at] + text[at + 1 :]


def read(path, tmp_path):
    layout = find_layout(path, name="file.csv")
    found = mend(path, layout, tmp_path / "out.csv", name="file.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        return found, [row[1:] for row in csv.reader(stream)]


def is_readable(row, headers):
    cells = dict(zip(headers, row))
    money, day = cells["amount"], cells["date"]
    return (
        len(cells["client"]) == 2
        and money.count(".") == 1
        and money.replace(".", "").isdigit()
        and len(day) == 10
        and day.replace("-", "").isdigit()
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_file_without_an_accident_is_read_as_it_is(write, tmp_path, delimiter):
    rng = np.random.default_rng(1)
    for _ in range(50):
        headers, rows, text = made(rng, delimiter)
        path = write("file.csv", delimiter.join(headers) + "\n" + text)
        found, back = read(path, tmp_path)
        assert back == rows
        assert (found.aside, found.short.rows, found.quotes.rows) == ([], 0, 0)


@pytest.mark.parametrize("is_added", [True, False])
@pytest.mark.parametrize("mark", ['"', "delimiter", "\n"])
def test_an_accident_never_changes_rows_in_silence(write, tmp_path, mark, is_added):
    rng = np.random.default_rng(2)
    for _ in range(150):
        delimiter = ",;\t"[rng.integers(3)]
        headers, rows, text = made(rng, delimiter)
        text = struck(rng, text, delimiter if mark == "delimiter" else mark, is_added)
        path = write("file.csv", delimiter.join(headers) + "\n" + text)
        try:
            found, back = read(path, tmp_path)
        except ck.BookError:
            continue
        at = [headers.index("client"), headers.index("amount")]
        same = sorted([row[place] for place in at] for row in back) == sorted(
            [row[place] for place in at] for row in rows
        )
        told = found.aside or found.short.rows or found.quotes.rows
        assert same or told or not all(is_readable(row, headers) for row in back), text


def test_texts_written_as_formulas_are_the_texts_in_them(write):
    content = 'client,date,amount\n"=""00123""",2024-01-05,10\n="00123",2024-01-06,20\n007,2024-01-07,5\n'
    book = ck.open_book(write("ledger.csv", content))
    assert book.client_summary()["client_id"].tolist() == ["00123", "007"]
    assert book.notes.set_index("kind").loc["formula_texts", "rows"] == 2
