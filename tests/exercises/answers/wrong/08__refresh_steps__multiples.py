"""WRONG · set 08 · refresh_steps: checks at the multiples of the period instead of at r + T"""


# %% answer
def refresh_steps(error, period, steps, threshold):
    chosen = [0]
    for k in range(1, steps):
        if k % period(chosen[-1]) == 0 and error(k, chosen[-1]) > threshold:
            chosen.append(k)
    return chosen
