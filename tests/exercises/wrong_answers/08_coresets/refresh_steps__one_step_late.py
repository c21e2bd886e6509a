"""Chosen at the step after the check.

says: coresets are chosen at
"""


def refresh_steps(error, period, steps, threshold):
    chosen, wait = [0], period(0)
    k = wait
    while k < steps:
        if error(k, max(chosen[-1] - 1, 0)) > threshold:
            chosen.append(k + 1)
            wait = period(k)
        k += wait
    return chosen
