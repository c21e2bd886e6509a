"""Sums over entries of a similarity matrix S, compiled: exact sums in float64, one look at each entry.

    s             S, one row per element that is to be covered and one column per candidate
    low, high     bounds of a row's entries        best     largest similarity of a row so far
    rows, which   the rows, or the columns, that are summed
    total         the sums, one per column, added to

An entry and a bound are compared in their own precision, which is exact, and subtracted in float64. So two
algorithms that ask for one gain in different ways get the same number, to about 15 digits.
"""

# ruff: noqa: ANN001, ANN201 - numba finds the types itself

import numpy as np

from lsml_core.jit import compiled

TOGETHER = 128
"""Terms of one sum that are added side by side."""


@compiled
def clipped_sum_(s, rows, low, high, total):
    """Add Σᵢ clip(S_ij, lowᵢ, highᵢ) − lowᵢ over these rows to every total[j].

    Four rows at a time: the totals are read and written too, and so only a quarter as often.
    """
    fours = len(rows) // 4 * 4
    for i in range(0, fours, 4):
        a, b, c, d = s[rows[i]], s[rows[i + 1]], s[rows[i + 2]], s[rows[i + 3]]
        a0, b0, c0, d0 = low[i], low[i + 1], low[i + 2], low[i + 3]
        a1, b1, c1, d1 = high[i], high[i + 1], high[i + 2], high[i + 3]
        a2, b2, c2, d2 = np.float64(a0), np.float64(b0), np.float64(c0), np.float64(d0)
        for j in range(len(total)):
            ab = (np.float64(min(max(a[j], a0), a1)) - a2) + (np.float64(min(max(b[j], b0), b1)) - b2)
            cd = (np.float64(min(max(c[j], c0), c1)) - c2) + (np.float64(min(max(d[j], d0), d1)) - d2)
            total[j] += ab + cd
    for i in range(fours, len(rows)):
        row, lowest, highest = s[rows[i]], low[i], high[i]
        for j in range(len(total)):
            total[j] += np.float64(min(max(row[j], lowest), highest)) - np.float64(lowest)


@compiled
def excess_of_columns_(columns, which, best, total):
    """Add Σᵢ max(0, columns[which[j], i] − bestᵢ) to every total[j]; `columns` holds S transposed."""
    part = np.empty(TOGETHER)
    whole = len(best) // TOGETHER * TOGETHER
    for j in range(len(total)):
        column = columns[which[j]]
        part[:] = 0
        for begin in range(0, whole, TOGETHER):
            for i in range(TOGETHER):
                at = begin + i
                part[i] += np.float64(max(column[at], best[at])) - np.float64(best[at])
        for at in range(whole, len(best)):
            part[0] += np.float64(max(column[at], best[at])) - np.float64(best[at])
        total[j] += part.sum()


@compiled
def excess_in_rows_(s, which, best, total):
    """As `excess_of_columns_`, with S as it is: row by row, at the columns `which`."""
    for i in range(len(best)):
        row, lowest, below = s[i], best[i], np.float64(best[i])
        for j in range(len(total)):
            total[j] += np.float64(max(row[which[j]], lowest)) - below
