"""WRONG · set 11 · synflow: square only"""
# %% answer
def synflow(weights):
    layers = [abs(W) for W in weights]
    ahead, back = np.ones(layers[0].shape[1]), [np.ones(len(layers[-1]))]
    for A in layers[:0:-1]:
        back.append((A.T if A.shape[0] != A.shape[1] else A) @ back[-1])
    found = []
    for A, b in zip(layers, back[::-1]):
        found.append(b[:, None] * A * ahead)
        ahead = A @ ahead
    return found
