"""Pruning of neural networks."""

from courseware.practice.templates.pruning import judge, masks, rounds_and_filters, scores, show

TEMPLATES = (
    masks.TEMPLATES + scores.TEMPLATES + rounds_and_filters.TEMPLATES + judge.TEMPLATES + show.TEMPLATES
)
