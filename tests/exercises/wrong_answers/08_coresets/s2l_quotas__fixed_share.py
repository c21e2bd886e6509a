"""The same share for all, without what the small ones leave over.

says: what it leaves over goes to the larger ones
"""

import numpy as np


def s2l_quotas(sizes, budget):
    return np.minimum(sizes, budget // len(sizes))
