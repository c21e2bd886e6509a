"""WRONG · set 08 · refresh_steps: the choice takes effect one check later"""


# %% answer
def refresh_steps(error, period, steps, threshold):
    chosen, k, wrong = [0], period(0), False
    while k < steps:
        if wrong:
            chosen.append(k)
            wrong = False
        else:
            wrong = error(k, chosen[-1]) > threshold
        k += period(chosen[-1])
    return chosen
