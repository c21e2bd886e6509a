"""Pruning of neural networks."""

from courseware.practice.templates.pruning import (
    collapse,
    judge,
    masks,
    reasons,
    rounds_and_filters,
    scores,
    show,
    situations,
)

TEMPLATES = (
    masks.TEMPLATES
    + collapse.TEMPLATES
    + scores.TEMPLATES
    + rounds_and_filters.TEMPLATES
    + judge.TEMPLATES
    + reasons.TEMPLATES
    + situations.TEMPLATES
    + show.TEMPLATES
)
