def central_examples(gradients, y, k):
    picks = [
        np.flatnonzero(y == c)[np.linalg.norm(gradients[y == c][:, None] - gradients[y == c], axis=2).mean(1).argsort()[:k]]
        for c in np.unique(y)
    ]
    return np.sort(np.hstack(picks))
