"""The search ends at 100.

says: the smaller the step, the longer the allowed delay
"""

import numpy as np


def longest_delay(step):
    return max(t for t in range(100) if step < 2 * np.sin(np.pi / (2 * (2 * t + 1))))
