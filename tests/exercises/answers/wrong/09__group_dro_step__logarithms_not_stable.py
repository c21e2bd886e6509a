"""WRONG · set 09 · group_dro_step: logarithms of the sum without subtraction"""

# %% answer
import numpy as np


def group_dro_step(q, losses, eta):
    z = np.log(q) + eta * losses
    return np.exp(z - np.log(np.exp(z).sum()))
