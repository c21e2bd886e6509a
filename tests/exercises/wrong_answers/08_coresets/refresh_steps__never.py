"""Coresets are chosen once, before training.

says: you returned [0]
"""


def refresh_steps(error, period, steps, threshold):
    return [0]
