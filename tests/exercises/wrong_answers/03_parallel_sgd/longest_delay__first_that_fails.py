"""The first delay that diverges, one too many.

says: a step below 2 sin(pi/6) = 1 is needed
"""

import numpy as np


def longest_delay(step):
    tau = 0
    while step < 2 * np.sin(np.pi / (2 * (2 * tau + 1))):
        tau += 1
    return tau
