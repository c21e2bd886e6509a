"""A practice session: its questions, the answers so far and their verdicts. It knows no widget.

    selected   the templates of a session: first those that are due again, then new ones, then others
    start      a session of so many questions, timed or not
    Session    questions, answers, verdicts

`widgets.practice` is the notebook's view of it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from courseware.practice import all_templates
from courseware.practice.checking import Verdict, check
from courseware.practice.progress import Progress
from courseware.practice.question import Question, Topic
from courseware.practice.template import Template


def selected(
    templates: Sequence[Template],
    count: int,
    progress: Progress,
    *,
    topic: Topic | None = None,
    difficulty: int | None = None,
    rng: np.random.Generator,
) -> list[Template]:
    """Templates for a session: due ones first, then ones that are new to the student, then the rest, each
    at random.

    templates: to choose from.   count: of templates.   progress: tells which are due and which are new.
    topic, difficulty: None takes all.   Fewer than `count` are returned only if there are no more.
    """
    pool = [t for t in templates if topic in (None, t.topic) and difficulty in (None, t.difficulty)]
    due = progress.due(pool)
    new = progress.new(pool)
    rest = [t for t in pool if t not in due and t not in new]
    shuffled = [[part[int(i)] for i in rng.permutation(len(part))] for part in (new, rest)]
    return [*due, *shuffled[0], *shuffled[1]][:count]


@dataclass
class Session:
    """Questions in order, and what was answered so far.

    progress: where each answer is recorded.   verdicts: one for each answer so far.
    minutes: time allowed, or None.   clock: seconds, for tests.
    """

    questions: list[Question]
    progress: Progress
    minutes: float | int | None = None
    clock: Callable[[], float] = time.monotonic
    verdicts: list[Verdict] = field(default_factory=list)
    began: float | int = 0.0

    def __post_init__(self) -> None:
        self.began = self.clock()

    @property
    def current(self) -> Question | None:
        """The question to be answered next; None at the end."""
        at = len(self.verdicts)
        return self.questions[at] if at < len(self.questions) else None

    @property
    def seconds(self) -> float:
        return self.clock() - self.began

    @property
    def overtime(self) -> bool:
        return self.minutes is not None and self.seconds > 60 * self.minutes

    def answer(self, response: Any) -> Verdict:
        """Check the response to the current question, note it, and go on. ValueError: a response that says
        nothing.

        response: see `checking.check`.
        """
        if self.current is None:
            raise ValueError("the session is over")
        verdict = check(self.current, response)
        self.progress.record_answer(self.current, verdict.share)
        self.verdicts.append(verdict)
        return verdict

    def summary(self) -> str:
        """One sentence on the result, and one on the time."""
        right = sum(v.right for v in self.verdicts)
        points = sum(v.share * q.points for v, q in zip(self.verdicts, self.questions, strict=False))
        possible = sum(q.points for q in self.questions)
        text = f"{right} of {len(self.questions)} questions right, {points:.1f} of {possible} points."
        minutes = f" You took {self.seconds / 60:.1f} minutes"
        allowed = f" of {self.minutes:g}" if self.minutes else ""
        return text + minutes + allowed + (", which is over time." if self.overtime else ".")


def start(
    count: int = 5,
    *,
    topic: Topic | None = None,
    difficulty: int | None = None,
    timed: bool = False,
    progress: Progress,
    rng: np.random.Generator,
) -> Session:
    """A session of `count` questions; timed sessions allow the sum of their questions' minutes.

    topic, difficulty: None takes all.   timed: whether the time is limited.
    progress: tells what is due, and records the answers.
    ValueError: no template has this topic and difficulty.
    """
    chosen = selected(all_templates(), count, progress, topic=topic, difficulty=difficulty, rng=rng)
    if not chosen:
        raise ValueError(f"there is no question on {topic or 'any topic'} of difficulty {difficulty}")
    questions = [template(rng=rng) for template in chosen]
    return Session(questions, progress, float(sum(q.minutes for q in questions)) if timed else None)
