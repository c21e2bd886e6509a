"""WRONG · set 08 · refresh_steps: errors are added up from check to check"""


# %% answer
def refresh_steps(error, period, steps, threshold):
    chosen, k, total = [0], period(0), 0.0
    while k < steps:
        total += error(k, chosen[-1])
        if total > threshold:
            chosen.append(k)
            total = 0.0
        k += period(chosen[-1])
    return chosen
