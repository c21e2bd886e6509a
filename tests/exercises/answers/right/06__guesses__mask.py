"""RIGHT · set 06 · guesses: all powers and a boolean mask"""
import numpy as np

def guesses(m, k, epsilon):
    powers = (1.0 + epsilon) ** np.arange(-400.0, 401.0)
    return powers[(powers >= m) & (powers <= 2 * k * m)]
