"""RIGHT · set 08 · refresh_steps: error and period are called by keyword, whole floats returned"""

# %% answer
import numpy as np


def refresh_steps(error, period, steps, threshold):
    is_choice = np.zeros(steps, dtype=bool)
    is_choice[0] = True
    r, k = 0, period(r=0)
    while k < steps:
        if error(k=k, r=r) > threshold:
            is_choice[k], r = True, k
        k += period(r=r)
    return np.flatnonzero(is_choice).astype(float)
