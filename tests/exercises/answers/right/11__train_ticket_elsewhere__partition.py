"""RIGHT · set 11 · train_ticket_elsewhere: partition"""
# %% answer
def train_ticket_elsewhere(source, target, w0, fresh, density):
    size = np.abs(source(w0, np.ones(w0.shape)))
    k = round(density * size.size)
    mask = np.argsort(np.argsort(size)) >= size.size - k
    return np.stack([target(start, mask) for start in (w0, fresh)])
