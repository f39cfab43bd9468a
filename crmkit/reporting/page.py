"""Pages that a manager reads: one file each, nothing in it that runs, nothing fetched from elsewhere."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from html import escape, unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.wording import Speaker

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup
    from nbformat import NotebookNode

TEMPLATES = Path(__file__).parent / "template"
TAGS = [
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "pre", "blockquote", "div", "section"),
    *("details", "summary"),
    *("ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    *("a", "abbr", "b", "code", "del", "em", "i", "s", "small", "span", "strong", "sub", "sup", "u"),
]
ATTRIBUTES = ["class", "id", "scope", "colspan", "rowspan", "lang", "tabindex"]


def notebook_page(notebook: NotebookNode, *, language: str, company: str, as_of: str) -> str:
    """An executed notebook as a page: its texts and results, without its code.

    Parameters
    ----------
    notebook
        With outputs.
    language
        Of the page.
    company
        Name shown at the top.
    as_of
        Day of the report, ISO.
    """
    from nbconvert.exporters import TemplateExporter

    class Page(TemplateExporter):
        """nbconvert with our template, which escapes whatever is not known to be safe."""

        output_mimetype = "text/html"

        def _create_environment(self) -> Environment:
            return prepare(super()._create_environment())

    exporter = Page(
        template_name=TEMPLATES.name,
        template_file="notebook.html.j2",
        extra_template_basedirs=[str(TEMPLATES.parent)],
        default_preprocessors=[],
    )
    resources = {
        "say": Speaker(language),
        "company": company,
        "as_of": date.fromisoformat(as_of),
    }
    html, _ = exporter.from_notebook_node(notebook, resources)
    return html


def page(template: str, say: Speaker, **values: Any) -> str:
    """A page from one of our templates."""
    from jinja2 import Environment, FileSystemLoader

    environment = prepare(
        Environment(loader=FileSystemLoader(TEMPLATES), trim_blocks=True, lstrip_blocks=True)
    )
    return environment.get_template(template).render(resources={"say": say, **values})


def prepare(environment: Environment) -> Environment:
    """Give a template environment our filters, and let it escape what they do not mark as safe."""
    environment.autoescape = True
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.globals["style"] = _style
    environment.filters |= {
        "markdown": _markdown,
        "clean": clean,
        "sections": sections,
        "view": _view,
        "picture": _picture,
    }
    return environment


def sections(body: str) -> dict[str, Any]:
    """The body with an id on each heading, the page's title, and what the page contains.

    >>> found = sections("<h1>Who?</h1><h2>How many</h2>")
    >>> found["title"], found["contents"]
    ('Who?', [('part-2', 'How many')])
    """
    from markupsafe import Markup

    headings: list[tuple[str, str, str]] = []

    def mark(match: re.Match[str]) -> str:
        level, text = match["level"], match["text"]
        part = f"part-{len(headings) + 1}"
        headings.append((level, part, unescape(re.sub(r"<[^>]+>", "", text)).strip()))
        return f'<h{level} id="{part}">{text}</h{level}>'

    marked = re.sub(r"<h(?P<level>[12])\b[^>]*>(?P<text>.*?)</h(?P=level)>", mark, str(body), flags=re.S)
    titles = [text for level, _, text in headings if level == "1"]
    contents = [(part, text) for level, part, text in headings if level == "2"]
    return {"body": Markup(marked), "contents": contents, "title": titles[0] if titles else ""}


@cache
def _cleaner() -> Any:
    from nbconvert.preprocessors.sanitize import SanitizeHTML

    def within_page(tag: str, name: str, value: str) -> bool:
        return name == "href" and value.startswith("#")

    return SanitizeHTML(tags=TAGS, attributes={"*": ATTRIBUTES, "a": within_page}, strip=True)


def clean(html: str) -> Markup:
    """HTML with nothing in it that runs, leads out of the page or fetches.

    >>> clean('<p onclick="x()">Hi<script>x()</script> <a href="http://x.org">there</a></p>')
    Markup('<p>Hi <a>there</a></p>')
    """
    from markupsafe import Markup

    # The cleaner would leave what is between these tags as text.
    visible = re.sub(r"<(script|style)\b.*?(</\1\s*>|$)", "", html, flags=re.S | re.I)
    return Markup(_cleaner().sanitize_html_tags(visible))


def _markdown(source: str) -> Markup:
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return clean(MarkdownWithMath(renderer=renderer).render(source))


def _view(frame: Any, say: Speaker) -> Markup:
    from markupsafe import Markup

    from crmkit.wording import TableView

    return Markup(TableView(frame, say)._repr_html_())


def _picture(output: Any, kind: str) -> Markup:
    from base64 import b64encode

    from markupsafe import Markup

    content = output.data[kind]
    if kind == "image/svg+xml":
        content = b64encode(content.encode()).decode()
    alt = output.metadata.get(kind, {}).get("alt") or output.data.get("text/plain", "")
    return Markup(f'<img src="data:{kind};base64,{"".join(content.split())}" alt="{escape(alt)}">')


def _style() -> Markup:
    from markupsafe import Markup

    return Markup((TEMPLATES / "style.css").read_text(encoding="utf-8"))
