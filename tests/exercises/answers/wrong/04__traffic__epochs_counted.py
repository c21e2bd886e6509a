def traffic(w, epochs):
    return np.append(0, np.cumsum((1 + epochs).sum(axis=1)) * w.nbytes)
