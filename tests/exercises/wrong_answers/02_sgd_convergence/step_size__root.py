"""The step size shrinks like 1/√k.

says: twice as far as hold, the step size is half of eta
"""

import numpy as np


def step_size(k, eta, hold):
    return np.minimum(eta, eta * (hold / k) ** 0.5)
