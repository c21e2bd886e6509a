"""Parallel and distributed SGD, and federated learning."""

from courseware.practice.templates.parallel import federated, judge, reasons, show, situations, workers

TEMPLATES = (
    workers.TEMPLATES
    + federated.TEMPLATES
    + judge.TEMPLATES
    + reasons.TEMPLATES
    + situations.TEMPLATES
    + show.TEMPLATES
)
