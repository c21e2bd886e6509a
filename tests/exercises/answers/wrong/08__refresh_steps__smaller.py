"""WRONG · set 08 · refresh_steps: chosen anew when the model is right"""


# %% answer
def refresh_steps(error, period, steps, threshold):
    chosen, wait = [0], period(0)
    k = wait
    while k < steps:
        if error(k, chosen[-1]) < threshold:
            chosen.append(k)
            wait = period(k)
        k += wait
    return chosen
