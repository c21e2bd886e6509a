"""The period of the first model for ever.

says: after a choice the period is that of the new model
"""


def refresh_steps(error, period, steps, threshold):
    chosen, wait = [0], period(0)
    for k in range(wait, steps, wait):
        if error(k, chosen[-1]) > threshold:
            chosen.append(k)
    return chosen
