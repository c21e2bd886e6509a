"""A line through (k, log gap) is an exponential, not a power.

says: this gap is exactly 8/√k
"""

import numpy as np


def measure_exponent(k, gap):
    return np.polyfit(k, np.log(gap), 1)[0]
