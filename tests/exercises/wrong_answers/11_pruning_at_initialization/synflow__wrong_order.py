"""The product starts at the wrong end of the chain: matrices meet that do not fit, or fit by luck.

says: the sum over all paths through a weight
"""

import numpy as np


def synflow(weights):
    layers = [abs(W) for W in weights]
    scores = []
    for l, A in enumerate(layers):
        before, after = np.eye(A.shape[1]), np.eye(len(A))
        for B in layers[:l]:
            before = before @ B
        for B in layers[l + 1 :]:
            after = B @ after
        scores.append(after.sum(axis=0)[:, None] * A * before.sum(axis=1))
    return scores
