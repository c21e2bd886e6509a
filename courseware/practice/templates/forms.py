"""Forms that many templates share: a random pick, an error hidden in a derivation, claims to be matched."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

from courseware.practice.question import Choice, Derivation, Draft, Mistake, Order, RubricLine
from courseware.practice.writing import numbered

T = TypeVar("T")


class Line(NamedTuple):
    """A line of a derivation or of pseudo-code, and why it is right."""

    text: str
    reason: str


class Slip(NamedTuple):
    """A wrong version of a line, and what is wrong with it."""

    text: str
    error: str


class Pair(NamedTuple):
    """A name and the claim that belongs to it and to no other name of the list."""

    name: str
    claim: str


class Variant(NamedTuple):
    """One version of a question in words: what is asked, the right option, and the wrong ones."""

    prompt: str
    right: str
    wrong: tuple[Mistake, ...]
    solution: tuple[str, ...]


def pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    """One of the options, all equally likely."""
    return options[int(rng.integers(len(options)))]


def some(rng: np.random.Generator, options: Sequence[T], count: int) -> list[T]:
    """`count` different options in a random order."""
    return [options[int(i)] for i in rng.permutation(len(options))[:count]]


def find_the_error(
    rng: np.random.Generator, claim: str, lines: Sequence[Line], slips: Mapping[int, Sequence[Slip]]
) -> Draft:
    """A derivation in which one line is replaced by a wrong version.

    claim: what is derived, in Markdown.   lines: the right derivation.   slips: wrong versions of a line, by its
    index. The options are the lines in their order.
    """
    at = pick(rng, sorted(slips))
    slip = pick(rng, slips[at])
    shown = [slip.text if i == at else line.text for i, line in enumerate(lines)]
    wrong = tuple(
        Mistake(f"Line ({i + 1})", f"Line ({i + 1}) is right: {line.reason}")
        for i, line in enumerate(lines)
        if i != at
    )
    order = tuple(0 if i == at else 1 + (i if i < at else i - 1) for i in range(len(lines)))
    reasons = any(", by " in text or "because" in text for text in shown)
    where = " (in what it states, or in the reason that it gives)" if reasons else ""
    prompt = f"{claim}\n\n{numbered(shown)}\n\nExactly one line is wrong{where}. Which one?"
    solution = (f"Line ({at + 1}) is wrong: {slip.error}", f"It should read: {lines[at].text}")
    return Draft(prompt, Choice(f"Line ({at + 1})", wrong, order), solution, {"line": at + 1})


def lettered(right: str, wrong: Sequence[Mistake]) -> Choice:
    """A choice among the lines of a plot, in the order of their letters. The plot's letters are drawn at random."""
    texts = [right, *(m.answer for m in wrong)]
    order = sorted(range(len(texts)), key=lambda i: texts[i])
    return Choice(right, tuple(wrong), tuple(order))


def match(
    rng: np.random.Generator,
    prompt: str,
    pairs: Sequence[Pair],
    confusions: Mapping[frozenset[str], str],
    count: int = 4,
) -> Draft:
    """`count` names to be matched with as many claims.

    rng: draws and shuffles.   prompt: the question.   pairs: names with their claims, at least `count`.
    confusions: what it reveals if these two names are taken for each other.
    """
    drawn = some(rng, pairs, count)
    right = tuple(range(count))
    mistakes = []
    for i in range(count):
        for j in range(i):
            why = confusions.get(frozenset((drawn[i].name, drawn[j].name)))
            if why:
                swapped = [*right]
                swapped[i], swapped[j] = j, i
                mistakes.append(Mistake(tuple(swapped), why))
    claims = tuple(pair.claim for pair in drawn)
    answer = Order(tuple(pair.name for pair in drawn), right, claims, tuple(mistakes))
    solution = tuple(f"{pair.name}: {pair.claim}" for pair in drawn)
    return Draft(prompt, answer, solution, {"pairs": {pair.name: pair.claim for pair in drawn}})


def in_words(rng: np.random.Generator, variants: Sequence[Variant], options: int = 4) -> Draft:
    """One of the variants, with `options` options in all."""
    which = int(rng.integers(len(variants)))
    chosen = variants[which]
    wrong = tuple(some(rng, chosen.wrong, options - 1))
    return Draft(chosen.prompt, Choice(chosen.right, wrong), chosen.solution, {"variant": which})


def show_that(claim: str, steps: Sequence[tuple[int, str]], model: Sequence[str], **given: Any) -> Draft:
    """A proof to be written: the claim, the rubric as (points, step), and a model answer line by line."""
    rubric = tuple(RubricLine(points, step) for points, step in steps)
    return Draft(claim, Derivation(rubric), model, given)
