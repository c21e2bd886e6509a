"""Only the first and the last point count.

says: and all of them count
"""

import numpy as np


def measure_exponent(k, gap):
    return np.log(gap[-1] / gap[0]) / np.log(k[-1] / k[0])
