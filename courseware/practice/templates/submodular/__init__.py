"""Submodular functions and their maximisation."""

from courseware.practice.templates.submodular import (
    distributed_and_streaming,
    gains,
    greedy,
    judge,
    reasons,
    show,
    situations,
)

TEMPLATES = (
    gains.TEMPLATES
    + greedy.TEMPLATES
    + distributed_and_streaming.TEMPLATES
    + judge.TEMPLATES
    + reasons.TEMPLATES
    + situations.TEMPLATES
    + show.TEMPLATES
)
