import re

import nbformat.v4 as v4
import pytest

from crmkit.reporting.page import clean, notebook_page

PNG = "iVBORw0KGgo="


@pytest.fixture
def notebook():
    picture = v4.new_output(
        "display_data", {"image/png": PNG, "text/plain": "x"}, metadata={"image/png": {"alt": 'Up & "over".'}}
    )
    table = v4.new_output(
        "execute_result", {"text/html": "<table><tr><th scope='col'>A</th></tr></table><script>x</script>"}
    )
    claim = v4.new_output(
        "execute_result", {"text/markdown": "Half of &lt;b&gt;it&lt;/b&gt;", "text/plain": "no"}
    )
    streams = [
        v4.new_output("stream", name="stderr", text="warned"),
        v4.new_output("stream", text="printed <b>"),
    ]
    return v4.new_notebook(
        cells=[
            v4.new_markdown_cell(
                "# Who <em>pays</em>?\n\nSee [this](http://example.org/x) and https://example.org."
            ),
            v4.new_code_cell("secret = 'code'", outputs=[picture, table, claim, *streams]),
            v4.new_markdown_cell("## One & two"),
            v4.new_markdown_cell("## One & two"),
        ]
    )


@pytest.fixture
def page(notebook):
    return notebook_page(notebook, language="ru", company="A & <B>", as_of="2025-06-30")


def test_a_page_shows_results_and_no_code(page):
    assert "secret" not in page
    assert "warned" not in page
    assert "printed &lt;b&gt;" in page
    assert "<p>Half of &lt;b&gt;it&lt;/b&gt;</p>" in page


def test_a_page_runs_nothing_and_fetches_nothing(page):
    assert "<script" not in page
    assert "default-src 'none'; img-src data:" in page
    leads = re.findall(r"""(?:src|href)=["']?([^"'>]*)""", page)
    assert leads
    assert all(lead.startswith(("#", "data:image/png;base64,")) or lead == "index.html" for lead in leads)
    assert not re.search(r"url\(|@import|<link", page)


def test_pictures_are_inside_and_described(page):
    assert f'<img src="data:image/png;base64,{PNG}" alt="Up &amp; &quot;over&quot;.">' in page


def test_the_page_says_its_language_title_company_and_day(page):
    assert '<html lang="ru">' in page
    assert "<title>Who pays? – A &amp; &lt;B&gt;</title>" in page
    assert "30 июня 2025" in page


def test_contents_lead_to_headings_even_if_two_are_alike(page):
    links = re.findall(r'<li><a href="#(part-\d)">One &amp; two</a></li>', page)
    assert links == ["part-2", "part-3"]
    assert all(f'<h2 id="{link}">One &amp; two</h2>' in page for link in links)


def test_readers_without_sight_or_mouse_find_their_way(page):
    assert '<a class="skip" href="#main">' in page
    assert '<main id="main"' in page
    assert len(re.findall(r"<nav [^>]*aria-label=", page)) == 2
    assert '<th scope="col">A</th>' in page


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<img src=x onerror=alert(1)>", ""),
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ("<script>alert(1)", ""),
        ("<details><summary>Why</summary></details>", "<details><summary>Why</summary></details>"),
        ('<p class="c" id="i">So</p>', '<p class="c" id="i">So</p>'),
        ("<iframe src='http://x.org'></iframe>", ""),
        ('<p style="background: url(http://x.org)">x</p>', "<p>x</p>"),
    ],
)
def test_html_in_results_is_cleaned(html, left):
    assert clean(html) == left


def test_the_same_notebook_gives_the_same_page(notebook, page):
    assert notebook_page(notebook, language="ru", company="A & <B>", as_of="2025-06-30") == page
