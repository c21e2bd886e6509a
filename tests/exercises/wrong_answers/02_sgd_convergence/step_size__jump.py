"""c is eta itself: the step size jumps down after hold.

says: twice as far as hold, the step size is half of eta
"""

import numpy as np


def step_size(k, eta, hold):
    return np.where(k <= hold, eta, eta / k)[()]
