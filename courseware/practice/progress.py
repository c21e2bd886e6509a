"""What a student has practised, in a local file, and what is due again: spaced repetition by FSRS.

    card      FSRS's memory of one template: when it is due next
    share     of the points that an answer earned, from 0 to 1

The file is JSON, `.lsml_practice.json` in the notebook's folder unless another is named; nothing leaves the
computer. It is written in one move after every answer, so that it is whole whatever happens.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from courseware import atomic
from courseware.practice.question import Question, Topic
from courseware.practice.template import Template

FILE = Path(".lsml_practice.json")
VERSION = 1
RECENT = 20
"""Answers per topic that the summary looks at."""


class Summary(NamedTuple):
    """Progress in one topic: answers in all, share of points in the last ones, templates that are due.

    share: from 0 to 1, of the last `RECENT` answers.
    """

    topic: Topic
    answered: int
    share: float | int
    due: int


@dataclass
class Progress:
    """The record of all answers. Change it with `record_answer` only, which also writes the file.

    path: of the file.
    cards: template -> FSRS card as a dictionary.   answers: (template, topic, share, time), oldest first.
    """

    path: Path
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: list[tuple[str, str, float, str]] = field(default_factory=list)

    @classmethod
    def load(cls, path: Path = FILE) -> "Progress":
        """The progress in this file, or an empty one if there is no such file.

        ValueError: a file that was not written by this module; it is left as it is.
        """
        if not path.exists():
            return cls(path)
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            if stored["version"] != VERSION:
                raise KeyError("version")
            answers = [
                (str(t), str(topic), float(share), str(when)) for t, topic, share, when in stored["answers"]
            ]
            return cls(path, dict(stored["cards"]), answers)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"{path} is not a record of practice sessions. Move it away, or name another file."
            ) from error

    def record_answer(
        self, question: Question, share: float | int, *, now: datetime | None = None
    ) -> datetime:
        """Note an answer and return when the template is due again. Missed questions come back soon.

        share: of the points, from 0 to 1.   now: with a time zone; None for the present time.
        """
        from fsrs import Card, Scheduler  # lazy import: exams on paper need no scheduler

        now = now or datetime.now(UTC)
        stored = self.cards.get(question.template)
        card = Card.from_dict(stored) if stored else Card(card_id=len(self.cards) + 1, due=now)  # pyright: ignore[reportArgumentType]
        card, _ = Scheduler(enable_fuzzing=False).review_card(card, _rating(share), review_datetime=now)
        self.cards[question.template] = dict(card.to_dict())
        self.answers.append((question.template, question.topic.value, float(share), now.isoformat()))
        self._write()
        return card.due

    def due(self, templates: Sequence[Template], *, now: datetime | None = None) -> list[Template]:
        """Templates that were answered before and are due by now, longest overdue first.

        now: with a time zone; None for the present time.
        """
        now = now or datetime.now(UTC)
        times = {
            t.id: datetime.fromisoformat(self.cards[t.id]["due"]) for t in templates if t.id in self.cards
        }
        waiting = [t for t in templates if t.id in times and times[t.id] <= now]
        return sorted(waiting, key=lambda t: times[t.id])

    def new(self, templates: Sequence[Template]) -> list[Template]:
        """Templates that were never answered, in their order."""
        return [t for t in templates if t.id not in self.cards]

    def summary(self, templates: Sequence[Template], *, now: datetime | None = None) -> list[Summary]:
        """One line per topic.

        now: with a time zone; None for the present time.
        """
        found = []
        for topic in Topic:
            shares = [share for _, name, share, _ in self.answers if name == topic.value]
            recent = shares[-RECENT:]
            due = self.due([t for t in templates if t.topic is topic], now=now)
            found.append(Summary(topic, len(shares), sum(recent) / len(recent) if recent else 0.0, len(due)))
        return found

    def _write(self) -> None:
        content = {"version": VERSION, "cards": self.cards, "answers": self.answers}
        atomic.write(self.path, json.dumps(content, indent=1) + "\n")


def _rating(share: float | int) -> Any:
    """FSRS's rating: everything right is Good, at least half is Hard, less is Again."""
    from fsrs import Rating

    if share >= 1:
        return Rating.Good
    return Rating.Hard if share >= 0.5 else Rating.Again
