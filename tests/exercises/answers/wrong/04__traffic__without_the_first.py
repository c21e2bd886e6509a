def traffic(w, epochs):
    return np.cumsum(epochs.shape[1] + (epochs > 0).sum(axis=1)) * w.nbytes
