"""Markdown with TeX → HTML with MathML, which browsers draw without scripts, fonts or a network."""

import html
import re
from typing import Any

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

INLINE = re.compile(r"(?<![\\$])\$(?!\s)([^$]+?)(?<!\s)\$")
DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
UNKNOWN = re.compile(r"\\[A-Za-z]+")


def mathml(tex: str, *, display: bool) -> str:
    """`tex` as a <math> element. ValueError for a command that has no MathML."""
    element = convert(html.unescape(tex).strip(), display="block" if display else "inline")
    if unknown := UNKNOWN.search(re.sub(r"<[^>]*>", "", element)):
        raise ValueError(f"{unknown[0]} in {tex!r} has no MathML")
    return element


class Renderer(IPythonRenderer):
    """nbconvert's renderer, with MathML in place of TeX, also inside HTML such as <details>."""

    def inline_math(self, body: str) -> str:
        return mathml(body, display=False)

    def block_math(self, body: str) -> str:
        return mathml(body, display=True)

    def block_html(self, html: str) -> str:
        return super().block_html(in_html(html))

    def heading(self, text: str, level: int, **attrs: Any) -> str:  # noqa: ARG002
        return f'<h{level} id="{slug(text)}">{text}</h{level}>\n'


def in_html(text: str) -> str:
    """HTML whose formulas are TeX between dollars, with MathML in their place."""
    text = DISPLAY.sub(lambda found: mathml(found[1], display=True), text)
    return INLINE.sub(lambda found: mathml(found[1], display=False), text)


def to_html(markdown: str) -> str:
    """The HTML of a markdown cell."""
    return MarkdownWithMath(renderer=Renderer(escape=False)).render(markdown)


def slug(text: str) -> str:
    """A heading's anchor: `1 Diminishing gains` → `1-diminishing-gains`."""
    plain = re.sub(r"<[^>]*>", "", text)
    return re.sub(r"[^\w]+", "-", html.unescape(plain).lower()).strip("-")
