"""One logarithm to base e, the other to base 10.

says: this gap is exactly 8/√k
"""

import numpy as np


def measure_exponent(k, gap):
    return np.polyfit(np.log(k), np.log10(gap), 1)[0]
