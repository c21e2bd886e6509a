"""The questions of the practice page: drawn when the site is built, answered and checked in the browser.

    question    its texts as HTML with MathML, and its answer with what each known mistake reveals
    pictures    file name → bytes of the plots that questions ask about

Answers, explanations and worked solutions are those of `courseware.practice`; nothing is typed here. The same
templates give the same questions: the generator of a question depends on its template's name and its number.
"""

from collections.abc import Sequence
from typing import Any
from zlib import crc32

import numpy as np

from courseware.pages.documents import with_files
from courseware.pages.mathematics import with_tex_layout
from courseware.practice import all_templates, rendering
from courseware.practice.checking import NOT_KNOWN, check
from courseware.practice.paper import answer_in_words
from courseware.practice.question import Choice, Derivation, Number, Order, Question, Subset, Topic
from courseware.practice.template import Template

DRAWS = 3
"""Questions per template; a proof or a design is the same each time, and there once."""


def questions(templates: Sequence[Template] | None = None) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What practice.js takes, as plain data, and the pictures.

    templates: those that draw; None for all.
    """
    pictures: dict[str, bytes] = {}
    drawn = {
        (q.prompt, repr(q.answer)): plain(f"{q.template}/{number}", q, pictures)
        for template in (all_templates() if templates is None else templates)
        for number, q in enumerate(draw(template))
    }
    data = {
        "topics": {topic.value: topic.heading for topic in Topic},
        "unknown": _line(NOT_KNOWN),
        "questions": [*drawn.values()],
        "pictures": [*pictures],
    }
    return data, pictures


def draw(template: Template) -> list[Question]:
    """The template's questions for the page."""
    seeds = ([crc32(template.id.encode()), number] for number in range(DRAWS))
    every = [template(rng=np.random.default_rng(seed)) for seed in seeds]
    return every[:1] if isinstance(every[0].answer, Derivation) else every


def plain(name: str, question: Question, pictures: dict[str, bytes]) -> dict[str, Any]:
    """A question as plain data.

    name: its own one, stored with the progress.   pictures: file name → bytes; new ones are added.
    """
    picture = rendering.figure(question.figure) if question.figure else ""
    return {
        "name": name,
        "template": question.template,
        "topic": question.topic.value,
        "kind": question.kind,
        "difficulty": question.difficulty,
        "minutes": question.minutes,
        "points": question.points,
        "prompt": with_tex_layout(rendering.to_html(question.prompt)) + with_files(picture, pictures),
        "solution": [_line(step) for step in question.solution],
        "words": _line(answer_in_words(question)),
        "answer": _answer(question),
    }


def _answer(question: Question) -> dict[str, Any]:
    """What is asked for, by its kind, and `mistakes`: pairs of a wrong answer and what it reveals."""

    def told(responses: Sequence[Any]) -> list[list[Any]]:
        """Each response as the page compares it, with what the checker says about it."""
        return [[_comparable(r), _line(check(question, r).explanation)] for r in responses]

    match question.answer:
        case Number() as answer:
            wrong = told([f"{m.answer:.10f}" for m in answer.mistakes])
            return {"kind": "number", "right": answer.value, "tolerance": answer.tolerance, "mistakes": wrong}
        case Choice() as answer:
            places = [i for i in range(len(answer.options)) if i != answer.right_position]
            options = [_line(option) for option in answer.options]
            right = answer.right_position
            return {"kind": "choice", "options": options, "right": right, "mistakes": told(places)}
        case Subset() as answer:
            items, wrong = [_line(item) for item in answer.items], _revealing(answer)
            return {
                "kind": "subset",
                "options": items,
                "right": sorted(answer.right),
                "mistakes": told(wrong),
            }
        case Order() as answer:
            items, places = ([_line(t) for t in texts] for texts in (answer.items, answer.places))
            shared = {"kind": "order", "options": items, "places": places, "right": [*answer.right]}
            return shared | {"mistakes": told(_revealing(answer))}
        case Derivation() as answer:
            rubric = [[line.points, _line(line.step)] for line in answer.rubric]
            return {"kind": "derivation", "rubric": rubric}


def _line(markdown: str) -> str:
    return with_tex_layout(rendering.inline(markdown))


def _revealing(answer: Subset | Order) -> list[Any]:
    return [mistake.answer for mistake in answer.mistakes]


def _comparable(response: Any) -> Any:
    if isinstance(response, str):
        return float(response)
    if isinstance(response, (set, frozenset)):
        return sorted(response)
    return [*response] if isinstance(response, tuple) else response
