"""RIGHT · set 10 · shrink: np.ix_ with places, lists of lists come back"""
def shrink(weights, biases, kept):
    places = [np.arange(weights[0].shape[1]), *(np.flatnonzero(k) for k in kept), np.arange(len(biases[-1]))]
    small = [W[np.ix_(rows, columns)].tolist() for W, rows, columns in zip(weights, places[1:], places)]
    return [small, [b[rows].tolist() for b, rows in zip(biases, places[1:])]]
