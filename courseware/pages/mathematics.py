"""Markdown with TeX → HTML with MathML, which browsers draw without scripts, fonts or a network."""

import html
import re
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from courseware.mathml import mathml

INLINE = re.compile(r"(?<![\\$])\$(?!\s)([^$]+?)(?<!\s)\$")
DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)


class Renderer(IPythonRenderer):
    """nbconvert's renderer, with MathML in place of TeX, also inside HTML such as <details>."""

    def inline_math(self, body: str) -> str:
        return mathml(html.unescape(body))

    def block_math(self, body: str) -> str:
        return _formula(body)

    def block_html(self, html: str) -> str:
        return super().block_html(in_html(html))

    def heading(self, text: str, level: int, **attrs: Any) -> str:  # noqa: ARG002
        return f'<h{level} id="{slug(text)}">{text}</h{level}>\n'


def _formula(tex: str) -> str:
    """A formula of its own, in a box that scrolls where the page is too narrow."""
    return f'<span class="formula">{mathml(html.unescape(tex), display=True)}</span>'


def in_html(text: str) -> str:
    """HTML whose formulas are TeX between dollars, with MathML in their place."""
    text = DISPLAY.sub(lambda found: _formula(found[1]), text)
    return INLINE.sub(lambda found: mathml(html.unescape(found[1])), text)


def to_html(markdown: str) -> str:
    """The HTML of a markdown cell."""
    return MarkdownWithMath(renderer=Renderer(escape=False)).render(markdown)


def slug(text: str) -> str:
    """A heading's anchor: `1 Diminishing gains` → `1-diminishing-gains`."""
    return re.sub(r"[^\w]+", "-", without_tags(text).lower()).strip("-")


def without_tags(markup: str, instead: str = "") -> str:
    """The text of some HTML; of a formula its symbols. `instead` takes the place of each tag."""
    return html.unescape(re.sub(r"<[^>]*>", instead, markup))
