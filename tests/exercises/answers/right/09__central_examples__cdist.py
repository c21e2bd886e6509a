def central_examples(gradients, y, k):
    from scipy.spatial.distance import cdist

    out = []
    for c in set(y.tolist()):
        idx = np.where(y == c)[0]
        out += idx[np.argpartition(cdist(gradients[idx], gradients[idx]).sum(0), k - 1)[:k]].tolist()
    return sorted(out)
