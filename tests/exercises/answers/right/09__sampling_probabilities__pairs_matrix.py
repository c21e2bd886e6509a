def sampling_probabilities(groups, power):
    size = (groups[:, None] == groups).sum(axis=1)
    w = np.exp(-power * np.log(size))
    return w / np.sum(w)
