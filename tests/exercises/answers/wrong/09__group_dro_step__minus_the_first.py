"""WRONG · set 09 · group_dro_step: the loss of the first group is subtracted"""

# %% answer
import numpy as np


def group_dro_step(q, losses, eta):
    grown = q * np.exp(eta * (losses - losses[0]))
    return grown / grown.sum()
