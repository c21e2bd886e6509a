"""Markdown with TeX → HTML with MathML, which browsers draw without scripts, fonts or a network."""

import html
import re
from functools import cache
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from courseware.mathml import mathml

INLINE = re.compile(r"(?<![\\$])\$(?!\s)([^$]+?)(?<!\s)\$")
FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
PUNCTUATED = re.compile(r'(<math display="inline">(?:(?!</math>).)*</math>)([,.;:?!)]+)', re.DOTALL)
MATHML = ' xmlns="http://www.w3.org/1998/Math/MathML"'  # HTML knows it without
LIMITS = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
WITH_LIMITS = {"lim", "max", "min", "sup", "inf", "∑", "∏", "⋃", "⋂"}
PAIRS = {")": "(", "]": "[", "}": "{", "⟩": "⟨", "‖": "‖", "|": "|"}
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
    """HTML whose formulas are TeX between dollars, with MathML in their place. ValueError as for `mathml`."""
    text = DISPLAY.sub(lambda found: _formula(found[1]), text)
    return INLINE.sub(lambda found: mathml(html.unescape(found[1])), text)


def to_html(markdown: str) -> str:
    """The HTML of a markdown cell."""
    return MarkdownWithMath(renderer=Renderer(escape=False)).render(markdown)


def with_tex_layout(page: str) -> str:
    """HTML whose formulas are laid out as TeX does it, where browsers do not by themselves.

    A script of a closing bracket stands with all that the brackets hold: else (a/b)² looks torn. Brackets of
    a given size grow to it. In displayed formulas the limits of max, ∑ and the like stand below and above.
    No line begins with the punctuation after a formula.
    """
    laid_out = FORMULA.sub(lambda found: _laid_out(found[0]), page)
    return PUNCTUATED.sub(r'<span class="unbroken">\1\2</span>', laid_out)


@cache
def _laid_out(formula: str) -> str:
    root = ElementTree.fromstring(formula.replace(MATHML, ""))
    for node in [*root.iter()]:
        _group(node)
    for bracket in root.iterfind(".//mo[@minsize]"):
        bracket.set("stretchy", "true")
    if root.get("display") == "block":
        for node in root.iter():
            if node.tag in LIMITS and (node[0].text or "").strip() in WITH_LIMITS:
                node.tag = LIMITS[node.tag]
    return ElementTree.tostring(root, "unicode", short_empty_elements=False)


def _group(row: Element) -> None:
    """From left to right, so that a group is complete before a script of a later bracket takes it up."""
    for script in [child for child in row if child.tag in LIMITS]:
        closing, children = script[0], [*row]
        opening = PAIRS.get((closing.text or "").strip()) if closing.tag == "mo" else None
        end = children.index(script)
        start = opening and _partner(children[:end], opening, (closing.text or "").strip())
        if isinstance(start, int):
            group = Element("mrow")
            group.extend([*children[start:end], closing])
            script[0] = group
            for child in children[start:end]:
                row.remove(child)


def _partner(before: list[Element], opening: str, closing: str) -> int | None:
    """Where the bracket that belongs to a closing one after `before` stands; None if it is elsewhere."""
    depth = 1
    for i in reversed(range(len(before))):
        text = (before[i].text or "").strip() if before[i].tag == "mo" else ""
        depth -= text == opening
        if not depth:
            return i
        depth += text == closing
    return None


def slug(text: str) -> str:
    """A heading's anchor: `1 Diminishing gains` → `1-diminishing-gains`."""
    return re.sub(r"[^\w]+", "-", without_tags(text).lower()).strip("-")


def without_tags(markup: str, instead: str = "") -> str:
    """The text of some HTML; of a formula its symbols. `instead` takes the place of each tag."""
    return html.unescape(re.sub(r"<[^>]*>", instead, markup))
