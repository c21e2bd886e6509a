"""RIGHT · set 06 · guesses: takewhile"""
# %% answer
from itertools import count, takewhile
from math import floor, log


def guesses(m, k, epsilon):
    i = floor(log(m, 1 + epsilon)) - 2
    powers = ((1 + epsilon) ** j for j in count(i))
    return [p for p in takewhile(lambda p: p <= 2 * k * m, powers) if p >= m]
