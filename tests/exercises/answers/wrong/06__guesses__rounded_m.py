"""WRONG · set 06 · guesses: rounded m"""
# %% answer
def guesses(m, k, epsilon):
    low, high = (log(end) / log(1 + epsilon) for end in (ceil(m), 2 * k * m))
    return (1 + epsilon) ** np.arange(ceil(low), floor(high) + 1, dtype=float)
