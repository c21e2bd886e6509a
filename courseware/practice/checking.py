"""Whether a response is right, and what a wrong one reveals.

response   a text for a `Number`, a position for a `Choice`, positions for a `Subset` and an `Order`,
           and for a `Derivation` whether each line of the rubric was met
share      of the points that the response earns, from 0 to 1
"""

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from courseware.practice.question import Choice, Derivation, Mistake, Number, Order, Question, Subset

NUMBER = re.compile(r"[+-]?\d*\.?\d*(?:/\d*\.?\d+)?")
MIXED = re.compile(r"([+-]?)(\d+) (\d+)/(\d+)")
TWO_WAYS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
"""1,000: a thousand, or one with a decimal comma."""
SPACES = re.compile(r"(?<=/) +| +(?=/)|(?<=^[+-]) +|(?<=\d) (?=\d{3}(?!\d))")
"""Spaces that change nothing: around a fraction's line, after the sign, between thousands."""
NOT_KNOWN = "This is not the right answer. Compare your steps with the worked solution."


class Verdict(NamedTuple):
    """Whether the answer is right, the share of the points, and what to tell the student, in Markdown.

    share: from 0 to 1.
    """

    right: bool
    share: float | int
    explanation: str


def check(question: Question, response: Any) -> Verdict:
    """Compare a response with the question's answer.

    response: a text for a `Number`, a position from 0 for a `Choice`, positions for a `Subset` and an
        `Order`, and for a `Derivation` whether each line of the rubric was met.
    ValueError: a response that cannot be read, such as an empty text; the message says what is expected.
    """
    match question.answer:
        case Number() as answer:
            return _number(answer, parse_number(response))
        case Choice() as answer:
            return _choice(answer, response)
        case Subset() as answer:
            return _subset(answer, frozenset(response))
        case Order() as answer:
            return _order(answer, tuple(response))
        case Derivation() as answer:
            return self_marked(answer, response)


def parse_number(text: str) -> float:
    """A number as a student types it: 3, -0.25, −1/4, 1.5/2, 3 1/2, 1 000; a comma may stand for the point.

    ValueError for any other text, for a division by 0, and for 1,000, which can be read in two ways.
    """
    plain = SPACES.sub("", text.strip().replace("−", "-"))
    if TWO_WAYS.fullmatch(plain):
        whole, point = plain.replace(",", ""), plain.replace(",", ".")
        raise ValueError(f"{text!r} can be read in two ways. Write {whole} or {point}.")
    clean = plain.replace(",", ".")
    if mixed := MIXED.fullmatch(clean):
        sign, whole, above, below = mixed.groups()
        clean = f"{sign}{int(whole) * int(below) + int(above)}/{below}"
    if not any(c.isdigit() for c in clean) or not NUMBER.fullmatch(clean):
        raise ValueError(f"{text!r} is not a number. Write a number such as 3, -0.25 or 5/3.")
    top, _, bottom = clean.partition("/")
    if bottom and not float(bottom):
        raise ValueError(f"{text!r} divides by 0.")
    return float(Fraction(top) / Fraction(bottom)) if bottom else float(top)


def self_marked(answer: Derivation, met: Sequence[bool]) -> Verdict:
    """The verdict of somebody who ticked the lines of the rubric that the derivation contains.

    met: one for each line of the rubric, in its order.   ValueError for another number of them.
    """
    if len(met) != len(answer.rubric):
        raise ValueError(f"there are {len(answer.rubric)} lines in the rubric, and {len(met)} marks")
    earned = sum(line.points for line, is_met in zip(answer.rubric, met, strict=True) if is_met)
    missing = [line.step for line, is_met in zip(answer.rubric, met, strict=True) if not is_met]
    text = f"{earned} of {answer.points} points."
    if missing:
        text += " Missing:\n\n" + "\n".join(f"- {step}" for step in missing)
    return Verdict(not missing, earned / answer.points, text)


def _number(answer: Number, value: float | int) -> Verdict:
    if abs(value - answer.value) <= answer.tolerance:
        return Verdict(True, 1.0, "Right.")
    close = (m for m in answer.mistakes if abs(value - m.answer) <= answer.tolerance)
    return _wrong(next(close, None))


def _choice(answer: Choice, position: int | None) -> Verdict:
    if position is None or not 0 <= position < len(answer.options):
        raise ValueError("Choose one of the options.")
    mistake = answer.mistake_at(position)
    return Verdict(True, 1.0, "Right.") if mistake is None else _wrong(mistake)


def _subset(answer: Subset, chosen: frozenset[int]) -> Verdict:
    if chosen == answer.right:
        return Verdict(True, 1.0, "Right.")
    wrong = len(chosen ^ answer.right)
    share = max(0.0, 1 - wrong / max(1, len(answer.right)))
    return _wrong(_equal(answer.mistakes, chosen), share)


def _order(answer: Order, order: tuple[int, ...]) -> Verdict:
    if sorted(order) != list(range(len(answer.items))):
        raise ValueError("Use every item once.")
    if order == answer.right:
        return Verdict(True, 1.0, "Right.")
    placed = sum(a == b for a, b in zip(order, answer.right, strict=True))
    return _wrong(_equal(answer.mistakes, order), placed / len(order))


def _equal(mistakes: Iterable[Mistake], response: Any) -> Mistake | None:
    return next((m for m in mistakes if m.answer == response), None)


def _wrong(mistake: Mistake | None, share: float | int = 0.0) -> Verdict:
    return Verdict(False, share, f"Not right. {mistake.reveals}" if mistake else NOT_KNOWN)
