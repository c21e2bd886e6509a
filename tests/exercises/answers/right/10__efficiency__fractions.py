"""RIGHT · set 10 · efficiency: fractions"""
# %% answer
from fractions import Fraction
from math import prod


def efficiency(masks, outputs):
    n, k, N, K = 0, 0, 0, 0
    for m, (_, *where) in zip(masks, outputs):
        n, k = n + m.size, k + int(m.sum())
        N, K = N + m.size * prod(where), K + int(m.sum()) * prod(where)
    return [float(Fraction(n, k)), float(Fraction(N, K))]
