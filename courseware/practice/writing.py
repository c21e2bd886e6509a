"""Numbers, vectors, sets and tables as they stand in a question: Markdown, with mathematics as LaTeX.

A number is hand-sized if it is an integer, a short decimal or a small fraction: what somebody without a
calculator can write down.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

LARGEST_DENOMINATOR, LARGEST_NUMERATOR, DECIMALS = 60, 20_000, 4
Real = float | int | np.number


def is_hand_sized(x: Real) -> bool:
    """Whether x is 0, a decimal of at most four places, or a fraction with a denominator of at most 60."""
    x = float(x)
    if not np.isfinite(x) or abs(x) > LARGEST_NUMERATOR:
        return False
    return _is_decimal(x) or _fraction(x) is not None


def num(x: Real) -> str:
    """LaTeX of a number: 3, -0.25, \\tfrac{5}{3}."""
    x = float(x)
    if _is_decimal(x):
        return plain(x)
    fraction = _fraction(x)
    if fraction is None:
        return f"{x:.4g}"
    sign = "-" if fraction < 0 else ""
    return rf"{sign}\tfrac{{{abs(fraction.numerator)}}}{{{fraction.denominator}}}"


def plain(x: Real) -> str:
    """The same as plain text: 3, -0.25, 5/3."""
    x = float(x)
    if _is_decimal(x):
        text = f"{round(x, DECIMALS):.{DECIMALS}f}".rstrip("0").rstrip(".")
        return "0" if text in ("-0", "") else text
    fraction = _fraction(x)
    return f"{x:.4g}" if fraction is None else f"{fraction.numerator}/{fraction.denominator}"


def vec(values: Iterable[Real]) -> str:
    """LaTeX of a row vector: (1, -2)."""
    return "(" + ",\\ ".join(num(v) for v in values) + ")"


def par(x: Real) -> str:
    """LaTeX of a factor: 3, (-2)."""
    return f"({num(x)})" if float(x) < 0 else num(x)


def plus(x: Real) -> str:
    """LaTeX of a further term of a sum: +3, -2."""
    return f"-{num(-float(x))}" if float(x) < 0 else f"+{num(x)}"


def half(x: Real) -> str:
    """LaTeX of a half of x as a factor before what follows: \\tfrac12\\cdot3\\,, and \\tfrac12 for x = 1."""
    return r"\tfrac12" + (rf"\cdot{num(x)}\," if float(x) != 1 else "")


def minus(x: Real) -> str:
    """LaTeX of what is subtracted: -3, +2, and nothing for 0."""
    return plus(-float(x)) if float(x) else ""


def a_set(elements: Iterable[Any]) -> str:
    """LaTeX of a set of elements: \\{1, 2\\}, or \\varnothing."""
    inside = ", ".join(str(e) for e in elements)
    return rf"\{{{inside}\}}" if inside else r"\varnothing"


def listed(words: Sequence[str]) -> str:
    """a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table.   header: titles of the columns.   rows: one entry for each column."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def numbered(lines: Sequence[str]) -> str:
    """A numbered list, "(1)", "(2)", …, as a derivation is printed."""
    return "\n\n".join(f"({i}) {line}" for i, line in enumerate(lines, 1))


def _is_decimal(x: float | int) -> bool:
    return abs(x - round(x, DECIMALS)) < 1e-9


def _fraction(x: float | int) -> Fraction | None:
    fraction = Fraction(x).limit_denominator(LARGEST_DENOMINATOR)
    return fraction if abs(float(fraction) - x) < 1e-9 else None
