"""Questions drawn once for all tests of `courseware.practice`."""

import os
from functools import cache

import numpy as np

from courseware.practice import all_templates
from courseware.practice.question import Choice, Derivation, Number, Order, Question, Subset

SEEDS = 200 if os.environ.get("LSML_TEST_ALL") else 40
"""Questions drawn from each template: 200 with --all."""
TEMPLATES = all_templates()
BY_ID = {template.id: template for template in TEMPLATES}


@cache
def questions(name: str, seeds: int = SEEDS) -> list[Question]:
    """The question that a template draws, for each of the seeds 0, 1, …"""
    return [BY_ID[name](rng=np.random.default_rng(seed)) for seed in range(seeds)]


def texts(question: Question) -> list[str]:
    """Everything in Markdown that a student or an instructor reads."""
    found = [question.prompt, *question.solution]
    match question.answer:
        case Number(mistakes=mistakes):
            found += [m.reveals for m in mistakes]
        case Choice() as answer:
            found += [*answer.options, *(m.reveals for m in answer.wrong)]
        case Subset(items=items, mistakes=mistakes):
            found += [*items, *(m.reveals for m in mistakes)]
        case Order(items=items, places=places, mistakes=mistakes):
            found += [*items, *places, *(m.reveals for m in mistakes)]
        case Derivation(rubric=rubric):
            found += [line.step for line in rubric]
    return found
