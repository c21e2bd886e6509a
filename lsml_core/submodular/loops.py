"""What facility location does with every entry of S, in one look at it."""

# ruff: noqa: ANN001, ANN201 - numba finds the types itself

import numpy as np

from lsml_core.loops import compiled

TOGETHER = 128
"""Rows summed in the precision of S, before the sum goes to float64."""


@compiled
def rise_(s, rows, low, high, total):
    """Add Σᵢ clip(S_ij, lowᵢ, highᵢ) − lowᵢ over these rows to every total[j].

    Four rows at a time: the sums are read and written too, and so a quarter as often.
    """
    part = np.empty(s.shape[1], s.dtype)
    for first in range(0, len(rows), TOGETHER):
        part[:] = 0
        last = min(first + TOGETHER, len(rows))
        fours = first + (last - first) // 4 * 4
        for i in range(first, fours, 4):
            a, b, c, d = s[rows[i]], s[rows[i + 1]], s[rows[i + 2]], s[rows[i + 3]]
            a0, b0, c0, d0 = low[i], low[i + 1], low[i + 2], low[i + 3]
            a1, b1, c1, d1 = high[i], high[i + 1], high[i + 2], high[i + 3]
            for j in range(len(part)):
                ab = (min(max(a[j], a0), a1) - a0) + (min(max(b[j], b0), b1) - b0)
                cd = (min(max(c[j], c0), c1) - c0) + (min(max(d[j], d0), d1) - d0)
                part[j] += ab + cd
        for i in range(fours, last):
            for j in range(len(part)):
                part[j] += min(max(s[rows[i], j], low[i]), high[i]) - low[i]
        for j in range(len(part)):
            total[j] += part[j]
