"""A paper exam: which templates, and a few versions of it with other numbers.

All versions use the same templates, so they have the same topics, kinds, difficulty, points and minutes;
numbers, options and the order of the questions differ. The same seed gives the same exam.
"""

import math
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from courseware.practice import all_templates
from courseware.practice.question import Question, Topic
from courseware.practice.template import Kind, Template
from lsml_core.validation import check_count

DRAWS = 2000
"""Random selections of templates that are compared."""


@dataclass(frozen=True)
class Version:
    """One version of an exam: its letter, and its questions in the order of the page."""

    letter: str
    questions: tuple[Question, ...]

    @property
    def points(self) -> int:
        return sum(question.points for question in self.questions)

    @property
    def minutes(self) -> int:
        return sum(question.minutes for question in self.questions)


@dataclass(frozen=True)
class Exam:
    """An exam in several versions.

    seed: of everything that is random.   minutes: the time on its first page.
    """

    seed: int
    minutes: int
    versions: tuple[Version, ...]


def compose(
    *, seed: int, questions: int, versions: int, minutes: int, topics: Sequence[Topic] = tuple(Topic)
) -> Exam:
    """An exam over these topics, balanced: numbers of questions per topic differ by at most one.

    seed: of everything that is random.   questions: per version.   versions: 1 to 26.
    minutes: of the exam. Questions take at most so many by their own estimate, and at least nine tenths.
    ValueError: numbers out of range, or minutes that no selection of so many questions fits.
    """
    for name, value in (("questions", questions), ("versions", versions), ("minutes", minutes)):
        check_count(name, value)
    if versions > len(string.ascii_uppercase):
        raise ValueError(f"versions={versions} must be at most {len(string.ascii_uppercase)}")
    if not topics:
        raise ValueError("topics is empty: at least one topic is needed")
    rng = np.random.default_rng(seed)
    chosen = choose(questions, minutes, topics, rng=rng)
    streams = rng.spawn(versions)
    made = (
        _version(letter, chosen, rng=stream)
        for letter, stream in zip(string.ascii_uppercase, streams, strict=False)
    )
    return Exam(seed, minutes, tuple(made))


def choose(
    questions: int, minutes: int, topics: Sequence[Topic], *, rng: np.random.Generator
) -> tuple[Template, ...]:
    """Templates for one exam: of many random selections that fit the time, one in which no question gives
    the answer to another (or as few as possible), with most kinds and statements.

    questions: how many.   minutes: the time that they may take together.   topics: at least one.
    ValueError: see `compose`.
    """
    pools = [all_templates(topic) for topic in topics]
    best, best_score, totals = None, (-math.inf,), []
    for _ in range(DRAWS):
        counts = _balanced(questions, len(topics), rng)
        if any(count > len(pool) for count, pool in zip(counts, pools, strict=True)):
            raise ValueError(
                f"questions={questions} is too many: the topics have {sum(map(len, pools))} templates"
            )
        drawn = [
            pool[int(i)]
            for pool, c in zip(pools, counts, strict=True)
            for i in rng.permutation(len(pool))[:c]
        ]
        totals.append(sum(template.minutes for template in drawn))
        if 0.9 * minutes <= totals[-1] <= minutes and _score(drawn) > best_score:
            best, best_score = tuple(drawn), _score(drawn)
    if best is None:
        raise ValueError(
            f"no {questions} questions take about {minutes} minutes; "
            f"they take {min(totals)} to {max(totals)}. "
            "Ask for another number of questions or minutes"
        )
    return best


def given_away(templates: Sequence[Template]) -> int:
    """Pairs of a claim to be proved and another question on the same statement, which the claim answers."""
    proofs = [template for template in templates if template.kind is Kind.SHOW]
    return sum(
        not {*proof.covers}.isdisjoint(other.covers)
        for proof in proofs
        for other in templates
        if other is not proof
    )


def _balanced(questions: int, topics: int, rng: np.random.Generator) -> list[int]:
    """Questions per topic; which topics get one more is random."""
    counts = np.full(topics, questions // topics)
    counts[rng.permutation(topics)[: questions % topics]] += 1
    return counts.tolist()


def _score(templates: Sequence[Template]) -> tuple[int, int, int, int]:
    """No answer given away first; then more kinds; then few of the same kind; then more statements."""
    kinds = Counter(template.kind for template in templates)
    proofs = kinds[Kind.SHOW] >= 1
    statements = {name for template in templates for name in template.covers}
    return (-given_away(templates), len(kinds) + 2 * proofs, -max(kinds.values()), len(statements))


def _version(letter: str, templates: Sequence[Template], *, rng: np.random.Generator) -> Version:
    order = rng.permutation(len(templates))
    return Version(letter, tuple(templates[int(i)](rng=rng) for i in order))
