"""RIGHT · set 02 · measure_exponent: statistics"""
# %% answer
import math
from statistics import linear_regression


def measure_exponent(k, gap):
    return linear_regression([math.log10(a) for a in k], [math.log10(b) for b in gap]).slope
