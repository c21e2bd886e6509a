"""WRONG · set 08 · refresh_steps: the period is asked for at every check, for the step of the check"""


# %% answer
def refresh_steps(error, period, steps, threshold):
    chosen, k = [0], period(0)
    while k < steps:
        if error(k, chosen[-1]) > threshold:
            chosen.append(k)
        k += period(k)
    return chosen
