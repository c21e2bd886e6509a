"""The slopes between neighbours are averaged; a short stretch weighs as much as a long one.

says: and all of them count
"""

import numpy as np


def measure_exponent(k, gap):
    return np.mean(np.diff(np.log(gap)) / np.diff(np.log(k)))
