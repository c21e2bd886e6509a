"""RIGHT · set 08 · refresh_steps: next() over the checks of a model"""


# %% answer
def refresh_steps(error, period, steps, threshold):
    r, chosen = 0, []
    while r is not None:
        chosen.append(r)
        T = period(r)
        r = next((k for k in range(r + T, steps, T) if error(k, r) > threshold), None)
    return tuple(chosen)
