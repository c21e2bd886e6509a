def to_drop(gradients, y, medoids):
    from sklearn.neighbors import KNeighborsClassifier

    keep = set()
    for c in np.unique(y):
        mine = medoids[y[medoids] == c]
        model = KNeighborsClassifier(1).fit(gradients[mine], np.arange(len(mine)))
        others = np.setdiff1d(np.flatnonzero(y == c), mine)
        if len(others):
            keep |= set(mine[model.predict(gradients[others])].tolist())
    return np.array([m for m in np.sort(medoids) if m not in keep])
