"""RIGHT · set 08 · refresh_steps: every step is visited, the period counted down"""


# %% answer
def refresh_steps(error, period, steps, threshold):
    chosen, wait = [0], period(0)
    for k in range(1, steps):
        wait -= 1
        if wait == 0:
            if not error(k, chosen[-1]) <= threshold:
                chosen += [k]
            wait = period(chosen[-1])
    return chosen
