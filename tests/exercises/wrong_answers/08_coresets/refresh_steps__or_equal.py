"""Also where the error equals the threshold.

says: an error that equals the threshold
"""


def refresh_steps(error, period, steps, threshold):
    chosen, wait = [0], period(0)
    k = wait
    while k < steps:
        if error(k, chosen[-1]) >= threshold:
            chosen.append(k)
            wait = period(k)
        k += wait
    return chosen
