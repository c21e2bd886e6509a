"""RIGHT · set 08 · refresh_steps: recursion over models"""


# %% answer
def refresh_steps(error, period, steps, threshold):
    def model(r):
        T = period(r)
        for k in range(r + T, steps, T):
            if error(k, r) > threshold:
                return [r, *model(k)]
        return [r]

    return model(0)
