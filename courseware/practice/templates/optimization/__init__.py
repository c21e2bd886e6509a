"""Momentum, adaptive steps, and the convergence of (mini-batch) SGD."""

from courseware.practice.templates.optimization import convergence, judge, reasons, show, update_rules

TEMPLATES = (
    update_rules.TEMPLATES + convergence.TEMPLATES + judge.TEMPLATES + reasons.TEMPLATES + show.TEMPLATES
)
