"""TeX → MathML, which browsers draw and screen readers speak without scripts, fonts or a network.

The only place that knows which library makes it, and what that library gets wrong.
"""

import re
import unicodedata
from functools import cache

WRONG = re.compile(r"\\[A-Za-z]*|&(?![#\w]+;)")
"""What must not be left in MathML: commands, and the alignment marks of an unknown environment."""
BELOW = r"\{(?:[^{}]|\{[^{}]*\})*\}|\\[A-Za-z]+|\S"
OPERATOR = re.compile(rf"\\operatorname(\*?)\s*\{{([^{{}}]*)\}}(?:\s*_\s*({BELOW}))?")
NORM = re.compile(r"(?<!\\)\\(?:[lr]Vert(?![A-Za-z])|\|)")
ARG = re.compile(r"\\arg\s*\\(min|max)(?![a-zA-Z])")
TIGHT = re.compile(r"<mo([^>]*)>(\||/|‖|&#x0007C;|&#x0002F;)</mo>")
"""Bars and slashes, which have no space around them here; browsers give them that of an operator."""
ALPHABET = re.compile(r'<mi mathvariant="(script|double-struck|bold)">([A-Za-z])</mi>')


@cache
def mathml(tex: str, display: bool = False) -> str:
    """`tex` as a <math> element. ValueError for a command that has no MathML."""
    from latex2mathml.converter import convert  # lazy import: whoever draws questions needs no page

    plain = ARG.sub(r"\\operatorname*{arg\\,\1}", tex.strip())
    plain = OPERATOR.sub(_operator, NORM.sub("‖", plain))
    plain = plain.replace(r"\setminus", r"\backslash")  # few fonts have the sign ∖
    plain = re.sub(r"\{(aligned|split)\}", "{align*}", plain)
    element = convert(plain, display="block" if display else "inline")
    if wrong := WRONG.search(re.sub(r"<[^>]*>", "", element)):
        raise ValueError(f"{wrong[0]} in {tex!r} has no MathML")
    element = element.replace("<mo>&#x02205;</mo>", "<mi>&#x02205;</mi>")  # ∅ is no operator
    element = element.replace("<mi>‖</mi>", "<mo>‖</mo>")  # a bracket, no letter
    element = TIGHT.sub(_tight, element)
    return ALPHABET.sub(_letter, element)


def _tight(found: re.Match[str]) -> str:
    """The sign without space around it, whatever space the converter gave it."""
    kept = re.sub(r'\s*[lr]space="[^"]*"', "", found[1])
    return f'<mo{kept} lspace="0" rspace="0">{found[2]}</mo>'


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
