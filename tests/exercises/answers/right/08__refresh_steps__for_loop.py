"""RIGHT · set 08 · refresh_steps: a loop over all steps with a counter"""


# %% answer
def refresh_steps(error, period, steps, threshold):
    chosen, left, T = [], 0, 0
    for k in range(steps):
        if k == 0 or (left == 0 and error(k, chosen[-1]) > threshold):
            chosen.append(k)
            T = period(k)
            left = T
        elif left == 0:
            left = T
        left -= 1
    return chosen
