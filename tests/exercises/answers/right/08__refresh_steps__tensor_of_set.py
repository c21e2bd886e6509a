"""RIGHT · set 08 · refresh_steps: a set of steps, sorted into a tensor; the period is asked for at every check"""

# %% answer
import torch


def refresh_steps(error, period, steps, threshold):
    chosen, k = {0}, period(0)
    while k <= steps - 1:
        if error(k, max(chosen)) > threshold:
            chosen.add(k)
        k = k + period(max(chosen))
    return torch.tensor(sorted(chosen))
