"""Groups with a small loss are weighted more.

says: the second weight doubles
"""

import numpy as np


def group_dro_step(q, losses, eta):
    grown = q * np.exp(-eta * (losses - losses.min()))
    return grown / grown.sum()
