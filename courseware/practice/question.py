"""A question of a practice session or of a paper exam, with its answer, worked solution and key.

    prompt, solution, …   Markdown with mathematics between $ signs (`rendering` shows it)
    answer                what is asked for: a `Number`, a `Choice`, a `Subset`, an `Order` or a `Derivation`
    mistake               a wrong answer, and the typical error that leads to it
    given                 the numbers of this question by name, so that a test can compute the answer again

Everything here is a frozen record. Who answers, and when, is none of its business: see `checking` and
`session`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

LETTERS = "abcdefghij"
"""How options and items are called, in the order shown: (a), (b), …"""


class Topic(StrEnum):
    """The topics of the midterm, in the order of the deck."""

    OPTIMIZATION = "optimization"
    PARALLEL = "parallel"
    SUBMODULAR = "submodular"
    SELECTION = "selection"
    PRUNING = "pruning"

    @property
    def heading(self) -> str:
        return _TITLES[self]


_TITLES = {
    Topic.OPTIMIZATION: "Momentum, adaptive steps and convergence of SGD",
    Topic.PARALLEL: "Parallel and distributed SGD, federated learning",
    Topic.SUBMODULAR: "Submodular functions and their maximisation",
    Topic.SELECTION: "Data selection: efficiency and robustness",
    Topic.PRUNING: "Pruning of neural networks",
}


class Mistake(NamedTuple):
    """A wrong answer (of the same form as the right one) and one sentence on the error behind it."""

    answer: Any
    reveals: str


class RubricLine(NamedTuple):
    """One step of a derivation, in a full sentence, and the points that it earns."""

    points: int
    step: str


class Picture(NamedTuple):
    """A small figure: PNG bytes, and the sentence that a screen reader speaks."""

    png: bytes
    alt: str


@dataclass(frozen=True)
class Number:
    """A number to be computed by hand.

    value: rounded to ten decimals.   mistakes: wrong answers that are known.
    tolerance: largest difference that counts as right.   ValueError if it is not above 0.
    """

    value: float | int
    mistakes: tuple[Mistake, ...] = ()
    tolerance: float | int = 0.005

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", round(float(self.value), 10) + 0.0)  # + 0.0: no −0
        mistakes = tuple(Mistake(round(float(m.answer), 10) + 0.0, m.reveals) for m in self.mistakes)
        object.__setattr__(self, "mistakes", mistakes)
        if not self.tolerance > 0:
            raise ValueError(f"tolerance={self.tolerance} must be above 0")


@dataclass(frozen=True)
class Choice:
    """One right option among several.

    right: Markdown of the right option.   wrong: the others, each with the mistake that it reveals.
    order: how they are shown: 0 is the right one, i the i-th wrong one. A template draws it.
    """

    right: str
    wrong: tuple[Mistake, ...]
    order: tuple[int, ...] = ()

    @property
    def options(self) -> tuple[str, ...]:
        """The options in the order shown."""
        every = (self.right, *(m.answer for m in self.wrong))
        return tuple(every[i] for i in self._shown)

    @property
    def right_position(self) -> int:
        return self._shown.index(0)

    def mistake_at(self, position: int) -> Mistake | None:
        """What the option at this position reveals; None for the right one.

        position: from 0, in the order shown.
        """
        i = self._shown[position]
        return self.wrong[i - 1] if i else None

    @property
    def _shown(self) -> tuple[int, ...]:
        return self.order or tuple(range(1 + len(self.wrong)))


@dataclass(frozen=True)
class Subset:
    """All items that apply. A mistake's answer is a set of positions, like `right`.

    items: Markdown, in the order shown.   right: positions in `items`, from 0.
    """

    items: tuple[str, ...]
    right: frozenset[int]
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True)
class Order:
    """Items to be put in order, or to be matched with numbered places.

    items: in the order shown, which a template draws.   right: positions of the items, first place first.
    places: names of the places; empty for 1, 2, ….   A mistake's answer is a tuple like `right`.
    """

    items: tuple[str, ...]
    right: tuple[int, ...]
    places: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()

    @property
    def place_names(self) -> tuple[str, ...]:
        """A name for every place, "Place 1", "Place 2", … where they have none of their own."""
        return self.places or tuple(f"Place {i}" for i in range(1, len(self.items) + 1))


@dataclass(frozen=True)
class Derivation:
    """A proof, a design or an explanation on paper, which its writer or an instructor marks by the rubric."""

    rubric: tuple[RubricLine, ...]

    @property
    def points(self) -> int:
        return sum(line.points for line in self.rubric)


Answer = Number | Choice | Subset | Order | Derivation


@dataclass(frozen=True)
class Draft:
    """What a template draws: the parts of a question that depend on chance.

    prompt: Markdown.   solution: one step per entry, in Markdown.
    given: the numbers of the question by name, for tests.   figure: stands below the prompt.
    """

    prompt: str
    answer: Answer
    solution: Sequence[str]
    given: Mapping[str, Any] = field(default_factory=dict)
    figure: Picture | None = None


@dataclass(frozen=True)
class Question:
    """A question as it is asked.

    template: the name of the template that drew it.   kind: what the student has to do, such as "trace".
    difficulty: 1 (recall or one step) to 3 (a proof, or several steps that depend on each other).
    minutes: time on paper.   solution: the worked solution, one step per entry.
    prompt: Markdown.   given: the numbers of the question by name, for tests.   figure: below the prompt.
    """

    template: str
    topic: Topic
    kind: str
    difficulty: int
    minutes: int
    prompt: str
    answer: Answer
    solution: tuple[str, ...]
    given: Mapping[str, Any] = field(default_factory=dict, compare=False)
    figure: Picture | None = None

    @property
    def solution_steps(self) -> str:
        """The worked solution as a numbered list in Markdown."""
        return "\n".join(f"{i}. {step}" for i, step in enumerate(self.solution, 1))

    @property
    def points(self) -> int:
        """Points on a paper exam: those of the rubric, or one more than the difficulty."""
        return self.answer.points if isinstance(self.answer, Derivation) else self.difficulty + 1
