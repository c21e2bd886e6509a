"""WRONG · set 08 · refresh_steps: checks at every step"""


# %% answer
def refresh_steps(error, period, steps, threshold):
    chosen = [0]
    for k in range(1, steps):
        if error(k, chosen[-1]) > threshold:
            chosen.append(k)
    return chosen
