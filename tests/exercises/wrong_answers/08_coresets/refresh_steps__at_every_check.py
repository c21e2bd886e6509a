"""Coresets are chosen anew at every check, whatever it finds.

says: was called, but no check is due
"""


def refresh_steps(error, period, steps, threshold):
    chosen, k = [0], period(0)
    while k < steps:
        error(k, chosen[-1])
        chosen.append(k)
        k += period(k)
    return chosen
