"""Markdown with TeX → HTML with MathML, which browsers draw without scripts, fonts or a network."""

import html
import re
import unicodedata
from typing import Any

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

INLINE = re.compile(r"(?<![\\$])\$(?!\s)([^$]+?)(?<!\s)\$")
DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
WRONG = re.compile(r"\\[A-Za-z]+|&(?![#\w]+;)")
"""What must not be left in MathML: commands, and the alignment marks of an unknown environment."""
BELOW = r"\{(?:[^{}]|\{[^{}]*\})*\}|\\[A-Za-z]+|\S"
OPERATOR = re.compile(rf"\\operatorname(\*?)\s*\{{([^{{}}]*)\}}(?:\s*_\s*({BELOW}))?")
NORM = re.compile(r"\\[lr]Vert(?![A-Za-z])")
ARG = re.compile(r"\\arg\s*\\(min|max)(?![a-zA-Z])")
ALPHABET = re.compile(r'<mi mathvariant="(script|double-struck|bold)">([A-Za-z])</mi>')


def mathml(tex: str, *, display: bool) -> str:
    """`tex` as a <math> element. ValueError for a command that has no MathML."""
    plain = ARG.sub(r"\\operatorname*{arg\\,\1}", html.unescape(tex).strip())
    plain = OPERATOR.sub(_operator, NORM.sub("‖", plain))
    plain = re.sub(r"\{(aligned|split)\}", "{align*}", plain)
    element = convert(plain, display="block" if display else "inline")
    if wrong := WRONG.search(re.sub(r"<[^>]*>", "", element)):
        raise ValueError(f"{wrong[0]} in {tex!r} has no MathML")
    return ALPHABET.sub(_letter, element)


def _operator(found: re.Match[str]) -> str:
    """An operator's name stands upright, and with a star what is below its name stands there."""
    star, name, below = found.groups()
    text = r"\text{" + name.replace(r"\,", " ") + "}"
    if below is None:
        return text
    return rf"\underset{{{below}}}{{{text}}}" if star else f"{text}_{below}"


def _letter(found: re.Match[str]) -> str:
    """Browsers ignore `mathvariant`; the letter itself must be one of the alphabet."""
    kind, letter = found[1].upper(), found[2]
    size = "CAPITAL" if letter.isupper() else "SMALL"
    for name in (f"MATHEMATICAL {kind} {size} {letter}", f"{kind} {size} {letter}"):
        try:
            return f"<mi>{unicodedata.lookup(name.upper())}</mi>"
        except KeyError:  # ℝ, ℒ and a few others are older than the rest of their alphabet
            continue
    return f"<mi>{letter}</mi>"


class Renderer(IPythonRenderer):
    """nbconvert's renderer, with MathML in place of TeX, also inside HTML such as <details>."""

    def inline_math(self, body: str) -> str:
        return mathml(body, display=False)

    def block_math(self, body: str) -> str:
        return _formula(body)

    def block_html(self, html: str) -> str:
        return super().block_html(in_html(html))

    def heading(self, text: str, level: int, **attrs: Any) -> str:  # noqa: ARG002
        return f'<h{level} id="{slug(text)}">{text}</h{level}>\n'


def _formula(tex: str) -> str:
    """A formula of its own, in a box that scrolls where the page is too narrow."""
    return f'<span class="formula">{mathml(tex, display=True)}</span>'


def in_html(text: str) -> str:
    """HTML whose formulas are TeX between dollars, with MathML in their place."""
    text = DISPLAY.sub(lambda found: _formula(found[1]), text)
    return INLINE.sub(lambda found: mathml(found[1], display=False), text)


def to_html(markdown: str) -> str:
    """The HTML of a markdown cell."""
    return MarkdownWithMath(renderer=Renderer(escape=False)).render(markdown)


def slug(text: str) -> str:
    """A heading's anchor: `1 Diminishing gains` → `1-diminishing-gains`."""
    plain = re.sub(r"<[^>]*>", "", text)
    return re.sub(r"[^\w]+", "-", html.unescape(plain).lower()).strip("-")
