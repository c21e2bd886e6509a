"""WRONG · set 09 · group_dro_step: losses are divided by the largest one if they are large"""

# %% answer
import numpy as np


def group_dro_step(q, losses, eta):
    if losses.max() > 100:
        losses = losses / losses.max()
    grown = q * np.exp(eta * losses)
    return grown / grown.sum()
