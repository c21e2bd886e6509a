"""Momentum, adaptive steps, and the convergence of (mini-batch) SGD."""

from courseware.practice.templates.pruning import compute, judge, show

TEMPLATES = compute.TEMPLATES + judge.TEMPLATES + show.TEMPLATES
