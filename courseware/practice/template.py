"""A question template: a pure function of a random generator, with what is known about every question it
draws.

    @template(Topic.OPTIMIZATION, Kind.TRACE, covers=("nesterov_update",), difficulty=2, minutes=6)
    def two_nesterov_steps(rng): ...
        return Draft(prompt, answer, solution)

The same state of the generator gives the same question. A template may draw numbers that make a poor
question, such as a mistake that leads to the right answer; it is then drawn again, from the same generator.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations
from typing import Any

import numpy as np

from courseware.practice.question import Answer, Choice, Draft, Number, Order, Question, Subset, Topic
from courseware.practice.writing import is_hand_sized

TRIES = 500
"""Draws after which a template gives up."""


class Kind(StrEnum):
    """What a student has to do."""

    TRACE = "trace an algorithm"
    COMPUTE = "compute"
    JUDGE = "decide and say why"
    MATCH = "match"
    ERROR = "find the error"
    READ = "read a plot"
    SHOW = "show that"
    DESIGN = "design"


@dataclass(frozen=True)
class Template:
    """One kind of question. Call it with `rng` to draw one.

    topic: of the question.   difficulty: 1 to 3.   minutes: time on paper.
    id: its name, unique.   covers: names of the deck's statements that it asks about, see `statements`.
    draw: the function of the generator; None instead of a draft asks for another draw.
    """

    id: str
    topic: Topic
    kind: Kind
    covers: tuple[str, ...]
    difficulty: int
    minutes: int
    draw: Callable[[np.random.Generator], Draft | None]

    def __call__(self, *, rng: np.random.Generator) -> Question:
        """A question. RuntimeError if no suitable one is found in many draws, which is an error of the
        template.
        """
        for _ in range(TRIES):
            draft = self.draw(rng)
            if draft is not None and suitable(draft.answer):
                return self._question(replace(draft, answer=_shuffled(draft.answer, rng)))
        raise RuntimeError(f"template {self.id} found no suitable question in {TRIES} draws")

    def _question(self, draft: Draft) -> Question:
        return Question(
            self.id,
            self.topic,
            self.kind.value,
            self.difficulty,
            self.minutes,
            draft.prompt,
            draft.answer,
            tuple(draft.solution),
            draft.given,
            draft.figure,
        )


def template(
    topic: Topic, kind: Kind, *, covers: Sequence[str], difficulty: int, minutes: int
) -> Callable[[Callable[[np.random.Generator], Draft | None]], Template]:
    """Make a template of a function, whose name becomes the template's.

    covers: names of the deck's statements, see `statements`.   difficulty: 1 to 3.   minutes: time on paper.
    """

    def made(draw: Callable[[np.random.Generator], Draft | None]) -> Template:
        return Template(draw.__name__, topic, kind, tuple(covers), difficulty, minutes, draw)

    return made


def templates_in(module: Mapping[str, Any]) -> tuple[Template, ...]:
    """The templates among a module's names, in the order of their definition: `templates_in(vars())`.

    module: name -> value.
    """
    return tuple(value for value in module.values() if isinstance(value, Template))


def suitable(answer: Answer) -> bool:
    """Whether mistakes differ from the right answer and from each other, and numbers can be handled by
    hand.
    """
    match answer:
        case Number():
            values = [answer.value, *(m.answer for m in answer.mistakes)]
            apart = all(abs(a - b) > 2 * answer.tolerance for a, b in combinations(values, 2))
            return apart and is_hand_sized(answer.value)
        case Choice():
            options = [answer.right, *(m.answer for m in answer.wrong)]
            return len(set(options)) == len(options)
        case Subset() | Order():
            answers = [answer.right, *(m.answer for m in answer.mistakes)]
            return len(set(answers)) == len(answers)
        case _:
            return True


def _shuffled(answer: Answer, rng: np.random.Generator) -> Answer:
    """Options of a choice, unless they have an order of their own, and items of an order, in a random
    order.
    """
    if isinstance(answer, Choice) and not answer.order:
        return replace(answer, order=tuple(rng.permutation(1 + len(answer.wrong)).tolist()))
    if isinstance(answer, Order):
        new = rng.permutation(len(answer.items)).tolist()  # item new[j] is shown at position j
        position = {old: j for j, old in enumerate(new)}
        moved = [m._replace(answer=tuple(position[i] for i in m.answer)) for m in answer.mistakes]
        return replace(
            answer,
            items=tuple(answer.items[i] for i in new),
            right=tuple(position[i] for i in answer.right),
            mistakes=tuple(moved),
        )
    return answer
