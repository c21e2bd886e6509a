"""WRONG · set 09 · group_dro_step: the mean of the old and the new weights"""

# %% answer
import numpy as np


def group_dro_step(q, losses, eta):
    new = q * np.exp(eta * (losses - losses.max()))
    return (1 - eta) * q + eta * new / new.sum()
