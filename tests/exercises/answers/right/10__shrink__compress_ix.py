"""RIGHT · set 10 · shrink: compress ix"""
# %% answer
def shrink(weights, biases, kept):
    units = [range(weights[0].shape[1]), *(np.flatnonzero(k) for k in kept), range(len(biases[-1]))]
    small = tuple(W[np.ix_(rows, columns)] for W, columns, rows in zip(weights, units, units[1:]))
    return small, tuple(b.take(list(rows)) for b, rows in zip(biases, units[1:]))
