"""The error is always that of the first model.

says: was called, but no check is due
"""


def refresh_steps(error, period, steps, threshold):
    chosen, wait = [0], period(0)
    k = wait
    while k < steps:
        if error(k, 0) > threshold:
            chosen.append(k)
            wait = period(k)
        k += wait
    return chosen
