"""Parallel and distributed SGD, and federated learning."""

from courseware.practice.templates.parallel import federated, judge, show, workers

TEMPLATES = workers.TEMPLATES + federated.TEMPLATES + judge.TEMPLATES + show.TEMPLATES
