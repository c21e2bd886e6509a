def average(w, models, n, done):
    return list(np.average(models, axis=0, weights=n * done)) if any(done) else w
