"""The exponent is returned without its sign.

says: returned 0.5; expected -0.5
"""

import numpy as np


def measure_exponent(k, gap):
    return abs(np.polyfit(np.log(k), np.log(gap), 1)[0])
