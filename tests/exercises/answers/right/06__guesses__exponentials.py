"""RIGHT · set 06 · guesses: exp of multiples of log(1 + epsilon), with log1p"""
import numpy as np

def guesses(m, k, epsilon):
    step = np.log1p(epsilon)
    i = np.arange(np.ceil(np.log(m) / step), np.floor(np.log(2 * k * m) / step) + 1)
    return np.exp(i * step)
