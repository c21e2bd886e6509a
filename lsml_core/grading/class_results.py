"""The class, question by question.

    earned           (students, questions), points; nan where a person has not read the answer yet
    discrimination   item-rest correlation, −1 to 1: do those who do well elsewhere do well here?
    broken           laws and how many students broke them, most frequent first

A discrimination below 0.2 is worth a look at the question. Ebel (1965), "Measuring educational achievement".
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lsml_core.grading.results import Question

MOST = 3
CALL = re.compile(r"^\w+\(.*?\)(: | (?=raised |changed |returned ))")
"""How a message begins that shows a call first."""


@dataclass(frozen=True)
class QuestionStatistics:
    """Shares of the `students` whose answer was graded: `full`, `partial`, `none`, `not_begun` add up to 1.
    What is not defined is None."""

    id: str
    points: float | int
    students: int
    mean: float | None
    median: float | None
    full: float
    none: float
    not_begun: float
    discrimination: float | None
    broken: tuple[tuple[str, int], ...]

    @property
    def partial(self) -> float:
        return max(0.0, 1 - self.full - self.none - self.not_begun) if self.students else 0.0


class ClassResults:
    """Adds up reports one at a time; keeps numbers and laws, no reports."""

    def __init__(self) -> None:
        self.points: dict[str, float | int] = {}
        self._rows: list[dict[str, float]] = []
        self._not_begun: Counter[str] = Counter()
        self._broken: dict[str, Counter[str]] = {}

    def add(self, questions: Sequence[Question]) -> None:
        for q in questions:
            self.points[q.id] = q.points
            self._not_begun[q.id] += q.status == "not begun"
            if q.status in ("partial", "none", "error"):
                self._broken.setdefault(q.id, Counter()).update(laws(q.message))
        self._rows.append({q.id: np.nan if q.earned is None else float(q.earned) for q in questions})

    @property
    def earned(self) -> Float[ndarray, "students questions"]:
        table = [[row.get(question, np.nan) for question in self.points] for row in self._rows]
        return np.array(table, dtype=float).reshape(len(table), len(self.points))

    @property
    def totals(self) -> Float[ndarray, " students"]:
        """What is not read yet counts 0."""
        return np.nansum(self.earned, axis=1)

    def questions(self) -> list[QuestionStatistics]:
        earned = self.earned
        return [self._question(i, name, earned) for i, name in enumerate(self.points)]

    def _question(
        self, i: int, name: str, earned: Float[ndarray, "students questions"]
    ) -> QuestionStatistics:
        points, column = self.points[name], earned[:, i]
        column = column[np.isfinite(column)]
        n = max(len(column), 1)
        not_begun = self._not_begun[name] / n
        return QuestionStatistics(
            id=name,
            points=points,
            students=len(column),
            mean=float(np.mean(column)) if len(column) else None,
            median=float(np.median(column)) if len(column) else None,
            full=np.count_nonzero(column == points) / n,
            none=np.count_nonzero(column == 0) / n - not_begun,
            not_begun=not_begun,
            discrimination=discrimination(earned, i),
            broken=tuple(self._broken.get(name, Counter()).most_common(MOST)),
        )


def in_words(results: ClassResults) -> str:
    """What the picture of the class shows, as its alt text."""
    shares = ", ".join(f"{q.id} {q.full:.0%}" for q in results.questions() if q.students)
    spread = f"the median total is {np.median(results.totals):g} of {sum(results.points.values()):g} points"
    return f"Results of {len(results.totals)} students: {spread}; full points in each question: {shares}."


def discrimination(earned: Float[ndarray, "students questions"], i: int) -> float | None:
    """Correlation of question i, where it is graded, with the sum of the questions that are graded for all.

    None with fewer than three students, or if the question or the rest is the same for all.
    """
    earned = earned[~np.isnan(earned[:, i])]
    others = np.delete(earned, i, axis=1)
    item, rest = earned[:, i], others[:, ~np.isnan(others).any(axis=0)].sum(axis=1)
    if len(item) < 3 or np.ptp(item) == 0 or np.ptp(rest) == 0:
        return None
    return float(np.corrcoef(item, rest)[0, 1])


def laws(message: str) -> set[str]:
    """The law that opens each line, without the student's numbers, which come after it.

    Where a call failed before a law was named, how it failed: `raised TimeoutError`.
    """
    return {law for line in message.splitlines() if (law := _law(line))}


def _law(line: str) -> str:
    failed = CALL.sub("", line, count=1)
    return re.split(": " if failed == line else ": |, to |; ", failed)[0].strip()
