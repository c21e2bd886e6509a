"""The next layer still has the inputs of units that are gone.

says: weights[1] must have the shape (1, 2), not (1, 3)
"""


def shrink(weights, biases, kept):
    rows = [W[k] for W, k in zip(weights, kept, strict=False)]
    return [*rows, weights[-1]], [*(b[k] for b, k in zip(biases, kept, strict=False)), biases[-1]]
