"""π/2·(2τ + 1) in place of π/(2(2τ + 1)): a bracket is missing.

says: a step below 2 sin(pi/6) = 1 is needed
"""

import numpy as np


def longest_delay(step):
    return max(tau for tau in range(1000) if step < 2 * np.sin(np.pi / 2 * (2 * tau + 1)))
