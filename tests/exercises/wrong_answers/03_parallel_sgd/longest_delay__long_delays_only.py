"""The limit is taken as π/(2τ), which is right for long delays only.

says: a step below 2 sin(pi/6) = 1 is needed
"""

import numpy as np


def longest_delay(step):
    return int(np.pi / (2 * step))
