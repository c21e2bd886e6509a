"""Parallel and distributed SGD, and federated learning."""

from courseware.practice.templates.parallel import compute, judge, show

TEMPLATES = compute.TEMPLATES + judge.TEMPLATES + show.TEMPLATES
