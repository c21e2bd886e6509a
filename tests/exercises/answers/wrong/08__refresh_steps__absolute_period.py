"""WRONG · set 08 · refresh_steps: the next check is at step period(r)"""


# %% answer
def refresh_steps(error, period, steps, threshold):
    chosen, k = [0], period(0)
    while k < steps:
        if error(k, chosen[-1]) > threshold:
            chosen.append(k)
            k += 1
        else:
            k += period(chosen[-1])
    return chosen
