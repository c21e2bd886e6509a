"""RIGHT · set 09 · group_dro_step: Python's Decimal has no overflow here"""

# %% answer
import numpy as np


def group_dro_step(q, losses, eta):
    from decimal import Decimal

    grown = [Decimal(float(a)) * (Decimal(float(eta)) * Decimal(float(b))).exp() for a, b in zip(q, losses)]
    return np.array([float(g / sum(grown)) for g in grown])
