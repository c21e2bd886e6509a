"""WRONG · set 08 · refresh_steps: the last step is not checked"""


# %% answer
def refresh_steps(error, period, steps, threshold):
    chosen, k = [0], period(0)
    while k < steps - 1:
        if error(k, chosen[-1]) > threshold:
            chosen.append(k)
        k += period(chosen[-1])
    return chosen
