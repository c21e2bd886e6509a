"""The class, question by question.

    earned           (students, questions), points; nan where a person has not read the answer yet
    discrimination   item-rest correlation, −1 to 1: do those who do well elsewhere do well here?
    broken           laws and how many students broke them, most frequent first

A discrimination below 0.2 is worth a look at the question. Ebel (1965), "Measuring educational achievement".
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from courseware.grading.results import Question

MOST = 3


@dataclass(frozen=True)
class QuestionStatistics:
    """`mean` and `median` are over the `students` whose answer has points; the shares `full` to `to_be_read`
    are of the whole class and add up to 1. What is not defined is None."""

    id: str
    points: float | int
    students: int
    mean: float | None
    median: float | None
    full: float
    partial: float
    none: float
    not_begun: float
    to_be_read: float
    discrimination: float | None
    broken: tuple[tuple[str, int], ...]


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
                self._broken.setdefault(q.id, Counter()).update({law.label for law in q.broken})
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
        points, graded = self.points[name], earned[np.isfinite(earned[:, i]), i]
        full, zero = np.count_nonzero(graded == points), np.count_nonzero(graded == 0)
        not_begun, students, n = self._not_begun[name], len(graded), len(earned)
        broken = self._broken.get(name, Counter())
        return QuestionStatistics(
            id=name,
            points=points,
            students=students,
            mean=float(np.mean(graded)) if students else None,
            median=float(np.median(graded)) if students else None,
            full=full / n,
            partial=(students - full - zero) / n,
            none=(zero - not_begun) / n,
            not_begun=not_begun / n,
            to_be_read=(n - students) / n,
            discrimination=discrimination(earned, i),
            broken=tuple(sorted(broken.items(), key=lambda law: (-law[1], law[0]))[:MOST]),
        )


def in_words(results: ClassResults) -> str:
    """What the picture of the class shows, as its alt text."""
    shares = ", ".join(f"{q.id} {100 * q.full:.0f} %" for q in results.questions() if q.students)
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
