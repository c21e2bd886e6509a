"""Markdown with mathematics → HTML: with MathML for pages and notebooks, with TeX for learning platforms."""

import base64
import html
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from courseware.mathml import mathml
from courseware.practice.question import Picture

CLOSING = re.compile(
    r'(<span class="math inline"><math(?:(?!</math>).)*</math></span>)([.,;:?!)]+)', re.DOTALL
)
"""A formula and the punctuation after it, which browsers would put on a line of its own."""
PERCENT = re.compile(r"(?<=\d) %")


def tex(latex: str, display: bool = False) -> str:
    """A formula between the delimiters of MathJax, escaped for HTML.   display: on a line of its own."""
    left, right = (r"\[", r"\]") if display else (r"\(", r"\)")
    return left + html.escape(latex) + right


def to_html(markdown: str, formula: Callable[[str, bool], str] = mathml) -> str:
    """Paragraphs, lists and tables as HTML. Raw HTML in the Markdown is escaped.

    formula: turns LaTeX into HTML; `mathml` or `tex`.
    """
    return _kept_together(_renderer(formula).render(markdown))


def inline(markdown: str, formula: Callable[[str, bool], str] = mathml) -> str:
    """One line without a paragraph around it: an option, a line of a rubric.

    formula: turns LaTeX into HTML; `mathml` or `tex`.
    """
    return _kept_together(_renderer(formula).renderInline(markdown))


def _kept_together(page: str) -> str:
    """The page without line breaks before a percent sign and before punctuation after a formula."""
    return CLOSING.sub(r'<span style="white-space:nowrap">\1\2</span>', PERCENT.sub("\u00a0%", page))


def plain_text(markdown: str) -> str:
    """For labels that cannot hold HTML: without dollar signs and emphasis."""
    return markdown.replace("$", "").replace("**", "")


def figure(picture: Picture) -> str:
    """The picture with its alt text; the bytes are part of the page."""
    data = base64.b64encode(picture.png).decode()
    return (
        f'<figure><img src="data:image/png;base64,{data}" alt="{html.escape(picture.alt)}" '
        'style="max-width:100%"></figure>'
    )


@cache
def _renderer(formula: Callable[[str, bool], str]) -> Any:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    def render(content: str, options: dict[str, bool]) -> str:
        return formula(content.strip(), options["display_mode"])

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    return markdown.use(dollarmath_plugin, renderer=render, allow_labels=False, double_inline=True)
