"""WRONG · set 09 · group_dro_step: the smallest exponent is subtracted instead of the largest"""

# %% answer
import numpy as np


def group_dro_step(q, losses, eta):
    grown = q * np.exp(eta * (losses - losses.min()))
    return grown / grown.sum()
