"""The units of the first layer go, and no others.

says: must have the shape
"""


def shrink(weights, biases, kept):
    k = kept[0]
    return [weights[0][k], weights[1][:, k], *weights[2:]], [biases[0][k], *biases[1:]]
