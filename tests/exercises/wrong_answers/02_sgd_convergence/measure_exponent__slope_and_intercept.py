"""All of the fit is returned.

says: shape (2,)
"""

import numpy as np


def measure_exponent(k, gap):
    return np.polyfit(np.log(k), np.log(gap), 1)
